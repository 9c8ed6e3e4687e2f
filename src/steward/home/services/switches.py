"""Services of what is on or off: switches, sirens, humidifiers, fans and the like."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from steward.home import attributes
from steward.home.services.base import (
    Data,
    Request,
    Result,
    Services,
    becomes,
    changed,
    invalid,
    service,
    supports,
    unsupported,
)
from steward.types import Entity

_PLAIN = ("switch", "input_boolean", "siren", "humidifier", "automation", "remote")


class FanOn(Data):
    """The speed to start with, in percent; 0 means off."""

    percentage: Annotated[int, Field(ge=0, le=100)] | None = None


class Percentage(Data):
    """A speed in percent; 0 means off."""

    percentage: Annotated[int, Field(ge=0, le=100)]


class Oscillating(Data):
    """Whether a fan swings."""

    oscillating: bool


class Humidity(Data):
    """A relative humidity in percent."""

    humidity: Annotated[int, Field(ge=0, le=100)]


class Mode(Data):
    """One of the modes that the device lists."""

    mode: str


def _toggle(request: Request[Data]) -> Result:
    return changed(request.entity, "off" if request.entity.state == "on" else "on")


def _has_speed(entity: Entity) -> bool:
    return supports(entity, "SET_SPEED", otherwise="percentage" in entity.attributes)


def _fan_on(request: Request[FanOn]) -> Result:
    entity, speed = request.entity, request.data.percentage
    if speed is not None:
        return _with_speed(entity, speed)
    if _has_speed(entity) and not request.attribute("percentage"):
        return changed(entity, "on", named={"percentage": 100})
    return changed(entity, "on")


def _with_speed(entity: Entity, speed: int) -> Result:
    if not _has_speed(entity):
        return unsupported(entity, "has only one speed")
    return changed(entity, "on" if speed else "off", named={"percentage": speed})


def _fan_speed(request: Request[Percentage]) -> Result:
    return _with_speed(request.entity, request.data.percentage)


def _fan_off(request: Request[Data]) -> Result:
    return changed(request.entity, "off", known={"percentage": 0})


def _fan_toggle(request: Request[FanOn]) -> Result:
    if request.entity.state == "on":
        return changed(request.entity, "off", known={"percentage": 0})
    return _fan_on(request)


def _oscillate(request: Request[Oscillating]) -> Result:
    entity = request.entity
    if not supports(entity, "OSCILLATE", otherwise="oscillating" in entity.attributes):
        return unsupported(entity, "does not swing")
    return changed(entity, named={"oscillating": request.data.oscillating})


def _humidity(request: Request[Humidity]) -> Result:
    entity, wanted = request.entity, request.data.humidity
    if "humidity" not in entity.attributes:
        return unsupported(entity, "has no humidity to set")
    # 0 and 100 are Home Assistant's limits where the device names none.
    lowest = attributes.number(request.attribute("min_humidity")) or 0
    highest = attributes.number(request.attribute("max_humidity")) or 100
    if not lowest <= wanted <= highest:
        return invalid(entity, f"accepts {lowest:g} to {highest:g} percent")
    return changed(entity, named={"humidity": wanted})


def _humidifier_mode(request: Request[Mode]) -> Result:
    entity, wanted = request.entity, request.data.mode
    listed = attributes.words(request.attribute("available_modes"))
    if not listed:
        return unsupported(entity, "has no modes")
    if wanted not in listed:
        return invalid(entity, f"has no mode {wanted}, only {', '.join(listed)}")
    return changed(entity, named={"mode": wanted})


SWITCHES: Services = (
    *(service(f"{domain}.turn_on", becomes("on"), Data) for domain in _PLAIN),
    *(service(f"{domain}.turn_off", becomes("off"), Data) for domain in _PLAIN),
    *(service(f"{domain}.toggle", _toggle, Data) for domain in _PLAIN),
    service("camera.turn_on", becomes("idle"), Data),
    service("camera.turn_off", becomes("off"), Data),
    service("humidifier.set_humidity", _humidity, Humidity),
    service("humidifier.set_mode", _humidifier_mode, Mode),
    service("fan.turn_on", _fan_on, FanOn),
    service("fan.turn_off", _fan_off, Data),
    service("fan.toggle", _fan_toggle, FanOn),
    service("fan.set_percentage", _fan_speed, Percentage),
    service("fan.oscillate", _oscillate, Oscillating),
)
