"""This home's names in what was heard: which words sound like one, and when to believe it. Pure.

A recogniser writes "birdie" for Bertie, and 糖乌 for 堂屋: what sounds so and is commoner. So words
that sound nearly like a name are replaced by it, and the recogniser tells how well each sentence
that comes of it fits the sound. A name may fit somewhat worse than what was first heard, for in
its own home it is far likelier than anywhere else.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

FARTHEST = 0.35
"""Share of the sounds of a name, or of the words, that may differ."""
LIKELIER = 8.0
"""How much likelier a name is in its home than elsewhere, as a natural logarithm."""
MOST = 3
"""Sentences that are tried in one round; each costs a pass of the decoder."""
ROUNDS = 2
"""Names that are looked for in one sentence."""
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
_UNIT = re.compile(r"[㐀-䶿一-鿿]|[^\s㐀-䶿一-鿿]+")
_EDGE = re.compile(r"^(\W*)(.*?)(\W*)$", re.DOTALL)

Sound: TypeAlias = Callable[[str], str]
"""Tells how words sound, a character a sound."""


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    begin: int
    end: int
    sound: str


def candidates(text: str, names: Collection[str], sound: Sound) -> tuple[str, ...]:
    """Return `text` with one of `names` in the place of words that sound like it, nearest first.

    Words that are, or belong to, one of the names already are left alone.
    """
    said = _words(text, sound)
    sounds = [(name, sound(name)) for name in names]
    found: dict[str, float] = {}
    for begin, end in _spans(said, {_plain(name) for name in names}):
        heard = "".join(word.sound for word in said[begin:end])
        for name, wanted in sounds:
            if len(wanted) < _SHORTEST_SOUND or _at_least(heard, wanted) > FARTHEST:
                continue
            apart = _apart(heard, wanted) / max(len(heard), len(wanted))
            if apart <= FARTHEST:
                whole = text[: said[begin].begin] + name + text[said[end - 1].end :]
                found[whole] = min(apart, found.get(whole, 1.0))
    return tuple(sorted(found, key=lambda whole: (found[whole], whole)))[:MOST]


def better(own: float, scores: Sequence[float]) -> int | None:
    """Return which candidate to believe rather than what was heard; None when that is better.

    Args:
        own: logarithm of the probability of what was heard, given the sound.
        scores: the same of each candidate.
    """
    best = max(range(len(scores)), key=lambda index: scores[index], default=None)
    return best if best is not None and scores[best] + LIKELIER > own else None


def _words(text: str, sound: Sound) -> list[_Word]:
    words: list[_Word] = []
    for unit in _UNIT.finditer(text):
        edges = _EDGE.match(unit[0])
        if edges is not None and edges[2]:
            begin, end = unit.start() + edges.start(2), unit.start() + edges.end(2)
            words.append(_Word(edges[2], begin, end, sound(edges[2])))
    return words


def _spans(said: list[_Word], known: Collection[str]) -> Iterator[tuple[int, int]]:
    count = len(said)
    spans = [(i, j) for i in range(count) for j in range(i + 1, min(count, i + _LONGEST) + 1)]
    named = [(i, j) for i, j in spans if _plain("".join(w.text for w in said[i:j])) in known]
    for i, j in spans:
        if not any(i < end and begin < j for begin, end in named):
            yield i, j


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def _at_least(a: str, b: str) -> float:
    """Return a share below which `a` and `b` cannot differ, by what they are made of."""
    longer = max(len(a), len(b))
    common = (Counter(a) & Counter(b)).total()
    return max(abs(len(a) - len(b)), (longer - common) / 2) / longer


def _apart(a: str, b: str) -> float:
    """Return the edit distance, in which sounds that are alike differ by half."""
    row = [float(j) for j in range(len(b) + 1)]
    for x in a:
        new = [row[0] + 1]
        for (corner, above), y in zip(pairwise(row), b, strict=True):
            new.append(min(above + 1, new[-1] + 1, corner + _differ(x, y)))
        row = new
    return row[-1]


def _differ(x: str, y: str) -> float:
    if x == y:
        return 0.0
    both_vowels = x in _VOWELS and y in _VOWELS
    return 0.5 if both_vowels or frozenset((x, y)) in _ALIKE else 1.0
