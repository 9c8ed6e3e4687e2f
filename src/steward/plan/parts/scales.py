"""What things count in: the range of what they can be set to, and their degrees."""

from __future__ import annotations

from dataclasses import replace

from steward.plan.language.measures import CELSIUS, converted
from steward.plan.parts.amounts import Amount
from steward.types import Entity

CELSIUS_UP_TO = 80.0
"""What cannot be set to more than this counts in Celsius; a boiler in Fahrenheit goes beyond."""


def number_of(entity: Entity, name: str, otherwise: float) -> float:
    """Return the attribute `name` of `entity` as a number, `otherwise` where it has none."""
    value = entity.attributes.get(name)
    return float(value) if isinstance(value, int | float) else otherwise


def range_of(entity: Entity) -> tuple[float, float]:
    """Return the least and the most that `entity` can be set to, in its own unit."""
    names = {
        "climate": ("min_temp", "max_temp", 7.0, 35.0),
        "water_heater": ("min_temp", "max_temp", 35.0, 65.0),
        "humidifier": ("min_humidity", "max_humidity", 0.0, 100.0),
    }
    if entity.domain not in names:
        return 0.0, 100.0
    lowest, highest, low, high = names[entity.domain]
    first, last = entity.attributes.get(lowest), entity.attributes.get(highest)
    return (
        float(first) if isinstance(first, int | float) else low,
        float(last) if isinstance(last, int | float) else high,
    )


def first_mode(heating: Entity) -> str | None:
    """Return the mode that a climate entity is in when it is switched on; None without any.

    The order is Home Assistant's (`climate.turn_on`).
    """
    listed = heating.attributes.get("hvac_modes")
    modes = [str(mode) for mode in listed] if isinstance(listed, list | tuple) else []
    order = ("heat_cool", "heat", "cool", *(mode for mode in modes if mode != "off"))
    return next((mode for mode in order if mode in modes), None)


def in_own_degrees(amount: Amount, said: str, entity: Entity, step: bool) -> Amount:
    """Return `amount` of degrees as `entity` counts them, to half a Celsius or a Fahrenheit."""
    own = str(entity.attributes.get("temperature_unit") or entity.unit or "")
    if not own:
        low, high = range_of(entity)
        fits = high > CELSIUS_UP_TO if step else low <= amount.number <= high
        own = said if fits else CELSIUS
    number = converted(amount.number, said, own) or 0.0
    number -= (converted(0.0, said, own) or 0.0) if step else 0.0
    if own != said:
        number = round(number * 2) / 2 if own == CELSIUS else round(number)
    return replace(amount, number=number, unit="degree")
