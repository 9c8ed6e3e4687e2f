"""Which Chinese characters say the same as which English words, with nothing left over on a side.

"喂鱼器" is a Fish Feeder: 喂 is to feed, 鱼 is fish, 器 says that it is a device. "酒柜" is no Gun
Cabinet, for no English word says 酒. Meanings are those of the lexicon and of CC-CEDICT.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from steward.plan.language.lexicon import Word, lexicon
from steward.plan.language.stems import LONGEST, glosses_of, stem

MAX_CHARACTERS, MAX_WORDS = 8, 4
"""Names of more characters or words are taken in parts."""

_LEAST_LETTERS = 3
_DEVICES = frozenset("机器仪")
_MAKERS = frozenset({"machine", "maker", "device", "unit"})
_ROOMS = frozenset("房间室屋舍棚厅馆库亭区")
_PLACES = frozenset(
    {"room", "house", "shed", "barn", "hut", "booth", "closet", "hall", "area", "zone", "bay"}
)
"""What may end a name of either language whatever the other says for it: the sort of thing."""


@dataclass(frozen=True)
class Pairing:
    """Characters `start` to `end` (exclusive) and the words `first` to `last` (exclusive)."""

    start: int
    end: int
    first: int
    last: int


@dataclass(frozen=True)
class _Hit:
    """Characters `start` to `end` (exclusive) and the places of the words that they say."""

    start: int
    end: int
    words: frozenset[int]


@lru_cache(maxsize=8192)
def _meanings(said: str) -> frozenset[frozenset[str]]:
    """Return what the Chinese characters `said`, as one word, may mean."""
    atoms = lexicon().atoms.get(tuple(said))
    return glosses_of(said) | ({frozenset({_concept(atoms)})} if atoms else frozenset())


@lru_cache(maxsize=4096)
def _words(han: str) -> Mapping[str, Sequence[tuple[int, int, frozenset[str]]]]:
    """Return the words in `han`, from which character to which (exclusive), with a meaning each.

    They are found by each key of their meanings.
    """
    found: dict[str, list[tuple[int, int, frozenset[str]]]] = {}
    for start in range(len(han)):
        for end in range(start + 1, min(start + LONGEST, len(han)) + 1):
            for meaning in _meanings(han[start:end]):
                for key in meaning:
                    found.setdefault(key, []).append((start, end, meaning))
    return found


def _concept(atoms: Sequence[str]) -> str:
    return "@" + "+".join(atoms)


@lru_cache(maxsize=4096)
def _keys(english: Word) -> Mapping[str, frozenset[int]]:
    """Return the places of the words that each stem, and each concept of the lexicon, stands at."""
    lex = lexicon()
    found: dict[str, frozenset[int]] = {}
    for first, word in enumerate(english):
        if len(word) >= _LEAST_LETTERS:
            found[stem(word)] = found.get(stem(word), frozenset()) | {first}
        for last in range(first + 1, min(first + MAX_WORDS, len(english)) + 1):
            atoms = lex.atoms.get(english[first:last])
            if atoms:
                found[_concept(atoms)] = frozenset(range(first, last))
    return found


def pairings(han: str, english: Word) -> Iterator[Pairing]:
    """Yield each stretch of `han` with the run of `english` words that says the same.

    Every word is said by some of the characters, and every character says one of the words or is
    the last and tells only the sort of thing. Stretches have two characters or more.
    """
    hits = _hits(han, english)
    starts = sorted({hit.start for hit in hits})
    firsts = sorted({min(hit.words) for hit in hits})
    for start in starts:
        for end in range(start + 2, min(start + MAX_CHARACTERS, len(han)) + 1):
            for first in firsts:
                for last in range(first + 1, min(first + MAX_WORDS, len(english)) + 1):
                    pairing = Pairing(start, end, first, last)
                    if _is_whole(pairing, hits, han, english):
                        yield pairing


def _hits(han: str, english: Word) -> list[_Hit]:
    wanted, said = _keys(english), _words(han)
    return [
        _Hit(start, end, frozenset[int]().union(*(wanted[each] for each in meaning)))
        for key in wanted.keys() & said.keys()
        for start, end, meaning in said[key]
        if meaning <= wanted.keys()
    ]


def _is_whole(pairing: Pairing, hits: Sequence[_Hit], han: str, english: Word) -> bool:
    words = set(range(pairing.first, pairing.last))
    inside = [
        hit
        for hit in hits
        if pairing.start <= hit.start and hit.end <= pairing.end and hit.words <= words
    ]
    said = {at for hit in inside for at in range(hit.start, hit.end)}
    heard = {at for hit in inside for at in hit.words}
    if len(heard) == 1 and all(hit.end - hit.start == 1 for hit in inside):
        return False  # One character means too much: "头" is the first of something, and a head.
    said |= {at for at in range(pairing.start, pairing.end - 1) if han[at] == "的"}
    sign, word = han[pairing.end - 1], english[pairing.last - 1]
    place = sign in _ROOMS and word in _PLACES
    if sign in _DEVICES or place:
        said.add(pairing.end - 1)
    if (sign in _DEVICES and word in _MAKERS) or place:
        heard.add(pairing.last - 1)
    return len(said) == pairing.end - pairing.start and heard == words
