"""Choices out of a device's own lists, numbers by name, alarms, and numbers in names."""

from __future__ import annotations

import pytest

from steward.home.services.table import SERVICES
from steward.plan.language.text import plain
from steward.plan.parts.byparts import by_parts
from steward.plan.templates.split import Part
from steward.types import Area, Entity, Gap, Json, Unknown, World

AC: dict[str, Json] = {
    "temperature": 24,
    "hvac_modes": ["off", "cool", "heat"],
    "preset_modes": ["none", "eco"],
    "fan_modes": ["auto", "low"],
}
HOME = World(
    areas=(Area("r1", "Room 1"), Area("r2", "Room 2"), Area("hall", "Hall")),
    entities=(
        Entity("climate.r1", "Room 1 AC", "cool", "r1", (), None, AC),
        Entity("climate.r2", "Room 2 AC", "cool", "r2", (), None, AC),
        Entity("light.r1", "Room 1 Ceiling", "off", "r1"),
        Entity("light.r2", "Room 2 Ceiling", "off", "r2"),
        Entity(
            "input_select.sign", "Door Sign", "Open", "hall", (), None,
            {"options": ["Open", "Closed", "Back Soon"]},
        ),
        Entity(
            "number.quota", "Guest Quota", "12", "hall", (), None,
            {"min": 0, "max": 20, "step": 2},
        ),
        Entity("alarm_control_panel.a", "House Alarm", "disarmed", "hall"),
    ),
)  # fmt: skip


def read(said: str) -> Part | Unknown:
    language = "zh" if any("\u4e00" <= char <= "\u9fff" for char in said) else "en"
    return by_parts(plain(said, language), language, HOME, None, frozenset(SERVICES))


@pytest.mark.parametrize(
    ("said", "capability", "arguments"),
    [
        ("set the room one ac to eco", "climate.set_preset_mode", {"preset_mode": "eco"}),
        ("1号房空调调到节能模式", "climate.set_preset_mode", {"preset_mode": "eco"}),
        ("set the room 1 ac to heating", "climate.set_hvac_mode", {"hvac_mode": "heat"}),
        ("set the room 1 ac fan to auto", "climate.set_fan_mode", {"fan_mode": "auto"}),
        (
            "change the door sign to back soon",
            "input_select.select_option",
            {"option": "Back Soon"},
        ),
        ("set the guest quota to 8", "number.set_value", {"value": 8.0}),
        ("raise the guest quota by four", "number.set_value", {"value": 16.0}),
        ("raise the guest quota", "number.set_value", {"value": 14.0}),
        ("arm the alarm", "alarm_control_panel.alarm_arm_away", {}),
        ("set the house alarm to night mode", "alarm_control_panel.alarm_arm_night", {}),
        ("disarm the alarm", "alarm_control_panel.alarm_disarm", {}),
    ],
)
def test_a_choice_is_one_of_the_device(
    said: str, capability: str, arguments: dict[str, Json]
) -> None:
    part = read(said)
    assert isinstance(part, Part), part
    ((draft, _),) = part.steps
    assert draft.capability == capability
    assert {k: v for k, v in draft.arguments.items() if k != "entity_id"} == arguments


@pytest.mark.parametrize(
    "said",
    [
        "don't arm the alarm",
        "set the door sign to purple",
        "the door sign is open and the ac is in eco mode i think",
        "set the ac to eco",  # which one?
    ],
)
def test_what_is_no_choice_or_not_one_is_left(said: str) -> None:
    assert isinstance(read(said), Unknown)


def test_a_number_after_room_is_its_name() -> None:
    part = read("room two light on")
    assert isinstance(part, Part)
    assert [draft.arguments for draft, _ in part.steps] == [{"entity_id": ["light.r2"]}]


def test_a_room_that_is_not_there_is_no_brightness() -> None:
    assert read("turn on the light in room 4") == Unknown(Gap.NO_SUCH_DEVICE)
    assert read("打开4号房的灯") == Unknown(Gap.NO_SUCH_DEVICE)
