"""When something is to be done: the words for a time to come, in English and in Chinese.

Nothing here knows what time it is: "in ten minutes" and "tomorrow at seven" stay as they were said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from steward.plan.language.text import HAN
from steward.plan.timing import clock_en, clock_zh
from steward.plan.timing.clock import Clock, Find, Found
from steward.types import Json

Kind: TypeAlias = Literal["later", "while", "until", "vague", "sun"]
"""What a time says: when to do it; for how long; until when; no time exactly ("tonight", "every
two hours"); or by the sun."""

_FINDERS: Mapping[str, Callable[[str], Found]] = {"en": clock_en.find, "zh": clock_zh.find}
_BETWEEN_HAN = re.compile(f"(?<=[{HAN}]) (?=[{HAN}\\d])|(?<=\\d) (?=[{HAN}])")
_SPACES = re.compile(r"\s+")
_NOON = 12


@dataclass(frozen=True)
class Time:
    """A time in a sentence. `rest` is the sentence without it, `said` its words.

    `when` is the argument of `schedule.add`: {"after": seconds}, or {"at": "HH:MM"} with
    "half_day", "days", "in_days" and "repeat" as they apply, or {"sun": "rising" or "setting",
    "offset": seconds} with the same, which still lacks its "moment". `weak` tells that the words
    may mean something else ("at 7" may be a temperature). `start` and `end` span all its words.
    """

    kind: Kind
    when: Mapping[str, Json]
    rest: str
    said: str
    start: int
    end: int
    weak: bool = False


def read_time(text: str, language: str, names: Sequence[tuple[int, int]] = ()) -> Time | None:
    """Return the time to come that the plain `text` names, or None without one.

    Words inside the spans `names` are names of things and never times.
    """
    found = _find(text, language.partition("-")[0]).without(names)
    if not found.spans:
        return None
    spans = sorted(find.span for find in found.all)
    kind, when, weak = _meaning(found)
    return Time(
        kind=kind,
        when=when,
        rest=_cut(text, spans),
        said=" ".join(text[start:end].strip() for start, end in spans),
        start=spans[0][0],
        end=spans[-1][1],
        weak=weak,
    )


def _find(text: str, language: str) -> Found:
    finder = _FINDERS.get(language)
    if finder is None:
        return Found()
    found = finder(text)
    # An English sentence with a Chinese name in it counts as Chinese.
    return clock_en.find(text) if not found.spans and language == "zh" else found


def _meaning(found: Found) -> tuple[Kind, Mapping[str, Json], bool]:
    dated = any(piece is not None for piece in (found.clock, found.part, found.day))
    if found.sun is not None:
        sun = found.sun.value
        if found.clock or found.interval or found.after or found.length:
            return "vague", {}, False
        day = dict(found.day.value) if found.day else {}
        return "sun", {"sun": sun.does, "offset": round(sun.offset), **day}, False
    if found.interval is not None:
        return "vague", {}, False
    if found.after is not None:
        if dated:
            return "vague", {}, False
        return "later", {"after": round(found.after.value)}, False
    if found.length is not None:
        if dated:
            return "vague", {}, False
        return "while", {"after": round(found.length.value)}, False
    if found.clock is None:
        return "vague", {}, False
    weak = found.clock.value.weak and found.part is None and found.day is None
    when = _at(found.clock.value, found.part, found.day)
    return ("until" if found.clock.value.until else "later"), when, weak


def _at(
    clock: Clock, part: Find[str] | None, day: Find[Mapping[str, Json]] | None
) -> dict[str, Json]:
    when: dict[str, Json] = dict(day.value) if day else {}
    hour, next_day = _hour(clock, part.value if part else "", bool(when.get("repeat") or when))
    if hour is None:
        when["half_day"] = True
        hour = clock.hour
    in_days = when.get("in_days")
    if next_day and isinstance(in_days, int):
        when["in_days"] = in_days + 1
    return {"at": f"{hour:02d}:{clock.minute:02d}", **when}


def _hour(clock: Clock, part: str, on_a_day: bool) -> tuple[int | None, bool]:
    """Return the hour of 24, and whether it is after that day's midnight; None for either half.

    Of a day that was named and no half of it, 6 to 11 are in the morning, 1 to 5 in the afternoon.
    """
    hour, half = clock.hour, clock.half or part
    if clock.exact or hour > _NOON or hour == 0:
        return hour % 24, clock.exact and hour == 24
    if half == "am":
        return hour % _NOON, False
    if half == "noon":
        return (hour if hour >= 10 else hour + _NOON), False
    if half == "pm":
        return hour % _NOON + _NOON, False
    if half == "night":
        # "Twelve at night" and "two at night" belong to the next date.
        return (hour + _NOON, False) if 5 <= hour < _NOON else (hour % _NOON, True)
    if on_a_day:
        return (hour + _NOON if hour < 6 else hour), False
    return None, False


def _cut(text: str, spans: Sequence[tuple[int, int]]) -> str:
    pieces, last = [], 0
    for start, end in spans:
        pieces.append(text[last:start])
        last = end
    pieces.append(text[last:])
    rest = _SPACES.sub(" ", " ".join(piece.strip() for piece in pieces))
    return _BETWEEN_HAN.sub("", rest).strip(" ,，、;.")
