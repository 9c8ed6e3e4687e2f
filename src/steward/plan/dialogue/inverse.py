"""Calls that put things back as they were before a turn: only what its Calls changed, no more."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

from steward.plan.dialogue.conversation import states_after
from steward.plan.templates.acts import Draft
from steward.types import Call, Calls, Done, Entity, Exchange, Json

UNDO = "StewardUndo"
"""The intent of Calls that put something back."""

_Changes: TypeAlias = Mapping[str, Json]
"""The attributes that changed, and "state", as they were before."""

_STATES: Mapping[str, Mapping[str, str]] = {
    "cover": {"open": "open_cover", "closed": "close_cover"},
    "valve": {"open": "open_valve", "closed": "close_valve"},
    "lock": {"locked": "lock", "unlocked": "unlock", "open": "open"},
    "vacuum": {
        "docked": "return_to_base",
        "returning": "return_to_base",
        "cleaning": "start",
        "paused": "pause",
        "idle": "stop",
    },
    "lawn_mower": {"docked": "dock", "mowing": "start_mowing", "paused": "pause"},
    "media_player": {
        "off": "turn_off",
        "on": "turn_on",
        "idle": "turn_on",
        "standby": "turn_on",
        "playing": "media_play",
        "paused": "media_pause",
    },
    "alarm_control_panel": {
        "disarmed": "alarm_disarm",
        "armed_home": "alarm_arm_home",
        "armed_away": "alarm_arm_away",
        "armed_night": "alarm_arm_night",
    },
}
"""The service that brings a state about, by domain; elsewhere it is turn_on or turn_off."""

_VALUES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "climate": (
        ("temperature", "set_temperature", "temperature"),
        ("fan_mode", "set_fan_mode", "fan_mode"),
    ),
    "water_heater": (
        ("temperature", "set_temperature", "temperature"),
        ("operation_mode", "set_operation_mode", "operation_mode"),
    ),
    "cover": (("current_position", "set_cover_position", "position"),),
    "valve": (("current_position", "set_valve_position", "position"),),
    "fan": (
        ("percentage", "set_percentage", "percentage"),
        ("oscillating", "oscillate", "oscillating"),
    ),
    "media_player": (
        ("volume_level", "volume_set", "volume_level"),
        ("is_volume_muted", "volume_mute", "is_volume_muted"),
    ),
    "humidifier": (
        ("humidity", "set_humidity", "humidity"),
        ("mode", "set_mode", "mode"),
    ),
}
"""By domain: the attribute, the service that sets it, and the name of its argument there."""

_LIGHT = ("brightness", "color_temp_kelvin", "rgb_color")
_OWN_VALUE = {
    "number": ("set_value", "value"),
    "input_number": ("set_value", "value"),
    "select": ("select_option", "option"),
    "input_select": ("select_option", "option"),
}
"""Domains whose state is the value itself."""


def undo(turn: Exchange, left: Collection[str] = ()) -> tuple[Draft, ...]:
    """Return what puts back all that `turn` changed, but for the entities in `left`.

    Empty when it changed nothing, or nothing that can be put back.
    """
    drafts: list[Draft] = []
    was = {entity.id: entity for entity in turn.before}
    after: dict[str, Mapping[str, object]] = {}
    for outcome in turn.outcomes:
        after.update(states_after(outcome))
    for name in sorted(after):
        entity = was.get(name)
        if entity is not None and name not in left:
            drafts += _restored(entity, _changes(entity, after[name]))
    return (*drafts, *_others(turn, left))


def changed_by(turn: Exchange) -> frozenset[str]:
    """Return the ids of the entities that `turn` left otherwise than they were before."""
    after: dict[str, Mapping[str, object]] = {}
    for outcome in turn.outcomes:
        after.update(states_after(outcome))
    return frozenset(
        entity.id
        for entity in turn.before
        if entity.id in after and _changes(entity, after[entity.id])
    )


def _changes(before: Entity, after: Mapping[str, object]) -> _Changes:
    attributes = after.get("attributes")
    now = attributes if isinstance(attributes, Mapping) else {}
    found: dict[str, Json] = {
        name: value for name, value in before.attributes.items() if now.get(name) != value
    }
    if after.get("state") != before.state:
        found["state"] = before.state
    return found


def _restored(entity: Entity, changes: _Changes) -> Sequence[Draft]:
    """Return the services that give `entity` the old values in `changes`."""
    domain = entity.domain
    ids: dict[str, Json] = {"entity_id": [entity.id]}
    if domain == "light":
        return _light(entity, changes)
    if domain in _OWN_VALUE and "state" in changes:
        service, argument = _OWN_VALUE[domain]
        return (Draft(f"{domain}.{service}", {**ids, argument: _plain(entity.state)}),)
    drafts: list[Draft] = []
    for attribute, service, argument in _VALUES.get(domain, ()):
        if changes.get(attribute) is not None:
            values: dict[str, Json] = {argument: changes[attribute]}
            drafts.append(Draft(f"{domain}.{service}", {**ids, **values}))
    positioned = domain in ("cover", "valve") and "current_position" in changes
    if "state" in changes and not positioned:
        # The state comes last: some values above can only be set while the device is on.
        drafts += _state(entity, ids)
    return drafts


def _light(entity: Entity, changes: _Changes) -> Sequence[Draft]:
    ids: dict[str, Json] = {"entity_id": [entity.id]}
    values = {name: changes[name] for name in _LIGHT if changes.get(name) is not None}
    if "color_temp_kelvin" in values:
        values.pop("rgb_color", None)
    off = entity.state == "off"
    drafts = []
    if values or ("state" in changes and not off):
        drafts.append(Draft("light.turn_on", {**ids, **values}))
    if off and (values or "state" in changes):
        drafts.append(Draft("light.turn_off", ids))
    return drafts


def _state(entity: Entity, ids: dict[str, Json]) -> Sequence[Draft]:
    domain, state = entity.domain, entity.state
    if domain == "climate":
        return (Draft("climate.set_hvac_mode", {**ids, "hvac_mode": state}),)
    service = _STATES.get(domain, {"on": "turn_on", "off": "turn_off"}).get(state)
    return (Draft(f"{domain}.{service}", ids),) if service else ()


def _plain(state: str) -> Json:
    try:
        return float(state)
    except ValueError:
        return state


def _others(turn: Exchange, left: Collection[str]) -> Sequence[Draft]:
    """Return the inverse of what is no state of an entity: items on lists, timers."""
    body = turn.plan.body
    done = {outcome.call for outcome in turn.outcomes if isinstance(outcome, Done)}
    calls = body.calls if isinstance(body, Calls) else ()
    return [
        draft
        for call in calls
        if call.id in done and not left and (draft := _other(call)) is not None
    ]


def _other(call: Call) -> Draft | None:
    at = call.arguments
    if call.capability == "schedule.add":
        return Draft("schedule.cancel", {"last": True})
    if call.capability == "timers.start":
        which: dict[str, Json] = {"seconds": at.get("seconds")}
        return Draft("timers.cancel", which | ({"name": at["name"]} if at.get("name") else {}))
    if call.capability == "todo.add_item":
        item: dict[str, Json] = {"entity_id": at["entity_id"], "item": at["item"]}
        return Draft("todo.remove_item", item, (("item", at["item"]),))
    if call.capability == "todo.remove_item" and isinstance(at.get("item"), str):
        item = {"entity_id": at["entity_id"], "item": at["item"]}
        return Draft("todo.add_item", item, (("item", at["item"]),))
    if call.capability == "todo.update_item" and at.get("status"):
        status = "needs_action" if at["status"] == "completed" else "completed"
        item = {"entity_id": at["entity_id"], "item": at["item"], "status": status}
        return Draft("todo.update_item", item, (("item", at["item"]),))
    return None
