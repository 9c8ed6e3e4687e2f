"""A home from a fixtures file: floors, areas, devices and entities in, one `World` out.

The format is that of home-assistant-datasets (`_fixtures.yaml`): `language`, `areas` (`id`, `name`,
`floor`), `devices` (`id`, `name`, `area`, `info`) and `entities` (`id`, `name`, `area` or `device`,
`state`, `unit`, `attributes`). Ours, all optional: `floors` (`id`, `name`, `aliases`); `aliases` on
areas and entities; on a scene `scene` (entity id -> `state`, `attributes`), on a todo list `items`
(texts, or `summary` and `status`), on a calendar `events` (`summary`, `start`, `end`, and `repeat`:
daily, weekly or yearly). These three become attributes of their entity: see `CONTENT`.
"""

from __future__ import annotations

import difflib
import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from itertools import count
from pathlib import Path
from typing import Annotated, TypeVar, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
)

from steward.errors import FixturesError
from steward.home import attributes, documents
from steward.types import Area, Entity, Floor, Json, World

CONTENT = frozenset({"scene", "items", "events"})
"""Attributes that Home Assistant keeps elsewhere than among an entity's attributes: what a scene
sets, the items of a list, the events of a calendar."""

_log = logging.getLogger(__name__)

_ENTITY_ID = r"^[a-z0-9_]{1,60}\.[^\s.]{1,100}$"


def _state(value: object) -> object:
    # A loader of YAML 1.1 reads the bare words on and off as booleans.
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value) if isinstance(value, int | float) else value


Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
State = Annotated[str, BeforeValidator(_state), Field(max_length=255)]

_TELLING = frozenset({"sensor", "binary_sensor", "update", "event", "device_tracker"})
"""Domains of what a device tells of itself, beside what it is for."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Open(BaseModel):
    """What other programs may have more to say of: keys that are not ours are left out."""

    model_config = ConfigDict(extra="allow", frozen=True)


class _Floor(_Open):
    id: Text
    name: Text
    aliases: tuple[Text, ...] = ()


class _Area(_Open):
    id: Text
    name: Text
    floor: Text | None = None
    aliases: tuple[Text, ...] = ()


class _Device(_Open):
    id: Text
    name: Text
    area: str | None = None
    info: JsonValue = None


class _Target(_Strict):
    state: State | None = None
    attributes: dict[str, JsonValue] = Field(default_factory=dict)


class _Item(_Strict):
    summary: Text
    status: Annotated[str, Field(pattern="^(needs_action|completed)$")] = "needs_action"
    uid: Text | None = None
    due: str | None = None
    description: str | None = None


def _time(value: str) -> str:
    if attributes.moment(value) is None:
        raise ValueError("not a date or time in ISO 8601, like 2026-01-31T18:00:00")
    return value


Time = Annotated[str, AfterValidator(_time)]


class _Event(_Strict):
    summary: Text
    start: Time
    end: Time
    repeat: Annotated[str, Field(pattern="^(daily|weekly|yearly)$")] | None = None
    location: str | None = None
    description: str | None = None


class _Entity(_Open):
    id: Annotated[str, Field(pattern=_ENTITY_ID)]
    name: Text
    state: State | None = None
    area: str | None = None
    device: str | None = None
    aliases: tuple[Text, ...] = ()
    unit: str | None = None
    attributes: dict[str, JsonValue] = Field(default_factory=dict)
    scene: dict[str, _Target] | None = None
    items: tuple[Text | _Item, ...] | None = None
    events: tuple[_Event, ...] | None = None


class _Fixtures(_Open):
    language: str | None = None
    floors: tuple[_Floor, ...] = ()
    areas: tuple[_Area, ...] = ()
    devices: tuple[_Device, ...] = ()
    entities: tuple[_Entity, ...] = ()


def read(path: Path) -> World:
    """Return the home that the fixtures file `path` describes.

    Raises:
        FixturesError: the file is missing, unreadable, not YAML, or not a home; it says where.
    """
    text = documents.read(path, "fixtures")
    return world_from(documents.parse(text, str(path)), str(path))


@cache
def demo() -> World:
    """Return the demo home that comes with the package."""
    file = resources.files("steward.home") / "demo.yaml"
    return world_from(documents.parse(file.read_text(encoding="utf-8"), "demo.yaml"), "demo.yaml")


def world_from(data: object, origin: str = "the home") -> World:
    """Return the home that `data`, a loaded fixtures file, describes. Pure.

    An area's `floor` may name a floor by id or name; without `floors`, each name that the areas
    mention is a floor. An entity without `area` is in its device's, and is also called by that
    device's name where it says something else. A missing state is "unknown".

    Raises:
        FixturesError: `data` is not a home; the message gives `origin` and the place in it.
    """
    checked = documents.plain(data, origin)
    if not isinstance(checked, dict):
        raise FixturesError(
            f"{origin}: not a mapping", hint="a home begins with the keys areas: and entities:"
        )
    try:
        fixtures = _Fixtures.model_validate(checked)
    except ValidationError as error:
        raise _explained(error, cast("dict[str, Json]", checked), origin) from error
    _warn(fixtures, origin)
    for key in ("floors", "areas", "devices", "entities"):
        _unique(key, (thing.id for thing in getattr(fixtures, key)), origin)
    floors = _floors(fixtures)
    areas = tuple(_area(area, floors, origin) for area in fixtures.areas)
    entities = tuple(_entity(entity, fixtures, origin) for entity in fixtures.entities)
    return World(floors, areas, entities)


def _floors(fixtures: _Fixtures) -> tuple[Floor, ...]:
    if fixtures.floors:
        return tuple(Floor(floor.id, floor.name, floor.aliases) for floor in fixtures.floors)
    names = dict.fromkeys(area.floor for area in fixtures.areas if area.floor)
    return tuple(Floor(name, name) for name in names)


def _area(area: _Area, floors: tuple[Floor, ...], origin: str) -> Area:
    floor = None
    if area.floor is not None:
        ids = {f.name: f.id for f in floors} | {f.id: f.id for f in floors}
        floor = _known(area.floor, ids, f"{origin}: area {area.id}", "floor")
    return Area(area.id, area.name, floor, area.aliases)


def _entity(entity: _Entity, fixtures: _Fixtures, origin: str) -> Entity:
    place = f"{origin}: {entity.id}"
    area = entity.area
    if entity.device is not None:
        devices = {device.id: device for device in fixtures.devices}
        device = _known(entity.device, devices, place, "device")
        area = area if area is not None else device.area
    if area is not None:
        area = _known(area, {other.id: other.id for other in fixtures.areas}, place, "area")
    domain = entity.id.partition(".")[0]
    values: dict[str, Json] = dict(entity.attributes)
    attributes.check(domain, values, place)
    state = "unknown" if entity.state is None else entity.state
    for key, owner in (("scene", "scene"), ("items", "todo"), ("events", "calendar")):
        given = getattr(entity, key)
        if domain == owner and key in values:
            raise FixturesError(
                f"{place}: {key} stands among the attributes", hint="write it beside state:"
            )
        if given is not None and domain != owner:
            raise FixturesError(f"{place}: only a {owner} has {key}", hint=f"remove {key}")
    if entity.scene is not None:
        values["scene"] = _scene(entity.scene, fixtures, place)
    if entity.items is not None:
        values["items"] = _items(entity.items)
        state = _counted(entity, place)
    if entity.events is not None:
        values["events"] = [event.model_dump(exclude_none=True) for event in entity.events]
    aliases = (*entity.aliases, *_device_names(entity, fixtures))
    return Entity(entity.id, entity.name, state, area, aliases, entity.unit, values)


def _device_names(entity: _Entity, fixtures: _Fixtures) -> tuple[str, ...]:
    """Return what `entity` is called by the name of its device.

    A device's name is that of the one thing it does, else of the one thing it measures; all that
    it has is also called by its name and their own ("Air Monitor Humidity").
    """
    device = next((each for each in fixtures.devices if each.id == entity.device), None)
    if device is None:
        return ()
    siblings = [each for each in fixtures.entities if each.device == device.id]
    called = device.name.casefold()
    names = (name.casefold() for each in siblings for name in (each.name, *each.aliases))
    if called in entity.name.casefold() or called in names:
        return ()
    doing = [each for each in siblings if each.id.partition(".")[0] not in _TELLING]
    own = device.name if [entity.id] == [each.id for each in doing or siblings] else None
    both = f"{device.name} {entity.name}"
    return (own, both) if own else (both,)


def _scene(scene: dict[str, _Target], fixtures: _Fixtures, place: str) -> Json:
    known = {entity.id: entity.id for entity in fixtures.entities}
    for member, target in scene.items():
        _known(member, known, f"{place}: scene", "entity")
        domain = member.partition(".")[0]
        if domain in ("scene", "todo", "calendar", "script"):
            raise FixturesError(
                f"{place}: a scene cannot set {member}", hint="name lights, covers, locks, …"
            )
        attributes.check(domain, dict(target.attributes), f"{place}: scene.{member}")
    return {member: target.model_dump(exclude_none=True) for member, target in scene.items()}


def _items(items: tuple[str | _Item, ...]) -> list[Json]:
    whole = [_Item(summary=item) if isinstance(item, str) else item for item in items]
    taken = {item.uid for item in whole}
    free = (str(n) for n in count(1) if str(n) not in taken)
    return [
        {"uid": item.uid or next(free), **item.model_dump(exclude_none=True, exclude={"uid"})}
        for item in whole
    ]


def _counted(entity: _Entity, place: str) -> str:
    done = sum(
        isinstance(item, _Item) and item.status == "completed" for item in entity.items or ()
    )
    open_items = str(len(entity.items or ()) - done)
    if entity.state not in (None, open_items, "unavailable"):
        raise FixturesError(
            f"{place}: state is {entity.state}, but {open_items} items are open",
            hint="leave state away: it is the number of open items",
        )
    return entity.state or open_items


def _warn(fixtures: _Fixtures, origin: str) -> None:
    """Say which keys are left out: another program's, or a slip of the pen."""
    lists = (fixtures.floors, fixtures.areas, fixtures.devices, fixtures.entities)
    for each in (fixtures, *(each for listed in lists for each in listed)):
        for key in each.model_extra or ():
            where = "" if isinstance(each, _Fixtures) else f"{each.id}: "
            _log.warning("%s: %sunknown key %s is left out; %s", origin, where, key, _near(key))


def _near(key: str) -> str:
    close = difflib.get_close_matches(key, _KEYS, n=1)
    return f"did you mean {close[0]}?" if close else f"known keys: {', '.join(_KEYS)}"


_T = TypeVar("_T")


def _known(key: str, table: Mapping[str, _T], place: str, kind: str) -> _T:
    if key in table:
        return table[key]
    close = difflib.get_close_matches(key, table, n=1)
    if close:
        hint = f"did you mean {close[0]}?"
    else:
        hint = f"known: {', '.join(list(table)[:20])}" if table else f"the file lists no {kind}"
    raise FixturesError(f"{place}: unknown {kind} {key}", hint=hint)


def _unique(key: str, ids: Iterable[str], origin: str) -> None:
    for name, times in Counter(ids).items():
        if times > 1:
            raise FixturesError(
                f"{origin}: {key}: the id {name} stands {times} times", hint="give each its own id"
            )


def _explained(error: ValidationError, data: Mapping[str, Json], origin: str) -> FixturesError:
    first = error.errors()[0]
    place, within = "", cast("Json", data)
    for part in first["loc"]:
        if isinstance(part, int) and isinstance(within, list) and part < len(within):
            within = within[part]
            named = within.get("id") if isinstance(within, dict) else None
            place += f"[{part}]" + (f" ({named})" if isinstance(named, str) else "")
        else:
            within = within.get(str(part)) if isinstance(within, dict) else None
            place += f".{part}" if place else str(part)
    if first["type"] == "extra_forbidden":
        hint = _near(str(first["loc"][-1]))
        return FixturesError(f"{origin}: {place}: unknown key", hint=hint)
    return FixturesError(
        f"{origin}: {place}: {first['msg']}", hint="see the format of a fixtures file"
    )


_KEYS = sorted(
    {
        key
        for model in (_Fixtures, _Floor, _Area, _Device, _Entity, _Target, _Item, _Event)
        for key in model.model_fields
    }
)
