"""The states of a home, as the subscription `subscribe_entities` tells them. Pure.

A message has "a", entities added or told anew, "c", what changed of others, and "r", those removed;
in each of them "s" is the state and "a" the attributes (homeassistant/components/websocket_api,
`messages.py`).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from steward.home.homeassistant.registries import CELSIUS, Registries, Thing
from steward.types import Entity, Json

UNUSED = frozenset(
    {
        "friendly_name",
        "unit_of_measurement",
        "icon",
        "attribution",
        "editable",
        "restored",
        # These let anybody who has them see a camera's or a player's picture.
        "access_token",
        "entity_picture",
        "entity_picture_local",
    }
)
"""Attributes that nothing here reads, or that stand elsewhere in an Entity."""
_IN_DEGREES = frozenset({"climate", "water_heater"})
"""Domains whose temperatures come without a unit, and are in Celsius here where none is told."""


def updated(
    entities: Mapping[str, Entity], event: Any, known: Registries
) -> tuple[dict[str, Entity], list[Entity]]:
    """Return `entities` after `event`, by their ids, and those that are new or different."""
    now, touched = dict(entities), dict[str, None]()
    message = _mapping(event)
    for name, told in _mapping(message.get("a")).items():
        if name in known.things and isinstance(told, Mapping):
            now[name] = _told(name, told, entities.get(name), known)
            touched[name] = None
    for name, change in _mapping(message.get("c")).items():
        if name in now and isinstance(change, Mapping):
            now[name] = _changed(now[name], change)
            touched[name] = None
    removed = message.get("r")
    for name in removed if isinstance(removed, list | tuple) else ():
        if isinstance(name, str):
            now.pop(name, None)
    return now, [now[key] for key in touched if key in now and entities.get(key) != now[key]]


def with_attribute(entity: Entity, name: str, value: Json) -> Entity:
    """Return `entity` with one more attribute: what Home Assistant tells of it elsewhere."""
    return replace(entity, attributes={**entity.attributes, name: value})


def placed(entity: Entity, thing: Thing) -> Entity:
    """Return `entity` where the registries say that it is, with the names that they give it."""
    return replace(entity, area=thing.area, aliases=thing.aliases)


ELSEWHERE = ("items", "forecast")
"""Attributes that come by other subscriptions."""


def _told(name: str, told: Mapping[str, Any], before: Entity | None, known: Registries) -> Entity:
    attributes = _mapping(told.get("a"))
    kept = {key: before.attributes[key] for key in ELSEWHERE if before and key in before.attributes}
    thing = known.things[name]
    domain = name.partition(".")[0]
    unit = attributes.get("unit_of_measurement")
    if unit is None and domain in _IN_DEGREES and known.degrees != CELSIUS:
        unit = known.degrees
    return Entity(
        name,
        _name(attributes) or name.partition(".")[2].replace("_", " "),
        _state(told.get("s")),
        thing.area,
        thing.aliases,
        unit if isinstance(unit, str) else None,
        {**_attributes(attributes, domain), **kept},
    )


def _changed(entity: Entity, change: Mapping[str, Any]) -> Entity:
    more, less = _mapping(change.get("+")), _mapping(change.get("-"))
    new = _mapping(more.get("a"))
    gone = less.get("a")
    dropped = {key for key in gone if isinstance(key, str)} if isinstance(gone, list) else set()
    attributes = {k: v for k, v in entity.attributes.items() if k not in dropped}
    unit = new.get("unit_of_measurement", entity.unit)
    return replace(
        entity,
        name=_name(new) or entity.name,
        state=_state(more["s"]) if "s" in more else entity.state,
        unit=unit if isinstance(unit, str) else entity.unit,
        attributes={**attributes, **_attributes(new, entity.domain)},
    )


def _attributes(told: Mapping[str, Any], domain: str) -> dict[str, Json]:
    found = {sys.intern(str(key)): value for key, value in told.items() if key not in UNUSED}
    members = found.get("entity_id")
    if domain == "scene" and isinstance(members, list):
        # Which members it sets is told, though not how.
        found["scene"] = {str(member): {} for member in members}
    return found


def _name(attributes: Mapping[str, Any]) -> str:
    name = attributes.get("friendly_name")
    return name.strip() if isinstance(name, str) else ""


def _state(state: Any) -> str:
    return sys.intern(state) if isinstance(state, str) and len(state) < 32 else str(state)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
