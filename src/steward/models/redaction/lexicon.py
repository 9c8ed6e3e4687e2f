"""Names, words and places by which people and places are told from other words.

The large lists are made by `python -m steward.lab.redaction`, where their sources are named; the
small ones are written by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_FOLDER = Path(__file__).with_name("lexicon")


@dataclass(frozen=True)
class Lexicon:
    """Words in lower case: given names, surnames, places, and the rank of common English words."""

    given: frozenset[str]
    family: frozenset[str]
    cities: frozenset[str]
    countries: frozenset[str]
    """Countries, their regions, and the states of some."""
    groups: frozenset[str]
    """Nationalities and religions."""
    organised: frozenset[str]
    """What is part of the names of firms and other bodies."""
    ambiguous: frozenset[str]
    """Given names that are ordinary words too: by themselves, with a capital, they say little."""
    plain: frozenset[str]
    """What is never a name, though a capital may stand there."""
    ranks: dict[str, int]
    """0 is the most common word; a word that is not common has no rank."""

    def common(self, word: str, within: int) -> bool:
        """Tell whether `word`, in lower case, is one of the `within` most common ones."""
        return self.ranks.get(word, within) < within


@lru_cache(maxsize=1)
def read() -> Lexicon:
    """Return the lists of this package; they are read once."""
    return Lexicon(
        given=_lines("given"),
        family=_lines("family"),
        cities=_lines("cities"),
        countries=_lines("countries"),
        groups=_lines("groups"),
        organised=_lines("organised"),
        ambiguous=_lines("ambiguous"),
        plain=_lines("plain"),
        ranks={
            word: rank
            for rank, word in enumerate((_FOLDER / "words.txt").read_text("utf-8").splitlines())
        },
    )


def _lines(name: str) -> frozenset[str]:
    return frozenset((_FOLDER / f"{name}.txt").read_text("utf-8").splitlines())
