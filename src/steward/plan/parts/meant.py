"""Names said in the other language than they are written in, by what their words mean.

"打开面包切片机" is the Bread Slicer, "the popcorn machine" is "爆米花机". A stretch of the sentence
is replaced by those words of one name that it may stand for; which thing is meant is found as ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from steward.plan.language.lexicon import Word, lexicon, units
from steward.plan.language.stems import LONGEST, ends_of, stem, stems_of
from steward.plan.language.text import HAN
from steward.plan.parts.atoms import Names, Token, names_of
from steward.types import World

MAX_SPELLINGS = 8
"""As many readings of a sentence are tried."""

_HAN_ONLY = re.compile(f"^[{HAN}]+$")
_TAIL = "机器仪"
"""Characters that only say that something is a device."""

_LEAST_LETTERS = 3


@dataclass(frozen=True)
class _Swap:
    """A stretch of a sentence, the words of a name that it stands for, and that name.

    `rank` tells how far these are from what the stretch means first.
    """

    start: int
    end: int
    words: str
    name: Word
    rank: int = 0


def translations(text: str, said: Sequence[Token], world: World) -> tuple[tuple[str, ...], ...]:
    """Return `text` with stretches replaced by words of names, those that explain most first.

    Those of one tuple explain equally much.
    """
    names = names_of(world)
    swaps = list(_of_chinese(text, said, names))
    if any(not token.known for token in said):
        swaps += _of_english(text, said, names)
    pairs = [
        (one, other)
        for one in swaps
        for other in swaps
        if one.end <= other.start and one.name == other.name and one.words != other.words
    ]
    ways: dict[tuple[int, int], dict[str, None]] = {}
    for way in (*pairs, *((swap,) for swap in swaps)):
        explained = sum(swap.end - swap.start for swap in way)
        order = (-explained, sum(swap.rank for swap in way))
        ways.setdefault(order, {})[_swapped(text, way)] = None
    return tuple(tuple(ways[order]) for order in sorted(ways))[:MAX_SPELLINGS]


def _swapped(text: str, way: Sequence[_Swap]) -> str:
    for swap in reversed(way):
        text = f"{text[: swap.start]} {swap.words} {text[swap.end :]}"
    return " ".join(text.split())


def _of_chinese(text: str, said: Sequence[Token], names: Names) -> Iterator[_Swap]:
    """Yield what Chinese stretches of a sentence may stand for in the English names."""
    by_stem: dict[str, set[tuple[Word, str]]] = {}
    for name in names.phrases.keys() - names.glosses:
        for word in name:
            if word.isascii() and word.isalpha() and len(word) >= _LEAST_LETTERS:
                by_stem.setdefault(stem(word), set()).add((name, word))
    doing = {t.start for t in said if t.known and not t.atoms and not _is_weak(t)}
    nouns = [(t.start, t.start + len(t.text)) for t in said if t.atoms and not t.named]
    for start, end in _stretches(text, doing) if by_stem else ():
        if any(a <= start and end <= b and end - start < b - a for a, b in nouns):
            continue  # A dishwasher ("洗碗机") is nothing that only washes ("洗碗").
        hits: dict[Word, dict[str, int]] = {}
        for meaning, rank in stems_of(text[start:end]).items():
            for form in ends_of(meaning):
                for name, word in by_stem.get(form, ()):
                    hits.setdefault(name, {}).setdefault(word, rank)
        for name, found in sorted(hits.items()):
            if len(found) > 1 or any(map(_is_telling, found)):
                last = end + (text[end : end + 1] in tuple(_TAIL))
                spoken = " ".join(word for word in name if word in found)
                rank = min(found.values()) - 100 * (len(found) - 1)
                yield _Swap(start, last, spoken, name, rank)


def _is_weak(token: Token) -> bool:
    """Tell whether a verb of one character may be the first of a noun: "切" in "切片机"."""
    return len(token.text) == 1 and token.has("verb") and not token.has("act")


def _is_telling(word: str) -> bool:
    """Tell whether a word of an English name says more than what kind of thing it is."""
    lex = lexicon()
    common = {atom for kind in lex.kinds.values() for atom in kind} | {"room", "home"}
    return not common.issuperset(lex.atoms.get((word,), ("",)))


def _stretches(text: str, doing: set[int]) -> Iterator[tuple[int, int]]:
    """Yield each stretch of Chinese characters that may be a word and in which no verb begins."""
    for start in range(len(text)):
        for end in range(start + 2, min(start + LONGEST, len(text)) + 1):
            if not _HAN_ONLY.match(text[start:end]) or end - 1 in doing:
                break
            if start not in doing:
                yield start, end


def _of_english(text: str, said: Sequence[Token], names: Names) -> Iterator[_Swap]:
    """Yield what English words of a sentence may stand for in the Chinese names."""
    pieces = units(text)
    unknown = {token.start for token in said if not token.known}
    own = names.phrases.keys() - names.glosses
    runs = [name for name in sorted(own) if _HAN_ONLY.match("".join(name)) and len(name) > 1]
    for start in range(len(pieces)):
        for end in range(start + 1, min(start + 3, len(pieces)) + 1):
            window = pieces[start:end]
            if not any(unit.start in unknown for unit in window):
                continue
            if all(u.word.isascii() and u.word.isalpha() for u in window):
                stems = [stem(unit.word) for unit in window]
                for name in runs:
                    if _covers(stems, "".join(name)):
                        yield _Swap(window[0].start, window[-1].end, "".join(name), name)


def _covers(stems: Sequence[str], name: str) -> bool:
    """Tell whether the words mean all of the `name` and the name means each of the words."""
    covered, heard = set[int](), set[str]()
    for start in range(len(name)):
        for end in range(start + 1, min(start + LONGEST, len(name)) + 1):
            meant = set(stems_of(name[start:end])).intersection(stems)
            if meant:
                heard |= meant
                covered.update(range(start, end))
    left = {at for at in range(len(name)) if at not in covered}
    return heard.issuperset(stems) and all(name[at] in _TAIL for at in left)
