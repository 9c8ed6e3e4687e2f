"""Chinese numbers, dates, measures and signs, written out as they are said.

tests/data/spoken/zh.txt says how.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

_DIGITS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_LONGEST_NUMBER = 13
"""Digits; a longer number is a serial number and is read digit by digit."""
_UNITS = {
    "°C": "摄氏度",
    "°F": "华氏度",
    "°": "度",
    "km/h": "公里每小时",
    "m/s": "米每秒",
    "μg/m3": "微克每立方米",
    "mg/m3": "毫克每立方米",
    "kWh": "千瓦时",
    "kW": "千瓦",
    "W": "瓦",
    "mAh": "毫安时",
    "km": "公里",
    "cm": "厘米",
    "mm": "毫米",
    "m2": "平方米",
    "m3": "立方米",
    "m": "米",
    "kg": "公斤",
    "mg": "毫克",
    "μg": "微克",
    "g": "克",
    "ml": "毫升",
    "mL": "毫升",
    "L": "升",
    "h": "小时",
    "min": "分钟",
    "s": "秒",
    "ms": "毫秒",
    "K": "开",
    "lx": "勒克斯",
    "lm": "流明",
    "dB": "分贝",
    "Hz": "赫兹",
    "GHz": "吉赫兹",
    "kPa": "千帕",
    "hPa": "百帕",
    "ppm": "PPM",
    "V": "伏",
    "A": "安",
}
_MONEY = {"¥": "元", "$": "美元", "€": "欧元", "£": "英镑"}
_COUNTED = (
    "个|盏|台|扇|张|间|位|杯|份|条|次|天|周|年(?!级)|小时|分(?!之)|秒|种|把|块|元|米|公里|公斤|升"
    "|人|首|部|件|家|只|口|瓶|袋|盒|本|道|滴|斤|包|罐|节|双|棵|遍|成|倍|点|千|万|亿|美元|欧元|英镑"
)
"""Before these one says 两, not 二: most measure words."""

_SIGNS = (
    (re.compile("[−–]"), "-"),
    (re.compile(r"(?<=[0-9])(?=[½⅓⅔¼¾⅛])"), "又"),
    (re.compile(r"(?<=:[0-9]{2})\s*[-~]\s*(?=[0-9]{1,2}:[0-9]{2})"), "到"),
    (re.compile(r"(?<=[0-9])h(?=[0-9])"), "小时"),
    (re.compile(r"(?<=[A-Za-z])(?<!°[CF])-(?=[0-9])"), " "),
    (re.compile(r"(?<=[0-9])\s*[x×]\s*(?=[0-9])"), "乘"),
    (re.compile(r"(?<=[\u3400-\u9FFF])\s*[x×]\s*([0-9]+)(?![0-9.])"), r"\1份"),
    (re.compile(r"(?<=[0-9])\s*\+\s*(?=[0-9])"), "加"),
    (re.compile(r"±\s*(?=[0-9])"), "正负"),
    (re.compile(r">\s*(?=[0-9])"), "大于"),
    (re.compile(r"<\s*(?=[0-9])"), "小于"),
)
_UNIT = "|".join(re.escape(u) for u in sorted(_UNITS, key=len, reverse=True))
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_DATE = re.compile(
    r"(?<![0-9])([0-9]{4})([-/.])(0?[1-9]|1[0-2])\2(0?[1-9]|[12][0-9]|3[01])(?![0-9])"
)
_CLOCK = re.compile(r"(?<![0-9])([01]?[0-9]|2[0-4]):([0-5][0-9])(?::[0-5][0-9])?(?![0-9])")
_YEAR = re.compile(r"(?<![0-9])([0-9]{4})(?=年)")
_PHONE = re.compile(
    r"(?<![0-9])(?:(\+)([0-9]{1,3})[- ])?"
    r"(1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}|0[0-9]{2,3}[- ][0-9]{3,4}[- ]?[0-9]{4}"
    r"|[48]00-[0-9]{3}-[0-9]{4})(?![0-9])"
)
_DIALLED = re.compile(
    r"((?:打|拨|呼叫|电话|密码|验证码|邮编|房号|端口|车牌|编号)(?:是|为|号码?)?[: ]?[A-Z]?)"
    r"([0-9]{3,})(?![0-9.分个次元])"
)
_ADDRESS = re.compile(r"(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9.])")
_VERSION = re.compile(r"(?<![0-9.])[0-9]+(?:\.[0-9]+){2}(?![0-9.])")
_MODEL = re.compile(r"(?<=[A-Z]{2})[0-9]{4}(?![0-9.])")
_ROOM = re.compile(r"(?<![0-9])([0-9]{3,4})(?=[号室房])")
_FRACTION = re.compile(r"(?<![0-9/.])([0-9]{1,2})[/⁄]([0-9]{1,3})(?![0-9/])")
_RATIO = re.compile(r"(?<![0-9:])([0-9]{1,2}):([0-9]{1,2})(?![0-9:])")
_AFTER = re.compile(rf"({_NUMBER})\s*([{''.join(_MONEY)}])")
_PRICE = re.compile(rf"([{''.join(_MONEY)}])\s*({_NUMBER})(?:\s*[-~]\s*({_NUMBER}))?")
_RANGE = re.compile(r"(?<=[0-9])(°C|°)?\s*[-~–]\s*(?=[0-9])")
_PERCENTS = re.compile(rf"(?<![0-9])({_NUMBER})\s*%?\s*[-~–到]\s*({_NUMBER})\s*%")
_PERCENT = re.compile(rf"(?<![0-9])(-?)({_NUMBER})\s*%")
_MEASURE = re.compile(rf"({_NUMBER})\s*({_UNIT})(?<!(?<![0-9])[0-9]K)(?![A-Za-z0-9])")
"""A single digit before K is no colour but "4K"."""
_TWO = re.compile(rf"(?<![0-9.第])2(?=(?:{_COUNTED}))")
_PLAIN = re.compile(rf"(-(?=[0-9]))?({_NUMBER})")


def spoken(text: str) -> str:
    """Return `text` with its numbers, dates, prices and units written out in Chinese."""
    for sign, words in _SIGNS[:2]:
        # Before what they stand for is written with other signs.
        text = sign.sub(words, text)
    text = _THOUSANDS.sub("", unicodedata.normalize("NFKC", text))
    for sign, words in _SIGNS[2:]:
        text = sign.sub(words, text)
    text = _DATE.sub(lambda m: f"{_digits(m[1])}年{int(m[3])}月{int(m[4])}日", text)
    text = _CLOCK.sub(lambda m: _clock(m[1], m[2]), text)
    text = _YEAR.sub(lambda m: _digits(m[1]), text)
    text = _PHONE.sub(_phone, text)
    text = _DIALLED.sub(lambda m: m[1] + _dialled(m[2]), text)
    text = _ADDRESS.sub(lambda m: _dialled(m[0]), text)
    text = _VERSION.sub(lambda m: "点".join(map(_number, m[0].split("."))), text)
    text = _MODEL.sub(lambda m: _digits(m[0]), text)
    text = _ROOM.sub(lambda m: _dialled(m[1]), text)
    text = _AFTER.sub(r"\2\1", text)
    text = _PRICE.sub(_price, text)
    text = _PERCENTS.sub(lambda m: f"百分之{_number(m[1])}到{_number(m[2])}", text)
    text = _RANGE.sub("到", text)
    text = _PERCENT.sub(lambda m: ("负" if m[1] else "") + "百分之" + _number(m[2]), text)
    text = _FRACTION.sub(lambda m: f"{_number(m[2])}分之{_number(m[1])}", text)
    text = _RATIO.sub(lambda m: f"{_number(m[1])}比{_number(m[2])}", text)
    text = _MEASURE.sub(lambda m: m[1] + _UNITS[m[2]], text)
    text = _TWO.sub("两", text)
    return _PLAIN.sub(lambda m: ("负" if m[1] else "") + _number(m[2]), text)


def _clock(hour: str, minute: str) -> str:
    said = ("两" if int(hour) == 2 else _number(str(int(hour)))) + "点"
    if minute == "00":
        return said + "整"
    return said + ("零" if minute[0] == "0" else "") + _number(str(int(minute))) + "分"


def _phone(match: re.Match[str]) -> str:
    number = _dialled(re.sub("[- ]", "", match[3]))
    return f"加{_dialled(match[2])}{number}" if match[1] else number


def _price(match: re.Match[str]) -> str:
    amounts = [re.sub(r"(?<=\.[0-9])0$", "", amount) for amount in match.groups()[1:] if amount]
    return "到".join(amounts) + _MONEY[match[1]]


def _number(number: str) -> str:
    whole = number.partition(".")[0]
    if len(whole) > _LONGEST_NUMBER or (len(whole) > 1 and whole[0] == "0"):
        return _digits(number)
    said: str = _library().an2cn(number)
    return said


@cache
def _library() -> Any:
    # Lazy: for users who hear Chinese only.
    import cn2an

    return cn2an


def _digits(number: str) -> str:
    return "".join("点" if c == "." else _DIGITS[c] for c in number)


def _dialled(number: str) -> str:
    """Read a telephone or room number: its ones are 幺, so that no seven is heard."""
    return _digits(number).replace("一", "幺")
