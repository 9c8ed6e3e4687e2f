"""What can be measured or read of a thing, and where its value stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from steward.types import Entity, Json

GONE = ("unavailable", "unknown", "None", "")
"""States that tell nothing."""

_SET = ("number", "input_number", "select", "input_select", "input_text", "input_datetime", "text")


@dataclass(frozen=True)
class Aspect:
    """One thing to know: the sensors that measure it and the attributes that hold it, by domain.

    `classes` are the device classes of such sensors, `binary` those of sensors that only tell
    whether. `concepts` are what it is called in names; `unit` is that of the attributes.
    """

    classes: tuple[str, ...] = ()
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    binary: tuple[str, ...] = ()
    concepts: frozenset[str] = frozenset()
    unit: str | None = None


def _measure(*classes: str, unit: str | None = None, **held: str) -> Aspect:
    attributes = {domain: tuple(names.split()) for domain, names in held.items()}
    return Aspect(classes, attributes, (), frozenset(classes[:1]), unit)


_CHARGED = dict.fromkeys(
    ("vacuum", "lawn_mower", "lock", "cover", "climate", "device_tracker", "remote", "camera"),
    ("battery_level", "battery"),
)

ASPECTS: dict[str, Aspect] = {
    "battery": Aspect(("battery",), _CHARGED, ("battery",), frozenset({"battery"}), "%"),
    "volume": _measure(media_player="volume_level"),
    "noise": _measure("sound_pressure"),
    "brightness": _measure("illuminance", light="brightness"),
    "illuminance": _measure("illuminance"),
    "position": _measure(cover="current_position", valve="current_position"),
    "speed": _measure(
        "speed", fan="percentage preset_mode", climate="fan_mode", vacuum="fan_speed"
    ),
    "wind": _measure("wind_speed", weather="wind_speed"),
    "color": _measure(light="color_name rgb_color"),
    "white": _measure(light="color_temp_kelvin", unit="K"),
    "effect": _measure(light="effect"),
    "source": _measure(media_player="source"),
    "artist": _measure(media_player="media_artist"),
    "mode": _measure(
        climate="state",
        water_heater="operation_mode state",
        humidifier="mode",
        fan="preset_mode",
        alarm_control_panel="state",
        select="state",
        input_select="state",
        input_boolean="state",
    ),
    "preset": _measure(climate="preset_mode", fan="preset_mode"),
    "fan_mode": _measure(climate="fan_mode"),
    "version": _measure(update="installed_version"),
    "set": _measure(
        climate="temperature target_temp_low",
        water_heater="temperature",
        humidifier="humidity",
        fan="percentage preset_mode",
        light="brightness",
        cover="current_position",
        valve="current_position",
        media_player="volume_level",
        number="state",
        input_number="state",
        select="state",
        input_select="state",
        input_text="state",
        input_datetime="state",
        text="state",
    ),
    "sunrise": _measure(sun="next_rising"),
    "sunset": _measure(sun="next_setting"),
    "humidity": _measure(
        *("humidity", "moisture"),
        climate="current_humidity",
        humidifier="current_humidity",
        weather="humidity",
        unit="%",
    ),
    "degree": _measure(
        "temperature",
        climate="current_temperature",
        water_heater="current_temperature",
        weather="temperature",
    ),
    "duration": _measure("duration", timer="remaining"),
    "air": _measure("aqi", "pm25", "pm10", "volatile_organic_compounds", "carbon_dioxide"),
    "pressure": _measure("pressure", "atmospheric_pressure", weather="pressure"),
    **{
        name: _measure(name)
        for name in (
            *("carbon_dioxide", "pm25", "pm10", "power", "energy", "voltage", "current"),
            *("water", "gas", "precipitation", "signal_strength", "weight", "uv_index", "toner"),
        )
    },
}
"""By topic, the most telling first: who asks for a set temperature also says "temperature"."""

ALSO = {"volume": "noise", "illuminance": "brightness", "speed": "wind"}
"""What a topic asks for where nothing has the first: "how loud" is a player or a room."""

CLASS = {"degree": "temperature", "noise": "sound_pressure", "wind": "wind_speed"}
"""The device class of a topic where the two differ."""


def value_of(entity: Entity, topic: str) -> tuple[Json, str | None] | None:
    """Return the value of `topic` and its unit, or None when the thing does not tell it."""
    aspect = ASPECTS[topic]
    if entity.domain in ("sensor", "binary_sensor"):
        return None if entity.state in GONE else (entity.state, entity.unit)
    for name in aspect.attributes.get(entity.domain, ()):
        held = entity.state if name == "state" else entity.attributes.get(name)
        if held is not None and held not in GONE:
            return _in_words(name, held, entity, aspect)
    return None


def _in_words(name: str, held: Json, entity: Entity, aspect: Aspect) -> tuple[Json, str | None]:
    """Return what an attribute holds as people count it: of brightness and volume percents."""
    number = float(held) if isinstance(held, int | float) and not isinstance(held, bool) else None
    if number is None:
        return held, entity.unit if entity.domain in _SET else None
    if name == "brightness":
        return round(number / 2.55), "%"
    if name == "volume_level":
        return round(number * 100), "%"
    if name in ("percentage", "current_position", "battery_level", "battery", "humidity"):
        return held, "%"
    if "temp" in name and not name.endswith("kelvin"):
        return held, str(entity.attributes.get("temperature_unit") or entity.unit or "°C")
    if unit := entity.attributes.get(f"{name}_unit"):
        return held, str(unit)
    return held, aspect.unit or entity.unit
