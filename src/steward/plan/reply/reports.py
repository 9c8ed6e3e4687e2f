"""Sentences that answer questions, from what was read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from steward.plan.language.measures import CELSIUS, converted
from steward.plan.parts.aspects import value_of
from steward.plan.parts.stands import all_must, in_binary, is_so
from steward.plan.reply.colors import color_name
from steward.plan.reply.diary import weather
from steward.plan.reply.superlative import compare, extreme, playing
from steward.plan.reply.telling import Told, form
from steward.plan.reply.wording import (
    MANY,
    capital,
    digits,
    duration,
    joined,
    seconds_of,
    state_word,
    things,
    value,
)
from steward.plan.reply.words import phrase, table_of
from steward.types import Entity, Json

_TOLD = 6
"""Up to so many things are named when it was asked whether there is any."""

_GONE = ("unavailable", "unknown")


def report_states(story: Told) -> str:
    """Answer a question about the state of things, in the form that was asked for."""
    intent = story.call.meaning.intent
    if intent == "HassGetWeather":
        return weather(story)
    if not story.entities:
        return phrase(story.language, "forms", "count_none").format(state="")
    if intent == "StewardExtreme":
        return extreme(story)
    if intent == "StewardPlaying":
        return playing(story)
    if intent == "StewardCompare":
        return compare(story)
    if intent == "HassClimateGetTemperature":
        return _temperature(story)
    if intent == "StewardValue":
        return _values(story, str(story.slots.get("topic")))
    wanted = story.slots.get("state")
    if wanted is None and story.call.meaning.response == "how_many":
        names = _names(story.entities, story)
        return form(story, "there_are", story.entities, things=names)
    if wanted is None:
        return _how_it_is(story.entities, story)
    return _FORMS.get(story.call.meaning.response, _one_yesno)(story, str(wanted))


def _word(entity: Entity, state: str, language: str) -> str:
    kind = str(entity.attributes.get("device_class") or "")
    if entity.domain == "binary_sensor" and state not in ("on", "off", *_GONE):
        state = in_binary(state)
    return state_word(entity.domain, state, language, kind)


def _split(story: Told, wanted: str) -> tuple[list[Entity], list[Entity], list[Entity]]:
    """Return those as asked, those otherwise, and those that nobody can tell about."""
    gone = [e for e in story.entities if e.state in _GONE and wanted != "gone"]
    there = [entity for entity in story.entities if entity not in gone]
    matched = [entity for entity in there if is_so(entity, wanted)]
    return matched, [entity for entity in there if entity not in matched], gone


def _and_gone(sentence: str, story: Told, gone: Sequence[Entity]) -> str:
    if not gone:
        return sentence
    pieces = (
        [sentence, capital(form(story, "also_unreachable", gone))]
        if sentence
        else [form(story, "also_unreachable", gone)]
    )
    return phrase(story.language, "join", "sentence").join(pieces)


def _one_yesno(story: Told, wanted: str) -> str:
    matched, others, gone = _split(story, wanted)
    if not matched and not others:
        return form(story, "unreachable", gone)
    so = not others if all_must(wanted) else bool(matched)
    rest = _states_of((matched if so else others) or matched, story)
    return _and_gone(form(story, "yes" if so else "no", rest=rest), story, gone)


def _any(story: Told, wanted: str) -> str:
    matched, _, gone = _split(story, wanted)
    language, slots = story.language, story.slots
    word = _word(story.entities[0], wanted, language)
    if not matched:
        sentence = form(story, "no_none", state=word)
    else:
        named = (
            _names(matched, story) if len(matched) <= _TOLD else things(matched, language, slots)
        )
        rest = form(story, "state", matched, state=word, things=named)
        sentence = form(story, "yes", rest=rest)
    return _and_gone(sentence, story, gone)


def _all(story: Told, wanted: str) -> str:
    matched, others, gone = _split(story, wanted)
    if others:
        sentence = form(story, "no", rest=_states_of(others, story))
    elif len(matched) == 1:
        sentence = form(story, "yes", rest=_states_of(matched, story))
    else:
        word = _word(story.entities[0], wanted, story.language)
        sentence = form(story, "yes_all", matched, state=word) if matched else ""
    return _and_gone(sentence, story, gone)


def _which(story: Told, wanted: str) -> str:
    matched, _, gone = _split(story, wanted)
    word = _word(story.entities[0], wanted, story.language)
    if not matched:
        sentence = form(story, "none", state=word)
    else:
        # The names are the answer here, however many there are.
        names = _names(matched, story)
        sentence = form(story, "state", matched, state=word, things=names)
    return _and_gone(sentence, story, gone)


def _how_many(story: Told, wanted: str) -> str:
    matched, _, gone = _split(story, wanted)
    word = _word(story.entities[0], wanted, story.language)
    key = "count_none"
    if matched:
        key = "count_one" if len(matched) == 1 else "count" if len(matched) < MANY else "count_many"
    return _and_gone(form(story, key, matched, state=word), story, gone)


_FORMS: dict[str, Callable[[Told, str], str]] = {
    "one_yesno": _one_yesno,
    "any": _any,
    "all": _all,
    "which": _which,
    "how_many": _how_many,
}


def _names(entities: Sequence[Entity], story: Told) -> str:
    return joined(story.language, [things([entity], story.language, {}) for entity in entities])


def _states_of(entities: Sequence[Entity], story: Told) -> str:
    """Say in one sentence for each state among them how the entities are."""
    groups: dict[str, list[Entity]] = {}
    for entity in entities:
        groups.setdefault(_word(entity, entity.state, story.language), []).append(entity)
    sentences = [form(story, "state", alike, state=word) for word, alike in groups.items()]
    return phrase(story.language, "join", "sentence").join(
        [sentences[0], *(capital(sentence) for sentence in sentences[1:])]
    )


def _how_it_is(entities: Sequence[Entity], story: Told) -> str:
    sentences = [capital(_state(entity, story)) for entity in entities]
    return phrase(story.language, "join", "sentence").join(sentences)


def _state(entity: Entity, story: Told) -> str:
    language = story.language
    if entity.state == "unavailable":
        return form(story, "unreachable", [entity])
    if entity.state == "unknown":
        return form(story, "unknown_state", [entity])
    if entity.domain == "sensor":
        return form(story, "reading", [entity], value=_in_unit(entity.state, entity.unit, story))
    if entity.domain in ("climate", "water_heater"):
        return _climate(entity, story)
    level = entity.attributes.get("volume_level")
    if entity.domain == "media_player" and entity.state != "off" and isinstance(level, int | float):
        word = _word(entity, entity.state, language)
        volume = value(round(level * 100), "%", language)
        return form(story, "player", [entity], state=word, volume=volume)
    return form(story, "state", [entity], state=_word(entity, entity.state, language))


def _climate(entity: Entity, story: Told) -> str:
    language = story.language
    target, current = (entity.attributes.get(key) for key in ("temperature", "current_temperature"))
    unit = str(entity.attributes.get("temperature_unit") or entity.unit or "°C")
    now = "" if current is None else value(current, unit, language)
    if entity.state == "off":
        if current is None:
            return form(story, "state", [entity], state=_word(entity, "off", language))
        return form(story, "climate_off", [entity], current=now)
    if target is None:
        return form(story, "state", [entity], state=_word(entity, entity.state, language))
    key = "climate_only" if current is None else "climate"
    word = _word(entity, entity.state, language)
    said = value(target, unit, language)
    return form(story, key, [entity], value=said, current=now, state=word)


def _values(story: Told, topic: str) -> str:
    """Say what each thing has of what was asked for."""
    sentences = [capital(_value(entity, story, topic)) for entity in story.entities]
    return phrase(story.language, "join", "sentence").join(sentences)


def _value(entity: Entity, story: Told, topic: str) -> str:
    found = value_of(entity, topic)
    if found is None or entity.domain == "binary_sensor":
        return _state(entity, story)
    number, unit = found
    if topic == "color" and isinstance(number, list | tuple):
        number = color_name([float(str(share)) for share in number[:3]])
    if isinstance(number, str) and (seconds := seconds_of(number)) is not None:
        left = duration(seconds, story.language)
        return form(story, "reading", [entity], value=left)
    said = _in_unit(number, unit, story)
    if isinstance(number, str):
        said = str(table_of(story.language, "values").get(number, said.replace("_", " ")))
    if entity.domain in _PLAIN_VALUES:
        return form(story, "reading", [entity], value=said)
    name = phrase(story.language, "aspects", topic)
    return form(story, "value", [entity], value=said, aspect=name)


_PLAIN_VALUES = ("sensor", "number", "select", "input_number", "input_select", "input_text", "text")
"""Domains whose things are called after what they tell."""


def _in_unit(number: Json, unit: str | None, story: Told) -> str:
    """Return a value in words, in the unit that was asked for where it can be given so."""
    wanted, numeric = str(story.slots.get("unit") or unit), digits(number)
    try:
        other = converted(float(numeric), unit or "", wanted)
    except ValueError:
        other = None
    if other is None or wanted == unit:
        return value(number, unit, story.language)
    return value(round(other, 2 if abs(other) < _SMALL else 1), wanted, story.language)


_SMALL = 10
"""Below this a converted value is told with two decimals, from here on with one."""


def _temperature(story: Told) -> str:
    readings: list[tuple[Entity, str]] = []
    for entity in story.entities:
        found = value_of(entity, "degree")
        if found is not None:
            readings.append((entity, _in_unit(found[0], found[1] or CELSIUS, story)))
    if not readings:
        return form(story, "unreachable", story.entities)
    if len(readings) == 1:
        entity, said = readings[0]
        return form(story, "reading", [entity], value=said)
    sentences = [
        form(story, "temperature_named", [entity], value=said) for entity, said in readings
    ]
    return phrase(story.language, "join", "sentence").join(capital(s) for s in sentences)
