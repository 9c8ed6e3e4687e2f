"""English text for the voice: what its own reader spells, leaves out or takes for something else.

The voice's reader (hibari) writes numbers, times, dates and most money out by itself; here is the
rest, rule by rule. tests/data/spoken/en.txt says what all of it should sound like.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

_UNITS = {
    "W": "watts",
    "L": "liters",
    "l": "liters",
    "mL": "milliliters",
    "g": "grams",
    "m": "meters",
    "lx": "lux",
    "lm": "lumens",
    "dB": "decibels",
    "kPa": "kilopascals",
    "hPa": "hectopascals",
    "inHg": "inches of mercury",
    "psi": "P.S.I.",
    "m/s": "meters per second",
    "Mbit/s": "megabits per second",
    "m²": "square meters",
    "m³": "cubic meters",
    "m2": "square meters",
    "m3": "cubic meters",
    "µg/m³": "micrograms per cubic meter",
    "μg/m³": "micrograms per cubic meter",
    "mg/m³": "milligrams per cubic meter",
    "h": "hours",
    "s": "seconds",
    "K": "kelvin",
    "Hz": "hertz",
    "mAh": "milliamp hours",
    "V": "volts",
    "A": "amps",
    "tsp": "teaspoons",
    "tbsp": "tablespoons",
    "¢": "cents",
}
_LETTERS = ("A", "K", "V", "L", "l", "m", "g")
"""These stand apart from their number: "Room 3A" has no current."""
_UNIT = "|".join(
    ("(?<= )" if u in _LETTERS else "") + re.escape(u)
    for u in sorted(_UNITS, key=len, reverse=True)
)
_MEASURE = re.compile(rf"(?<![\w.])([0-9][0-9.,]*) ?({_UNIT})(?![\w/²³'])")
_ONE = frozenset({"1", "1.0"})
_UNCHANGED = frozenset({"lux", "hertz", "P.S.I.", "kelvin"})
_FEET = re.compile(r"(?<![\w.])([0-9])'([0-9]{1,2})\"")

_HALVES = {
    "½": "a half",
    "⅓": "a third",
    "⅔": "two thirds",
    "¼": "a quarter",
    "¾": "three quarters",
    "⅛": "an eighth",
    "1/2": "a half",
    "1/3": "a third",
    "2/3": "two thirds",
    "1/4": "a quarter",
    "3/4": "three quarters",
}
_HALF = "|".join(map(re.escape, _HALVES))
_MIXED = re.compile(rf"(?<![\w/.])(?:([0-9]+)(?: |(?![0-9]))({_HALF})|([½⅓⅔¼¾⅛]))(?![\w/])")

_DAYS = {
    "Mon": "Monday",
    "Tue": "Tuesday",
    "Tues": "Tuesday",
    "Wed": "Wednesday",
    "Thu": "Thursday",
    "Thurs": "Thursday",
    "Fri": "Friday",
    "Sat": "Saturday",
    "Sun": "Sunday",
}
_DAY = "|".join(sorted(_DAYS, key=len, reverse=True))
_DAY_RANGE = re.compile(rf"\b({_DAY})\.? ?[-–—] ?({_DAY})\b\.?")
_DAY_PAIR = re.compile(rf"\b({_DAY})\.? ?(&|,|and) ?({_DAY})\b\.?")
_DAY_DATE = re.compile(rf"\b({_DAY})\b\.?,? (?=[0-9])")
_DAY_SURE = re.compile(r"\b(Mon|Tues?|Thu(?:rs)?|Fri)\b(?!\.?[a-z])\.?")
"""Wed, Sat and Sun are words, too."""

_DIALLED = re.compile(
    r"(?i)\b(dial|call|ring|PIN|ZIP|port|extension|ext\.?) ([0-9]{3,5})(?![\w.-])"
)
_LEADING_ZERO = re.compile(r"(?<![\w.,:/-])0[0-9]+(?![\w.:/-])")
_ADDRESS = re.compile(r"(?<![\w.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![\w.])")
_PHONE = re.compile(
    r"(?<![\w.])(?:\+[0-9]{1,3}(?:[ -]\(?[0-9]{2,4}\)?){2,4}"
    r"|\([0-9]{3}\) ?[0-9]{3}[ -][0-9]{4})(?![\w-])"
)
_ROOM = re.compile(
    r"(?i)\b(room|suite|flat|apartment|gate|unit) ([1-9])([0-9]{2})([A-Z]?)(?!\w|[.,:][0-9])"
)
_HOUSE = re.compile(r"(?<![\w.])([1-9])([0-9]{2})([B-HJ-Z])(?= [A-Z])")
_VERSION = re.compile(r"(?<![\w.])[0-9]+(?:\.[0-9]+){2}(?![\w.])")
_POINT_ZERO = re.compile(r"\b(USB|HDMI|Bluetooth|[Vv]ersion) ([0-9]+)\.([0-9]+)\b")
_HUNDREDS = re.compile(r"\b(the '?)([0-9]{0,2}[0-9]0)s\b")
_PRICES = re.compile(r"\$([0-9.]+) ?[-–] ?\$?([0-9.]+)(?![\w%])")

Said: TypeAlias = str | Callable[[re.Match[str]], str]
_SIGNS: tuple[tuple[re.Pattern[str], Said], ...] = tuple(
    (re.compile(sign), words)
    for sign, words in (
        ("−", "-"),
        (r"\bhttps?://", ""),
        (r"(?<=\w)@(?=\w)", " at "),
        (r"(?<=[a-z]{2})\.(?=[a-z]{2,})", " dot "),
        (r"\bCO[2₂](?!\w)", "C O 2"),
        (r"\bHVAC\b", "H V AC"),
        (r"\bA/C\b", "AC"),
        (r"\bAA(?= batter|\b.{0,12}cells?\b)", "double A."),
        (r"\bAAA(?= batter|\b.{0,12}cells?\b)", "triple A."),
        (r"(?i)\bwi-?fi\b", "Wi-Fi"),
        (r"\bA(?=[0-9]\b)", "A-"),
        (r"(?<=\b[A-Z]{2})(?=[0-9]+\.[0-9])", " "),
        (r"\bv(?=[0-9]+\.[0-9])", "version "),
        (r"\bNo\. ?(?=[0-9])", "number "),
        (r"\bApt\b\.?", "apartment"),
        (r"(?<=[0-9] [A-Z])(\w+) St\b(?! [A-Z])\.?", r"\1 Street"),
        (r"\be\.g\.", "for example"),
        (r"\bi\.e\.", "that is"),
        (r"\bDec\.? (?=[0-9])", "December "),
        (r"\b24/7\b", "24 7"),
        (r"(?<![0-9/])([0-9]{2})/([0-9]{2})(?![0-9/])", r"\1 \2"),
        (r"(?<![\w/])&(?![\w/])", " and "),
        (r"(?<=[0-9]%)\s*[-~–]\s*(?=[0-9])", " to "),
        (r"(?<=[0-9°])\s*[~–]\s*(?=[0-9])", " to "),
        (r"(?<=:[0-9]{2})\s*[-–]\s*(?=[0-9]{1,2}:[0-9]{2})", " to "),
        (r"(?i)(?<=[0-9] [ap]m)\s*[-–]\s*(?=[0-9])", " to "),
        (r"(?i)(?<=[0-9][ap]m)\s*[-–]\s*(?=[0-9])", " to "),
        (r"±\s*(?=[0-9])", "plus or minus "),
        (r"(?<!\S)~\s*(?=[0-9])", "about "),
        (r"(?<!\S)>\s*(?=[0-9])", "more than "),
        (r"(?<!\S)<\s*(?=[0-9])", "less than "),
        (r"(?<![\w.])([0-9]+) ?[x×] (?=[0-9])", r"\1 by "),
        (r"(?<![\w.])([0-9]+) ?[x×] (?=(?:faster|slower|as|more|less|bigger|the)\b)", r"\1 times "),
        (r"(?<![\w.])([0-9]+) ?[x×] (?=[A-Za-z])", r"\1 "),
        (r"(?<![\w.])([0-9]+)\" (?=[A-Za-z])", r"\1 inch "),
        (r"(?<![\w.])([1-9][0-9]{3})K\b", r"\1 kelvin"),
        (r"(?<=[a-z] )tsp\b", "teaspoon"),
        (r"(?<=[a-z] )tbsp\b", "tablespoon"),
        (r"/kWh\b", " per kilowatt hour"),
        (r"([0-9][0-9.,]*) ?([€£$])", r"\2\1"),
    )
)


def spoken(text: str) -> str:
    """Return `text` with units and signs as words; numbers are left to the voice's own reader."""
    text = _MIXED.sub(_mixed, text)
    text = _DAY_RANGE.sub(lambda m: f"{_DAYS[m[1]]} to {_DAYS[m[2]]}", text)
    text = _DAY_PAIR.sub(lambda m: f"{_DAYS[m[1]]} {m[2]} {_DAYS[m[3]]}", text)
    text = _DAY_DATE.sub(lambda m: f"{_DAYS[m[1]]} ", text)
    text = _DAY_SURE.sub(lambda m: _DAYS[m[1]], text)
    text = _PHONE.sub(_phone, text)
    text = _ADDRESS.sub(lambda m: " dot ".join(map(_digits, m[0].split("."))), text)
    text = _PRICES.sub(r"\1 to $\2", text)
    for sign, words in _SIGNS:
        text = sign.sub(words, text)
    text = _DIALLED.sub(lambda m: f"{m[1]} {_digits(m[2])}", text)
    text = _LEADING_ZERO.sub(lambda m: _digits(m[0]), text)
    text = _ROOM.sub(lambda m: f"{m[1]} {_pairs(m[2], m[3], m[4])}", text)
    text = _HOUSE.sub(lambda m: _pairs(m[1], m[2], m[3]), text)
    text = _VERSION.sub(lambda m: m[0].replace(".", " point "), text)
    text = _POINT_ZERO.sub(r"\1 \2 point \3", text)
    text = _HUNDREDS.sub(r"\1\2's", text)
    text = _FEET.sub(r"\1 foot \2", text)
    return _MEASURE.sub(_measure, text)


def _measure(match: re.Match[str]) -> str:
    words = _UNITS[match[2]]
    if match[1] in _ONE:
        first, space, rest = words.partition(" ")
        square = first in ("square", "cubic", "milliamp")
        words = f"{first} {_singular(rest)}" if square else f"{_singular(first)}{space}{rest}"
    return f"{match[1]} {words}"


def _singular(word: str) -> str:
    if word == "inches":
        return "inch"
    return word if word in _UNCHANGED else word.removesuffix("s")


def _mixed(match: re.Match[str]) -> str:
    if match[1]:
        return f"{match[1]} and {_HALVES[match[2]]}"
    return _alone(_HALVES[match[3]])


def _alone(part: str) -> str:
    """Return a part as it is said before what it is of: "one half cup"."""
    return re.sub(r"^an? ", "one ", part)


def _digits(number: str) -> str:
    return " ".join(number)


def _phone(match: re.Match[str]) -> str:
    groups = re.findall(r"\+|[0-9]+", match[0])
    if groups[0] == "+":
        groups[:2] = [f"plus {_digits(groups[1])}"]
        return ", ".join((groups[0], *map(_digits, groups[1:])))
    return ", ".join(map(_digits, groups))


def _pairs(hundreds: str, rest: str, letter: str) -> str:
    """Return a room's or a house's number as it is said: "three oh two"."""
    if rest == "00":
        said = f"{hundreds}00"
    else:
        said = f"{hundreds} oh {rest[1]}" if rest[0] == "0" else f"{hundreds} {rest}"
    return f"{said} {letter}" if letter else said
