"""Whether the weather is going to be so: "it's going to rain tomorrow", "明天有雨"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from steward.plan.facts.sky import SKIES, kind_of
from steward.plan.reply.words import phrase
from steward.types import Entity, Json, World

_EN_WHAT = (
    r"(?P<what>rain(?:ing|y|s)?|wet|snow(?:ing|y|s)?|sunny|clear|cloudy|overcast|windy|foggy|storm(?:y|s)?"
    r"|thunder(?:storms)?|hail)"
)
_EN_DAY = r"(?P<day>tomorrow|today|tonight|later(?: today| on)?|this (?:morning|afternoon|evening))"
_EN = (
    re.compile(
        rf"^(?:it|there)(?: is|'s| will|'ll)?(?P<not> not|n't)?"
        rf"(?P<coming> (?:be|going to|gonna|about to|forecast to|supposed to|expected to)"
        rf"|(?<=will)|(?<='ll)|(?<=not)|(?<=n't)|)(?: be)?(?: any)? {_EN_WHAT}"
        rf"(?: (?:forecast|expected))?(?: (?:for )?{_EN_DAY})?$",
        re.IGNORECASE,
    ),
    re.compile(
        rf"^{_EN_DAY}(?:'s weather)?(?: is|'s| will|'ll)?(?P<not> not|n't)?"
        rf"(?P<coming>)(?: be)?(?: going to be)? {_EN_WHAT}$",
        re.IGNORECASE,
    ),
    re.compile(
        rf"^{_EN_WHAT}(?: is|'s)(?P<not> not|n't)?(?P<coming> forecast| expected| coming| due)"
        rf"(?: (?:for )?{_EN_DAY})?$",
        re.IGNORECASE,
    ),
)
_ZH = re.compile(
    "^(?:天气预报|预报)?(?:说|显示|是)?(?P<day>今天|今晚|明天|明日|明儿个?|后天|待会儿?|一会儿?|等会儿?)?"
    "(?:的?天气)?(?:可能|也许)?(?P<not>不|没有?|没)?(?P<coming>(?:会|要|将)*)(?:有|是)?"
    "(?P<what>下大?小?雨|雨天?|下雪|雪天?|晴天?|出太阳|多云|阴天?|刮大?风|大风|有风|起雾|打雷)了?$"
)
_AHEAD = {"tomorrow": 1, "明天": 1, "明日": 1, "明儿": 1, "明儿个": 1, "后天": 2}
_TODAY = ("今天", "")


def ahead(
    text: str, language: str, world: World, at: datetime | None
) -> tuple[bool, str, tuple[Entity, ...]] | None:
    """Return whether the clause `text` about the weather to come holds, why, and who tells.

    None when it is no such clause, or when no forecast of the home tells of that day.
    """
    match = _ZH.match(text) or next((hit for form in _EN if (hit := form.match(text))), None)
    if match is None or at is None:
        return None
    day = (match["day"] or "").casefold()
    if day in _TODAY and not match["coming"]:
        return None
    days = _AHEAD.get(day, 0)
    told = [
        (entity, condition)
        for entity in world.entities
        if entity.domain == "weather" and (condition := _forecast(entity, at, days))
    ]
    if not told:
        return None
    entity, condition = told[0]
    said = phrase(language, "conditions", f"forecast{days}").format(
        state=phrase(language, "weather", condition)
    )
    so = condition in SKIES[kind_of(match["what"].casefold())]
    return so != bool(match["not"]), said, (entity,)


def _forecast(entity: Entity, at: datetime, days: int) -> str:
    """Return the condition that is forecast for so many days after `at`, or ""."""
    date = (at + timedelta(days=days)).date().isoformat()
    listed: Json = entity.attributes.get("forecast")
    for each in listed if isinstance(listed, list | tuple) else ():
        if isinstance(each, Mapping) and str(each.get("datetime", "")).startswith(date):
            return str(each.get("condition") or "")
    return ""
