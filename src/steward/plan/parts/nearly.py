"""Slips of the recogniser: words that sound or look almost like those of this home.

Chinese is compared by its pinyin without tones, English by a key of its consonants and by edit
distance. Only a word that is not understood is ever replaced, and only by one that is in the home.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii

from steward.plan.language.lexicon import lexicon, units
from steward.plan.language.text import HAN
from steward.plan.parts.atoms import Names, Token, names_of, things, tokens
from steward.types import World

MAX_TRIES = 6
"""As many spellings of a sentence are tried; the true one is among the nearest."""

NEAR = 0.75
NEAR_LONG = 0.72
"""Least likeness (1 is the same) of English words up to four letters, and of longer ones. Measured
on the development set: below it, other words of the language come in."""

NEAR_JOINED = 0.85
"""The same for several words that stand for one ("glow forge")."""

SAME_SOUND = 0.9
_HAN_ONLY = re.compile(f"^[{HAN}]+$")
_LATIN = re.compile(r"^[a-z][a-z' ]*$")
_SOUNDS = (
    *((r"ph", "f"), (r"gh", ""), (r"^kn", "n"), (r"^wr", "r"), (r"tch", "ch"), (r"dge?", "j")),
    *((r"ck", "k"), (r"c(?=[eiy])", "s"), (r"c(?!h)", "k"), (r"q", "k"), (r"x", "ks")),
    *((r"z", "s"), (r"ge(?=$)", "j"), (r"(?<!^)(?<![sct])h", ""), (r"e$", "")),
    *((r"[aeiouyw]+", "a"), (r"(.)\1+", r"\1")),
)
_PINYIN = (*((r"^zh", "z"), (r"^ch", "c"), (r"^sh", "s"), (r"(?<=[aei])ng$", "n")),)
_READINGS = {"调": "tiao", "地": "di", "乐": "yue", "谁": "shui", "觉": "jiao", "刨": "bao"} | {
    **dict.fromkeys("绿滤率律旅", "lv"),
    "女": "nv",
    "佛": "fo",
}
"""Characters that are read otherwise in homes than alone: "空调", "地暖", "音乐"; and those with ü,
which the transliteration writes as u."""


@dataclass(frozen=True)
class _Word:
    text: str
    key: str
    size: int
    letters: frozenset[str]


def spellings(text: str, said: Sequence[Token], world: World) -> tuple[str, ...]:
    """Return how plain `text` may have been meant, the likeliest first, at most `MAX_TRIES`.

    `said` are its words. Each spelling replaces one stretch by a word of this home, or two.
    """
    first = sorted(set(_repairs(text, said, world)))
    tries = [spelling for _, spelling in first]
    for _, once in first[:2]:
        again = tokens(once, world)
        if any(not token.known for token in again):
            tries += [spelling for _, spelling in sorted(set(_repairs(once, again, world)))[:2]]
    return tuple(dict.fromkeys(tries))[:MAX_TRIES]


def _repairs(text: str, said: Sequence[Token], world: World) -> Iterator[tuple[float, str]]:
    """Yield each spelling with one stretch replaced, and how unlike it is."""
    english, chinese = _vocabulary(names_of(world), _kinds(world))
    pieces = units(text)
    unknown = {token.start for token in said if not token.known}
    single = {token.start for token in said if len(token.text) == 1}
    for start in range(len(pieces)):
        for end in range(start + 1, min(len(pieces), start + 6) + 1):
            window = pieces[start:end]
            heard = "".join(unit.word for unit in window)
            if all(unit.is_han for unit in window):
                odd = any(u.start in unknown | single for u in window)
                short = len(window) > 1 and all(u.start in single for u in window)
                if short or (odd and len(window) > 2):
                    yield from _by_sound(text, heard, window[0].start, window[-1].end, chinese)
            elif len(window) <= 3 and any(unit.start in unknown for unit in window):
                yield from _by_look(
                    text, heard, len(window), (window[0].start, window[-1].end), english
                )


def _by_sound(
    text: str, heard: str, start: int, end: int, words: Sequence[_Word]
) -> Iterator[tuple[float, str]]:
    key = _pinyin(heard)
    for word in words:
        if word.key == key and word.text != heard:
            changed = sum(one != other for one, other in zip(heard, word.text, strict=True))
            if changed < len(heard) or len(heard) > 2:
                yield changed / len(heard) / 10, text[:start] + word.text + text[end:]


def _by_look(
    text: str, heard: str, count: int, span: tuple[int, int], words: Sequence[_Word]
) -> Iterator[tuple[float, str]]:
    if len(heard) < 3 or not heard.isascii():
        return
    key, letters = _consonants(heard), frozenset(heard)
    for word in words:
        plain = word.text.replace(" ", "")
        if len(plain) < 3 or abs(len(plain) - len(heard)) > 2:
            continue
        joined = count > 1 or word.size > 1
        least = NEAR_JOINED if joined else NEAR_LONG if len(heard) > 4 else NEAR
        alike = key == word.key and len(key) > 1
        # Each letter that only one of them has is a change: most words are told apart by that.
        changes = max(len(letters - word.letters), len(word.letters - letters))
        if not alike and 1 - changes / max(len(heard), len(plain)) < least:
            continue
        likeness = max(_likeness(heard, plain), SAME_SOUND if alike else 0.0)
        if likeness >= least:
            yield 1 - likeness, f"{text[: span[0]]}{word.text}{text[span[1] :]}"


def _kinds(world: World) -> frozenset[str]:
    return frozenset(atom for thing in things(world) for atom in thing.kind)


@lru_cache(maxsize=16)
def _vocabulary(names: Names, kinds: frozenset[str]) -> tuple[tuple[_Word, ...], tuple[_Word, ...]]:
    """Return the English and the Chinese words by which the things of this home may be called."""
    lex = lexicon()
    concepts = {atom for atoms in names.phrases.values() for atom in atoms} | kinds
    spoken = {word for atom in concepts for word in lex.spoken.get(atom, ())}
    for surface, atoms in lex.atoms.items():
        if len(atoms) > 1 and concepts.issuperset(atoms):
            spoken.add("".join(surface) if _HAN_ONLY.match(surface[0]) else " ".join(surface))
    for phrase in names.phrases.keys() - names.glosses:
        spoken.add("".join(phrase) if _HAN_ONLY.match(phrase[0]) else " ".join(phrase))
    words = sorted(word.casefold() for word in spoken)
    english = [word for word in words if _LATIN.match(word)]
    chinese = [word for word in words if _HAN_ONLY.match(word) and len(word) > 1]
    return _listed(english, _consonants), _listed(chinese, _pinyin)


def _listed(words: Iterable[str], key: Callable[[str], str]) -> tuple[_Word, ...]:
    return tuple(
        _Word(word, key(word.replace(" ", "")), word.count(" ") + 1, frozenset(word) - {" "})
        for word in words
    )


def _consonants(word: str) -> str:
    """Return how a word sounds but for its vowels, roughly: "daikin" and "dyken" are alike."""
    for pattern, sound in _SOUNDS:
        word = re.sub(pattern, sound, word)
    return word


@lru_cache(maxsize=4096)
def _pinyin(word: str) -> str:
    """Return the syllables without tones; sounds that many speakers do not part are one."""
    # Each character for itself: the words of a home are read so all but always (bench/LOG.md), and
    # a dictionary of whole words takes 57 MB.
    found = []
    for character in word:
        syllable = _READINGS.get(character, anyascii(character).lower())
        for pattern, sound in _PINYIN:
            syllable = re.sub(pattern, sound, syllable)
        found.append(syllable)
    return " ".join(found)


def _likeness(one: str, other: str) -> float:
    """Return 1 less the share of letters to change or to swap with the next.

    That is the restricted distance of Damerau (1964) and Levenshtein (1965).
    """
    before: list[int] = []
    previous = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        current = [i]
        for j, right in enumerate(other, 1):
            change = previous[j - 1] + (left != right)
            best = min(previous[j] + 1, current[-1] + 1, change)
            if i > 1 and j > 1 and left == other[j - 2] and right == one[i - 2]:
                best = min(best, before[j - 2] + 1)
            current.append(best)
        before, previous = previous, current
    return 1 - previous[-1] / max(len(one), len(other))
