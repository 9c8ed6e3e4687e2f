"""Questions read by their parts: what is asked of which things, and what is no question."""

from __future__ import annotations

from pathlib import Path

import pytest

from steward.home.fixtures import read
from steward.home.services import table
from steward.plan.language.text import is_chinese, plain
from steward.plan.parts.asking import is_question
from steward.plan.parts.aspects import value_of
from steward.plan.parts.byparts import by_parts
from steward.plan.parts.stands import is_so
from steward.types import Entity, Unknown

ROOT = Path(__file__).parents[3]
HOME = read(ROOT / "tests/golden/homes/dev/vale/_fixtures.yaml")
CAPABILITIES = frozenset(capability.name for capability in table.capabilities())


def asked(text: str) -> tuple[str, dict[str, object], set[str]] | Unknown:
    language = "zh" if is_chinese(text) else "en"
    part = by_parts(plain(text, language), language, HOME, None, CAPABILITIES)
    if isinstance(part, Unknown):
        return part
    draft, meaning = part.steps[0]
    ids = draft.arguments["entity_id"]
    assert isinstance(ids, list)
    return meaning.intent, dict(meaning.slots), {str(name) for name in ids}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("how bright is the kitchen light", ("brightness", "light.kitchen")),
        ("how bright is it in the hall", ("brightness", "sensor.lux")),
        ("how loud is the TV", ("volume", "media_player.tv")),
        ("how loud is it in the bedroom", ("noise", "sensor.noise")),
        ("what is the water heater set to", ("set", "water_heater.tank")),
        ("how much charge does Rosie have", ("battery", "vacuum.rosie")),
        ("前门锁还有多少电", ("battery", "sensor.front_batt")),
        ("洗衣机还要多久", ("duration", "sensor.washer_left")),
    ],
)
def test_a_value_is_read_where_it_stands(text: str, expected: tuple[str, str]) -> None:
    topic, entity = expected
    assert asked(text) == ("StewardValue", {"topic": topic}, {entity})


@pytest.mark.parametrize(
    ("text", "state", "ids"),
    [
        ("is the internet connected", "connected", {"binary_sensor.internet"}),
        ("is the study free", "free", {"binary_sensor.study_occ"}),
        ("is there an update for the front door lock", "update", {"update.front"}),
        ("浴室漏水了吗", "wet", {"binary_sensor.leak"}),
        ("is there a gas leak in the kitchen", "detected", {"binary_sensor.gas"}),
        ("who is out", "away", {"person.anna", "person.ben", "person.cleo"}),
    ],
)
def test_a_state_is_asked_of_what_can_be_in_it(text: str, state: str, ids: set[str]) -> None:
    found = asked(text)
    assert not isinstance(found, Unknown)
    assert (found[1]["state"], found[2]) == (state, ids)


@pytest.mark.parametrize("text", ["what's the temperature of the kettle", "is the sauna on"])
def test_a_thing_that_does_not_tell_it_is_not_told_of(text: str) -> None:
    assert isinstance(asked(text), Unknown)


def test_two_places_are_compared_in_the_order_they_are_said() -> None:
    part = by_parts("is it warmer in the hall than in the kitchen", "en", HOME, None, CAPABILITIES)
    assert not isinstance(part, Unknown)
    draft, meaning = part.steps[0]
    assert meaning.intent == "StewardCompare"
    assert draft.arguments["entity_id"] == ["sensor.hall_temp", "sensor.kitchen_temp"]


def test_a_day_of_the_week_is_asked_of_the_calendar() -> None:
    part = by_parts("what are we doing on friday", "en", HOME, None, CAPABILITIES)
    assert not isinstance(part, Unknown)
    assert part.steps[0][0].capability == "calendar.get_events"
    assert asked("周五会下雪吗") == (
        "StewardForecast",
        {"sky": "snow", "weekday": 4},
        {"weather.home"},
    )


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("is the light on", True),
        ("doorbell battery level please", True),
        ("when is the dentist", True),
        ("when the sun goes down switch the light on", False),
        ("raise the brightness level", False),
        ("could you turn on the light", False),
        ("灯亮没亮", True),
        ("帮我看看客厅几度", True),
        ("帮我把灯打开好吗", False),
    ],
)
def test_questions_are_told_from_wishes(text: str, question: bool) -> None:
    assert is_question(text) is question


def test_values_and_states_are_those_that_people_mean() -> None:
    lamp = Entity("light.x", "Lamp", "on", attributes={"brightness": 51})
    assert value_of(lamp, "brightness") == (20, "%")
    assert value_of(lamp, "volume") is None
    assert is_so(Entity("media_player.x", "TV", "idle"), "on")
    assert is_so(Entity("binary_sensor.x", "Window", "off"), "closed")
    assert not is_so(Entity("vacuum.x", "Rosie", "docked"), "on")


@pytest.mark.parametrize(
    ("text", "room"),
    [
        ("which room is the warmest", True),
        ("家里哪间最热", True),
        ("what is the lowest battery", False),
    ],
)
def test_of_rooms_the_room_is_the_answer(text: str, room: bool) -> None:
    found = asked(text)
    assert not isinstance(found, Unknown)
    assert found[0] == "StewardExtreme"
    assert (found[1].get("of") == "room") is room


@pytest.mark.parametrize(
    ("state", "low"), [("9", True), ("19.5", True), ("20", False), ("unknown", False)]
)
def test_a_battery_is_low_below_a_fifth(state: str, low: bool) -> None:
    assert is_so(Entity("sensor.cell", "Cell", state), "low") is low


@pytest.mark.parametrize("text", ["which machines are running", "哪些机器开着"])
def test_a_lamp_is_no_machine(text: str) -> None:
    found = asked(text)
    assert not isinstance(found, Unknown)
    assert "switch" in {name.partition(".")[0] for name in found[2]}
    assert not any(name.startswith(("light.", "media_player.")) for name in found[2])


def test_what_a_room_is_at_is_its_temperature() -> None:
    found = asked("what's the hall at")
    assert not isinstance(found, Unknown)
    assert found[0] == "HassClimateGetTemperature"
    assert found[2] == {"sensor.hall_temp"}
