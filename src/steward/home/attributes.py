"""What the attributes that Steward works with must look like, by domain.

Names and ranges are Home Assistant's. A home whose attributes pass `check` cannot make a service
stumble over a value of the wrong kind; attributes not named here may be anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from steward.errors import FixturesError
from steward.types import Json

_Range = tuple[float, float]
_ANY: _Range = (-1e6, 1e6)
_PERCENT: _Range = (0, 100)
_KELVIN: _Range = (500, 40_000)

_NUMBERS: Mapping[str, Mapping[str, _Range]] = {
    "light": {
        "brightness": (0, 255),
        "color_temp_kelvin": _KELVIN,
        "min_color_temp_kelvin": _KELVIN,
        "max_color_temp_kelvin": _KELVIN,
    },
    "fan": {"percentage": _PERCENT, "percentage_step": _PERCENT},
    "cover": {"current_position": _PERCENT, "current_tilt_position": _PERCENT},
    "valve": {"current_position": _PERCENT},
    "media_player": {"volume_level": (0, 1), "media_track": _ANY},
    "climate": dict.fromkeys(
        (
            "temperature",
            "current_temperature",
            "target_temp_high",
            "target_temp_low",
            "min_temp",
            "max_temp",
        ),
        _ANY,
    ),
    "water_heater": dict.fromkeys(
        ("temperature", "current_temperature", "min_temp", "max_temp"), _ANY
    ),
    "humidifier": dict.fromkeys(("humidity", "min_humidity", "max_humidity"), _PERCENT),
    "number": dict.fromkeys(("min", "max", "step"), _ANY),
    "input_number": dict.fromkeys(("min", "max", "step"), _ANY),
}

_WORDS: Mapping[str, frozenset[str]] = {
    "light": frozenset({"supported_color_modes"}),
    "climate": frozenset({"hvac_modes", "fan_modes", "preset_modes", "swing_modes"}),
    "water_heater": frozenset({"operation_list"}),
    "humidifier": frozenset({"available_modes"}),
    "fan": frozenset({"preset_modes"}),
    "select": frozenset({"options"}),
    "input_select": frozenset({"options"}),
    "media_player": frozenset({"source_list"}),
}

_PAIRS = (
    ("min_temp", "max_temp"),
    ("min_humidity", "max_humidity"),
    ("min", "max"),
    ("min_color_temp_kelvin", "max_color_temp_kelvin"),
)

MAX_DURATION = 366 * 86400
"""Longest length of a timer, in seconds."""

_DURATION = re.compile(r"^(?:(\d{1,4}):)?([0-5]?\d):([0-5]?\d)(?:\.\d+)?$")


def check(domain: str, values: Mapping[str, Json], place: str) -> None:
    """Make sure that `values` suit an entity of `domain`; `place` names it in the error.

    Raises:
        FixturesError: one is of the wrong kind or out of its range.
    """
    for name, (low, high) in _NUMBERS.get(domain, {}).items():
        given = number(values.get(name))
        if values.get(name) is not None and (given is None or not low <= given <= high):
            raise _bad(place, name, values[name], f"a number from {low:g} to {high:g}, or null")
    for name in _WORDS.get(domain, frozenset()):
        if values.get(name) is not None and words(values[name]) is None:
            raise _bad(place, name, values[name], "a list of words")
    for low_name, high_name in _PAIRS:
        lowest, highest = number(values.get(low_name)), number(values.get(high_name))
        if lowest is not None and highest is not None and lowest > highest:
            raise _bad(place, low_name, lowest, f"no more than {high_name}")
    color = values.get("rgb_color")
    if domain == "light" and color is not None and not _is_rgb(color):
        raise _bad(place, "rgb_color", color, "three numbers from 0 to 255, or null")
    forecast = values.get("forecast")
    if domain == "weather" and forecast is not None and not _is_records(forecast):
        raise _bad(place, "forecast", forecast, "a list of mappings")
    for name in ("duration", "remaining") if domain == "timer" else ():
        if values.get(name) is not None and duration(values[name]) is None:
            raise _bad(place, name, values[name], 'like "0:05:00", or seconds')


def number(value: Json) -> int | float | None:
    """Return `value` if it is a number (true and false are not), else None."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def words(value: Json) -> tuple[str, ...] | None:
    """Return the words of a list of texts, None for anything else.

    False and true stand for "off" and "on", as loaders of YAML 1.1 write those words.
    """
    if isinstance(value, str) or not isinstance(value, Sequence):
        return None
    texts = [{False: "off", True: "on"}[v] if isinstance(v, bool) else v for v in value]
    good = tuple(text for text in texts if isinstance(text, str))
    return good if len(good) == len(texts) else None


def duration(value: Json) -> timedelta | None:
    """Return the length that "H:MM:SS", "MM:SS" or a number of seconds stands for, else None."""
    seconds = number(value)
    if seconds is None and isinstance(value, str) and (match := _DURATION.match(value)):
        hours, minutes, rest = (int(part or 0) for part in match.groups())
        seconds = hours * 3600 + minutes * 60 + rest
    if seconds is None or not 0 <= seconds <= MAX_DURATION:
        return None
    return timedelta(seconds=seconds)


def duration_text(length: timedelta) -> str:
    """Return `length` as Home Assistant writes it: "H:MM:SS", fractions of a second cut off."""
    seconds = int(length.total_seconds())
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def moment(value: Json) -> datetime | date | None:
    """Return the ISO 8601 date or time, of the years 1900 to 2199, that `value` is, else None."""
    if not isinstance(value, str):
        return None
    try:
        read = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    except ValueError:
        return None
    return read if 1900 <= read.year < 2200 else None


def _is_rgb(value: Json) -> bool:
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) != 3:
        return False
    numbers = [number(part) for part in value]
    return all(part is not None and 0 <= part <= 255 for part in numbers)


def _is_records(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(item, Mapping) for item in value)


def _bad(place: str, name: str, value: Json, wanted: str) -> FixturesError:
    return FixturesError(
        f"{place}: attribute {name} is {value!r:.60}", hint=f"{name} must be {wanted}"
    )
