"""Times to come in English."""

from __future__ import annotations

import re
from collections.abc import Mapping

from steward.plan.language.values import ONES, TENS
from steward.plan.timing.clock import Clock, Find, Found, Sun
from steward.types import Json

_ONES = tuple(word for word, value in ONES.items() if value)
_NUMBERS = ONES | TENS
_ONE = "|".join(sorted(_ONES, key=len, reverse=True))
_COUNT = (
    rf"\d+(?:\.\d+)?|(?:{'|'.join(TENS)})(?: (?:{'|'.join(_ONES[:9])}))?|{_ONE}"
    r"|a couple(?: of)?|an?"
)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_UNIT = r"seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?"
_LENGTH = (
    rf"(?:(?P<part>half an? |an? half |three quarters of an? |an? quarter of an? )"
    rf"(?P<partunit>{_UNIT})"
    rf"|(?P<n>{_COUNT}) (?P<more>and a half )?(?P<unit>{_UNIT})(?P<half> and a half)?"
    rf"(?:,? (?:and )?(?P<n2>{_COUNT}) (?P<unit2>{_UNIT}))?)"
)
_AFTER = re.compile(
    rf"\b(?:(?:in|after) (?:about )?{_LENGTH}(?:'s|')?(?: time| from now)?"
    rf"|{_LENGTH.replace('?P<', '?P<b')}(?:'s|')? (?:from now|later))\b",
    re.IGNORECASE,
)
_FOR = re.compile(
    rf"\bfor (?:(?:the next |about |another |around |at least |up to )*{_LENGTH}"
    rf"|(?:the next|another) (?P<one>(?P<oneunit>{_UNIT})))\b",
    re.IGNORECASE,
)
_INTERVAL = re.compile(rf"\bevery (?:other |(?:{_COUNT}) )?(?:{_UNIT})\b", re.IGNORECASE)
_DAILY = re.compile(r"every days?$", re.IGNORECASE)
_SUN = re.compile(
    rf"\b(?:(?:at )?{_LENGTH} (?P<side>before|after) |(?:at|before|after|by|around|from|until) )?"
    r"(?:the )?(?:(?P<set>sunset|sundown|dusk|nightfall)|(?P<rise>sunrise|sunup|dawn))\b"
    r"|\b(?:when|as soon as|once) "
    r"(?:(?P<sets>the sun (?:sets|goes down)|it(?:'s| gets) dark(?: outside)?)"
    r"|(?P<rises>the sun (?:rises|comes up)|it gets light(?: outside)?))(?![\w ]*\bin the\b)",
    re.IGNORECASE,
)
_SOME = (
    r"(?:(?:a (?:bit|little|little bit) )?later(?: on| today| tonight)?"
    r"|(?:in|for) (?:just )?(?:a (?:little )?(?:while|bit|moment|minute or two)|some time"
    r"|a few (?:minutes|hours|moments))"
    r"|soon|shortly|(?:at )?some ?(?:time|point)(?: later)?)"
)
_SOMETIME = re.compile(rf"^{_SOME}\b|\b{_SOME}$", re.IGNORECASE)

_HOUR = rf"(?:\d{{1,2}}|{'|'.join(_ONES[:12])})"
_MINUTE = (
    rf"(?:\d{{1,2}}|oh (?:{'|'.join(_ONES[:9])})"
    rf"|(?:{'|'.join(list(TENS)[:4])})(?: (?:{'|'.join(_ONES[:9])}))?|{'|'.join(_ONES[9:])})"
)
_BEFORE = r"(?:(?P<until>until|till|til)|at|by|around|from|about)"
_NOT_A_MEASURE = (
    r"(?! ?(?:%|°|percent|degrees?|kelvin|minutes?|mins?|hours?|seconds?"
    r"|thirds?|quarters?|fifths?|tenths?|[.:]\d|\d))"
)
_HALF = r"(?P<half>a\.?m|p\.?m)\b\.?"
_CLOCKS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:{_BEFORE} )?(?P<past>half|(?:a )?quarter|{_MINUTE}(?: minutes?)?) "
        rf"(?P<way>past|after|to|till) (?P<hour>{_HOUR})\b(?: ?{_HALF})?",
        rf"\b(?:{_BEFORE} )?(?P<hour>\d{{1,2}})[:.](?P<minute>\d\d)(?: ?{_HALF})?(?!\d)",
        rf"\b(?:{_BEFORE} )?(?P<hour>{_HOUR})(?: (?P<minute>{_MINUTE}))? ?{_HALF}",
        rf"\b(?:{_BEFORE} )?(?P<hour>{_HOUR}) o'?clock\b",
        rf"\b{_BEFORE} (?P<past>half) (?P<hour>{_HOUR})\b{_NOT_A_MEASURE}",
        rf"\b{_BEFORE} (?P<hour>{'|'.join(_ONES[:12])}) (?P<minute>{_MINUTE})\b{_NOT_A_MEASURE}",
        rf"\b(?:{_BEFORE} )?(?P<named>noon|midday|midnight)\b",
        rf"\b(?:(?P<until>until|till|til)|at) (?P<weak>{_HOUR})\b{_NOT_A_MEASURE}",
    )
)
_PARTS = {"morning": "am", "afternoon": "pm", "evening": "pm", "night": "night"}
_PART = re.compile(
    r"(?:\b(?:in the |at |this )|(?<=day )|(?<=days )|(?<=tomorrow )|(?<=every )|(?<=each ))"
    r"(?P<part>morning|afternoon|evening|night)s?\b"
    r"|\b(?P<tonight>tonight)\b",
    re.IGNORECASE,
)
_PAST = re.compile(r"\b(?:yesterday|last (?:night|week|evening)|ago)\b", re.IGNORECASE)
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = rf"(?:{'|'.join(_WEEK)})"
_DAYS = re.compile(
    rf"\b(?:(?P<every>every|each) (?P<which>{_WEEKDAY}(?:(?:,| and|, and) {_WEEKDAY})*)s?"
    r"|(?P<daily>(?:every|each) (?:single )?day|daily)"
    r"|(?:(?:every|each|on|at|at the) )?(?P<group>weekdays?|workdays?|working days?|weekends?"
    r"|school days?|(?:from )?mondays? (?:to|till|until|through|thru) fridays?)"
    rf"|(?:on )?(?P<plural>(?:{_WEEKDAY}s(?:,| and|, and) )*{_WEEKDAY})s"
    rf"|(?:on |this |next |this coming |coming )?(?P<one>{_WEEKDAY})"
    r"|(?P<dat>the day after tomorrow)|(?P<tomorrow>tomorrow)|(?P<today>today)"
    r"|(?P<everypart>every|each)(?= (?:single )?(?:morning|afternoon|evening|night)))\b",
    re.IGNORECASE,
)


def find(text: str) -> Found:
    """Return the pieces of a time in the plain English `text`."""
    if _PAST.search(text):
        return Found()
    after = _after(text)
    clock = None if after else _clock(text)
    length = None if after else _length_for(text)
    part, day = _part(text), _day(text)
    if part and text[slice(*part.span)].lower().startswith(("this ", "tonight")):
        day = day or Find({"in_days": 0}, part.span)
    interval = _INTERVAL.search(text)
    if interval is not None and _DAILY.match(interval[0]):
        interval = None
    if not (after or clock or length or interval):
        interval = _SOMETIME.search(text)
    sun = _SUN.search(text)
    return Found(
        after=after,
        length=length,
        clock=clock,
        part=part,
        day=day,
        interval=Find(interval[0], interval.span()) if interval else None,
        sun=Find(_sun(sun), sun.span()) if sun else None,
    )


def _sun(match: re.Match[str]) -> Sun:
    sets = bool(match["set"] or match["sets"])
    if not match["side"]:
        return Sun("setting" if sets else "rising")
    sign = -1 if match["side"].lower() == "before" else 1
    return Sun("setting" if sets else "rising", sign * _seconds(match, ""))


def _after(text: str) -> Find[float] | None:
    match = _AFTER.search(text)
    if match is None:
        return None
    prefix = "" if match["unit"] or match["partunit"] else "b"
    return Find(_seconds(match, prefix), match.span())


def _length_for(text: str) -> Find[float] | None:
    match = _FOR.search(text)
    return None if match is None else Find(_seconds(match, ""), match.span())


def _seconds(match: re.Match[str], prefix: str) -> float:
    groups = {name.removeprefix(prefix): said for name, said in match.groupdict().items() if said}
    if "one" in groups:
        return _unit(groups["oneunit"])
    if "part" in groups:
        share = 0.5 if "half" in groups["part"].lower() else 0.25
        share = 0.75 if groups["part"].lower().startswith("three") else share
        return share * _unit(groups["partunit"])
    count = (
        _number(groups["n"]) + (0.5 if "more" in groups else 0) + (0.5 if "half" in groups else 0)
    )
    total = count * _unit(groups["unit"])
    if "n2" in groups:
        total += _number(groups["n2"]) * _unit(groups["unit2"])
    return total


def _unit(word: str) -> int:
    return _UNITS[word[0].lower()]


def _number(said: str) -> float:
    said = said.lower().removeprefix("oh ").removesuffix(" of")
    if said[0].isdigit():
        return float(said)
    if said in ("a", "an"):
        return 1
    if said == "a couple":
        return 2
    return sum(_NUMBERS[word] for word in said.split())


def _clock(text: str) -> Find[Clock] | None:
    for pattern in _CLOCKS:
        for match in pattern.finditer(text):
            clock = _read(match)
            if clock is not None:
                return Find(clock, match.span())
    return None


def _read(match: re.Match[str]) -> Clock | None:
    said = {name: words.lower() for name, words in match.groupdict().items() if words}
    until = "until" in said
    if "named" in said:
        noon = said["named"] != "midnight"
        return Clock(12 if noon else 24, exact=True, until=until)
    hour = int(_number(said.get("hour") or said["weak"]))
    minute = int(_number(said["minute"])) if "minute" in said else 0
    if "past" in said:
        minute = _past(said["past"])
        if said.get("way") in ("to", "till"):
            minute = 60 - minute
            hour = 12 if hour == 1 else hour - 1
    if hour > (12 if "half" in said or "past" in said or "weak" in said else 24) or minute > 59:
        return None
    half = said.get("half", "")[:1]
    written = said.get("hour", "")
    exact = not half and written.startswith("0") and len(written) == 2
    return Clock(
        hour,
        minute,
        {"a": "am", "p": "pm"}.get(half, ""),
        exact=exact,
        weak="weak" in said,
        until=until,
    )


def _past(words: str) -> int:
    if words == "half":
        return 30
    return (
        15 if "quarter" in words else int(_number(words.removesuffix("s").removesuffix(" minute")))
    )


def _part(text: str) -> Find[str] | None:
    match = _PART.search(text)
    if match is None:
        return None
    return Find("night" if match["tonight"] else _PARTS[match["part"].lower()], match.span())


def _day(text: str) -> Find[Mapping[str, Json]] | None:
    match = _DAYS.search(text)
    if match is None:
        return None
    said = {name: words.lower() for name, words in match.groupdict().items() if words}
    return Find(_days(said), match.span())


def _days(said: Mapping[str, str]) -> Mapping[str, Json]:
    for name, in_days in (("today", 0), ("tomorrow", 1), ("dat", 2)):
        if name in said:
            return {"in_days": in_days}
    if "daily" in said or "everypart" in said:
        return {"repeat": True}
    if "group" in said:
        days = [5, 6] if said["group"].startswith("weekend") else [0, 1, 2, 3, 4]
        return {"days": days, "repeat": True}
    if "one" in said:
        return {"days": [_WEEK.index(said["one"])]}
    named = re.findall(_WEEKDAY, said.get("which") or said["plural"])
    return {"days": sorted({_WEEK.index(day) for day in named}), "repeat": True}
