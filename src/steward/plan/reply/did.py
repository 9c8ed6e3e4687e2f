"""Sentences about what was done, and about what was not."""

from __future__ import annotations

from collections.abc import Sequence

from steward.plan.reply.names import spoken_name
from steward.plan.reply.telling import Told
from steward.plan.reply.wording import (
    digits,
    duration,
    is_are,
    joined,
    seconds_of,
    state_word,
    things,
    value,
)
from steward.plan.reply.words import phrase, table_of
from steward.types import Entity, Json

_LIGHT = ("brightness_pct", "brightness", "color_name", "color_temp_kelvin")
_SHARES = {"volume_level": 100.0, "brightness": 100 / 255, "brightness_pct": 1.0}
"""What makes whole percents of an argument."""
_TIMERS = "timers"


def did(group: Sequence[Told]) -> str:
    """Return the sentence for Calls that were done alike."""
    first = group[0]
    language = first.language
    entities = _entities(group)
    if first.call.capability.partition(".")[0] == _TIMERS:
        return _timer(first)
    seconds = seconds_of(str(first.call.arguments.get("duration", "")))
    if first.call.capability == "timer.start" and seconds is not None:
        named, length = things(entities, language, first.slots), duration(seconds, language)
        return phrase(language, "forms", "timer_running").format(things=named, length=length)
    key = _key(first)
    form = phrase(language, "done", key)
    if form == key.replace("_", " "):
        return _became(entities, first)
    items = [str(story.slots.get("item", "")) for story in group if story.slots.get("item")]
    return form.format_map(
        {
            **_arguments(first),
            "things": things(entities, language, first.slots),
            "names": joined(language, [spoken_name(entity, language) for entity in entities]),
            "is": is_are(language, entities),
            "item": joined(language, items),
            "area": str(first.slots.get("area", "")),
        }
    )


def failed(story: Told) -> str:
    """Return the sentence for a Call that was not done."""
    failure, language = story.failure, story.language
    reason = failure.reason if failure else "error"
    if story.call.capability.partition(".")[0] == _TIMERS:
        if reason == "not_found":
            return phrase(language, "failed", "timers")
        if reason == "invalid":
            return phrase(language, "failed", "timers_ambiguous")
    named = things(story.entities, language, story.slots) or phrase(language, "failed", "thing")
    if reason == "invalid" and story.service == "set_value" and len(story.entities) == 1:
        bounds = [story.entities[0].attributes.get(name) for name in ("min", "max")]
        if None not in bounds:
            low, high = digits(bounds[0]), value(bounds[1], story.entities[0].unit, language)
            form = phrase(language, "failed", "limits")
            return form.format(things=named, low=low, high=high)
    what = str(story.slots.get("item") or named)
    return phrase(language, "failed", reason).format(things=named, what=what)


def _entities(group: Sequence[Told]) -> list[Entity]:
    found = {entity.id: entity for story in group for entity in story.entities}
    return list(found.values())


def _key(story: Told) -> str:
    """Return which phrase tells of the Call: its capability, or what it did to a light."""
    arguments = story.call.arguments
    if story.call.capability == "light.turn_on":
        for name in _LIGHT:
            if name in arguments:
                return f"light.{name}"
        step = arguments.get("brightness_step_pct")
        if isinstance(step, int | float):
            return f"light.brightness_step_{'up' if step > 0 else 'down'}"
    if story.service == "volume_mute":
        return f"{story.call.capability}_{'on' if arguments.get('is_volume_muted') else 'off'}"
    return story.call.capability


def _arguments(story: Told) -> dict[str, str]:
    said = {}
    for name, given in story.call.arguments.items():
        if name in _SHARES and isinstance(given, int | float):
            given = round(given * _SHARES[name])
        if isinstance(given, bool):
            given = state_word("", "on" if given else "off", story.language)
        said[name] = _value(given, story.language)
    return said


def _value(value: Json, language: str) -> str:
    if isinstance(value, str):
        return str(table_of(language, "values").get(value, value.replace("_", " ")))
    return digits(value)


def _became(entities: Sequence[Entity], story: Told) -> str:
    """Say how the entities are now, one sentence for each state among them."""
    language = story.language
    groups: dict[str, list[Entity]] = {}
    for entity in entities:
        groups.setdefault(_acted(entity, language), []).append(entity)
    sentences = [
        phrase(language, "forms", "state").format(
            things=things(alike, language, story.slots),
            state=state,
            **{"is": is_are(language, alike)},
        )
        for state, alike in groups.items()
    ]
    return phrase(language, "join", "sentence").join(sentences)


def _acted(entity: Entity, language: str) -> str:
    """Return the word for a state just brought about ("已打开"), else for the state itself."""
    words = table_of(language, "acted")
    found = words.get(f"{entity.domain}.{entity.state}") or words.get(entity.state)
    if isinstance(found, str):
        return found
    return state_word(
        entity.domain, entity.state, language, str(entity.attributes.get("device_class") or "")
    )


def _timer(story: Told) -> str:
    language, slots = story.language, story.slots
    seconds = slots.get("total")
    length = duration(float(seconds), language) if isinstance(seconds, int | float) else ""
    if story.service == "start":
        name = str(story.call.arguments.get("name") or "")
        key = "timer_started_named" if name else "timer_started"
        return phrase(language, "forms", key).format(length=length, name=name)
    return phrase(language, "done", story.call.capability).format(length=length)
