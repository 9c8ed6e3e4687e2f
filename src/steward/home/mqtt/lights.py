"""Lights of the JSON schema: one topic that tells all, and one that is told all."""

from __future__ import annotations

import colorsys
import json
from collections.abc import Collection, Mapping
from dataclasses import replace

from steward.home import attributes
from steward.home.mqtt.thing import STATE, Thing
from steward.types import Entity, Json

RGB = tuple[int, int, int]


def heard(thing: Thing, entity: Entity, payload: str) -> Entity:
    """Return `entity` as `payload` says that it is; what that does not name stays.

    Raises:
        ValueError: the payload is not such a state.
    """
    told = json.loads(payload)
    if not isinstance(told, dict):
        raise ValueError("the state of a light is not a mapping")
    named: dict[str, Json] = {}
    if (brightness := attributes.number(told.get("brightness"))) is not None:
        scale = thing.number("brightness_scale", 255)
        named["brightness"] = max(0, min(255, round(brightness / scale * 255)))
    warmth = attributes.number(told.get("color_temp"))
    if warmth is not None and warmth > 0 and told.get("color_mode") in (None, "color_temp"):
        kelvin = warmth if thing.config.get("color_temp_kelvin") is True else 1_000_000 / warmth
        named["color_temp_kelvin"] = round(max(500, min(40_000, kelvin)))
    if isinstance(color := told.get("color"), dict) and (rgb := color_of(color)):
        named["rgb_color"] = list(rgb)
    if isinstance(mode := told.get("color_mode"), str):
        named["color_mode"] = mode[:20]
    known = {key: value for key, value in named.items() if key in entity.attributes}
    state = {"ON": "on", "OFF": "off"}.get(str(told.get("state", "")), entity.state)
    return replace(entity, state=state, attributes={**entity.attributes, **known})


def order(thing: Thing, after: Entity, targets: Collection[str]) -> str:
    """Return the payload that makes a light be as in `after`, as far as `targets` go."""
    if after.state == "off":
        return json.dumps({"state": "OFF"})
    told: dict[str, Json] = {"state": "ON"}
    brightness = attributes.number(after.attributes.get("brightness"))
    if "brightness" in targets and brightness is not None:
        scale = thing.number("brightness_scale", 255)
        told["brightness"] = max(1, round(brightness / 255 * scale))
    kelvin = attributes.number(after.attributes.get("color_temp_kelvin"))
    if "color_temp_kelvin" in targets and kelvin:
        own = thing.config.get("color_temp_kelvin") is True
        told["color_temp"] = round(kelvin if own else 1_000_000 / kelvin)
    rgb = after.attributes.get("rgb_color")
    if "rgb_color" in targets and isinstance(rgb, list | tuple) and len(rgb) == 3:
        red, green, blue = (int(float(str(part))) for part in rgb)
        told["color"] = _color((red, green, blue), after)
    return json.dumps(told)


def told_targets(entity: Entity) -> frozenset[str]:
    """Return the targets that a light of this schema tells."""
    return frozenset({STATE, *entity.attributes})


def color_of(color: Mapping[str, Json]) -> RGB | None:
    """Return the colour that is written as r, g, b or h, s or x, y; None for anything else."""

    def numbers(*keys: str) -> list[float] | None:
        found = [attributes.number(color.get(key)) for key in keys]
        return None if None in found else [float(each or 0) for each in found]

    if (rgb := numbers("r", "g", "b")) is not None:
        return _bytes(*(part / 255 for part in rgb))
    if (hs := numbers("h", "s")) is not None:
        return _bytes(*colorsys.hsv_to_rgb(hs[0] % 360 / 360, max(0, min(1, hs[1] / 100)), 1))
    if (xy := numbers("x", "y")) is not None and xy[1] > 0:
        return _of_xy(*xy)
    return None


def _color(rgb: RGB, entity: Entity) -> Json:
    modes = attributes.words(entity.attributes.get("supported_color_modes")) or ()
    if "rgb" in modes or not {"hs", "xy"} & set(modes):
        return dict(zip("rgb", rgb, strict=True))
    if "hs" in modes:
        hue, saturation, _ = colorsys.rgb_to_hsv(*(part / 255 for part in rgb))
        return {"h": round(hue * 360, 1), "s": round(saturation * 100, 1)}
    x, y = _to_xy(rgb)
    return {"x": x, "y": y}


# The matrices of sRGB, IEC 61966-2-1.
def _of_xy(x: float, y: float) -> RGB:
    big_x, big_z = x / y, (1 - x - y) / y
    red = 3.2406 * big_x - 1.5372 - 0.4986 * big_z
    green = -0.9689 * big_x + 1.8758 + 0.0415 * big_z
    blue = 0.0557 * big_x - 0.2040 + 1.0570 * big_z
    parts = [max(0.0, part) for part in (red, green, blue)]
    most = max(parts) or 1.0
    return _bytes(*(_gamma(part / most) for part in parts))


def _to_xy(rgb: RGB) -> tuple[float, float]:
    red, green, blue = (_linear(part / 255) for part in rgb)
    x = 0.4124 * red + 0.3576 * green + 0.1805 * blue
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = 0.0193 * red + 0.1192 * green + 0.9505 * blue
    total = x + y + z
    return (round(x / total, 4), round(y / total, 4)) if total else (0.3127, 0.3290)


def _gamma(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _bytes(red: float, green: float, blue: float) -> RGB:
    parts = (max(0, min(255, round(part * 255))) for part in (red, green, blue))
    return next(parts), next(parts), next(parts)
