"""Sentences that tell what is to come and what is written down: weather, dates, lists, timers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from steward.plan.reply.events import clock, events, mappings
from steward.plan.reply.telling import Told, form
from steward.plan.reply.wording import capital, digits, duration, joined, things, value
from steward.plan.reply.words import phrase
from steward.types import Entity, Json

_GONE = ("unavailable", "unknown")
_SKIES = {
    "rain": ("rainy", "pouring", "lightning-rainy", "snowy-rainy", "hail"),
    "snow": ("snowy", "snowy-rainy"),
    "sunny": ("sunny", "clear-night"),
    "windy": ("windy", "windy-variant"),
    "foggy": ("fog",),
    "cloudy": ("cloudy", "partlycloudy", "windy-variant"),
    "stormy": ("lightning", "lightning-rainy", "hail", "exceptional"),
}
"""Which conditions answer "is it …" with yes."""

_LIKELY = 50
"""Percent of a chance of rain from which on the answer is yes."""


def weather(story: Told) -> str:
    """Tell the weather as it is."""
    sky_now, language = story.entities[0], story.language
    if sky_now.state in _GONE:
        return form(story, "unreachable", [sky_now])
    condition = phrase(language, "weather", sky_now.state)
    sky = _sky(story, sky_now.state)
    temperature = sky_now.attributes.get("temperature")
    if temperature is None:
        return sky + form(story, "weather_only", condition=condition)
    unit = _unit(sky_now)
    said = {"condition": condition, "temperature": value(temperature, unit, language)}
    return sky + form(story, "weather", (), **said)


def _unit(weather: Entity) -> str:
    return str(weather.attributes.get("temperature_unit") or "°C")


def _sky(story: Told, condition: str, chance: Json = None) -> str:
    """Say yes or no where the question was whether the weather is so."""
    asked = story.slots.get("sky")
    if asked is None:
        return ""
    likely = isinstance(chance, int | float) and chance >= _LIKELY and asked == "rain"
    so = condition in _SKIES.get(str(asked), ()) or likely
    return phrase(story.language, "forms", "sky_yes" if so else "sky_no")


def _forecast(story: Told) -> str:
    if "find" in story.slots or "best" in story.slots:
        return _days_when(mappings(story.value.get("forecast")), story)
    found = _of_day(mappings(story.value.get("forecast")), story)
    if found is None or found[1].get("temperature") is None:
        return form(story, "no_forecast")
    day = found[1]
    sky = _sky(story, str(day.get("condition", "")), day.get("precipitation_probability"))
    return sky + _one_day(found, story)


def _days_when(days: Sequence[Mapping[str, Json]], story: Told) -> str:
    """Tell of the days on which the weather is so, or of the warmest or the coldest one."""
    named = [(_name_of(index, day, story), day) for index, day in enumerate(days)]
    if not named:
        return form(story, "no_forecast")
    if "find" in story.slots:
        skies = _SKIES.get(str(story.slots.get("sky")), ())
        found = [pair for pair in named if pair[1].get("condition") in skies]
    else:
        most = max if story.slots.get("best") == "max" else min
        found = [most(named, key=lambda pair: float(str(pair[1].get("temperature", 0))))]
    if not found:
        return form(story, "forecast_never")
    return phrase(story.language, "join", "sentence").join(_one_day(pair, story) for pair in found)


def _name_of(index: int, day: Mapping[str, Json], story: Told) -> str:
    if index < _NAMED_DAYS:
        return phrase(story.language, "time", f"day{index}")
    weekday = datetime.fromisoformat(str(day.get("datetime"))).weekday()
    return phrase(story.language, "time", f"weekday{weekday}")


def _one_day(found: tuple[str, Mapping[str, Json]], story: Told) -> str:
    name, day, language = *found, story.language
    unit = _unit(story.entities[0]) if story.entities else "°C"
    low, rain = day.get("templow"), day.get("precipitation_probability")
    said = {
        "day": name,
        "condition": phrase(language, "weather", str(day.get("condition", ""))),
        "high": value(day.get("temperature"), unit, language),
        "low": digits(low),
    }
    sentence = form(story, "forecast_high" if low is None else "forecast", (), **said)
    if rain is None:
        return sentence
    chance = form(story, "forecast_rain", chance=value(rain, "%", language))
    return phrase(language, "join", "sentence").join([sentence, capital(chance)])


_NAMED_DAYS = 2
"""So many days of a forecast have a name of their own, the others that of the day of the week."""


def _of_day(
    days: Sequence[Mapping[str, Json]], story: Told
) -> tuple[str, Mapping[str, Json]] | None:
    """Return the day asked for and what it is called."""
    weekday = story.slots.get("weekday")
    if isinstance(weekday, int):
        for day in days:
            if datetime.fromisoformat(str(day.get("datetime"))).weekday() == weekday:
                return phrase(story.language, "time", f"weekday{weekday}"), day
        return None
    index = story.slots.get("day", 1)
    ahead = int(index) if isinstance(index, int | float) else 1
    if ahead >= len(days):
        return None
    return phrase(story.language, "time", f"day{ahead}"), days[ahead]


def _time(story: Told) -> str:
    hour, _, minute = str(story.value.get("time", "")).partition(":")
    return form(story, "time", time=clock(int(hour), minute, story.language))


def _date(story: Told) -> str:
    return form(
        story, "date", **_day(datetime.fromisoformat(str(story.value.get("date"))), story.language)
    )


def _day(date: datetime, language: str) -> dict[str, str]:
    return {
        "weekday": phrase(language, "time", f"weekday{date.weekday()}"),
        "month": phrase(language, "time", f"month{date.month}"),
        "day": str(date.day),
    }


def _items(story: Told) -> str:
    found = mappings(story.value.get("items"))
    names = [str(item.get("summary", "")) for item in found]
    listed = things(story.entities, story.language, {})
    if story.call.meaning.intent == "StewardListCount":
        return form(story, "items_count", list=listed, count=str(len(names)))
    if story.call.meaning.intent == "StewardListHas":
        item = str(story.slots.get("item", ""))
        so = any(_common(item, name) for name in names)
        return form(story, "items_has" if so else "items_lacks", list=listed, item=item)
    if not names:
        return form(story, "items_none", list=listed)
    return form(story, "items", list=listed, items=joined(story.language, names))


def _common(item: str, name: str) -> bool:
    """Tell whether `item` is what is written down as `name`: "milk" is, where it is "oat milk"."""
    if not item.isascii():
        return item in name or name in item
    said, written = (set(text.casefold().removesuffix("s").split()) for text in (item, name))
    return said <= written or written <= said


def _timers(story: Told) -> str:
    language = story.language
    timers = mappings(story.value.get("timers"))
    if not timers:
        return form(story, "timers_none")
    sentences = []
    for timer in timers:
        left = timer.get("remaining", timer.get("left", 0))
        length = duration(float(left) if isinstance(left, int | float) else 0.0, language)
        key = "timer_left_named" if timer.get("name") else "timer_left"
        if timer.get("paused") or timer.get("state") == "paused":
            key = "timer_paused_left"
        sentences.append(form(story, key, length=length, name=str(timer.get("name") or "")))
    return phrase(language, "join", "sentence").join(capital(s) for s in sentences)


def _voice(story: Told) -> str:
    change = str(story.call.arguments.get("change"))
    key = change if story.value.get("changed") else f"{change}_limit"
    return phrase(story.language, "voice", key)


REPORTS: dict[str, Callable[[Told], str]] = {
    "clock.time": _time,
    "clock.date": _date,
    "todo.get_items": _items,
    "calendar.get_events": events,
    "weather.get_forecasts": _forecast,
    "timers.status": _timers,
    "voice.set": _voice,
}
"""Who answers, by what was read."""
