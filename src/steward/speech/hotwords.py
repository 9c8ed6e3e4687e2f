"""This home's names in what was heard: which words sound like one, and when to believe it. Pure.

A recogniser writes "birdie" for Bertie, and 糖乌 for 堂屋: what sounds so and is commoner. So words
that sound nearly like a name are replaced by it, and the recogniser tells how well each sentence
that comes of it fits the sound. A name may fit somewhat worse than what was first heard, for in
its own home it is far likelier than anywhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from steward.types import Area, Entity, Floor, World

FARTHEST = 0.35
"""Share of the sounds of a name, or of the words, that may differ."""
LIKELIER, LIKELIER_EACH = 5.0, 0.7
"""How much likelier a name is in its home than elsewhere, as a natural logarithm: the first, and
the second for each of its sounds, for a long name is a rarer word (bench/LOG.md)."""
MOST = 3
"""Sentences that are tried in one round; each costs a pass of the decoder."""
ROUNDS = 2
"""Names that are looked for in one sentence."""
COMMAND = 24
"""Words, or Chinese characters, of the longest sentence in which names are looked for; more of them
cost half a second."""
_LONGEST = 8
"""Words, or Chinese characters, of a name."""
_SHORTEST_SOUND = 3
_VOWELS = frozenset("aeiouæɑɐəɛɪɔʊʌɜᵊᵻɚAIOQWY")
_ALIKE = frozenset(
    frozenset(pair)
    for pair in (
        *("pb", "td", "kɡ", "fv", "sz", "ʃʒ", "ʧʤ", "θð", "mn", "nŋ", "lɹ"),
        *("θf", "ðd", "ɾt", "ɾd", "wv", "θt", "θs"),
    )
)
_UNCUT = re.compile(
    r"[哪这那有一]些|什么|怎么|多少|几[点个度]|一下|所有|全部|打开|关[上掉闭]|现在|今天|明天|可以|[请帮]我"
)
"""Common words that no name begins or ends within: of 哪些灯 the last two sound like 夜灯."""
_JOINTS = frozenset("的了吗吧把")
"""Words that stand between names, and are heard right: of 厨房的灯 the last two sound like 地灯."""
_UNIT = re.compile(r"[㐀-䶿一-鿿]|[^\s㐀-䶿一-鿿]+")
_HAN = re.compile("[㐀-䶿一-鿿]+")
_EDGE = re.compile(r"^(\W*)(.*?)(\W*)$", re.DOTALL)

Sound: TypeAlias = Callable[[str], str]
"""Tells how words sound, a character a sound."""


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    begin: int
    end: int
    sound: str


def names(world: World) -> tuple[str, ...]:
    """Return what things and places are called in `world`, each name once."""
    things: tuple[Floor | Area | Entity, ...] = (*world.floors, *world.areas, *world.entities)
    return tuple(dict.fromkeys(name for thing in things for name in (thing.name, *thing.aliases)))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A `text` with a name in it that is so much `likelier` in this home than elsewhere."""

    text: str
    likelier: float


def candidates(text: str, names: Collection[str], sound: Sound) -> tuple[Candidate, ...]:
    """Return `text` with one of `names` in the place of words that sound like it, nearest first.

    There are none for what is longer than a command.
    Words that are, or belong to, one of the names already are left alone, unless with others they
    sound like a longer one.
    """
    said = _words(text, sound)
    if len(said) > COMMAND:
        return ()
    sounds = [(name, sound(name)) for name in names]
    sounds = [(name, wanted) for name, wanted in sounds if len(wanted) >= _SHORTEST_SOUND]
    spans = [
        (begin, end, "".join(word.sound for word in said[begin:end]))
        for begin, end in _spans(said, {_plain(name) for name in names}, _within(text))
    ]
    pairs = list(_perhaps([heard for _, _, heard in spans], [wanted for _, wanted in sounds]))
    alike = [(spans[i][2], sounds[j][1]) for i, j in pairs]
    found: dict[Candidate, float] = {}
    for (i, j), distance in zip(pairs, distances(alike), strict=True):
        (begin, end, heard), (name, wanted) = spans[i], sounds[j]
        apart = distance / max(len(heard), len(wanted))
        if apart > FARTHEST or (_HAN.fullmatch(name) and len(name) != end - begin):
            # A recogniser mistakes syllables, but counts them: 咖啡 is no 咖啡机.
            continue
        covered = _plain(text[said[begin].begin : said[end - 1].end])
        if _plain(name) in covered or _JOINTS.intersection(covered).difference(name):
            continue
        whole = text[: said[begin].begin] + name + text[said[end - 1].end :]
        each = Candidate(whole, LIKELIER + LIKELIER_EACH * len(wanted))
        found[each] = min(apart, found.get(each, 1.0))
    return tuple(sorted(found, key=lambda each: (found[each], each.text)))[:MOST]


def better(own: float, scores: Sequence[tuple[Candidate, float]]) -> str | None:
    """Return the text to believe rather than what was heard; None when that is better.

    Args:
        own: logarithm of the probability of what was heard, given the sound.
        scores: the candidates, each with the same of it.
    """
    texts = {each.text: score + each.likelier for each, score in scores}
    best = max(texts, key=lambda text: texts[text], default=None)
    return best if best is not None and texts[best] > own else None


def _words(text: str, sound: Sound) -> list[_Word]:
    words: list[_Word] = []
    for unit in _UNIT.finditer(text):
        edges = _EDGE.match(unit[0])
        if edges is not None and edges[2]:
            begin, end = unit.start() + edges.start(2), unit.start() + edges.end(2)
            words.append(_Word(edges[2], begin, end, sound(edges[2])))
    return words


def _spans(
    said: list[_Word], known: Collection[str], within: Collection[int]
) -> Iterator[tuple[int, int]]:
    count = len(said)
    spans = [(i, j) for i in range(count) for j in range(i + 1, min(count, i + _LONGEST) + 1)]
    named = [(i, j) for i, j in spans if _plain("".join(w.text for w in said[i:j])) in known]
    for i, j in spans:
        cut = said[i].begin in within or said[j - 1].end in within
        inside = any(
            i < end and begin < j and not (i <= begin and end <= j and (i, j) != (begin, end))
            for begin, end in named
        )
        if not (cut or inside):
            yield i, j


def _within(text: str) -> frozenset[int]:
    """Return the places in `text` that are inside a common word."""
    found = (range(word.start() + 1, word.end()) for word in _UNCUT.finditer(text))
    return frozenset(place for places in found for place in places)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def _perhaps(heard: Sequence[str], wanted: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the places of those pairs that are not too far apart by what they are made of."""
    if not heard or not wanted:
        return
    letters = sorted(set("".join((*heard, *wanted))))
    ours, theirs = _counts(heard, letters), _counts(wanted, letters)
    lengths = ours.sum(axis=1)[:, None], theirs.sum(axis=1)[None]
    longer = np.maximum(*lengths)
    common = np.zeros(longer.shape, np.int16)
    for own, their in zip(ours.T, theirs.T, strict=True):
        common += np.minimum(own[:, None], their[None])
    apart = np.maximum(abs(lengths[0] - lengths[1]), (longer - common) / 2)
    for i, j in np.argwhere(apart <= FARTHEST * longer):
        yield int(i), int(j)


def _counts(sounds: Sequence[str], letters: Sequence[str]) -> NDArray[np.int16]:
    return np.array([[sound.count(letter) for letter in letters] for sound in sounds], np.int16)


def distances(pairs: Sequence[tuple[str, str]]) -> list[float]:
    """Return the edit distance of each pair, in which sounds that are alike differ by half.

    All pairs go through the table together, a row at a time. What is inserted costs 1 a sound, so
    that the cheapest way along a row is a running minimum of the cost less the place.
    """
    letters = sorted(set("".join(a + b for a, b in pairs)))
    place = {letter: index for index, letter in enumerate(letters)}
    differ = np.array([[_differ(x, y) for y in letters] for x in letters], np.float32)
    ours, theirs = (_padded([[place[x] for x in pair[k]] for pair in pairs]) for k in (0, 1))
    lengths = np.array([len(a) for a, _ in pairs], int)
    along = np.arange(theirs.shape[1] + 1, dtype=np.float32)
    row = np.repeat(along[None], len(pairs), axis=0)
    for at, letter in enumerate(ours.T):
        new = row + 1
        replaced = row[:, :-1] + differ[letter[:, None], theirs]
        new[:, 1:] = np.minimum(new[:, 1:], replaced)
        new = np.minimum.accumulate(new - along, axis=1) + along
        row = np.where((at < lengths)[:, None], new, row)
    return [float(row[index, len(b)]) for index, (_, b) in enumerate(pairs)]


def _padded(rows: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    filled = np.zeros((len(rows), max(map(len, rows), default=0)), np.int64)
    for index, row in enumerate(rows):
        filled[index, : len(row)] = row
    return filled


def _differ(x: str, y: str) -> float:
    if x == y:
        return 0.0
    both_vowels = x in _VOWELS and y in _VOWELS
    return 0.5 if both_vowels or frozenset((x, y)) in _ALIKE else 1.0
