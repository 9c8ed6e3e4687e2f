"""Sentences that fit no template, read by their parts in a home of two languages."""

from __future__ import annotations

import pytest

from steward.home.services.table import SERVICES
from steward.plan.language.text import plain
from steward.plan.language.values import number_at, share_at
from steward.plan.parts.atoms import tokens
from steward.plan.parts.byparts import CONFIDENCE, NEAR_CONFIDENCE, by_parts
from steward.plan.parts.nearly import spellings
from steward.plan.templates.split import Part
from steward.types import Area, Entity, Floor, Gap, Json, Unknown, World

CAPABILITIES = frozenset(SERVICES)
DIMMED: dict[str, Json] = {"brightness": 100, "supported_color_modes": ["brightness"]}
HEAT: dict[str, Json] = {
    "temperature": 20,
    "current_temperature": 18.5,
    "min_temp": 7,
    "max_temp": 28,
    "hvac_modes": ["off", "heat"],
}
HOME = World(
    floors=(Floor("up", "Upper Floor", ("upstairs",)),),
    areas=(
        Area("kitchen", "Kitchen"),
        Area("lounge", "Living Room"),
        Area("nursery", "Nursery", "up"),
    ),
    entities=(
        Entity("light.kitchen", "Kitchen Light", "on", "kitchen", (), None, DIMMED),
        Entity("light.shelf", "Shelf Lamp", "on", "kitchen", (), None, DIMMED),
        Entity("light.reading", "阅读灯", "off", "lounge", (), None, DIMMED),
        Entity("light.moon", "Moon Lamp", "on", "nursery", (), None, DIMMED),
        Entity("switch.kettle", "Kettle", "off", "kitchen"),
        Entity("switch.press", "Prensa Verde", "off", "kitchen"),
        Entity("climate.nursery", "Nursery Radiator", "heat", "nursery", (), None, HEAT),
        Entity(
            "cover.blind", "Roller Blind", "open", "lounge", (), None,
            {"current_position": 100, "device_class": "blind"},
        ),
        Entity("lock.front", "Front Door", "locked", "lounge"),
        Entity(
            "media_player.box", "Sound Box", "playing", "lounge", (), None,
            {"volume_level": 0.4, "device_class": "speaker"},
        ),
        Entity("fan.hood", "抽油烟机", "on", "kitchen", (), None, {"percentage": 50}),
        Entity(
            "sensor.kitchen_heat", "Kitchen Temperature", "23.5", "kitchen", (), "°C",
            {"device_class": "temperature"},
        ),
        Entity(
            "sensor.nursery_heat", "Nursery Temperature", "18.5", "nursery", (), "°C",
            {"device_class": "temperature"},
        ),
    ),
)  # fmt: skip


SET_NURSERY = ("climate.set_temperature", ["climate.nursery"])
SET_BOX = ("media_player.volume_set", ["media_player.box"])
WARMTH = {"climate.nursery", "sensor.kitchen_heat", "sensor.nursery_heat"}


def read(said: str, area: str | None = None) -> Part | Unknown:
    language = "zh" if any("\u4e00" <= char <= "\u9fff" for char in said) else "en"
    return by_parts(plain(said, language), language, HOME, area, CAPABILITIES)


Found = list[tuple[str, list[str], dict[str, Json]]]


def calls(said: str, area: str | None = None) -> Found:
    part = read(said, area)
    assert isinstance(part, Part), f"{said}: {part}"
    found: Found = []
    for draft, _ in part.steps:
        ids = draft.arguments["entity_id"]
        assert isinstance(ids, list)
        rest = {name: value for name, value in draft.arguments.items() if name != "entity_id"}
        found.append((draft.capability, [str(name) for name in ids], rest))
    return found


@pytest.mark.parametrize(
    ("said", "capability", "ids", "rest"),
    [
        ("pop the kettle on for me", "switch.turn_on", ["switch.kettle"], {}),
        ("帮我把水壶打开", "switch.turn_on", ["switch.kettle"], {}),
        ("could you get the reading light on", "light.turn_on", ["light.reading"], {}),
        ("range hood off please", "fan.turn_off", ["fan.hood"], {}),
        ("pull the blind down would you", "cover.close_cover", ["cover.blind"], {}),
        ("卷帘再往上，全打开", "cover.open_cover", ["cover.blind"], {}),
        ("卷帘放下来", "cover.close_cover", ["cover.blind"], {}),
        ("kill the upstairs lights", "light.turn_off", ["light.moon"], {}),
        ("前门解锁", "lock.unlock", ["lock.front"], {}),
        ("kitchen light to a quarter", "light.turn_on", ["light.kitchen"], {"brightness_pct": 25}),
        ("厨房灯亮度三成", "light.turn_on", ["light.kitchen"], {"brightness_pct": 30}),
        ("moon lamp a bit brighter", "light.turn_on", ["light.moon"], {"brightness_step_pct": 20}),
        ("厨房灯暗一点", "light.turn_on", ["light.kitchen"], {"brightness_step_pct": -20}),
        ("moon lamp twice as bright", "light.turn_on", ["light.moon"], {"brightness": 200}),
        ("a touch cooler in the nursery", *SET_NURSERY, {"temperature": 19}),
        ("it's chilly in the nursery", *SET_NURSERY, {"temperature": 21}),
        ("育儿室降两度", *SET_NURSERY, {"temperature": 18}),
        ("sound box down another five points", *SET_BOX, {"volume_level": 0.35}),
        ("音箱再加十五个百分点", *SET_BOX, {"volume_level": 0.55}),
        ("油烟机降二十个点", "fan.set_percentage", ["fan.hood"], {"percentage": 30}),
        ("nursery radiator to twenty one and a half", *SET_NURSERY, {"temperature": 21.5}),
        ("make the sound box half as loud", *SET_BOX, {"volume_level": 0.2}),
        ("音箱大声一点", *SET_BOX, {"volume_level": 0.5}),
        ("open the blind halfway", "cover.set_cover_position", ["cover.blind"], {"position": 50}),
        ("油烟机开到最大", "fan.set_percentage", ["fan.hood"], {"percentage": 100}),
    ],
)  # fmt: skip
def test_a_command_is_read_by_its_parts(
    said: str, capability: str, ids: list[str], rest: dict[str, Json]
) -> None:
    assert calls(said) == [(capability, ids, rest)]


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        ("every light off except the kitchen", ["light.moon", "light.reading"]),
        ("除了厨房其他灯都关了", ["light.moon", "light.reading"]),
        ("灯都关了，厨房的留着", ["light.moon", "light.reading"]),
        ("the kitchen and nursery lights off", ["light.kitchen", "light.moon", "light.shelf"]),
        ("关掉厨房的灯", ["light.kitchen", "light.shelf"]),
    ],
)
def test_scope_and_exceptions(said: str, ids: list[str]) -> None:
    assert sorted(name for _, found, _ in calls(said) for name in found) == ids


@pytest.mark.parametrize(
    "said",
    [
        "I switched the kettle on yesterday",
        "don't turn the kettle on",
        "the kettle",
        "turn it off",
        "turn the",
        "她说水壶打开了",
        "昨天我把水壶打开了",
        "turn on the kettle and the glitterator",
        "turn on the green kettle",
        "set the kettle to 80 degrees",
        "dim the kettle",
        "attic lights off",
        "打开书房的灯",
        "is the kettle wotsit on",
        "关掉五楼的灯",
        "关掉5号灯",
        "厨房灯关掉30",
        "everything except the kitchen",
        "except the kitchen light",
    ],
)
def test_what_is_not_wholly_understood_is_not_done(said: str) -> None:
    assert isinstance(read(said), Unknown)


def test_what_cannot_be_done_to_a_thing_is_said() -> None:
    assert read("set the kettle to 80 degrees") == Unknown(Gap.UNSUPPORTED)


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        ("turn on the kettel", "switch.kettle"),
        ("moon lam on", "light.moon"),
        ("打开水胡", "switch.kettle"),
        ("抽油烟几关掉", "fan.hood"),
        ("prensa berde on", "switch.press"),
    ],
)
def test_slips_of_the_recogniser_are_repaired_with_less_confidence(said: str, ids: str) -> None:
    part = read(said)
    assert isinstance(part, Part)
    assert [draft.arguments["entity_id"] for draft, _ in part.steps] == [[ids]]
    assert part.confidence == NEAR_CONFIDENCE < CONFIDENCE < 1


def test_a_word_that_is_understood_is_never_replaced() -> None:
    said = "turn on the kettle"
    assert spellings(said, tokens(said, HOME), HOME) == ()


@pytest.mark.parametrize(
    ("said", "intent", "ids"),
    [
        ("which room is the warmest", "StewardExtreme", WARMTH),
        ("厨房现在多少度", "HassClimateGetTemperature", {"sensor.kitchen_heat"}),
        ("did somebody lock the front door", "HassGetState", {"lock.front"}),
        ("what's the nursery radiator set to", "StewardValue", {"climate.nursery"}),
        ("how loud is the sound box", "StewardValue", {"media_player.box"}),
    ],
)  # fmt: skip
def test_questions_are_read_by_their_parts(said: str, intent: str, ids: set[str]) -> None:
    part = read(said)
    assert isinstance(part, Part)
    assert [meaning.intent for _, meaning in part.steps] == [intent]
    assert {name for _, found, _ in calls(said) for name in found} == ids
    assert all(draft.capability == "home.get_states" for draft, _ in part.steps)


def test_here_is_the_room_of_the_speaker() -> None:
    assert calls("it's dark in here", "lounge") == [("light.turn_on", ["light.reading"], {})]
    assert isinstance(read("it's dark in here"), Unknown)


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("twenty one", 21),
        ("one hundred and", 100),
        ("four thousand", 4000),
        ("二 十 四", 24),
        ("twenty seven hundred", 2700),
        ("two thousand five hundred", 2500),
        ("one hundred and twenty", 120),
        ("a kilo", 1),
        ("半 公 斤", 0.5),
        ("21.5", 21.5),
        ("两 百", 200),
        ("lamp", None),
    ],
)
def test_numbers(words: str, number: float | None) -> None:
    found = number_at(words.split(), 0)
    assert (found[0] if found else None) == number


@pytest.mark.parametrize(
    ("words", "share"),
    [
        ("three quarters", 75),
        ("a third", 100 / 3),
        ("三 成", 30),
        ("四 分 之 一", 25),
        ("seven out of ten", 70),
        ("two", None),
    ],
)
def test_shares(words: str, share: float | None) -> None:
    found = share_at(words.split(), 0)
    assert (found[0] if found else None) == (pytest.approx(share) if share else None)
