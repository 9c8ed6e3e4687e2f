"""Services of Home Assistant's helpers: timers, scenes, scripts, buttons, numbers and choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from steward.home import attributes
from steward.home.services.base import (
    Data,
    Request,
    Result,
    Services,
    becomes,
    changed,
    invalid,
    service,
)
from steward.types import Entity, Json


def _duration(value: str | float) -> str | float:
    if attributes.duration(value) is None:
        raise ValueError('not a length of time: write "0:05:00", or seconds')
    return value


class Duration(Data):
    """How long a timer runs: "H:MM:SS" or seconds; without it, what the timer is set to."""

    duration: Annotated[str | float, AfterValidator(_duration)] | None = None


class Value(Data):
    """A number within the entity's `min` and `max`."""

    value: Annotated[float, Field(ge=-1e12, le=1e12)]


class Option(Data):
    """One of the entity's `options`."""

    option: str


def _stamp(now: datetime) -> str:
    return now.astimezone(UTC).isoformat()


def _start(request: Request[Duration]) -> Result:
    """Start or, when paused and no length is given, go on.

    Where nobody knows how long, it runs until it is stopped.
    """
    entity, given = request.entity, request.data.duration
    length = None if given is None else attributes.duration(given)
    if length is None and entity.state == "paused":
        length = attributes.duration(request.attribute("remaining"))
    if length is None:
        length = attributes.duration(request.attribute("duration"))
    if length is None:
        return changed(entity, "active")
    named: dict[str, Json] = {
        "remaining": attributes.duration_text(length),
        "finishes_at": _stamp(request.now + length),
    }
    if given is not None:
        named["duration"] = attributes.duration_text(length)
    return changed(entity, "active", named=named)


def _ends(entity: Entity) -> datetime | None:
    moment = attributes.moment(entity.attributes.get("finishes_at"))
    return moment if isinstance(moment, datetime) and moment.tzinfo is not None else None


def counted_down(entity: Entity, now: datetime) -> Entity:
    """Return a running timer with the time that is really left: Home Assistant keeps `remaining`
    as it was when the timer began."""
    ends = _ends(entity) if entity.domain == "timer" and entity.state == "active" else None
    if ends is None:
        return entity
    left = attributes.duration_text(max(timedelta(0), ends - now))
    return replace(entity, attributes={**entity.attributes, "remaining": left})


def _pause(request: Request[Data]) -> Result:
    entity, ends = request.entity, _ends(request.entity)
    if entity.state != "active":
        return invalid(entity, "is not running")
    if ends is None:
        return changed(entity, "paused")
    left = max(timedelta(0), ends - request.now)
    named: dict[str, Json] = {"remaining": attributes.duration_text(left), "finishes_at": None}
    return changed(entity, "paused", named=named)


def _idle(entity: Entity) -> Entity:
    return changed(entity, "idle", known={"remaining": None, "finishes_at": None})


def _cancel(request: Request[Data]) -> Result:
    return _idle(request.entity)


def _finish(request: Request[Data]) -> Result:
    if request.entity.state == "idle":
        return invalid(request.entity, "is not running")
    return _idle(request.entity)


def run_out(entities: Mapping[str, Entity], now: datetime) -> tuple[Entity, ...]:
    """Return the timers among `entities` whose time is over at `now`, as they are then: idle."""
    return tuple(
        _idle(entity)
        for entity in entities.values()
        if entity.domain == "timer" and entity.state == "active"
        if (ends := _ends(entity)) is not None and ends <= now
    )


def _scene(request: Request[Data]) -> Result:
    """Set the scene's members to what it holds; a member that is unavailable is left out.

    A scene may be kept by another system, as Home Assistant's are: then only the time is noted.
    """
    held = request.attribute("scene")
    targets = held if isinstance(held, Mapping) else {}
    members: list[Entity] = []
    for member, target in targets.items():
        entity = request.entities.get(member)
        if entity is None or entity.state == "unavailable" or not isinstance(target, Mapping):
            continue
        values, state = target.get("attributes"), target.get("state")
        named = values if isinstance(values, Mapping) else {}
        members.append(
            changed(entity, state if isinstance(state, str) else entity.state, named=named)
        )
    return (changed(request.entity, _stamp(request.now)), *members)


def _script(request: Request[Data]) -> Result:
    """Run a script, which is over at once: what it does is not part of a home file."""
    return changed(request.entity, "off", known={"last_triggered": _stamp(request.now)})


def _press(request: Request[Data]) -> Result:
    return changed(request.entity, _stamp(request.now))


def _set_value(request: Request[Value]) -> Result:
    entity, value = request.entity, request.data.value
    lowest = attributes.number(request.attribute("min"))
    highest = attributes.number(request.attribute("max"))
    if (lowest is not None and value < lowest) or (highest is not None and value > highest):
        return invalid(entity, f"accepts {lowest} to {highest}")
    return changed(entity, f"{value:.12g}")


def _select(request: Request[Option]) -> Result:
    entity, wanted = request.entity, request.data.option
    options = attributes.words(request.attribute("options")) or ()
    if wanted not in options:
        return invalid(entity, f"has no option {wanted}, only {', '.join(options)}")
    return changed(entity, wanted)


HELPERS: Services = (
    service("timer.start", _start, Duration),
    service("timer.pause", _pause, Data),
    service("timer.cancel", _cancel, Data),
    service("timer.finish", _finish, Data),
    service("scene.turn_on", _scene, Data),
    service("script.turn_on", _script, Data),
    service("script.turn_off", becomes("off"), Data),
    service("button.press", _press, Data),
    service("input_button.press", _press, Data),
    service("number.set_value", _set_value, Value),
    service("input_number.set_value", _set_value, Value),
    service("select.select_option", _select, Option),
    service("input_select.select_option", _select, Option),
)
