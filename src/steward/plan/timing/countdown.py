"""Timers that have a name: "pasta timer nine minutes", "给面条定个八分钟的计时器"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from steward.plan.timing.times import read_time
from steward.types import Call, Calls, Json, Meaning

CAPABILITY = "timers.start"
_SET = r"(?:(?:please |can you |could you )*(?:set|start|create|make|begin|put)(?: me| us)? )?"
_NAME = r"(?:the |my |our )?(?P<name>[\w' ]{2,30}?)"
_FORMS: Mapping[str, tuple[re.Pattern[str], ...]] = {
    "en": (
        re.compile(
            rf"^{_SET}(?:an? |the )?timer (?:for|called|named) {_NAME} (?:for|of|to|at) "
            r"(?P<length>.+)$",
            re.IGNORECASE,
        ),
        re.compile(
            rf"^{_SET}(?:an? )?(?P<length>[\w ]+?) timer (?:for|called|named) {_NAME}(?: please)?$",
            re.IGNORECASE,
        ),
        re.compile(
            rf"^{_SET}(?:an? )?{_NAME} timer,? (?:for |of |to |at )?(?P<length>.+)$", re.IGNORECASE
        ),
    ),
    "zh": (
        re.compile(
            "^(?:请|帮我)*(?:给|为)?(?P<name>[^给定设计]{1,8}?)(?:定|设|来|开)(?:一)?个?"
            "(?P<length>.+?)的?(?:计时器?|倒计时|闹钟|定时器?)$"
        ),
        re.compile("^(?P<name>.{1,8}?)(?:倒计时|计时|定时)(?P<length>.+)$"),
        re.compile(
            "^(?:请|帮我)*(?:定|设|来)(?:一)?个?(?P<length>.+?)的?"
            "(?:计时器?|倒计时|闹钟|定时器?)(?P<name>.{1,8})$"
        ),
    ),
}


def named_timer(words: str, language: str, names: Sequence[tuple[int, int]]) -> Calls | None:
    """Return the Call that starts the timer of the plain `words`; None when they are about none.

    `names` are the spans of names of this home: what the home has is no name of a timer.
    """
    for form in _FORMS.get(language, ()):
        match = form.match(words)
        if match is None or any(_overlap(match.span("name"), span) for span in names):
            continue
        said = match["length"] if language == "zh" else f"in {match['length']}"
        time = read_time(f"{said}后" if language == "zh" else said, language)
        if time is None or "after" not in time.when or time.rest:
            continue
        seconds, name = time.when["after"], match["name"].strip()
        arguments: dict[str, Json] = {"seconds": seconds, "name": name, "language": language}
        slots: dict[str, Json] = {"total": seconds}
        return Calls((Call("c1", CAPABILITY, Meaning("HassStartTimer", slots=slots), arguments),))
    return None


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
