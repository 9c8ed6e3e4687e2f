"""Questions about what is to come and what is written down: weather, calendars, lists."""

from __future__ import annotations

from steward.plan.parts.asked import Asked, Steps, named, pool, states_of
from steward.plan.parts.aspects import value_of
from steward.plan.parts.atoms import Thing
from steward.plan.parts.choose import Scene, matching
from steward.plan.templates.acts import Draft
from steward.types import Gap, Json, Meaning, Unknown

SKY = ("rain", "snow", "sunny", "windy", "foggy", "cloudy", "stormy")
"""Topics that ask whether the weather is so."""

_COMING = frozenset(
    {"will", "going", "gonna", "need", "umbrella", "brolly", "forecast", "预报", "会下雨", "带伞"}
    | {"下不下雨", "会不会下雨", "会", "会不会", "要", "要不要", "用"}
)
_AHEAD = 60 * 24 * 3600
"""How far ahead an event asked for by its name is looked for, in seconds."""


def weather(asked: Asked, scene: Scene) -> Steps | Unknown:
    """Answer how the weather is or will be."""
    found = pool(scene, ("weather",))
    if not found:
        return Unknown(Gap.NO_SUCH_DEVICE)
    chosen = named(found, asked)[:1]
    sky = next((topic for topic in asked.topics if topic in SKY), "")
    slots: dict[str, Json] = {"sky": sky} if sky else {}
    if asked.extreme.startswith("temperature") and "when" in asked.topics:
        slots = {"best": asked.extreme.partition(" ")[2]}
    elif sky and "when" in asked.topics:
        slots["find"] = True
    if "best" in slots or "find" in slots:
        ahead: dict[str, Json] = {"entity_id": [chosen[0].entity.id], "type": "daily"}
        return ((Draft("weather.get_forecasts", ahead), Meaning("StewardForecast", slots=slots)),)
    later = asked.day not in ("", "0") or bool({"high", "low"} & set(asked.topics))
    coming = bool(_COMING & asked.texts) or (bool(sky) and asked.day == "0")
    if not later and not coming and sky == "windy" and value_of(chosen[0].entity, "wind"):
        return states_of(chosen, "StewardValue", topic="wind")
    if not later and not coming:
        return states_of(chosen, "HassGetWeather", "default", **slots)
    arguments: dict[str, Json] = {"entity_id": [chosen[0].entity.id], "type": "daily"}
    draft = Draft("weather.get_forecasts", arguments)
    return ((draft, Meaning("StewardForecast", "default", {**slots, **_day(asked.day or "0")})),)


def _day(day: str) -> dict[str, Json]:
    """Return the slot of a day: so many days ahead, or a day of the week (0 is Monday)."""
    if day.startswith("w"):
        return {"weekday": int(day[1:])}
    return {"day": int(day)} if day else {}


def is_list(asked: Asked, scene: Scene) -> bool:
    """Tell whether a list of the home is named."""
    return _is_named("todo", asked, scene)


def is_calendar(asked: Asked, scene: Scene) -> bool:
    """Tell whether a calendar of the home is named."""
    return _is_named("calendar", asked, scene)


def _is_named(domain: str, asked: Asked, scene: Scene) -> bool:
    """Tell whether a name of such a thing was said, as it was given and not as it translates."""
    said = frozenset(atom for token in asked.said if token.named for atom in token.atoms)
    return any(
        name and name <= said
        for thing in pool(scene, (domain,))
        for name in thing.names[: 1 + len(thing.entity.aliases)]
    )


def items(asked: Asked, scene: Scene) -> Steps | Unknown:
    """Answer what is on a list, or how much."""
    lists = pool(scene, ("todo",))
    # "待办 Chores": of a list that is named its kind goes without saying.
    own = asked.need - {"todo", "list"}
    meant = matching(asked.need, lists) or (matching(own, lists) if own else [])
    found = named(meant, asked)
    found = found if len(found) == 1 else _shopping(found, asked)
    if len(found) != 1:
        return Unknown(Gap.AMBIGUOUS if found else Gap.NO_SUCH_DEVICE)
    draft = Draft("todo.get_items", {"entity_id": [found[0].entity.id]})
    intent = "StewardListCount" if asked.has("count") else "StewardListRead"
    return ((draft, Meaning(intent, "default", {})),)


def _shopping(found: list[Thing], asked: Asked) -> list[Thing]:
    """Prefer the things whose name has a word in common with what was said."""
    hits = {thing.entity.id: len(thing.own & asked.atoms - {"list"}) for thing in found}
    best = max(hits.values(), default=0)
    return [thing for thing in found if hits[thing.entity.id] == best] if best else found


def events(asked: Asked, scene: Scene) -> Steps | Unknown:
    """Answer what is on at a day, or when something is."""
    calendars = pool(scene, ("calendar",))
    if not calendars:
        return Unknown(Gap.NO_SUCH_DEVICE)
    when = "when" in asked.topics
    found = [thing for thing in calendars if asked.need & thing.own] or calendars
    if len(found) > 1 and not when:
        found = named(found, asked)
    about = _about(asked) if when else []
    if when and not about:
        return Unknown(Gap.NOT_UNDERSTOOD)
    arguments: dict[str, Json] = {
        "entity_id": [t.entity.id for t in (calendars if when else found)]
    }
    slots: dict[str, Json] = {"about": about} if when else {}
    if asked.day.startswith("w"):
        slots |= _day(asked.day)
    elif asked.day:
        arguments["day"] = int(asked.day)
    elif when:
        arguments["duration"] = _AHEAD
    draft = Draft("calendar.get_events", arguments)
    return ((draft, Meaning("StewardCalendar", "default", slots)),)


def _about(asked: Asked) -> list[Json]:
    """Return the words that an event asked for may be called by."""
    return [
        token.text
        for token in asked.said
        if not token.known
        or token.atoms
        or not token.has("fill", "topic", "ask", "day", "chat", "state", "any", "home")
    ]
