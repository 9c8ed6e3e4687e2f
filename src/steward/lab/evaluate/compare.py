"""Whether what happened is exactly what was expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from steward.home.fixtures import CONTENT
from steward.lab.evaluate.cases import Trial
from steward.types import Entity, Json, World

Change: TypeAlias = Mapping[str, Json]
"""The new values of what changed in an entity: `state`, or an attribute by its name."""

STEPS = {"volume_level": 0.01, "temperature": 0.1, "state": 0.0}
"""The step of an attribute's unit where it is not 1; a number matches within one step. A degree is
more than a step: a thermostat moved by the wrong amount must not pass."""
CLOCKED = frozenset({"finishes_at", "remaining"})
"""Attributes that only say when a running timer ends: what follows from its state and the time is
judged only where it is expected."""
MIXED = ("rgb_color", "color_temp_kelvin")
"""A light shows one of these at a time: setting one empties the other."""
SLACK = 1e-6
"""What floating-point sums may add to a difference of exactly one step."""

Verdict: TypeAlias = Literal["passed", "wrong", "declined", "unanswered"]


@dataclass(frozen=True)
class Judgement:
    """How a case ended. `wrong`: something changed that should not, or not as it should.

    `declined`: what should have changed did not, and nothing else did. `unanswered`: the home is
    right, but the reply does not hold what it must.
    """

    verdict: Verdict
    expected: Mapping[str, Change]
    actual: Mapping[str, Change]


def difference(before: World, after: World) -> dict[str, dict[str, Json]]:
    """Return what is different in `after`, by entity."""
    found: dict[str, dict[str, Json]] = {}
    old = {entity.id: entity for entity in before.entities}
    for entity in after.entities:
        was = old[entity.id]
        changes: dict[str, Json] = {}
        if entity.state != was.state:
            changes["state"] = entity.state
        for name in ({**was.attributes, **entity.attributes}).keys() - CONTENT:
            if entity.attributes.get(name) != was.attributes.get(name):
                changes[name] = entity.attributes.get(name)
        if changes:
            found[entity.id] = changes
    return found


def judge(trial: Trial, before: World, after: World, reply: str) -> Judgement:
    """Return the judgement of a case whose home was `before`, is `after`, and got `reply`."""
    expected: dict[str, dict[str, Json]] = {
        name: {**({"state": values.state} if values.state is not None else {}), **values.attributes}
        for name, values in (trial.expect_changes or {}).items()
    }
    actual = difference(before, after)
    entities = {entity.id: entity for entity in after.entities}
    stray: dict[str, dict[str, Json]] = {}
    for name, changes in actual.items():
        left = {
            key: value
            for key, value in changes.items()
            if key not in expected.get(name, {})
            and not _ignored(trial, name, key)
            and not (value is None and key in MIXED and set(MIXED) & expected.get(name, {}).keys())
        }
        if left:
            stray[name] = left
    missed = any(
        not _matches(key, value, _value(entities[name], key))
        for name, values in expected.items()
        for key, value in values.items()
    )
    return Judgement(_verdict(trial, reply, stray, missed, actual), expected, actual)


def _verdict(
    trial: Trial,
    reply: str,
    stray: Mapping[str, Change],
    missed: bool,
    actual: Mapping[str, Change],
) -> Verdict:
    touched = {
        name
        for name, changes in actual.items()
        if any(not _ignored(trial, name, key) for key in changes)
    }
    if stray or (missed and touched):
        return "wrong"
    if missed:
        return "declined"
    folded = reply.casefold()
    words = [word.casefold() for word in trial.expect_response]
    return "passed" if not words or any(word in folded for word in words) else "unanswered"


def _value(entity: Entity, key: str) -> Json:
    return entity.state if key == "state" else entity.attributes.get(key)


def _ignored(trial: Trial, entity: str, key: str) -> bool:
    ignored = trial.ignore_changes.get(entity, ())
    return ignored is True or key in ignored or key in CLOCKED


def _matches(key: str, expected: Json, actual: Json) -> bool:
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected == actual
    if key == "rgb_color":
        expected, actual = _colour(expected), _colour(actual)
    if isinstance(expected, list | tuple) and isinstance(actual, list | tuple):
        return len(expected) == len(actual) and all(
            _matches(key, one, other) for one, other in zip(expected, actual, strict=True)
        )
    one, other = _number(expected), _number(actual)
    if one is None or other is None:
        return expected == actual
    return abs(one - other) <= STEPS.get(key, 1.0) + SLACK


def _colour(value: Json) -> Json:
    """Return a colour at its brightest: how bright a light is, is its brightness.

    Home Assistant's lamps in the mode "hs" show its green, (0, 128, 0), as (0, 255, 0).
    """
    parts = [_number(part) for part in value] if isinstance(value, list | tuple) else []
    known = [part for part in parts if part is not None]
    top = max(known, default=0.0)
    return [part * 255 / top for part in known] if top and len(known) == len(parts) else value


def _number(value: Json) -> float | None:
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return None
