"""A point of a map and its raw value, as an entity; and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from steward.home.plant.map import Point
from steward.home.plant.registers import KINDS
from steward.types import Entity, Json, Risk

Raw: TypeAlias = bool | int | float | str
"""A value as the plant has it: of a register, or of a node."""


def entity(point: Point) -> Entity:
    """Return what `point` is before anything was heard of it: unavailable."""
    attributes: dict[str, Json] = {}
    if point.device_class:
        attributes["device_class"] = point.device_class
    if point.risk is Risk.GUARDED:
        attributes["risk"] = str(point.risk)
    if point.domain == "number" and point.limits:
        attributes |= {"min": point.limits[0], "max": point.limits[1]}
        if point.step:
            attributes["step"] = point.step
    if point.domain == "select":
        attributes["options"] = list(point.states)
    return Entity(
        point.id, point.name, "unavailable", point.area, point.aliases, point.unit, attributes
    )


def state(point: Point, raw: Raw) -> str:
    """Return the state that `raw` is.

    Raises:
        ValueError: it is of the wrong kind, or a number without a word among those of the map.
    """
    if point.domain == "button":
        return "unknown"
    if isinstance(raw, str):
        if point.domain == "sensor" and not point.words:
            return raw[:255]
        raise ValueError(f"{raw!r:.40} is no number")
    if point.words:
        for word, number in point.words.items():
            if number == raw:
                return word
        raise ValueError(f"there is no word for {raw}")
    value = raw * point.scale + point.offset
    return f"{value:.{KINDS[point.type].digits}g}"


def shown(known: Entity, point: Point, raw: Raw | None) -> Entity:
    """Return `known` with the state that `raw` is; None stands for what cannot be read.

    Raises:
        ValueError: as `state` does.
    """
    return replace(known, state="unavailable" if raw is None else state(point, raw))


def wanted(point: Point, after: Entity) -> int | float:
    """Return the raw number that makes `point` be as in `after`.

    Raises:
        ValueError: there is none: no such word, no number, beyond the limits.
    """
    if point.domain == "button":
        return point.words["press"]
    if point.words:
        if after.state not in point.words:
            raise ValueError(f"{point.name} has no state {after.state}")
        return point.words[after.state]
    value = float(after.state)
    if point.limits and not point.limits[0] <= value <= point.limits[1]:
        raise ValueError(f"{point.name} accepts {point.limits[0]:g} to {point.limits[1]:g}")
    return (value - point.offset) / point.scale


def by_id(points: tuple[Point, ...]) -> Mapping[str, Point]:
    """Return `points` by their ids."""
    return {point.id: point for point in points}
