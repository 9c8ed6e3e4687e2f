"""What each component of discovery tells and is told.

The settings, their defaults and what they mean are those of Home Assistant's MQTT integration,
home-assistant.io/integrations/mqtt. What a component has beyond its sources and sinks, such as the
verbs of a cover, is in `orders`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from steward.home.mqtt.thing import (
    STATE,
    Sink,
    Source,
    Thing,
    as_it_is,
    number,
    one_of,
    payload,
    plain,
    word,
)
from steward.types import Json


def _scaled(low: str, high: str) -> tuple[Source, Sink]:
    """Return how a position between two settings, which are 0 and 100 percent, is told."""

    def read(thing: Thing, text: str) -> Json:
        zero, full = thing.number(low, 0), thing.number(high, 100)
        if zero == full:
            raise ValueError(f"{low} and {high} are the same")
        percent = round((float(text) - zero) / (full - zero) * 100)
        return max(0, min(100, percent))

    def write(thing: Thing, value: Json) -> Json:
        zero, full = thing.number(low, 0), thing.number(high, 100)
        return round(zero + float(str(value)) / 100 * (full - zero))

    name = "current_tilt_position" if low == "tilt_min" else "current_position"
    tilt = low == "tilt_min"
    return (
        Source(
            name,
            "tilt_status_topic" if tilt else "position_topic",
            "tilt_status_template" if tilt else "position_template",
            read,
        ),
        Sink(
            name,
            "tilt_command_topic" if tilt else "set_position_topic",
            "tilt_command_template" if tilt else "set_position_template",
            write,
        ),
    )


def _to_percent(thing: Thing, text: str) -> Json:
    low, high = thing.number("speed_range_min", 1), thing.number("speed_range_max", 100)
    return max(0, min(100, math.floor((float(text) - low + 1) * 100 / (high - low + 1))))


def _from_percent(thing: Thing, value: Json) -> Json:
    low, high = thing.number("speed_range_min", 1), thing.number("speed_range_max", 100)
    return math.ceil(float(str(value)) / 100 * (high - low + 1) + low - 1)


def _brightness(thing: Thing, text: str) -> Json:
    return max(0, min(255, round(float(text) / thing.number("brightness_scale", 255) * 255)))


def _scaled_brightness(thing: Thing, value: Json) -> Json:
    scaled = round(float(str(value)) / 255 * thing.number("brightness_scale", 255))
    return max(1, scaled) if value else 0


def _kelvin(thing: Thing, text: str) -> Json:
    given = float(text)
    if thing.config.get("color_temp_kelvin") is True:
        return round(given)
    if not 25 <= given <= 2000:
        raise ValueError(f"{text:.40} mireds are no temperature of light")
    return round(1_000_000 / given)


def _mireds(thing: Thing, value: Json) -> Json:
    kelvin = float(str(value))
    return round(kelvin if thing.config.get("color_temp_kelvin") is True else 1_000_000 / kelvin)


def _rgb(_: Thing, text: str) -> Json:
    parts = [int(part) for part in text.split(",")]
    if len(parts) != 3 or not all(0 <= part <= 255 for part in parts):
        raise ValueError(f"{text!r:.40} is no colour")
    return list(parts)


def _rgb_text(_: Thing, value: Json) -> Json:
    return ",".join(str(part) for part in value) if isinstance(value, list | tuple) else None


def _measured(thing: Thing, text: str) -> Json:
    if text == "None":
        return "unknown"
    if thing.text("unit_of_measurement"):
        return f"{float(text):.12g}"
    return text[:255]


def _counted(thing: Thing, text: str) -> Json:
    return "unknown" if text == "None" else f"{number(thing, text):.12g}"


def _swings(thing: Thing, text: str) -> Json:
    return word(payload_oscillation_on="on", payload_oscillation_off="off")(thing, text) == "on"


def _swing(thing: Thing, value: Json) -> Json:
    return thing.config["payload_oscillation_on" if value else "payload_oscillation_off"]


def _alike(*names: str, middle: str = "state") -> tuple[Source, ...]:
    """Return sources whose settings are called like their target: fan_mode_state_topic."""
    return tuple(
        Source(name, f"{name}_{middle}_topic", f"{name}_{middle}_template", plain) for name in names
    )


def _told_alike(*names: str) -> tuple[Sink, ...]:
    return tuple(
        Sink(name, f"{name}_command_topic", f"{name}_command_template", as_it_is) for name in names
    )


def _at(stem: str) -> tuple[str, str]:
    return f"{stem}_topic", f"{stem}_template"


def _told_at(stem: str) -> tuple[str, str]:
    return f"{stem}_state_topic", f"{stem}_value_template"


_VALUE = ("state_topic", "value_template")
_STATE_VALUE = ("state_topic", "state_value_template")
_COMMAND = _at("command")
_SWITCHED = Source(STATE, *_VALUE, word(state_on="on", state_off="off"))
_SWITCH = Sink(STATE, *_COMMAND, payload(on="payload_on", off="payload_off"))
_POSITION, _SET_POSITION = _scaled("position_closed", "position_open")
_TILT, _SET_TILT = _scaled("tilt_min", "tilt_max")
_MOVED = Source(
    STATE,
    *_VALUE,
    word(
        state_open="open",
        state_opening="opening",
        state_closed="closed",
        state_closing="closing",
        state_stopped="stopped",
    ),
)
_WARMTH = (
    Source("temperature", *_at("temperature_state"), number),
    Source("current_temperature", *_at("current_temperature"), number),
    Source(STATE, *_at("mode_state"), plain),
)
_WARM = (
    Sink(STATE, *_at("mode_command"), as_it_is),
    Sink("temperature", *_at("temperature_command"), as_it_is),
)

SOURCES: Mapping[str, tuple[Source, ...]] = {
    "alarm_control_panel": (
        Source(
            STATE,
            *_VALUE,
            one_of(
                "disarmed",
                "armed_home",
                "armed_away",
                "armed_night",
                "armed_vacation",
                "armed_custom_bypass",
                "pending",
                "triggered",
                "arming",
                "disarming",
            ),
        ),
    ),
    "binary_sensor": (Source(STATE, *_VALUE, word(payload_on="on", payload_off="off")),),
    "climate": (
        *_WARMTH,
        Source(
            "target_temp_low",
            *_at("temperature_low_state"),
            number,
        ),
        Source(
            "target_temp_high",
            *_at("temperature_high_state"),
            number,
        ),
        Source("current_humidity", *_at("current_humidity"), number),
        Source("hvac_action", *_at("action"), plain),
        *_alike("fan_mode", "swing_mode"),
        Source("preset_mode", *_told_at("preset_mode"), plain),
    ),
    "cover": (_MOVED, _POSITION, _TILT),
    "fan": (
        Source(STATE, *_STATE_VALUE, word(payload_on="on", payload_off="off")),
        Source("percentage", *_told_at("percentage"), _to_percent),
        Source("preset_mode", *_told_at("preset_mode"), plain),
        Source("oscillating", *_told_at("oscillation"), _swings),
        Source("direction", *_told_at("direction"), plain),
    ),
    "humidifier": (
        Source(STATE, *_STATE_VALUE, word(payload_on="on", payload_off="off")),
        Source("humidity", *_at("target_humidity_state"), number),
        Source("current_humidity", *_at("current_humidity"), number),
        Source("mode", *_at("mode_state"), plain),
    ),
    "lawn_mower": (
        Source(
            STATE,
            *_told_at("activity"),
            one_of("mowing", "paused", "docked", "error", "returning"),
        ),
    ),
    "light": (
        Source(STATE, *_STATE_VALUE, word(payload_on="on", payload_off="off")),
        Source("brightness", *_told_at("brightness"), _brightness),
        Source("color_temp_kelvin", *_told_at("color_temp"), _kelvin),
        Source("rgb_color", *_told_at("rgb"), _rgb),
        Source("effect", *_told_at("effect"), plain),
    ),
    "lock": (
        Source(
            STATE,
            *_VALUE,
            word(
                state_locked="locked",
                state_locking="locking",
                state_unlocked="unlocked",
                state_unlocking="unlocking",
                state_jammed="jammed",
            ),
        ),
    ),
    "number": (Source(STATE, *_VALUE, _counted),),
    "select": (Source(STATE, *_VALUE, plain),),
    "sensor": (Source(STATE, *_VALUE, _measured),),
    "siren": (Source(STATE, *_STATE_VALUE, word(state_on="on", state_off="off")),),
    "switch": (_SWITCHED,),
    "text": (Source(STATE, *_VALUE, plain),),
    "valve": (_MOVED,),
    "water_heater": _WARMTH,
}
"""What each component tells."""

SINKS: Mapping[str, tuple[Sink, ...]] = {
    "climate": (
        *_WARM,
        *_told_alike("fan_mode", "swing_mode", "preset_mode"),
        Sink(
            "target_temp_low",
            *_at("temperature_low_command"),
            as_it_is,
        ),
        Sink(
            "target_temp_high",
            *_at("temperature_high_command"),
            as_it_is,
        ),
    ),
    "cover": (_SET_POSITION, _SET_TILT),
    "fan": (
        _SWITCH,
        Sink("percentage", *_at("percentage_command"), _from_percent),
        Sink("oscillating", *_at("oscillation_command"), _swing),
        *_told_alike("preset_mode", "direction"),
    ),
    "humidifier": (
        _SWITCH,
        Sink(
            "humidity",
            *_at("target_humidity_command"),
            as_it_is,
        ),
        *_told_alike("mode"),
    ),
    "light": (
        Sink(
            "brightness",
            *_at("brightness_command"),
            _scaled_brightness,
        ),
        Sink("color_temp_kelvin", *_at("color_temp_command"), _mireds),
        Sink("rgb_color", "rgb_command_topic", "", _rgb_text),
        _SWITCH,
    ),
    "number": (Sink(STATE, *_COMMAND, lambda thing, value: number(thing, str(value))),),
    "select": (Sink(STATE, *_COMMAND, as_it_is),),
    "siren": (_SWITCH,),
    "switch": (_SWITCH,),
    "text": (Sink(STATE, *_COMMAND, as_it_is),),
    "valve": (Sink("current_position", *_at("command"), _SET_POSITION.write),),
    "water_heater": _WARM,
}
"""What each component is told, in this order."""
