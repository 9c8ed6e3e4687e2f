"""Calls as Home Assistant takes them, and its answers as ours. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from steward.home import attributes
from steward.home.homeassistant.link import RefusedError
from steward.home.services.dates import Window, window_of
from steward.home.services.lists import find, items_of
from steward.types import Call, Entity, Failed, Json, Reason

_REASONS: Mapping[str, Reason] = {
    "not_found": "unsupported",  # the service, not the entity
    "service_not_found": "unsupported",
    "invalid_format": "invalid",
    "service_validation_error": "invalid",
}
READINGS: Mapping[str, str] = {
    "calendar.get_events": "events",
    "weather.get_forecasts": "forecast",
}
"""Services whose answer only Home Assistant knows, and where in it the entries are."""


def service_call(call: Call, entities: Mapping[str, Entity], now: datetime) -> dict[str, Any]:
    """Return the data of the command `call_service` that carries out `call`, which is valid."""
    domain, _, service = call.capability.partition(".")
    data = {key: value for key, value in call.arguments.items() if key != "entity_id"}
    if call.capability == "calendar.get_events":
        start, end = window_of(Window.model_validate(dict(call.arguments)), now)
        data = {"start_date_time": start.isoformat(), "end_date_time": end.isoformat()}
    elif call.capability == "weather.get_forecasts":
        data.setdefault("type", "daily")
    elif domain == "todo" and "item" in data:
        data["item"] = _numbered(call, data["item"], entities)
        if (due := data.pop("due", None)) is not None:
            data["due_datetime" if "T" in str(due) else "due_date"] = due
    asked: dict[str, Any] = {
        "domain": domain,
        "service": service,
        "service_data": data,
        "target": {"entity_id": list(named(call))},
    }
    return asked | ({"return_response": True} if call.capability in READINGS else {})


def named(call: Call) -> tuple[str, ...]:
    """Return the ids of the entities that `call` names, each once."""
    listed = call.arguments.get("entity_id")
    return tuple(dict.fromkeys(map(str, listed))) if isinstance(listed, list | tuple) else ()


def refused(call: Call, error: RefusedError) -> Failed:
    """Return what `error` means for `call`."""
    return Failed(call.id, _REASONS.get(error.code, "error"), f"Home Assistant: {error.message}")


def entries(call: Call, result: Any, now: datetime) -> list[Json]:
    """Return what Home Assistant's answer to a reading lists, each with the entity it is of.

    Times are told in the zone of `now`, without it, as all times of a home are.
    """
    key = READINGS[call.capability]
    response = result.get("response") if isinstance(result, Mapping) else None
    found: list[Json] = []
    for entity_id, answer in response.items() if isinstance(response, Mapping) else ():
        listed = answer.get(key) if isinstance(answer, Mapping) else None
        for entry in listed if isinstance(listed, list) else ():
            if isinstance(entry, Mapping):
                local = {key: _here(value, now) for key, value in entry.items()}
                found.append({"entity_id": str(entity_id), **local})
    return sorted(found, key=_start)


def _here(value: Json, now: datetime) -> Json:
    moment = attributes.moment(value) if isinstance(value, str) and "T" in value else None
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        return value
    return moment.astimezone(now.tzinfo).replace(tzinfo=None).isoformat()


def _start(entry: Json) -> str:
    return str(entry.get("start", "")) if isinstance(entry, Mapping) else ""


def _numbered(call: Call, item: Json, entities: Mapping[str, Entity]) -> Json:
    """Return the items to change by their numbers: Home Assistant knows words only as written."""
    if call.capability == "todo.add_item":
        return item
    if isinstance(item, Sequence) and not isinstance(item, str):
        return [_numbered(call, each, entities) for each in item]
    for each in named(call):
        entity = entities.get(each)
        place = None if entity is None else find(entity, str(item))
        if entity is not None and place is not None:
            return items_of(entity)[place].get("uid") or item
    return item
