"""English text for the voice: the signs and units that its own reader spells or leaves out."""

from __future__ import annotations

import re

_UNITS = {
    "W": "watts",
    "L": "liters",
    "mL": "milliliters",
    "lx": "lux",
    "lm": "lumens",
    "dB": "decibels",
    "kPa": "kilopascals",
    "hPa": "hectopascals",
    "m/s": "meters per second",
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
}
_LETTERS = ("A", "K", "V", "L")
"""These stand apart from their number: "Room 3A" has no current."""
_UNIT = "|".join(
    ("(?<= )" if u in _LETTERS else "") + re.escape(u)
    for u in sorted(_UNITS, key=len, reverse=True)
)
_MEASURE = re.compile(rf"(?<![\w.])([0-9][0-9.,]*) ?({_UNIT})(?![\w/²³])")
_ONE = frozenset({"1", "1.0"})
_AFTER = re.compile(r"([0-9][0-9.,]*) ?([€£$])")
_SIGNS = (
    (re.compile(r"\bCO[2₂](?!\w)"), "C O 2"),
    (re.compile(r"\bHVAC\b"), "H V AC"),
    (re.compile(r"\bA/C\b"), "AC"),
    (re.compile(r"(?<=\b[A-Z]{2})(?=[0-9]+\.[0-9])"), " "),
    (re.compile(r"\bNo\. ?(?=[0-9])"), "number "),
    (re.compile(r"(?<=[0-9])/(?=[0-9]{2}\b)(?<=\b[0-9]{2}/)"), " "),
    (re.compile(r"(?<![\w/])&(?![\w/])"), " and "),
    (re.compile(r"(?<=[0-9°%])\s*[~–]\s*(?=[0-9])"), " to "),
)


def spoken(text: str) -> str:
    """Return `text` with units and signs as words; numbers are left to the voice's own reader."""
    for sign, words in _SIGNS:
        text = sign.sub(words, text)
    text = _AFTER.sub(r"\2\1", text)
    return _MEASURE.sub(_measure, text)


def _measure(match: re.Match[str]) -> str:
    words = _UNITS[match[2]]
    if match[1] in _ONE:
        first, space, rest = words.partition(" ")
        square = first in ("square", "cubic", "milliamp")
        words = f"{first} {_singular(rest)}" if square else f"{_singular(first)}{space}{rest}"
    return f"{match[1]} {words}"


def _singular(word: str) -> str:
    return word if word in ("lux", "hertz") else word.removesuffix("s")
