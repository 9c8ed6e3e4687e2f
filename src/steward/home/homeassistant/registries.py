"""What Home Assistant knows of its places and things, from the answers of its registries. Pure.

What is malformed in an answer is left out: a home with a strange entry is still a home.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from steward.types import Area, Floor

ASSISTANT = "conversation"
"""The name of Home Assistant's own assistant in its settings: what it may use, we may use."""
CELSIUS = "°C"


@dataclass(frozen=True, slots=True)
class Thing:
    """What the registries say of one entity: the id of its area and its other names."""

    area: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Registries:
    """The places of a home, and what is known of each entity that assistants may use, by its id.

    `degrees` is the unit of temperatures.
    """

    floors: tuple[Floor, ...] = ()
    areas: tuple[Area, ...] = ()
    things: Mapping[str, Thing] = field(default_factory=dict[str, Thing])
    degrees: str = CELSIUS


def exposed(answer: Any) -> tuple[str, ...]:
    """Return the ids of the entities that assistants may use.

    `answer` is that of `homeassistant/expose_entity/list`.
    """
    listed = _mapping(_mapping(answer).get("exposed_entities"))
    return tuple(
        str(name) for name, shown in listed.items() if _mapping(shown).get(ASSISTANT) is True
    )


def registries(answers: Mapping[str, Any], ids: tuple[str, ...]) -> Registries:
    """Return what `answers`, by the last words of the commands that they answer, say of `ids`.

    An entity without an area of its own stands where its device does. A label is one more name of
    everything that wears it, so that it can be spoken of as one.
    """
    floors = tuple(
        Floor(each["floor_id"], each["name"], _names(each.get("aliases")))
        for each in _entries(answers.get("floor_registry/list"), "floor_id", "name")
    )
    storeys = {floor.id for floor in floors}
    areas = tuple(
        Area(
            each["area_id"],
            each["name"],
            each["floor_id"] if each.get("floor_id") in storeys else None,
            _names(each.get("aliases")),
        )
        for each in _entries(answers.get("area_registry/list"), "area_id", "name")
    )
    rooms = {area.id for area in areas}
    labels = {
        each["label_id"]: each["name"]
        for each in _entries(answers.get("label_registry/list"), "label_id", "name")
    }
    devices = {each["id"]: each for each in _entries(answers.get("device_registry/list"), "id")}
    known = _mapping(answers.get("entity_registry/get_entries"))
    things: dict[str, Thing] = {}
    for name in ids:
        entry = _mapping(known.get(name))
        device = _mapping(devices.get(str(entry.get("device_id"))))
        area = entry.get("area_id") or device.get("area_id")
        worn = [labels.get(label, "") for label in _names(entry.get("labels"))]
        aliases = dict.fromkeys((*_names(entry.get("aliases")), *filter(None, worn)))
        things[name] = Thing(area if area in rooms else None, tuple(aliases))
    units = _mapping(_mapping(answers.get("get_config")).get("unit_system"))
    return Registries(floors, areas, things, str(units.get("temperature") or CELSIUS))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _names(value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list | tuple) else ()
    return tuple(each.strip() for each in listed if isinstance(each, str) and each.strip())


def _entries(answer: Any, *needed: str) -> Iterator[Mapping[str, Any]]:
    """Yield the entries of a registry that have all that is `needed`, as texts."""
    for entry in answer if isinstance(answer, list | tuple) else ():
        if all(isinstance(_mapping(entry).get(key), str) and entry[key] for key in needed):
            yield entry
