"""A family's house as it is usually named: doors, fans with speeds, what is already there."""

from __future__ import annotations

import pytest

from steward.home.services.table import SERVICES
from steward.plan.templates.grammar import Grammar
from steward.plan.understand import understand
from steward.types import Area, Calls, Entity, Floor, Json, Utterance, World

FAN: dict[str, Json] = {"percentage": 0, "percentage_step": 33.33}
DIMMED: dict[str, Json] = {"brightness": 200, "supported_color_modes": ["brightness"]}
THERMOSTAT: dict[str, Json] = {
    "temperature": 20,
    "current_temperature": 19,
    "hvac_modes": ["off", "heat", "cool"],
    "fan_modes": ["auto", "low", "high"],
}
AC: dict[str, Json] = {
    "temperature": 25,
    "min_temp": 16,
    "max_temp": 30,
    "hvac_modes": ["off", "dry", "cool"],
}
SCREEN: dict[str, Json] = {
    "source_list": ["HDMI 2", "Arte"],
    "source": "HDMI 2",
    "device_class": "tv",
}
HOME = World(
    floors=(Floor("one", "First Floor"), Floor("two", "Second Floor")),
    areas=(
        Area("scullery", "Scullery", "one"),
        Area("vestibule", "Entryway", "one"),
        Area("suite", "Guest Suite", "two"),
        Area("slip", "Boat Dock"),
        Area("loft", "Loft", "two"),
        Area("ward1", "Ward 1"),
        Area("ward2", "Ward 2"),
    ),
    entities=(
        Entity("lock.back", "Back Door Lock", "unlocked", "scullery"),
        Entity("lock.front", "Front Door Lock", "unlocked", "vestibule"),
        Entity("climate.all", "Thermostat", "heat", "vestibule", (), None, THERMOSTAT),
        Entity("fan.loft", "Whirl", "off", "loft"),
        Entity("fan.suite", "Guest Suite Ceiling Fan", "off", "suite", (), None, FAN),
        Entity("light.suite", "Guest Suite Pendant", "on", "suite", (), None, DIMMED),
        Entity("light.scullery", "Scullery Light", "on", "scullery", (), None, DIMMED),
        Entity("light.slip", "Dock Light", "off", "slip"),
        Entity("climate.boudoir", "Boudoir AC", "off", "suite", (), None, {**AC}),
        Entity("media_player.set", "Big Screen", "on", "vestibule", (), None, {**SCREEN}),
        Entity("vacuum.dusty", "Dusty", "docked", "scullery"),
        Entity("humidifier.loft", "Misty", "off", "loft", (), None, {"humidity": 40}),
        Entity("light.ward1", "Ward 1 Light", "off", "ward1", (), None, DIMMED),
        Entity("light.ward2", "Ward 2 Light", "off", "ward2", (), None, DIMMED),
        Entity("todo.errands", "Errands", "1", None, (), None, {"items": ["Stamps"]}),
    ),
)
GRAMMAR = Grammar(("en", "zh"))


def done(said: str, area: str | None = None) -> list[tuple[str, dict[str, Json]]] | None:
    body = understand(Utterance(said, area=area), HOME, frozenset(SERVICES), GRAMMAR).body
    if not isinstance(body, Calls):
        return None
    return [(call.capability, dict(call.arguments)) for call in body.calls]


@pytest.mark.parametrize("said", ["lock the front door", "把前门锁上"])
def test_the_front_door_is_not_the_nearest_door(said: str) -> None:
    assert done(said, "scullery") == [("lock.lock", {"entity_id": ["lock.front"]})]


def test_two_doors_are_named_without_a_word_between() -> None:
    locked = {"entity_id": ["lock.back", "lock.front"]}
    assert done("把前门后门都锁上", "scullery") == [("lock.lock", locked)]


@pytest.mark.parametrize(
    ("said", "percentage"),
    [
        ("the ceiling fan to low", 33),
        ("吊扇开低档", 33),
        ("put the fan on high", 100),
        ("吊扇调到中档", 50),
    ],
)
def test_a_fan_with_speeds_has_a_low_and_a_high_one(said: str, percentage: int) -> None:
    speed = {"entity_id": ["fan.suite"], "percentage": percentage}
    assert done(said, "suite") == [("fan.set_percentage", speed)]


def test_the_fan_of_the_thermostat_is_meant_where_it_is_named() -> None:
    mode = {"entity_id": ["climate.all"], "fan_mode": "low"}
    assert done("set the thermostat fan to low", "suite") == [("climate.set_fan_mode", mode)]


@pytest.mark.parametrize("said", ["it's stuffy in here", "屋里有点闷"])
def test_a_fan_helps_where_nothing_cools(said: str) -> None:
    assert done(said, "loft") == [("fan.turn_on", {"entity_id": ["fan.loft"]})]
    assert done(said, "slip") is None


@pytest.mark.parametrize("said", ["turn on the boudoir AC at 22", "把空调打开调到22度"])
def test_what_is_switched_on_with_a_temperature_is_on(said: str) -> None:
    cooled = {"entity_id": ["climate.boudoir"], "temperature": 22, "hvac_mode": "cool"}
    assert done(said, "suite") == [("climate.set_temperature", cooled)]


@pytest.mark.parametrize("said", ["put on Arte", "watch Arte", "看Arte"])
def test_a_source_is_put_on_by_its_name(said: str) -> None:
    switched = {"entity_id": ["media_player.set"], "source": "Arte"}
    assert done(said) == [("media_player.select_source", switched)]


@pytest.mark.parametrize("said", ["check off the stamps", "we got the stamps", "把Stamps划掉"])
def test_an_item_is_ticked_off_wherever_it_stands(said: str) -> None:
    (call,) = done(said) or [("", {})]
    assert call[0] == "todo.update_item" and call[1]["status"] == "completed"
    assert done("check off the garlic") is None


@pytest.mark.parametrize("said", ["find the vacuum", "locate Dusty", "扫地机响一声"])
def test_a_vacuum_makes_itself_heard(said: str) -> None:
    assert done(said) == [("vacuum.locate", {"entity_id": ["vacuum.dusty"]})]


@pytest.mark.parametrize(
    "said",
    ["turn the pendant down to half of what it is now", "吊灯的亮度比现在减一半"],
)
def test_half_of_what_it_is_now_is_no_level(said: str) -> None:
    half = {"entity_id": ["light.suite"], "brightness": 100}
    assert done(said, "suite") == [("light.turn_on", half)]


def test_a_share_is_no_time_of_day() -> None:
    dimmed = {"entity_id": ["light.scullery"], "brightness_pct": 66.67}
    assert done("scullery light at two thirds brightness") == [("light.turn_on", dimmed)]


def test_a_verb_after_an_article_is_a_name() -> None:
    lit = {"entity_id": ["light.slip"]}
    assert done("turn on the light on the dock") == [("light.turn_on", lit)]


def test_what_a_home_has_is_not_bought() -> None:
    assert "todo.add_item" not in dict(done("we need some light") or ())
    bought = {"entity_id": ["todo.errands"], "item": "milk"}
    assert done("we need milk") == [("todo.add_item", bought)]


@pytest.mark.parametrize("said", ["turn on the light in Ward 3", "把 Ward 3 的灯打开"])
def test_a_number_that_nothing_here_has_is_no_level(said: str) -> None:
    assert done(said) is None


def test_what_is_put_on_at_a_level_is_on() -> None:
    on = {"entity_id": ["humidifier.loft"]}
    level = ("humidifier.set_humidity", {**on, "humidity": 55})
    assert done("turn on Misty at 55 percent") == [("humidifier.turn_on", on), level]


def test_where_a_level_comes_from_does_not_matter() -> None:
    dimmed = {"entity_id": ["light.suite"], "brightness_pct": 30}
    assert done("pendant from eighty down to thirty", "suite") == [("light.turn_on", dimmed)]
