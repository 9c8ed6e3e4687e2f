"""What is said: a wake phrase in sounds, and the phrases that are nearly it, found from text."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice

from steward.errors import UserError
from steward.lab.wake.phones import bare, distance, is_vowel, phones, sounds_of
from steward.speech.chinese import phonemes as chinese
from steward.speech.chinese import usual_words
from steward.speech.hibari import HibariVoice

MIN_PHONES = 4
"""A word of fewer sounds is in every second sentence."""
NEAR = 1.3
"""Unlikeness (`phones.distance`) below which a human would take a phrase for the wake phrase."""
FAR = 3.5
"""Unlikeness above which a word of the dictionary is no near-phrase."""
_HAN = re.compile(r"[\u4e00-\u9fff]")
_TONES = "→↗↓↘"
_WITHIN = re.compile(r"↓(?=[^→↗↓↘\s]*↓)")
_BEYOND = re.compile(r"↓(?=[^→↗↓↘]*↓)")
_USUAL = 300
"""How often a word is in the texts that jieba has counted."""
_CHINESE_NEIGHBOURS = 400


@dataclass(frozen=True, slots=True)
class Phrase:
    """Something to be said: `text` for the report, `symbols` for the voices."""

    text: str
    symbols: str


def language_of(text: str) -> str:
    """Return "zh" for a text with Chinese characters, else "en"."""
    return "zh" if _HAN.search(text) else "en"


def wake_phrases(texts: Sequence[str]) -> tuple[Phrase, ...]:
    """Return the ways to say the wake phrases `texts`, English ones in both accents.

    Raises:
        UserError: a text has no sound, or too little of it.
    """
    found: dict[str, Phrase] = {}
    for text in texts:
        for symbols in readings(text):
            if len(phones(symbols)) < MIN_PHONES:
                raise UserError(
                    f"{text!r} has {len(phones(symbols))} sounds: it would wake all the time",
                    hint="take a phrase of two words or three syllables, such as 'hey Jarvis'",
                )
            found.setdefault(symbols, Phrase(text, symbols))
    if not found:
        raise UserError("there is no phrase", hint="steward wake train 'hey Jarvis'")
    return tuple(found.values())


def readings(text: str) -> tuple[str, ...]:
    """Return `text` in Kokoro's symbols, in each accent that there is.

    A Chinese third tone rises before another one: within a word always, beyond it as one speaks.
    """
    if language_of(text) == "zh":
        plain = chinese(text, _latin)
        return tuple(dict.fromkeys((_WITHIN.sub("↗", plain), _BEYOND.sub("↗", plain))))
    american = _latin(text)
    british = _british()(text)
    return tuple(dict.fromkeys(s for s in (american, british) if s))


def near_phrases(wanted: Sequence[Phrase], count: int, seed: int) -> tuple[Phrase, ...]:
    """Return up to `count` phrases that are nearly, but not, one of `wanted`.

    A third are words of the dictionary that sound like the phrase's longest word, a third its
    parts, and its parts beside others, the rest the phrase with one to three sounds changed.
    """
    rng = random.Random(seed)
    pool: dict[str, Phrase] = {}
    share = -(-count // 3)
    mutants = _mutants(wanted, rng)
    for maker, full in (
        (_neighbours(wanted), share),
        (mutants, 2 * share),
        (_parts(wanted, rng), 3 * share),
        (mutants, count),
    ):
        for phrase in islice(maker, 40 * share):
            if len(pool) >= full:
                break
            if phrase.symbols not in pool and unlike(phrase, wanted):
                pool[phrase.symbols] = phrase
    return tuple(pool.values())[:count]


def unlike(phrase: Phrase, wanted: Sequence[Phrase]) -> bool:
    """Tell whether no part of `phrase` would be taken for one of `wanted`."""
    said = phones(phrase.symbols)
    for other in wanted:
        target = phones(other.symbols)
        for length in range(max(1, len(target) - 1), len(target) + 2):
            for begin in range(max(1, len(said) - length + 1)):
                if distance(said[begin : begin + length], target) < NEAR:
                    return False
    return bool(said)


def salad(language: str, words: int, rng: random.Random) -> str:
    """Return `words` random words in symbols: every sound beside every other."""
    return " ".join(_word(language, rng) for _ in range(words))


def _word(language: str, rng: random.Random) -> str:
    if language == "zh":
        # The 3755 most usual characters: rows 16 to 55 of GB 2312.
        pair = (bytes((rng.randint(0xB0, 0xD6), rng.randint(0xA1, 0xFE))) for _ in range(2))
        return chinese("".join(code.decode("gb2312") for code in pair), _latin)
    return rng.choice(_spoken_words())[1]


def _neighbours(wanted: Sequence[Phrase]) -> Iterator[Phrase]:
    """Yield words that sound like the longest word of each phrase, the likest first, in turn."""
    lists = []
    for phrase in wanted:
        if language_of(phrase.text) == "zh":
            lists.append(_chinese_neighbours(phrase))
            continue
        parts = phrase.symbols.split()
        longest = max(parts, key=len)
        target = phones(longest)
        # Two equal sounds are asked for first: comparing with all words takes half a minute.
        near = sorted(
            (d, word, symbols)
            for word, symbols in _spoken_words()
            if abs(len(symbols) - len(longest)) <= 2
            and len(set(symbols) & set(longest) - {"ˈ", "ˌ"}) >= min(3, len(target) - 1)
            and (d := distance(phones(symbols), target)) <= FAR
        )
        before = " ".join(parts[: parts.index(longest)])
        after = " ".join(parts[parts.index(longest) + 1 :])
        lists.append([(w, f"{before} {s} {after}".strip()) for _, w, s in near])
    for index in range(max((len(found) for found in lists), default=0)):
        for found in lists:
            if index < len(found):
                yield Phrase(*found[index])


def _chinese_neighbours(phrase: Phrase) -> list[tuple[str, str]]:
    """Return `phrase` with one pair of its characters as another word that sounds like it, and
    their symbols, the likest first."""
    found = []
    # Words are mostly pairs: a phrase of an even length has them at the even places.
    for begin in range(0, len(phrase.text) - 1, 2 - len(phrase.text) % 2):
        pair = phrase.text[begin : begin + 2]
        target = phones(chinese(pair, _latin))
        for word, symbols in _chinese_words():
            if (d := distance(phones(symbols), target)) <= FAR and word != pair:
                found.append((d, phrase.text[:begin] + word + phrase.text[begin + 2 :]))
    return [(text, chinese(text, _latin)) for _, text in sorted(found)[:_CHINESE_NEIGHBOURS]]


def _mutants(wanted: Sequence[Phrase], rng: random.Random) -> Iterator[Phrase]:
    """Yield phrases with one or two sounds changed, without end."""
    while True:
        phrase = rng.choice(wanted)
        symbols = phrase.symbols
        for _ in range(rng.choice((1, 1, 2, 2, 2, 3))):
            symbols = _changed(symbols, phrase.text, rng)
        yield Phrase(f"[{symbols}]", symbols)


def _changed(symbols: str, text: str, rng: random.Random) -> str:
    said = phones(symbols)
    if not said:
        return symbols
    old = rng.choice(said)
    kind = bare(old)
    if rng.random() < 0.15:
        new = ""
    elif language_of(text) == "zh" and any(t in old for t in _TONES) and rng.random() < 0.3:
        new = re.sub(f"[{_TONES}]", lambda _: rng.choice(_TONES), old)
    else:
        new = old.replace(kind, rng.choice(sounds_of(language_of(text), is_vowel(old))))
    at = rng.choice([m.start() for m in re.finditer(re.escape(old), symbols)])
    return symbols[:at] + new + symbols[at + len(old) :]


def _parts(wanted: Sequence[Phrase], rng: random.Random) -> Iterator[Phrase]:
    """Yield beginnings and ends of phrases, alone or beside random words, without end."""
    while True:
        phrase = rng.choice(wanted)
        symbols = phrase.symbols
        size = len(symbols)
        cut = rng.randint(size // 4, 3 * size // 4)
        words = symbols.split()
        match rng.randrange(5):
            case 0:
                said = symbols[:cut]
            case 1:
                said = symbols[cut:]
            case 2:
                said = f"{symbols[:cut]}{_word(language_of(phrase.text), rng)}"
            case 3:
                said = f"{_word(language_of(phrase.text), rng)}{symbols[cut:]}"
            case _:
                words[rng.randrange(len(words))] = _word(language_of(phrase.text), rng)
                said = " ".join(words)
        yield Phrase(f"[{said}]", said.strip())


@cache
def _spoken_words() -> tuple[tuple[str, str], ...]:
    """Return hibari's English dictionary: words and their symbols."""
    file = files("hibari") / "assets" / "lexicon_us_gold.json.gz"
    listed: dict[str, object] = json.loads(gzip.decompress(file.read_bytes()))
    words = []
    for word, said in listed.items():
        symbols = said.get("DEFAULT") if isinstance(said, dict) else said
        if isinstance(symbols, str) and len(phones(symbols)) >= 3:
            words.append((word, symbols))
    return tuple(words)


@cache
def _chinese_words() -> tuple[tuple[str, str], ...]:
    """Return the usual Chinese words of two characters and their symbols."""
    words = (w for w, count in usual_words() if len(w) == 2 and count >= _USUAL)
    return tuple((w, chinese(w, _latin)) for w in words if _HAN.match(w))


@cache
def _voice() -> HibariVoice:
    return HibariVoice()


def _latin(text: str) -> str:
    return " ".join(_voice().phonemes(text))


@cache
def _british() -> Callable[[str], str]:
    # Lazy: its dictionary takes a second.
    from hibari.g2p import G2P

    read: Callable[[str], str] = G2P(british=True)
    return read
