"""Amounts in units: what a thing counts in, and what was said."""

from __future__ import annotations

import pytest

from steward.home.services.table import SERVICES
from steward.plan.language.measures import converted
from steward.plan.language.text import plain
from steward.plan.parts.byparts import by_parts
from steward.plan.templates.split import Part
from steward.types import Entity, Unknown, World

COUNTED = World(
    entities=(
        Entity("input_number.salt", "Softener Salt", "4", None, (), "kg", {"min": 0, "max": 20}),
        Entity("input_number.soak", "浸泡时长", "30", None, (), "min", {"min": 0, "max": 90}),
        Entity(
            "climate.attic", "Attic Heater", "heat", None, (), "°F",
            {"temperature": 60, "min_temp": 45, "max_temp": 90},
        ),
        Entity(
            "climate.crypt", "Crypt Heater", "heat", None, (), None,
            {"temperature": 18, "min_temp": 5, "max_temp": 30},
        ),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("softener salt to two thousand five hundred grams", 2.5),
        ("take a kilo off the softener salt", 3),
        ("half a kilo more softener salt", 4.5),
        ("softener salt to ten litres", None),
        ("浸泡时长再加十分钟", 40),
        ("浸泡时长改成二十分钟", 20),
        ("attic heater to 20 degrees celsius", 68),
        ("attic heater to 65", 65),
        ("crypt heater at 68 °F", 20),
        ("crypt heater 调到华氏五十九度", 15),
        ("crypt heater down a degree and a half", 16.5),
    ],
)
def test_amounts_come_in_the_unit_of_the_thing(said: str, value: float | None) -> None:
    language = "zh" if any("\u4e00" <= char <= "\u9fff" for char in said) else "en"
    part = by_parts(plain(said, language), language, COUNTED, None, frozenset(SERVICES))
    if value is None:
        assert isinstance(part, Unknown)
        return
    assert isinstance(part, Part), part
    arguments = part.steps[0][0].arguments
    assert arguments.get("value", arguments.get("temperature")) == value


@pytest.mark.parametrize(
    ("number", "unit", "other", "expected"),
    [
        (500, "g", "kg", 0.5),
        (9, "jin", "kg", 4.5),
        (1.5, "kW", "W", 1500),
        (-4, "°F", "°C", -20),
        (25, "°C", "°F", 77),
        (1, "kg", "L", None),
        (3, "ppm", "W", None),
    ],
)
def test_conversions(number: float, unit: str, other: str, expected: float | None) -> None:
    assert converted(number, unit, other) == (expected and pytest.approx(expected))


@pytest.mark.parametrize(
    ("said", "language", "unit"),
    [
        ("what is the heat of the cellar in fahrenheit", "en", "°F"),
        ("地下室现在多少摄氏度", "zh", "°C"),
        ("how many kilowatts is the meter at", "en", "kW"),
        ("电表现在是多少瓦", "zh", "W"),
    ],
)
def test_a_reading_is_told_in_the_unit_asked_for(said: str, language: str, unit: str) -> None:
    world = World(
        entities=(
            Entity(
                "sensor.cellar", "Cellar Heat", "50", None, (), "°F",
                {"device_class": "temperature"},
            ),
            Entity("sensor.meter", "电表", "900", None, (), "W", {"device_class": "power"}),
        ),
    )  # fmt: skip
    part = by_parts(plain(said, language), language, world, None, frozenset(SERVICES) | {_READ})
    assert isinstance(part, Part), part
    assert part.steps[0][1].slots["unit"] == unit


_READ = "home.get_states"
