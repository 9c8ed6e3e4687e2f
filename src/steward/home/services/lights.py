"""Services of `light`.

Home Assistant shows no brightness for a light that is off. Here the attribute stays and means the
last one, which is what the light comes back with.
"""

from __future__ import annotations

import colorsys
from typing import Annotated

from pydantic import Field, model_validator

from steward.home import attributes
from steward.home.services import colors
from steward.home.services.base import (
    Data,
    Refusal,
    Request,
    Result,
    Services,
    changed,
    service,
    unsupported,
)
from steward.types import Entity, Json

_COLOR_MODES = frozenset({"hs", "xy", "rgb", "rgbw", "rgbww"})
_Byte = Annotated[int, Field(ge=0, le=255)]


class LightOn(Data):
    """How a light shall be: at most one way to give its brightness, and one to give its colour."""

    brightness_pct: Annotated[float, Field(ge=0, le=100)] | None = None
    brightness: _Byte | None = None
    brightness_step_pct: Annotated[float, Field(ge=-100, le=100)] | None = None
    brightness_step: Annotated[int, Field(ge=-255, le=255)] | None = None
    rgb_color: tuple[_Byte, _Byte, _Byte] | None = None
    color_name: str | None = None
    color_temp_kelvin: Annotated[int, Field(ge=500, le=40_000)] | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> LightOn:
        bright = (
            self.brightness_pct,
            self.brightness,
            self.brightness_step_pct,
            self.brightness_step,
        )
        if sum(value is not None for value in bright) > 1:
            raise ValueError("give the brightness in one way only")
        color = (self.rgb_color, self.color_name, self.color_temp_kelvin)
        if sum(value is not None for value in color) > 1:
            raise ValueError("give the colour in one way only")
        return self


def modes(entity: Entity) -> frozenset[str]:
    """Return the colour modes of a light; one that shows nothing is on/off."""
    listed = attributes.words(entity.attributes.get("supported_color_modes"))
    if listed is not None:
        return frozenset(listed)
    shown = {"brightness": "brightness", "color_temp_kelvin": "color_temp", "rgb_color": "rgb"}
    found = {mode for name, mode in shown.items() if name in entity.attributes}
    return frozenset(found or {"onoff"})


def _turn_on(request: Request[LightOn]) -> Result:
    brightness = _brightness(request)
    if isinstance(brightness, Refusal):
        return brightness
    if brightness == 0:
        return changed(request.entity, "off")
    colored = _colored(request)
    if isinstance(colored, Refusal):
        return colored
    lit = changed(colored, "on")
    if brightness is not None:
        return changed(lit, named={"brightness": brightness})
    if "brightness" in lit.attributes and lit.attributes["brightness"] is None:
        return changed(lit, named={"brightness": 255})
    return lit


def _brightness(request: Request[LightOn]) -> int | Refusal | None:
    """Return the brightness asked for, 0 to 255; None when none was."""
    data, entity = request.data, request.entity
    step = data.brightness_step
    if data.brightness_step_pct is not None:
        step = round(255 * data.brightness_step_pct / 100)
    if data.brightness is None and data.brightness_pct is None and step is None:
        return None
    if modes(entity) <= {"onoff", "unknown"}:
        return unsupported(entity, "can only be switched on and off")
    if data.brightness is not None:
        return data.brightness
    if data.brightness_pct is not None:
        return round(255 * data.brightness_pct / 100)
    now = attributes.number(request.attribute("brightness")) if entity.state == "on" else 0
    return min(255, max(0, round(now or 0) + (step or 0)))


def _colored(request: Request[LightOn]) -> Entity | Refusal:
    data, entity = request.data, request.entity
    colorful = bool(modes(entity) & _COLOR_MODES)
    if data.color_temp_kelvin is not None:
        if "color_temp" in modes(entity):
            return _with_temperature(entity, data.color_temp_kelvin)
        if colorful:
            return _with_color(entity, colors.of_temperature(data.color_temp_kelvin))
        return unsupported(entity, "has no colour temperature")
    rgb = data.rgb_color
    if data.color_name is not None:
        rgb = colors.named(data.color_name)
        if rgb is None:
            return Refusal("invalid", f"there is no colour called {data.color_name}")
    if rgb is None:
        return entity
    return _with_color(entity, rgb) if colorful else unsupported(entity, "has no colours")


def _with_temperature(entity: Entity, kelvin: int) -> Entity:
    """Set the colour temperature, as near as the light comes: bulbs clamp to their range."""
    lowest = attributes.number(entity.attributes.get("min_color_temp_kelvin"))
    highest = attributes.number(entity.attributes.get("max_color_temp_kelvin"))
    near = max(kelvin, kelvin if lowest is None else round(lowest))
    near = min(near, near if highest is None else round(highest))
    rgb = colors.of_temperature(near)
    follow: dict[str, Json] = {"color_mode": "color_temp", "rgb_color": list(rgb)}
    return changed(entity, named={"color_temp_kelvin": near}, known={**follow, **_hs(rgb)})


def _with_color(entity: Entity, rgb: colors.RGB) -> Entity:
    mode = "rgb" if "rgb" in modes(entity) else min(modes(entity) & _COLOR_MODES)
    follow: dict[str, Json] = {"color_mode": mode, "color_temp_kelvin": None}
    return changed(entity, named={"rgb_color": list(rgb)}, known={**follow, **_hs(rgb)})


def _hs(rgb: colors.RGB) -> dict[str, Json]:
    hue, saturation, _ = colorsys.rgb_to_hsv(*(part / 255 for part in rgb))
    return {"hs_color": [round(hue * 360, 3), round(saturation * 100, 3)]}


def _turn_off(request: Request[Data]) -> Result:
    return changed(request.entity, "off")


def _toggle(request: Request[LightOn]) -> Result:
    return changed(request.entity, "off") if request.entity.state == "on" else _turn_on(request)


LIGHTS: Services = (
    service("light.turn_on", _turn_on, LightOn),
    service("light.turn_off", _turn_off, Data),
    service("light.toggle", _toggle, LightOn),
)
