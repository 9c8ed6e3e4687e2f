"""Times to come in Chinese, in plain text: lengths are in digits there, clock times are not."""

from __future__ import annotations

import re
from collections.abc import Mapping

from steward.plan.language.text import chinese_number
from steward.plan.timing.clock import Clock, Find, Found, Sun
from steward.types import Json

_NUMERAL = r"(?:\d{1,2}|[零〇一二两三四五六七八九十]{1,3})"
_HOUR = r"(?:\d{1,2}|二?十[一二两三四五六七八九]?|零|[一二两三四五六七八九])"
_LENGTH = (
    r"(?:(?P<days>\d+|[一二两三四五六七八九十]+)天)?(?:(?P<hours>\d+(?:\.\d+)?)个?(?:半?小时|钟头))?"
    r"(?:零?(?P<minutes>\d+(?:\.\d+)?)分(?!之)钟?)?(?:零?(?P<seconds>\d+)秒钟?)?"
)
_UNITS = {"days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}
_AFTER = re.compile(
    rf"(?:再过|过了|过|等)[个上]?{_LENGTH}(?:之后|以后|过后|后)?(?:再|就)?"
    rf"|{_LENGTH.replace('?P<', '?P<b')}(?:之后|以后|过后|后)(?:再|就)?"
)
_FOR = re.compile(_LENGTH)
_INTERVAL = re.compile(
    rf"每隔?(?:{_NUMERAL}|半)?个?(?:小时|钟头|分钟|秒|周|星期|月)(?![一二三四五六日天末1-7])"
)
_SUN = re.compile(
    r"(?:在|等到?)?(?:(?P<set>日落|天黑|太阳(?:下山|落山))|(?P<rise>日出|天亮|太阳(?:升起|出来)))了?"
    r"(?:(?P<side>之前|以前|前|之后|以后|后)的?"
    + _LENGTH
    + r"|"
    + _LENGTH.replace("?P<", "?P<b")
    + r"(?P<bside>之前|以前|前|之后|以后|后)|之后|以后|后|的?时候|时)?"
)
_SOMETIME = re.compile(
    "(?:过|等)?(?:一会儿?|一阵子?)(?:之后|以后|后)?(?:再|就)?|(?:待|等|过)会儿?再?"
    "|(?:晚|迟)(?:一?点儿?|些)(?:时候)?再?(?=把|开|关|打|拉|锁|启|停|放)|稍后再?|回头再?|等一下再"
)
_PARTS = {
    "凌晨": "am",
    "清晨": "am",
    "早晨": "am",
    "早上": "am",
    "上午": "am",
    "早": "am",
    "中午": "noon",
    "下午": "pm",
    "傍晚": "pm",
    "晚上": "night",
    "夜里": "night",
    "夜晚": "night",
    "半夜": "night",
    "午夜": "night",
    "晚": "night",
}
_PART_WORDS = "|".join(sorted(_PARTS, key=len, reverse=True))
_DAY_WORDS = "大后天|后天|明天|明日|明儿个?|今天|今日|今儿个?"
_WEEK = "周|星期|礼拜"
_WEEKDAY = "[一二三四五六日天1-7]"
_DAY = re.compile(
    rf"(?P<group>(?:每个?|每?逢)?(?:工作日|平日|上班日|上学日|上课日)(?:的?每天)?|每个?周末|(?:{_WEEK})一(?:到|至)(?:{_WEEK})?五)"
    rf"|[每逢]+个?(?:{_WEEK})(?P<each>{_WEEKDAY}(?:[、和,]?(?:(?:{_WEEK}))?{_WEEKDAY})*)"
    rf"|(?P<daily>每天|每日|天天|每(?=早|晚|晨))"
    rf"|(?:这个?|下个?|本)?(?:{_WEEK})(?P<one>{_WEEKDAY}|末)"
    rf"|(?P<near>{_DAY_WORDS}|[今明](?=[早晚]))"
)
_CLOCK = re.compile(
    rf"(?:在|到了?|等到)?(?P<part>{_PART_WORDS})?的?(?:"
    rf"(?P<hour>{_HOUR})(?:点钟?|时)(?:(?P<past>半|整|[一三1]刻)|(?P<minute>零?{_NUMERAL})分?)?(?!点)"
    r"|(?P<hour24>\d{1,2}):(?P<minute24>\d\d))"
    r"(?:的?时候|左右|准时|时)?"
)
_NOON = re.compile(r"(?:在|到了?)?(?:中午|正午)(?:的?时候|时)?|(?:在|到了?)?午夜(?:的?时候|时)?")
_PART = re.compile(rf"(?<!一)(?:{_PART_WORDS})(?![间饭餐安会好])")
_PAST = re.compile("昨|前天|刚才|上(?:个?星期|周)")
_LASTING = re.compile("(?:一?直|开|亮|放|播|吹|烧)$")
"""What stands before "to ten o'clock" when something lasts until then."""
_AMOUNT = re.compile(r"[亮暗高低大小热冷暖凉轻响慢快柔早晚多少远近些了有]$")
"""What stands before "a bit", which is written like "one o'clock"."""
_CHARACTERS = "一二三四五六日"


def find(text: str) -> Found:
    """Return the pieces of a time in the plain Chinese `text`."""
    if _PAST.search(text):
        return Found()
    sun = _SUN.search(text)
    sun = None if sun is not None and _is_told(sun, text) else sun
    if sun is not None and _seconds(sun):
        # "Half an hour after sunset" is one time.
        return Found(sun=Find(_sun(sun), sun.span()), day=_day(text))
    after = _length(_AFTER, text)
    clock = None if after else _clock(text)
    part = None if clock and clock.value.half else _part(text)
    interval = _INTERVAL.search(text)
    length = None if after or clock else _length(_FOR, text)
    if not (after or clock or length or interval):
        interval = _SOMETIME.search(text)
    return Found(
        after=after,
        length=length,
        clock=clock,
        part=None if clock and part and _overlap(clock.span, part.span) else part,
        day=_day(text),
        interval=Find(interval[0], interval.span()) if interval else None,
        sun=Find(_sun(sun), sun.span()) if sun else None,
    )


def _sun(match: re.Match[str]) -> Sun:
    does = "setting" if match["set"] else "rising"
    sign = -1 if "前" in (match["side"] or match["bside"] or "") else 1
    return Sun(does, sign * _seconds(match))


def _is_told(sun: re.Match[str], text: str) -> bool:
    """Tell whether a last clause only says how it is: "把灯打开，天黑了"."""
    last = sun.end() == len(text) and sun[0].endswith("了")
    return last and text[: sun.start()].endswith((",", "，"))


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _length(pattern: re.Pattern[str], text: str) -> Find[float] | None:
    for match in pattern.finditer(text):
        if (seconds := _seconds(match)) > 0:
            return Find(seconds, match.span())
    return None


def _seconds(match: re.Match[str]) -> float:
    said = {name.removeprefix("b"): words for name, words in match.groupdict().items() if words}
    return sum(_count(said[name]) * unit for name, unit in _UNITS.items() if name in said)


def _count(words: str) -> float:
    return float(words) if words[0].isdigit() else chinese_number(words)


def _clock(text: str) -> Find[Clock] | None:
    for match in _CLOCK.finditer(text):
        clock = _read(match, text)
        if clock is not None:
            return Find(clock, match.span())
    named = _NOON.search(text)
    if named is None:
        return None
    hour = 24 if "午夜" in named[0] else 12
    return Find(Clock(hour, exact=True), named.span())


def _read(match: re.Match[str], text: str) -> Clock | None:
    half = _PARTS.get(match["part"] or "", "")
    until = match[0].startswith("到") and bool(_LASTING.search(text[: match.start()]))
    if match["hour24"]:
        hour, minute = int(match["hour24"]), int(match["minute24"])
        written = match["hour24"]
        exact = not half and len(written) == 2 and written[0] == "0"
    else:
        before = text[: match.start()]
        bare = not half and not match["past"] and not match["minute"] and "点钟" not in match[0]
        if bare and match["hour"] in ("一", "两", "几") and not _dated(before):
            return None
        if bare and _AMOUNT.search(before) and match["hour"] == "一":
            return None
        hour = chinese_number(match["hour"])
        minute = _minute(match["past"], match["minute"])
        exact = False
    if hour > 24 or minute > 59:
        return None
    if match["part"] == "凌晨":
        return Clock(hour % 12, minute, exact=True)
    return Clock(hour, minute, half, exact=exact, until=until)


def _dated(before: str) -> bool:
    return any(match.end() == len(before) for match in _DAY.finditer(before))


def _minute(past: str | None, minute: str | None) -> int:
    if past:
        return {"半": 30, "整": 0, "三刻": 45}.get(past, 15)
    return chinese_number(minute.removeprefix("零")) if minute else 0


def _part(text: str) -> Find[str] | None:
    match = _PART.search(text)
    return None if match is None else Find(_PARTS[match[0]], match.span())


def _day(text: str) -> Find[Mapping[str, Json]] | None:
    match = _DAY.search(text)
    if match is None:
        return None
    value: Mapping[str, Json]
    if match["near"]:
        near = {"今": 0, "明": 1, "后": 2, "大": 3}
        value = {"in_days": near[match["near"][0]]}
    elif match["daily"]:
        value = {"repeat": True}
    elif match["group"]:
        value = {"days": [5, 6] if "末" in match["group"] else [0, 1, 2, 3, 4], "repeat": True}
    elif match["each"]:
        named = [c for c in match["each"] if re.fullmatch(_WEEKDAY, c)]
        value = {"days": sorted({_weekday(c) for c in named}), "repeat": True}
    else:
        value = {"days": [5, 6] if match["one"] == "末" else [_weekday(match["one"])]}
    return Find(value, match.span())


def _weekday(character: str) -> int:
    if character.isdigit():
        return int(character) - 1
    return 6 if character == "天" else _CHARACTERS.index(character)
