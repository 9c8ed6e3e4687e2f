"""Services of `climate` and `water_heater`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from steward.home import attributes
from steward.home.services.base import (
    Data,
    Refusal,
    Request,
    Result,
    Services,
    changed,
    invalid,
    service,
    supports,
    unsupported,
)
from steward.types import Entity

HVAC_MODES = ("off", "heat", "cool", "heat_cool", "auto", "dry", "fan_only")
"""Home Assistant's HVACMode."""

_DEFAULT_RANGE = (7.0, 35.0)
"""Degrees Celsius, Home Assistant's DEFAULT_MIN_TEMP and DEFAULT_MAX_TEMP of climate."""

_DEFAULT_RANGE_F = (44.6, 95.0)
"""The same in degrees Fahrenheit."""

_Degrees = Annotated[float, Field(ge=-1000, le=1000)]


class Temperature(Data):
    """A target, in the home's own degrees; a range for devices that keep one."""

    temperature: _Degrees | None = None
    target_temp_low: _Degrees | None = None
    target_temp_high: _Degrees | None = None
    hvac_mode: str | None = None

    @model_validator(mode="after")
    def _one_target(self) -> Temperature:
        low, high = self.target_temp_low, self.target_temp_high
        if (low is None) != (high is None):
            raise ValueError("give target_temp_low and target_temp_high together")
        if (self.temperature is None) == (low is None):
            raise ValueError("give temperature, or target_temp_low and target_temp_high")
        if low is not None and high is not None and low > high:
            raise ValueError("target_temp_low is above target_temp_high")
        return self


class WaterTemperature(Data):
    """A target, in the home's own degrees."""

    temperature: _Degrees


class HvacMode(Data):
    """One of the modes that the device lists in `hvac_modes`."""

    hvac_mode: str


class FanMode(Data):
    """One of the modes that the device lists in `fan_modes`."""

    fan_mode: str


class OperationMode(Data):
    """One of the modes that the water heater lists in `operation_list`."""

    operation_mode: str


def _plain(value: float) -> int | float:
    return int(value) if value == int(value) else value


def limits(entity: Entity) -> tuple[float, float]:
    """Return the lowest and highest target of `entity`: its own, else Home Assistant's defaults.

    The defaults are in Fahrenheit where the unit says so or the device's own figures, above what
    a room in Celsius can be, show it.
    """
    shown = [
        attributes.number(entity.attributes.get(name))
        for name in ("temperature", "current_temperature")
    ]
    hot = any(value is not None and value > 45 for value in shown)
    low, high = _DEFAULT_RANGE_F if hot or entity.unit == "°F" else _DEFAULT_RANGE
    lowest = attributes.number(entity.attributes.get("min_temp"))
    highest = attributes.number(entity.attributes.get("max_temp"))
    return low if lowest is None else lowest, high if highest is None else highest


def _with_mode(entity: Entity, mode: str) -> Entity | Refusal:
    listed = attributes.words(entity.attributes.get("hvac_modes")) or HVAC_MODES
    if mode not in HVAC_MODES:
        return invalid(entity, f"has no mode {mode}, only {', '.join(listed)}")
    if mode not in listed:
        return unsupported(entity, f"has no mode {mode}, only {', '.join(listed)}")
    return _acting(changed(entity, mode))


def _acting(entity: Entity) -> Entity:
    """Let `hvac_action` follow from mode, target and measurement, where the device shows it."""
    target = attributes.number(entity.attributes.get("temperature"))
    measured = attributes.number(entity.attributes.get("current_temperature"))
    action = {"off": "off", "dry": "drying", "fan_only": "fan"}.get(entity.state, "idle")
    if target is not None and measured is not None:
        if entity.state in ("heat", "auto", "heat_cool") and measured < target:
            action = "heating"
        elif entity.state in ("cool", "auto", "heat_cool") and measured > target:
            action = "cooling"
    return changed(entity, known={"hvac_action": action})


def _set_temperature(request: Request[Temperature]) -> Result:
    entity, data = request.entity, request.data
    if data.hvac_mode is not None:
        moded = _with_mode(entity, data.hvac_mode)
        if isinstance(moded, Refusal):
            return moded
        entity = moded
    low, high = limits(entity)
    given = {
        "temperature": data.temperature,
        "target_temp_low": data.target_temp_low,
        "target_temp_high": data.target_temp_high,
    }
    asked = {name: value for name, value in given.items() if value is not None}
    ranged = data.temperature is None
    feature = "TARGET_TEMPERATURE_RANGE" if ranged else "TARGET_TEMPERATURE"
    shown = "target_temp_low" if ranged else "temperature"
    if not supports(entity, feature, otherwise=shown in entity.attributes):
        return unsupported(entity, "has no such target temperature")
    if not all(low <= value <= high for value in asked.values()):
        return invalid(entity, f"accepts {low:g} to {high:g} degrees")
    return _acting(changed(entity, named={name: _plain(v) for name, v in asked.items()}))


def _set_mode(request: Request[HvacMode]) -> Result:
    return _with_mode(request.entity, request.data.hvac_mode)


def _turn_on(request: Request[Data]) -> Result:
    """Choose a mode in Home Assistant's order: heat_cool, heat, cool, else the first there is."""
    entity = request.entity
    if entity.state != "off":
        return entity
    listed = attributes.words(request.attribute("hvac_modes")) or ("heat",)
    modes = [mode for mode in listed if mode != "off"]
    if not modes:
        return unsupported(entity, "has no mode to turn on")
    for preferred in ("heat_cool", "heat", "cool"):
        if preferred in modes:
            return _with_mode(entity, preferred)
    return _with_mode(entity, modes[0])


def _turn_off(request: Request[Data]) -> Result:
    return _with_mode(request.entity, "off")


def _toggle(request: Request[Data]) -> Result:
    return _turn_on(request) if request.entity.state == "off" else _turn_off(request)


def _fan_mode(request: Request[FanMode]) -> Result:
    entity, wanted = request.entity, request.data.fan_mode
    listed = attributes.words(request.attribute("fan_modes"))
    if not supports(entity, "FAN_MODE", otherwise=bool(listed)):
        return unsupported(entity, "has no fan modes")
    if listed and wanted not in listed:
        return invalid(entity, f"has no fan mode {wanted}, only {', '.join(listed)}")
    return changed(entity, named={"fan_mode": wanted})


def _water_temperature(request: Request[WaterTemperature]) -> Result:
    entity, wanted = request.entity, request.data.temperature
    if not supports(entity, "TARGET_TEMPERATURE", otherwise="temperature" in entity.attributes):
        return unsupported(entity, "has no target temperature")
    lowest = attributes.number(request.attribute("min_temp"))
    highest = attributes.number(request.attribute("max_temp"))
    if (lowest is not None and wanted < lowest) or (highest is not None and wanted > highest):
        return invalid(entity, f"accepts {lowest} to {highest} degrees")
    return changed(entity, named={"temperature": _plain(wanted)})


def _operation(entity: Entity, mode: str) -> Result:
    listed = attributes.words(entity.attributes.get("operation_list"))
    if listed is not None and mode not in listed:
        return invalid(entity, f"has no mode {mode}, only {', '.join(listed)}")
    return changed(entity, mode)


def _operation_mode(request: Request[OperationMode]) -> Result:
    return _operation(request.entity, request.data.operation_mode)


def _water_on(request: Request[Data]) -> Result:
    if request.entity.state != "off":
        return request.entity
    listed = attributes.words(request.attribute("operation_list")) or ("eco",)
    modes = [mode for mode in listed if mode != "off"]
    if not modes:
        return unsupported(request.entity, "has no mode to turn on")
    return _operation(request.entity, modes[0])


def _water_off(request: Request[Data]) -> Result:
    return _operation(request.entity, "off")


CLIMATE: Services = (
    service("climate.turn_on", _turn_on, Data),
    service("climate.turn_off", _turn_off, Data),
    service("climate.toggle", _toggle, Data),
    service("climate.set_temperature", _set_temperature, Temperature),
    service("climate.set_hvac_mode", _set_mode, HvacMode),
    service("climate.set_fan_mode", _fan_mode, FanMode),
    service("water_heater.turn_on", _water_on, Data),
    service("water_heater.turn_off", _water_off, Data),
    service("water_heater.set_temperature", _water_temperature, WaterTemperature),
    service("water_heater.set_operation_mode", _operation_mode, OperationMode),
)
