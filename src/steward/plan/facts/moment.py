"""Whether it is that time or that day: "it's after eight", "today is sunday", "没到晚上八点"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from steward.plan.reply.words import phrase
from steward.plan.timing.planned import clock_words
from steward.plan.timing.times import read_time

_DAY, _HALF_DAY, _DAWN = 24 * 60, 12 * 60, 5 * 60
_EN_IT = r"(?:it|it has|it's|the time|the time's|now|right now|today|today's)(?: is| has)?"
_EN_NOT = r"(?P<not> not|n't)?"
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EN_DAY = rf"(?P<day>week ?days?|work ?days?|working days?|weekends?|{'|'.join(_WEEK)})"
_EN_PARTS = {"morning": (5, 12), "afternoon": (12, 18), "evening": (17, 23), "night": (21, 5)}
_ZH_IT = r"(?:现在|此刻|这会儿|眼下|时间|今天|今儿个?|已经|都|还|正好?|是|在)*"
_ZH_PARTS = {
    **dict.fromkeys(("早上", "早晨", "清晨"), (5, 10)),
    **dict.fromkeys(("上午",), (5, 12)),
    **dict.fromkeys(("中午",), (11, 14)),
    **dict.fromkeys(("下午",), (12, 18)),
    **dict.fromkeys(("傍晚",), (17, 20)),
    **dict.fromkeys(("晚上", "夜晚"), (18, 24)),
    **dict.fromkeys(("夜里", "半夜", "深夜"), (22, 5)),
    **dict.fromkeys(("白天",), (6, 18)),
}
"""From which hour to which it is so."""
_CLOCKS = {
    "en": (
        re.compile(
            rf"^{_EN_IT}{_EN_NOT}(?: already| just| still| well)*"
            r" (?:(?P<after>after|past|gone|later than)|(?P<before>before|earlier than|yet))"
            r" (?P<time>.+?)(?: already| yet| now)*$",
            re.IGNORECASE,
        ),
        re.compile(
            rf"^{_EN_IT}{_EN_NOT} (?:between|from) (?P<start>.+?)"
            r" (?:and|to|till|until) (?P<end>.+)$",
            re.IGNORECASE,
        ),
    ),
    "zh": (
        re.compile(
            rf"^{_ZH_IT}(?:(?P<before>没有?到|不到|未到|没有?过|早于)|(?P<after>过了?|晚于|到了?))"
            r"(?P<time>.+?)了?$"
        ),
        re.compile(
            rf"^{_ZH_IT}(?P<time>.+?)(?:已经|都)?"
            r"(?:(?P<after>以后|之后|过后|后|过)|(?P<before>以前|之前|前))了?$"
        ),
        re.compile(rf"^{_ZH_IT}(?P<start>.+?)(?:到|至|和|跟|与)(?P<end>.+?)(?:之间|中间|期间)?$"),
    ),
}
_DAYS = {
    "en": re.compile(rf"^{_EN_IT}{_EN_NOT}(?: an?| the| on)* {_EN_DAY}(?: today)?$", re.IGNORECASE),
    "zh": re.compile(
        r"^(?:今天|今儿个?|现在|这天)?(?P<not>不)?(?:正好|刚好)?(?:是|赶上|碰上)?"
        r"(?P<day>工作日|上班日|平日|周末|休息日|双休日|(?:周|星期|礼拜)[一二三四五六日天])$"
    ),
}
_PARTS = {
    "en": re.compile(
        rf"^{_EN_IT}{_EN_NOT}(?: already| still| yet| in the| the| at)*"
        rf" (?P<part>{'|'.join(_EN_PARTS)})(?: ?time)?(?: already| yet| now)*$",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        rf"^(?:现在|已经|还|都)*(?P<not>不|没)?(?:是|到)?了?(?P<part>{'|'.join(_ZH_PARTS)})了?$"
    ),
}


@dataclass(frozen=True)
class Moment:
    """Whether a clause about the time `holds`, in words that are true.

    `coming` tells that it will hold later that day: "when it's past ten" may mean a plan.
    """

    holds: bool
    said: str
    coming: bool = False


def moment(text: str, language: str, at: datetime | None) -> Moment | None:
    """Return what the clause `text` comes to `at` that moment; None when it is about no time."""
    primary = language.partition("-")[0]
    if at is None or primary not in _CLOCKS:
        return None
    day = _DAYS[primary].match(text)
    if day is not None:
        said = phrase(primary, "time", f"weekday{at.weekday()}")
        so = _is_day(day["day"].casefold(), at.weekday()) != bool(day["not"])
        return Moment(so, phrase(primary, "conditions", "today").format(day=said))
    said = phrase(primary, "conditions", "moment").format(time=clock_words(f"{at:%H:%M}", primary))
    minute = at.hour * 60 + at.minute
    for holds, before in _verdicts(text, primary, minute):
        return Moment(holds, said, coming=not holds and not before)
    return None


def _verdicts(text: str, language: str, minute: int) -> Iterator[tuple[bool, bool]]:
    """Yield whether the clause holds at that minute of the day, and whether it says "before"."""
    part = _PARTS[language].match(text)
    if part is not None:
        parts = _EN_PARTS if language == "en" else _ZH_PARTS
        start, end = (hour * 60 for hour in parts[part["part"].casefold()])
        yield _within(minute, start, end) != bool(part["not"]), bool(part["not"])
    for form in _CLOCKS[language]:
        match = form.match(text)
        said = match.groupdict() if match is not None else {}
        turned = bool(said.get("not"))
        if said.get("time"):
            limits = _minutes(str(said["time"]), language)
            if limits:
                limit = min(limits, key=lambda each: _apart(minute, each))
                # "It's not yet ten" says "before" once, whether or not "not" is a word of it.
                yet = turned and str(said["before"]).casefold() == "yet"
                before = bool(said["before"]) != (turned and not yet)
                yield _is_after(minute, limit) != before, before
        elif said:
            spans = _spans(str(said["start"]), str(said["end"]), language)
            if spans:
                yield any(_within(minute, *span) for span in spans) != turned, False


def _minutes(said: str, language: str) -> tuple[int, ...]:
    """Return the minutes of the day that a clock time can be: two where its half is open."""
    for form in (said, f"at {said}" if language == "en" else f"{said}点"):
        time = read_time(form, language)
        if time is None or time.rest or set(time.when) - {"at", "half_day"} or not time.when:
            continue
        hour, minute = (int(part) for part in str(time.when["at"]).split(":"))
        first = hour * 60 + minute
        return (
            (first % _HALF_DAY, first % _HALF_DAY + _HALF_DAY)
            if "half_day" in time.when
            else (first,)
        )
    return ()


def _spans(start: str, end: str, language: str) -> list[tuple[int, int]]:
    """Return the spans that two clock times may be; the half of one goes for the other, too."""
    starts, ends = _minutes(start, language), _minutes(end, language)
    pairs = [(one, other) for one in starts for other in ends]
    if not pairs:
        return []
    shortest = min((other - one) % _DAY for one, other in pairs)
    return [(one, other) for one, other in pairs if (other - one) % _DAY == shortest]


def _within(minute: int, start: int, end: int) -> bool:
    return (minute - start) % _DAY < (end - start) % _DAY


def _apart(one: int, other: int) -> int:
    return min((one - other) % _DAY, (other - one) % _DAY)


def _is_after(minute: int, limit: int) -> bool:
    """Tell whether it is past `limit`: half past midnight is after ten, and before seven."""
    if minute < _DAWN and limit < _HALF_DAY:
        return minute >= limit
    return (minute - _DAWN) % _DAY >= (limit - _DAWN) % _DAY


def _is_day(day: str, weekday: int) -> bool:
    if day in _WEEK:
        return _WEEK.index(day) == weekday
    if day[-1] in "一二三四五六日天" and day not in (
        "工作日",
        "上班日",
        "平日",
        "休息日",
        "双休日",
    ):
        return "一二三四五六日".index(day[-1].replace("天", "日")) == weekday
    resting = day.startswith(("weekend", "周末", "休息", "双休"))
    return resting == (weekday >= len(_WEEK) - 2)
