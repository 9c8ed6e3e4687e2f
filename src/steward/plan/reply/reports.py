"""Sentences that answer questions, from what was read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from steward.plan.parts.superlative import about, extreme, playing
from steward.plan.reply.telling import Told
from steward.plan.reply.wording import (
    MANY,
    capital,
    digits,
    duration,
    is_are,
    joined,
    state_word,
    things,
    value,
)
from steward.plan.reply.words import phrase
from steward.types import Entity, Json

_GONE = ("unavailable", "unknown")
_OPENISH = {"open": "on", "closed": "off"}


def report_states(story: Told) -> str:
    """Answer a question about the state of things, in the form that was asked for."""
    intent = story.call.meaning.intent
    if intent == "HassGetWeather":
        return _weather(story)
    if not story.entities:
        return phrase(story.language, "forms", "count_none").format(state="")
    if intent == "StewardExtreme":
        return extreme(story)
    if intent == "StewardPlaying":
        return playing(story)
    if intent == "HassClimateGetTemperature":
        return _temperature(story)
    wanted = story.slots.get("state")
    if wanted is None:
        return _how_it_is(story.entities, story)
    return _FORMS.get(story.call.meaning.response, _one_yesno)(story, str(wanted))


def _form(story: Told, key: str, entities: Sequence[Entity] = (), /, **more: str) -> str:
    language = story.language
    named = things(entities, language, story.slots) if entities else ""
    fields = {
        "things": named,
        "is": is_are(language, entities),
        "count": str(len(entities)),
        **more,
    }
    return phrase(language, "forms", key).format_map(fields)


def _word(entity: Entity, state: str, language: str) -> str:
    kind = str(entity.attributes.get("device_class") or "")
    return state_word(entity.domain, state, language, kind)


def _is(entity: Entity, wanted: str) -> bool:
    """Tell whether the entity is as asked; of a sensor "open" is "on", a dimmed light is on."""
    if entity.domain == "binary_sensor":
        wanted = _OPENISH.get(wanted, wanted)
    if entity.state == wanted:
        return True
    if wanted == "on" and entity.domain in ("climate", "media_player", "vacuum", "water_heater"):
        return entity.state not in ("off", "standby", "docked", *_GONE)
    if wanted == "off" and entity.domain == "media_player":
        return entity.state == "standby"
    return False


def _split(story: Told, wanted: str) -> tuple[list[Entity], list[Entity], list[Entity]]:
    """Return those as asked, those otherwise, and those that nobody can tell about."""
    gone = [entity for entity in story.entities if entity.state in _GONE]
    there = [entity for entity in story.entities if entity.state not in _GONE]
    matched = [entity for entity in there if _is(entity, wanted)]
    return matched, [entity for entity in there if entity not in matched], gone


def _and_gone(sentence: str, story: Told, gone: Sequence[Entity]) -> str:
    if not gone:
        return sentence
    pieces = (
        [sentence, capital(_form(story, "also_unreachable", gone))]
        if sentence
        else [_form(story, "also_unreachable", gone)]
    )
    return phrase(story.language, "join", "sentence").join(pieces)


def _one_yesno(story: Told, wanted: str) -> str:
    matched, others, gone = _split(story, wanted)
    if not matched and not others:
        return _form(story, "unreachable", gone)
    key = "no" if others else "yes"
    shown = others or matched
    rest = _states_of(shown, story)
    return _and_gone(_form(story, key, rest=rest), story, gone)


def _any(story: Told, wanted: str) -> str:
    matched, _, gone = _split(story, wanted)
    word = _word(story.entities[0], wanted, story.language)
    if not matched:
        sentence = _form(story, "no_none", state=word)
    else:
        rest = _form(story, "state", matched, state=word)
        sentence = _form(story, "yes", rest=rest)
    return _and_gone(sentence, story, gone)


def _all(story: Told, wanted: str) -> str:
    matched, others, gone = _split(story, wanted)
    if others:
        sentence = _form(story, "no", rest=_states_of(others, story))
    elif len(matched) == 1:
        sentence = _form(story, "yes", rest=_states_of(matched, story))
    else:
        word = _word(story.entities[0], wanted, story.language)
        sentence = _form(story, "yes_all", matched, state=word) if matched else ""
    return _and_gone(sentence, story, gone)


def _which(story: Told, wanted: str) -> str:
    matched, _, gone = _split(story, wanted)
    word = _word(story.entities[0], wanted, story.language)
    if not matched:
        sentence = _form(story, "none", state=word)
    else:
        # The names are the answer here, however many there are.
        names = _names(matched, story)
        sentence = _form(story, "state", matched, state=word, things=names)
    return _and_gone(sentence, story, gone)


def _how_many(story: Told, wanted: str) -> str:
    matched, _, gone = _split(story, wanted)
    word = _word(story.entities[0], wanted, story.language)
    key = "count_none"
    if matched:
        key = "count_one" if len(matched) == 1 else "count" if len(matched) < MANY else "count_many"
    return _and_gone(_form(story, key, matched, state=word), story, gone)


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
    sentences = [_form(story, "state", alike, state=word) for word, alike in groups.items()]
    return phrase(story.language, "join", "sentence").join(
        [sentences[0], *(capital(sentence) for sentence in sentences[1:])]
    )


def _how_it_is(entities: Sequence[Entity], story: Told) -> str:
    sentences = [capital(_state(entity, story)) for entity in entities]
    return phrase(story.language, "join", "sentence").join(sentences)


def _state(entity: Entity, story: Told) -> str:
    language = story.language
    if entity.state == "unavailable":
        return _form(story, "unreachable", [entity])
    if entity.state == "unknown":
        return _form(story, "unknown_state", [entity])
    if entity.domain == "sensor":
        return _form(story, "reading", [entity], value=value(entity.state, entity.unit, language))
    if entity.domain in ("climate", "water_heater"):
        return _climate(entity, story)
    level = entity.attributes.get("volume_level")
    if entity.domain == "media_player" and entity.state != "off" and isinstance(level, int | float):
        word = _word(entity, entity.state, language)
        volume = value(round(level * 100), "%", language)
        return _form(story, "player", [entity], state=word, volume=volume)
    return _form(story, "state", [entity], state=_word(entity, entity.state, language))


def _climate(entity: Entity, story: Told) -> str:
    language = story.language
    target, current = (entity.attributes.get(key) for key in ("temperature", "current_temperature"))
    unit = str(entity.attributes.get("temperature_unit") or entity.unit or "°C")
    now = "" if current is None else value(current, unit, language)
    if entity.state == "off":
        if current is None:
            return _form(story, "state", [entity], state=_word(entity, "off", language))
        return _form(story, "climate_off", [entity], current=now)
    if target is None:
        return _form(story, "state", [entity], state=_word(entity, entity.state, language))
    key = "climate_only" if current is None else "climate"
    return _form(story, key, [entity], value=value(target, unit, language), current=now)


def _temperature(story: Told) -> str:
    readings: list[tuple[Entity, str]] = []
    for entity in story.entities:
        reading: Json = entity.state if entity.domain == "sensor" else None
        reading = entity.attributes.get("current_temperature", reading)
        unit = str(entity.unit or entity.attributes.get("temperature_unit") or "°C")
        if reading is not None and reading not in _GONE:
            readings.append((entity, value(reading, unit, story.language)))
    if not readings:
        return _form(story, "unreachable", story.entities)
    if len(readings) == 1:
        entity, said = readings[0]
        return _form(story, "reading", [entity], value=said)
    sentences = [
        _form(story, "temperature_named", [entity], value=said) for entity, said in readings
    ]
    return phrase(story.language, "join", "sentence").join(capital(s) for s in sentences)


def _weather(story: Told) -> str:
    weather, language = story.entities[0], story.language
    if weather.state in _GONE:
        return _form(story, "unreachable", [weather])
    condition = phrase(language, "weather", weather.state)
    temperature = weather.attributes.get("temperature")
    if temperature is None:
        return _form(story, "weather_only", condition=condition)
    unit = str(weather.attributes.get("temperature_unit") or "°C")
    return _form(
        story, "weather", condition=condition, temperature=value(temperature, unit, language)
    )


def _forecast(story: Told) -> str:
    language = story.language
    days = _mappings(story.value.get("forecast"))
    index = story.slots.get("day", 1)
    ahead = int(index) if isinstance(index, int | float) else 1
    if ahead >= len(days):
        return _form(story, "no_forecast")
    day = days[ahead]
    high, low = day.get("temperature"), day.get("templow")
    if high is None:
        return _form(story, "no_forecast")
    said = {
        "day": phrase(language, "time", f"day{ahead}"),
        "condition": phrase(language, "weather", str(day.get("condition", ""))),
        "high": value(high, "°C", language),
        "low": digits(low),
    }
    sentence = _form(story, "forecast_high" if low is None else "forecast", (), **said)
    rain = day.get("precipitation_probability")
    if rain is None:
        return sentence
    chance = _form(story, "forecast_rain", chance=value(rain, "%", language))
    return phrase(language, "join", "sentence").join([sentence, capital(chance)])


def _time(story: Told) -> str:
    hour, _, minute = str(story.value.get("time", "")).partition(":")
    return _form(story, "time", time=_clock(int(hour), minute, story.language))


def _clock(hour: int, minute: str, language: str) -> str:
    half = phrase(language, "time", "am" if hour < 12 else "pm")
    return phrase(language, "time", "clock").format(
        hour=hour, hour12=hour % 12 or 12, minute=minute, half=half
    )


def _date(story: Told) -> str:
    return _form(
        story, "date", **_day(datetime.fromisoformat(str(story.value.get("date"))), story.language)
    )


def _day(date: datetime, language: str) -> dict[str, str]:
    return {
        "weekday": phrase(language, "time", f"weekday{date.weekday()}"),
        "month": phrase(language, "time", f"month{date.month}"),
        "day": str(date.day),
    }


def _items(story: Told) -> str:
    found = _mappings(story.value.get("items"))
    names = [str(item.get("summary", "")) for item in found]
    listed = things(story.entities, story.language, {})
    if story.call.meaning.intent == "StewardListCount":
        return _form(story, "items_count", list=listed, count=str(len(names)))
    if not names:
        return _form(story, "items_none", list=listed)
    return _form(story, "items", list=listed, items=joined(story.language, names))


def _events(story: Told) -> str:
    language = story.language
    listed = things(story.entities, language, {})
    said = []
    for event in about(_mappings(story.value.get("events")), story.slots.get("about")):
        when = _when(str(event.get("start", "")), language)
        said.append(_form(story, "event_at", event=str(event.get("summary", "")), when=when))
    if not said:
        return _form(story, "events_none", list=listed)
    return _form(story, "events", list=listed, items=joined(language, said))


def _when(start: str, language: str) -> str:
    moment = datetime.fromisoformat(start)
    day = phrase(language, "time", f"weekday{moment.weekday()}")
    if "T" not in start:
        return day
    clock = _clock(moment.hour, f"{moment.minute:02d}", language)
    return phrase(language, "time", "day_at").format(day=day, time=clock)


def _timers(story: Told) -> str:
    language = story.language
    timers = _mappings(story.value.get("timers"))
    if not timers:
        return _form(story, "timers_none")
    sentences = []
    for timer in timers:
        left = timer.get("remaining", timer.get("left", 0))
        length = duration(float(left) if isinstance(left, int | float) else 0.0, language)
        key = "timer_left_named" if timer.get("name") else "timer_left"
        if timer.get("paused") or timer.get("state") == "paused":
            key = "timer_paused_left"
        sentences.append(_form(story, key, length=length, name=str(timer.get("name") or "")))
    return phrase(language, "join", "sentence").join(capital(s) for s in sentences)


def _mappings(listed: Json) -> list[Mapping[str, Json]]:
    """Return the mappings in a list; a plain text in it counts as its own summary."""
    if not isinstance(listed, list | tuple):
        return []
    found: list[Mapping[str, Json]] = []
    for item in listed:
        if isinstance(item, Mapping):
            found.append(item)
        elif isinstance(item, str):
            found.append({"summary": item})
    return found


REPORTS: dict[str, Callable[[Told], str]] = {
    "clock.time": _time,
    "clock.date": _date,
    "todo.get_items": _items,
    "calendar.get_events": _events,
    "weather.get_forecasts": _forecast,
    "timers.status": _timers,
}
"""Who answers, by what was read."""
