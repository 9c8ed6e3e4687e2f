"""Names said in the other language than they are written in, by what their words mean.

"打开面包切片机" is the Bread Slicer, "the popcorn machine" is "爆米花机". Stretches of the sentence
are replaced by the words of names that say the same; which thing is meant is found as ever.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from math import prod

from steward.plan.language.aligned import MAX_WORDS, pairings
from steward.plan.language.lexicon import Word, lexicon, units, words
from steward.plan.language.stems import glosses_of
from steward.plan.language.text import HAN
from steward.plan.parts.atoms import Names, Token, joined_atoms, names_of, tokens
from steward.types import World

MAX_WAYS, MAX_SPELLINGS = 4, 4
"""As many sets of stretches are tried, and as many readings of each."""

_RUN = re.compile(f"[{HAN}]{{2,}}")
_LATIN = re.compile(r"[a-z][a-z']*")
_ARTICLES = frozenset({"the", "a", "an", "my", "our", "your", "to", "in", "on", "at", "of", "and"})


@dataclass(frozen=True)
class _Swap:
    """A stretch of a sentence and the words of names that it may stand for."""

    start: int
    end: int
    words: frozenset[str]


def translations(text: str, world: World) -> tuple[tuple[str, ...], ...]:
    """Return `text` with stretches replaced by words of names, those that explain most first.

    The spellings of one tuple explain the same stretches in other ways.
    """
    names = names_of(world)
    said = tokens(text, world)
    english, chinese = _vocabulary(names)
    swaps = _merged(
        (*_of_chinese(text, said, english, names), *_of_english(text, said, chinese, names))
    )
    best = _widest(swaps)
    ways = [best, *((swap,) for swap in sorted(swaps, key=lambda s: s.start - s.end))]
    unique = dict.fromkeys(way for way in ways if way)
    return tuple(_spelled(text, way) for way in islice(unique, MAX_WAYS))


def _spelled(text: str, way: Sequence[_Swap]) -> tuple[str, ...]:
    found: list[str] = []
    if prod(len(swap.words) for swap in way) > MAX_SPELLINGS:
        return ()  # Some left out, what is meant could seem clear.
    for chosen in product(*(sorted(swap.words) for swap in way)):
        spelling = text
        for swap, spoken in zip(reversed(way), reversed(chosen), strict=True):
            spelling = f"{spelling[: swap.start]} {spoken} {spelling[swap.end :]}"
        found.append(" ".join(spelling.split()))
    return tuple(found)


def _merged(swaps: Sequence[tuple[int, int, str]]) -> tuple[_Swap, ...]:
    found: dict[tuple[int, int], set[str]] = {}
    for start, end, spoken in swaps:
        found.setdefault((start, end), set()).add(spoken)
    return tuple(_Swap(*span, _fullest(each)) for span, each in sorted(found.items()))


def _fullest(ways: Collection[str]) -> frozenset[str]:
    """Leave out "studio" where "art studio" says the same."""
    return frozenset(one for one in ways if not any(one in o for o in ways if o != one))


def _widest(swaps: Sequence[_Swap]) -> tuple[_Swap, ...]:
    """Return the stretches, none over another, that explain most; of such ways the fewest."""
    best: list[tuple[int, int, tuple[_Swap, ...]]] = [(0, 0, ())]
    ordered = sorted(swaps, key=lambda swap: swap.end)
    for number, swap in enumerate(ordered):
        before = max(at for at in range(number + 1) if at == 0 or ordered[at - 1].end <= swap.start)
        explained, fewer, way = best[before]
        taken = (explained + swap.end - swap.start, fewer - 1, (*way, swap))
        best.append(max(best[-1], taken, key=lambda one: one[:2]))
    return best[-1][2]


@lru_cache(maxsize=16)
def _vocabulary(names: Names) -> tuple[tuple[Word, ...], tuple[str, ...]]:
    """Return the English and the Chinese names and words of a home."""
    own = sorted(names.phrases.keys() - names.glosses)
    english = (tuple(word for word in name if _LATIN.fullmatch(word)) for name in own)
    chinese = ("".join(unit for unit in name if not unit.isascii()) for name in own)
    return (
        tuple(dict.fromkeys(name for name in english if name)),
        tuple(dict.fromkeys(name for name in chinese if len(name) > 1)),
    )


def _of_chinese(
    text: str, said: Sequence[Token], english: Sequence[Word], names: Names
) -> Iterator[tuple[int, int, str]]:
    """Yield what Chinese stretches of a sentence may stand for in the English names."""
    for run in _RUN.finditer(text) if english else ():
        for name in english:
            for hit in pairings(run.group(), name):
                start, end = run.start() + hit.start, run.start() + hit.end
                spoken = name[hit.first : hit.last]
                tells = _is_telling(spoken) or _is_strange(start, end, said)
                noun = bool(glosses_of(text[start:end]))
                nothing = _does(start, end, said, noun) or _is_understood(start, end, said, names)
                if tells and not nothing:
                    yield start, end, " ".join(spoken)


def _is_strange(start: int, end: int, said: Sequence[Token]) -> bool:
    return any(not token.known and start <= token.start < end for token in said)


_PARTICLES = frozenset("把将请给让在和跟与就都也再又了吧呢吗啊是有")


def _does(start: int, end: int, said: Sequence[Token], noun: bool) -> bool:
    """Tell whether a stretch takes a word that does something in the sentence.

    It may be a part of another word, of a `noun` whatever it does: 亮 in "月亮", 拖地 in "拖地机".
    """
    for token in said:
        last = token.start + len(token.text)
        if token.known and not token.atoms and token.start < end and start < last:
            wider = token.start <= start and end <= last
            leads = token.start == start and token.has("act")
            apart = last - token.start > 1 or leads or token.text in _PARTICLES
            if wider or (apart and not noun):
                return True
    return False


def _is_telling(name: Word) -> bool:
    """Tell whether words of an English name say more than what kind of thing it is."""
    lex = lexicon()
    common = {atom for kind in lex.kinds.values() for atom in kind} | {"room", "home"}
    return not all(common.issuperset(lex.atoms.get((word,), ("",))) for word in name)


def _is_understood(start: int, end: int, said: Sequence[Token], names: Names) -> bool:
    """Tell whether a stretch is of words of one name of this home, or is only a part of a word.

    A dishwasher ("洗碗机") is nothing that only washes ("洗碗").
    """
    over = [t for t in said if t.start < end and start < t.start + len(t.text)]
    if any(t.start < start or end < t.start + len(t.text) for t in over if t.atoms):
        return True
    if not all(token.atoms and words(token.text) not in names.glosses for token in over):
        return False
    meant = joined_atoms(over)
    return any(meant <= name for each in names.decomposed.values() for name, _ in each)


def _of_english(
    text: str, said: Sequence[Token], chinese: Sequence[str], names: Names
) -> Iterator[tuple[int, int, str]]:
    """Yield what English words of a sentence may stand for in the Chinese names."""
    pieces = [unit for unit in units(text) if not unit.is_han]
    for start in range(len(pieces)) if chinese else ():
        for end in range(start + 1, min(start + MAX_WORDS, len(pieces)) + 1):
            window = tuple(unit.word for unit in pieces[start:end])
            if not _LATIN.fullmatch(window[-1]):
                break
            span = (pieces[start].start, pieces[end - 1].end)
            if {window[0], window[-1]} & _ARTICLES or not _is_telling(window):
                continue
            if _is_understood(*span, said, names):
                continue
            for name in chinese:
                for hit in pairings(name, window):
                    if hit.start != 1 and (hit.first, hit.last) == (0, len(window)):
                        yield *span, name[hit.start : hit.end]
