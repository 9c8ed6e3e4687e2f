"""What the weather and the sun are doing: "it's raining", "it's dark outside", "天黑了"."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from steward.plan.reply.words import phrase
from steward.types import Entity, World

_WET = ("rainy", "pouring", "lightning-rainy", "snowy-rainy", "hail")
SKIES: Mapping[str, Collection[str]] = {
    "rain": _WET,
    "snow": ("snowy", "snowy-rainy"),
    "sun": ("sunny",),
    "clear": ("sunny", "clear-night"),
    "cloud": ("cloudy", "partlycloudy"),
    "wind": ("windy", "windy-variant"),
    "fog": ("fog",),
    "storm": ("lightning", "lightning-rainy"),
    "hail": ("hail",),
}
"""The states of a weather entity in which something is so."""

_EN_OUT = r"(?: (?:outside|out|out there|right now|now|today|at the moment))*"
_EN_NOT = r"(?P<not> not|n't)?"
_EN = re.compile(
    rf"^(?:it|it is|it's|the weather|the weather's|the weather is)(?: is|'s)?{_EN_NOT}"
    r"(?: still| already| currently)?"
    r" (?P<what>rain(?:ing|y|s)|wet|pouring|snow(?:ing|y|s)|sunny|clear|cloudy|overcast|windy"
    rf"|foggy|misty|storm(?:y|ing)|thundering|hailing){_EN_OUT}$",
    re.IGNORECASE,
)
_EN_KINDS = {
    **dict.fromkeys(("raining", "rainy", "rains", "wet", "pouring"), "rain"),
    **dict.fromkeys(("snowing", "snowy", "snows"), "snow"),
    **dict.fromkeys(("cloudy", "overcast"), "cloud"),
    **dict.fromkeys(("foggy", "misty"), "fog"),
    **dict.fromkeys(("stormy", "storming", "thundering"), "storm"),
    "sunny": "sun",
    "clear": "clear",
    "windy": "wind",
    "hailing": "hail",
}
_ZH = re.compile(
    "^(?:外面|外头|室外|现在|今天|天气|天|正|已经|正在|在|还)*(?P<not>没有?|不是?|未)?(?:在|正在|是)?"
    "(?P<what>下着?[大小]*雨|有雨|雨天|下着?大?雪|有雪|大?晴天?|出太阳|多云|阴天?|刮大?风|有风|风大|大风|有雾|起雾"
    "|打雷|下冰雹)(?:了|的|着)*$"
)
_ZH_KINDS = (
    ("雨", "rain"),
    ("雪", "snow"),
    ("晴", "sun"),
    ("太阳", "sun"),
    ("云", "cloud"),
    ("阴", "cloud"),
    ("风", "wind"),
    ("雾", "fog"),
    ("雷", "storm"),
    ("冰雹", "hail"),
)
_DARK = re.compile(
    rf"^(?:it|it is|it's)(?: is|'s)?{_EN_NOT}(?: still| already)? (?P<dark>dark|night|night ?time)"
    r"(?: outside| out| already| now)*$"
    rf"|^(?:it|it is|it's)(?: is|'s)?(?P<not2> not|n't)?(?: still| already)?"
    r" (?P<light>light|daylight|day ?time)(?: outside| out| already| now)*$"
    r"|^(?:it is|it's) (?:already )?(?P<after>after|past|before)"
    r" (?P<event>sunset|sundown|dark|nightfall|dusk|sunrise|dawn)$"
    r"|^the sun(?: is|'s| has)(?P<not3> not|n't)?(?: already)?"
    r" (?P<sun>down|set|gone down|below the horizon|up|risen|come up|above the horizon)$"
    "|^(?:外面|外头|天|天色|现在|已经)*(?P<not4>没有?|还没)?"
    "(?P<zh>天黑|黑|太阳下山|太阳落山|日落|天亮|亮|太阳出来|日出)了?$",
    re.IGNORECASE,
)
_ZH_LIGHT = ("天亮", "亮", "太阳出来", "日出")


def kind_of(said: str) -> str:
    """Return which of the `SKIES` the word `said` names."""
    parts = (*_EN_KINDS.items(), *(_ZH_KINDS), *((kind, kind) for kind in SKIES))
    return next((kind for part, kind in parts if part in said), "")


def sky(text: str, language: str, world: World) -> tuple[bool, str, tuple[Entity, ...]] | None:
    """Return whether the clause `text` about the weather holds, why, and by which entities.

    None when it is no such clause, when nothing in the home tells, or when what tells differs.
    """
    match = _EN.match(text) or _ZH.match(text)
    if match is None:
        return None
    kind = kind_of(match["what"].casefold())
    found = tuple(
        entity
        for entity in world.entities
        if entity.domain == "weather" and entity.state not in ("unavailable", "unknown")
    )
    verdicts = {entity.state in SKIES[kind] for entity in found}
    if len(verdicts) != 1:
        return None
    state = phrase(language, "weather", found[0].state)
    told = phrase(language, "conditions", "weather").format(state=state)
    return verdicts.pop() != bool(match["not"]), told, found


def sun(text: str, language: str, world: World) -> tuple[bool, str, tuple[Entity, ...]] | None:
    """Return the same of a clause that says whether it is dark, or where the sun is."""
    match = _DARK.match(text)
    suns = tuple(each for each in world.entities if each.domain == "sun")
    states = {each.state for each in suns}
    if match is None or len(states) != 1 or not states <= {"above_horizon", "below_horizon"}:
        return None
    up = states == {"above_horizon"}
    negated = any(match[name] for name in ("not", "not2", "not3", "not4"))
    told = phrase(language, "conditions", "sun_up" if up else "sun_down")
    return (up == _wants_light(match)) != negated, told, suns


def _wants_light(match: re.Match[str]) -> bool:
    if match["after"]:
        rising = match["event"].casefold() in ("sunrise", "dawn")
        return rising == (match["after"].casefold() != "before")
    if match["zh"]:
        return match["zh"] in _ZH_LIGHT
    if match["sun"]:
        return match["sun"].casefold() in ("up", "risen", "come up", "above the horizon")
    return bool(match["light"])
