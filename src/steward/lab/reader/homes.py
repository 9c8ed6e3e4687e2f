"""Generated homes: rooms, floors and things with the names that people give them."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from steward.plan.language.lexicon import lexicon
from steward.types import Area, Entity, Floor, World

DOMAINS = (
    *("light", "light", "light", "switch", "switch", "fan", "cover", "cover", "lock"),
    *("media_player", "media_player", "climate", "climate", "humidifier", "vacuum"),
    *("lawn_mower", "valve", "scene", "scene", "sensor", "sensor", "opening", "todo"),
    *("calendar", "person"),
)
"""The kinds of things of a home, those that homes have more of more often."""

_LAST_ROOM = "pond"
"""The rooms and places of the lexicon stand first in it, up to this one."""


@dataclass(frozen=True)
class GeneratedHome:
    """A world and, by kind of thing ("light", "opening", ...), the ids of its entities."""

    world: World
    language: str
    kinds: Mapping[str, tuple[str, ...]]

    def names(self, kind: str) -> tuple[str, ...]:
        """Return the names of the things of `kind`."""
        ids = set(self.kinds.get(kind, ()))
        return tuple(entity.name for entity in self.world.entities if entity.id in ids)


@cache
def nouns() -> Mapping[str, Any]:
    """Return the nouns by kind and language."""
    text = (resources.files("steward.lab.reader") / "nouns.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


@cache
def rooms(language: str) -> tuple[str, ...]:
    """Return names of rooms in `language`."""
    spoken = lexicon().spoken
    concepts = list(spoken)
    known = [
        name
        for concept in concepts[: concepts.index(_LAST_ROOM) + 1]
        for name in spoken[concept]
        if name.isascii() == (language == "en")
    ]
    return (*known, *nouns()["rooms"][language])


def generate(rng: random.Random) -> GeneratedHome:
    """Return a home of 1 to 12 rooms and 4 to 70 things, its names mostly in one language."""
    language = rng.choice(("en", "zh"))
    mixed = rng.random() < 0.15
    floors = _floors(rng, language)
    names = rng.sample(rooms(language), rng.randint(1, 12))
    areas = tuple(
        Area(f"area_{i}", _cased(rng, name), rng.choice(floors).id if floors else None)
        for i, name in enumerate(names)
    )
    entities: list[Entity] = []
    kinds: dict[str, list[str]] = {}
    seen: set[str] = set()
    for index in range(rng.randint(4, 70)):
        kind = rng.choice(DOMAINS)
        area = rng.choice(areas) if rng.random() < 0.85 else None
        spoken = rng.choice(("en", "zh")) if mixed else language
        name = _name(rng, kind, area.name if area else "", spoken)
        if name in seen:
            continue
        seen.add(name)
        domain = "binary_sensor" if kind == "opening" else kind
        key = f"{domain}.e{index}"
        kinds.setdefault(kind, []).append(key)
        entities.append(Entity(key, name, "off", area.id if area else None))
    world = World(floors, areas, tuple(entities))
    return GeneratedHome(world, language, {kind: tuple(ids) for kind, ids in kinds.items()})


def _floors(rng: random.Random, language: str) -> tuple[Floor, ...]:
    names: Sequence[str] = nouns()["floors"][language]
    chosen = rng.sample(names, rng.choice((0, 0, 2, 3)))
    return tuple(Floor(f"floor_{i}", name) for i, name in enumerate(chosen))


def _name(rng: random.Random, kind: str, room: str, language: str) -> str:
    """Return a name such as "Kitchen ceiling light", "Anna's lamp", "Roomba" or "儿童房吊扇"."""
    noun = rng.choice(nouns()[kind][language])
    if kind in ("person", "scene", "todo", "calendar"):
        return _cased(rng, noun)
    gap = " " if language == "en" else ""
    way = rng.random()
    if way < 0.55 and room:
        return _cased(rng, f"{room}{gap}{noun}")
    if way < 0.65:
        owner = rng.choice(nouns()["person"][language])
        return _cased(rng, f"{owner}'s {noun}" if language == "en" else f"{owner}的{noun}")
    if way < 0.75:
        return _cased(rng, f"{noun} {rng.randint(1, 4)}" if gap else f"{noun}{rng.randint(1, 4)}")
    if way < 0.82:
        side = rng.choice(("left", "right", "big", "small", "old", "front", "back"))
        sided = rng.choice("左右大小旧前后")
        return _cased(rng, f"{side} {noun}" if gap else f"{sided}{noun}")
    return _cased(rng, noun)


def _cased(rng: random.Random, name: str) -> str:
    return name.title() if rng.random() < 0.7 and name.islower() else name
