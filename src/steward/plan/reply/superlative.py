"""Which of several it is: the warmest room, what is playing."""

from __future__ import annotations

from collections.abc import Sequence

from steward.plan.reply.telling import Told, form
from steward.plan.reply.wording import capital, is_are, joined, the, things, value
from steward.plan.reply.words import phrase
from steward.types import Entity

_GONE = ("unavailable", "unknown")
_UNITS = {"temperature": "°C", "humidity": "%", "battery": "%", "carbon_dioxide": "ppm"}


def extreme(story: Told) -> str:
    """Say which of the entities has the highest or the lowest reading, and what it is."""
    measure, order = str(story.slots.get("measure")), story.slots.get("order")
    readings = _readings(story)
    if not readings:
        return phrase(story.language, "forms", "count_none").format(state="")
    figures = [figure for figure, _ in readings]
    if order == "mean":
        return _mean(story, figures, readings[0][1].unit or _UNITS.get(measure))
    best = max(figures) if order == "max" else min(figures)
    found = [entity for figure, entity in readings if figure == best]
    unit = found[0].unit or _UNITS.get(measure)
    rooms = list(dict.fromkeys(story.rooms.get(str(entity.area), "") for entity in found))
    if story.slots.get("of") == "room" and all(rooms):
        named = joined(story.language, [the(room, story.language) for room in rooms])
        many = found if len(rooms) > 1 else ()
        return form(
            story,
            "reading",
            **{"things": named, "is": is_are(story.language, many)},
            value=value(best, unit, story.language),
        )
    return phrase(story.language, "forms", "reading").format_map(
        {
            "things": things(found, story.language, {}),
            "is": is_are(story.language, found),
            "value": value(best, unit, story.language),
        }
    )


def compare(story: Told) -> str:
    """Say whether the first has more (or less) than the second, and what both have."""
    readings = _readings(story)
    told = [_told(story, number, entity) for number, entity in readings]
    sentence = phrase(story.language, "join", "sentence").join(capital(line) for line in told)
    if len(readings) != 2:
        return sentence
    first, second = readings[0][0], readings[1][0]
    so = first > second if story.slots.get("order") == "max" else first < second
    return phrase(story.language, "forms", "sky_yes" if so else "sky_no") + sentence


def _told(story: Told, number: float, entity: Entity) -> str:
    unit = entity.unit or _UNITS.get(str(story.slots.get("measure")))
    return form(story, "reading", [entity], value=value(number, unit, story.language))


def _mean(story: Told, figures: Sequence[float], unit: str | None) -> str:
    mean = value(round(sum(figures) / len(figures), 1), unit, story.language)
    return phrase(story.language, "forms", "mean").format(value=mean)


def _readings(story: Told) -> list[tuple[float, Entity]]:
    told = [(_reading(entity), entity) for entity in story.entities]
    return [(number, entity) for number, entity in told if number is not None]


def _reading(entity: Entity) -> float | None:
    shown = entity.attributes.get("current_temperature") if entity.domain == "climate" else None
    if entity.domain != "climate" and entity.state not in _GONE:
        shown = entity.state
    try:
        return float(str(shown)) if shown is not None else None
    except ValueError:
        return None


def playing(story: Told) -> str:
    """Say what the players play."""
    titles = [
        str(title)
        for entity in story.entities
        if (title := entity.attributes.get("media_title")) and entity.state == "playing"
    ]
    if titles:
        return phrase(story.language, "forms", "title").format(title=joined(story.language, titles))
    active = [entity for entity in story.entities if entity.state == "playing"]
    key = "untitled" if active else "silent"
    named = things(active, story.language, {})
    return phrase(story.language, "forms", key).format(
        things=named, **{"is": is_are(story.language, active)}
    )
