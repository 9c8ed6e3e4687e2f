"""What an amount in one unit is in another: grams in kilograms, Fahrenheit in Celsius."""

from __future__ import annotations

_SIZES: dict[str, tuple[str, float]] = {
    "kg": ("mass", 1.0),
    "g": ("mass", 0.001),
    "jin": ("mass", 0.5),
    "lb": ("mass", 0.45359237),
    "L": ("volume", 1.0),
    "mL": ("volume", 0.001),
    "h": ("time", 3600.0),
    "min": ("time", 60.0),
    "s": ("time", 1.0),
    "W": ("power", 1.0),
    "kW": ("power", 1000.0),
    "Wh": ("energy", 1.0),
    "kWh": ("energy", 1000.0),
    "km": ("length", 1000.0),
    "m": ("length", 1.0),
    "cm": ("length", 0.01),
    "mm": ("length", 0.001),
}
"""What each unit measures, and how much of the first of its kind one is. The pound is that of
1959, 0.45359237 kg; the jin is that of the mainland, half a kilogram."""

CELSIUS, FAHRENHEIT = "°C", "°F"


def converted(number: float, unit: str, other: str) -> float | None:
    """Return what `number` of `unit` is in the `other`, None where the two measure other things.

    Units are spelled as Home Assistant does.
    """
    if unit == other:
        return number
    if (unit, other) == (CELSIUS, FAHRENHEIT):
        return number * 1.8 + 32
    if (unit, other) == (FAHRENHEIT, CELSIUS):
        return (number - 32) / 1.8
    kind, size = _SIZES.get(unit, ("", 0.0))
    other_kind, other_size = _SIZES.get(other, ("?", 1.0))
    return round(number * size / other_size, 6) if kind == other_kind else None
