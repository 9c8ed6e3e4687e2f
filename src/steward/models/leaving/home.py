"""The home's own words, as redaction looks for them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from steward.models.redaction.home import Words
from steward.types import World

_FOLDER = Path(__file__).parent


def home_words(world: World, people: Iterable[str] = (), phrases: Iterable[str] = ()) -> Words:
    """Return the words of a home: `people` who are known by their names, and its things.

    `phrases` are what else its owner calls something. Names that any home has ("kitchen light",
    "客厅灯") say nothing about this one, and are none of its words.
    """
    named = [
        *(floor.name for floor in world.floors),
        *(alias for floor in world.floors for alias in floor.aliases),
        *(area.name for area in world.areas),
        *(alias for area in world.areas for alias in area.aliases),
        *(entity.name for entity in world.entities if entity.domain != "person"),
        *(alias for entity in world.entities for alias in entity.aliases),
        *phrases,
    ]
    dwellers = [entity.name for entity in world.entities if entity.domain == "person"]
    return _words(frozenset([*people, *dwellers]), frozenset(filter(own, named)))


@lru_cache(maxsize=4)
def _words(people: frozenset[str], things: frozenset[str]) -> Words:
    return Words(people, things)


def own(name: str) -> bool:
    """Tell whether `name` says more of a home than what all homes have."""
    return bool(_usual().sub("", name.casefold()).strip(" 0123456789-–.,()'/&#"))


@lru_cache(maxsize=1)
def _usual() -> re.Pattern[str]:
    words = (_FOLDER / "usual.txt").read_text(encoding="utf-8").split()
    ordered = sorted(words, key=len, reverse=True)
    return re.compile(
        "|".join(
            rf"\b{re.escape(word)}s?\b" if word.isascii() else re.escape(word) for word in ordered
        )
    )
