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
    """Answer what is on at a day, or when something is or ends."""
    calendars = pool(scene, ("calendar",))
    if not calendars:
        return Unknown(Gap.NO_SUCH_DEVICE)
    when = "when" in asked.topics or asks_until(asked)
    own = [thing for thing in calendars if asked.need & thing.own]
    found = calendars if when else own or calendars
    if len(found) > 1 and not when:
        found = named(found, asked)
    strange = any(not token.known for token in asked.said)
    told = when or bool(_WHO & asked.texts) or ((bool(asked.need) or strange) and not own)
    told = told and (when or "calendar" not in asked.topics or bool(_WHO & asked.texts))
    about = _about(asked) if told else []
    if when and not about:
        return Unknown(Gap.NOT_UNDERSTOOD)
    arguments: dict[str, Json] = {"entity_id": [thing.entity.id for thing in found]}
    slots: dict[str, Json] = {"about": about} if about else {}
    if about and not when and _WHO & asked.texts:
        slots["or_all"] = True  # "Who is the first appointment": "first" is no event.
    if "when" in asked.topics and _ENDS & asked.texts:
        slots["ends"] = True
    if asked.day.startswith("w"):
        slots |= _day(asked.day)
    elif asked.day:
        arguments["day"] = int(asked.day)
    elif when:
        arguments["duration"] = _AHEAD
    draft = Draft("calendar.get_events", arguments)
    return ((draft, Meaning("StewardCalendar", "default", slots)),)


def asks_until(asked: Asked) -> bool:
    """Tell whether it is asked how long it is until something comes."""
    return "duration" in asked.topics and bool(_UNTIL & asked.texts)


def is_of_a_day(asked: Asked) -> bool:
    """Tell whether nothing but a day is named: "what are we doing on Friday"."""
    named_day = asked.day and not _NOW & asked.texts
    return bool(named_day) and not asked.need and not set(asked.topics) - {"state"}


def is_of_somebody(asked: Asked, scene: Scene) -> bool:
    """Tell whether it is asked what somebody does on a day: "what's Ida doing on Friday".

    Of a day to come nothing else can be told; of today it must be a person.
    """
    rest = set(asked.states) - {"on"} or set(asked.topics) - {"state", "calendar"}
    wide = asked.asks_what or asked.has("any", "who")
    strange = any(not token.known for token in asked.said)
    if not asked.day or rest or not wide or not (asked.need or strange or bool(_WHO & asked.texts)):
        return False
    people = frozenset[str]().union(*(thing.own for thing in pool(scene, ("person",))))
    return asked.day != "0" or (bool(asked.need) and asked.need <= people)


_NOW = frozenset(
    {
        "now",
        "right now",
        "currently",
        "at the moment",
        "at the minute",
        "现在",
        "目前",
        "眼下",
        "此刻",
        "这会儿",
        "当前",
    }
)
_WHO = frozenset({"who", "whose", "谁", "有谁"})
_UNTIL = frozenset({"until", "till", "before"})
_ENDS = frozenset(
    {"off", "finish", "finished", "end", "over", "done", "until", "till"}
    | {"下班", "结束", "放学", "下课", "散会", "完"}
)
"""Words of a question for the end of something."""


def _about(asked: Asked) -> list[Json]:
    """Return the words that an event asked for may be called by."""
    return [
        token.text
        for token in asked.said
        if (not token.known or token.atoms)
        or not token.has(
            "fill", "topic", "ask", "day", "chat", "state", "any", "home", "verb", "who"
        )
        if token.text not in _ENDS
    ]
