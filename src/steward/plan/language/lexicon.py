"""What words mean in any home: the lexicon, which is data in `lexicon/`.

A text is cut into units (a Latin word, a number, one Chinese character, a sign) and words are
sequences of units. English words are compared without case, number and possession.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, TypeAlias

import yaml

from steward.plan.language.text import HAN, HYPHEN

Word: TypeAlias = tuple[str, ...]
"""A word as its units in normal form: Latin words, numbers, single Chinese characters."""

Senses = Mapping[str, str]
"""What a word can be: its classes ("act", "noun", ...), each with its value ("off")."""

_UNIT = re.compile(rf"[^\W\d_{HAN}]+(?:'[^\W\d_{HAN}]+)*|\d+(?:[.:]\d+)?|[{HAN}]|[^\s\w]")
_HAN = re.compile(f"[{HAN}]")
_FLAT = (
    *("fill", "verb", "up", "down", "bit", "half_scale", "double", "to", "by", "max", "min"),
    *("half", "all", "everything", "home", "here", "except", "keepers", "conj", "others", "leave"),
    *(
        "total",
        "it",
        "neg",
        "who",
        "percent",
        "degree",
        "kelvin",
        "fahrenheit",
        "celsius",
        "step",
        "ask",
        "any",
        "which",
        "count",
        "chat",
        "pair",
        "weak",
    ),
)
_GROUPED = {
    "acts": "act",
    "gears": "gear",
    "measures": "measure",
    "more": "more",
    "less": "less",
    "toomuch": "toomuch",
    "toolittle": "toolittle",
    "quantity": "quantity",
    "colors": "color",
    "kelvins": "white",
    "modes": "mode",
    "states": "state",
    "extremes": "extreme",
    "topics": "topic",
    "days": "day",
    "choices": "choice",
}


FOREIGN = "~"
"""What the concept of a word of a third language begins with."""


@dataclass(frozen=True)
class Unit:
    """One piece of text: its normal form, where it stood, whether it was an English plural."""

    word: str
    start: int
    end: int
    plural: bool = False

    @property
    def is_han(self) -> bool:
        """Whether it is a Chinese character."""
        return bool(_HAN.match(self.word))


def units(text: str) -> tuple[Unit, ...]:
    """Cut `text` into units."""
    found = []
    for hit in _UNIT.finditer(HYPHEN.sub(" ", text)):
        word, plural = _normal(hit.group().casefold())
        found.append(Unit(word, *hit.span(), plural))
    return tuple(found)


def words(text: str) -> tuple[str, ...]:
    """Return the normal forms of the units of `text`."""
    return tuple(unit.word for unit in units(text))


def _normal(word: str) -> tuple[str, bool]:
    """Return an English word without possession and number, and whether it had the latter."""
    if word.endswith("s'") and len(word) > 3:
        word = word[:-1]
    if word.endswith("'s"):
        return word[:-2], False
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word, False
    if word.endswith("ies"):
        return word[:-3] + "y", True
    if word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2], True
    return word[:-1], True


@dataclass(frozen=True)
class Lexicon:
    """`senses` of each word, the concepts (`atoms`) of each noun, and what kinds are called.

    `places` are the concepts of rooms and other places.
    """

    senses: Mapping[tuple[str, ...], Senses]
    atoms: Mapping[tuple[str, ...], tuple[str, ...]]
    kinds: Mapping[str, tuple[str, ...]]
    wider: Mapping[str, tuple[str, ...]]
    longest: int
    spoken: Mapping[str, tuple[str, ...]]
    places: frozenset[str]

    def is_function(self, word: tuple[str, ...]) -> bool:
        """Tell whether `word` does something in a sentence besides naming a thing."""
        return bool(set(self.senses.get(word, ())) - {"noun"})


@cache
def lexicon() -> Lexicon:
    """Return the lexicon of all languages; a text holds words of one, and names of any."""
    things = table("things")
    atoms: dict[tuple[str, ...], tuple[str, ...]] = {}
    spoken: dict[str, tuple[str, ...]] = {}
    for concept, surfaces in (things["places"] | things["nouns"]).items():
        spoken[concept] = tuple(str(surface) for surface in surfaces)
        for surface in spoken[concept]:
            atoms.setdefault(words(surface), (concept,))
    for surface, parts in things["compounds"].items():
        atoms[words(str(surface))] = tuple(parts)
    foreign = table("foreign")
    for concept, surfaces in foreign["nouns"].items():
        for surface in surfaces:
            # The word itself tells it from another thing that is of the same kind.
            said = words(surface)
            atoms.setdefault(said, (concept, FOREIGN + "".join(said)))
    for surface, parts in foreign["compounds"].items():
        atoms.setdefault(words(surface), tuple(parts))
    senses: dict[tuple[str, ...], dict[str, str]] = {}
    for language in ("en", "zh"):
        for kind, value, surface in _function_words(table(language)):
            senses.setdefault(words(surface), {}).setdefault(kind, value)
    for noun in atoms:
        senses.setdefault(noun, {}).setdefault("noun", "")
    return Lexicon(
        senses=senses,
        atoms=atoms,
        kinds={key: tuple(value) for key, value in things["kinds"].items()},
        wider={key: tuple(value) for key, value in things["wider"].items()},
        longest=max(map(len, senses)),
        spoken=spoken,
        places=frozenset(things["places"]),
    )


def _function_words(table: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    found = [(kind, kind, str(word)) for kind in _FLAT for word in table.get(kind, ())]
    for section, kind in _GROUPED.items():
        for value, surfaces in table.get(section, {}).items():
            found += [(kind, str(value), str(word)) for word in surfaces]
    for said, surfaces in table["complaints"].items():
        kind, _, value = said.partition(" ")
        found += [(kind, value, f"{how} {word}") for word in surfaces for how in table["degrees"]]
    return found


def table(name: str) -> dict[str, Any]:
    """Return the part `name` of the lexicon as it is written."""
    file = resources.files("steward.plan.language") / "lexicon" / f"{name}.yaml"
    # The loader in C is eight times as fast, and what it reads is our own.
    return dict(yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
