"""Sentences that fit no template, read by their parts in a home of two languages."""

from __future__ import annotations

from typing import TypeGuard

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
        ("two", None),
    ],
)
def test_shares(words: str, share: float | None) -> None:
    found = share_at(words.split(), 0)
    assert (found[0] if found else None) == (pytest.approx(share) if share else None)


SHARED = World(
    areas=(
        Area("hall", "Oven Hall"),
        Area("ours", "Ida and Bo's Room"),
        Area("attic", "Attic"),
        Area("old_study", "Old Study"),
        Area("new_study", "New Study"),
    ),
    entities=(
        Entity("light.old_desk", "Old Desk Lamp", "off", "old_study", (), None, DIMMED),
        Entity("light.old_globe", "Globe", "off", "old_study", (), None, DIMMED),
        Entity("light.new_desk", "New Desk Lamp", "off", "new_study", (), None, DIMMED),
        Entity("switch.deck", "Deck Oven", "off", "hall"),
        Entity("switch.rack", "Rack Oven", "off", "hall"),
        Entity("light.tubes", "Oven Hall Tubes", "off", "hall", (), None, DIMMED),
        Entity("light.ida", "Ida's Bedside Lamp", "off", "ours", (), None, DIMMED),
        Entity("light.bo", "Bo's Bedside Lamp", "off", "ours", (), None, DIMMED),
        Entity("light.guest", "Guest Bedside Lamp", "off", "attic", (), None, DIMMED),
        Entity(
            "light.star", "Star", "off", "attic", (), None,
            {"brightness": 100, "supported_color_modes": ["rgb"]},
        ),
        Entity("valve.front", "Front Lawn Sprinkler", "closed"),
        Entity("valve.back", "Back Lawn Sprinkler", "closed"),
        Entity("switch.dishes", "Dishwasher", "off", "attic"),
        Entity("timer.egg", "Egg Timer", "idle", "hall"),
    ),
)  # fmt: skip


STUDIES = ["light.new_desk", "light.old_desk", "light.old_globe"]


def _steps(said: str, language: str, area: str | None = None) -> list[tuple[str, dict[str, Json]]]:
    part = by_parts(plain(said, language), language, SHARED, area, CAPABILITIES)
    return [(d.capability, dict(d.arguments)) for d, _ in part.steps] if _is_part(part) else []


def _is_part(part: Part | Unknown) -> TypeGuard[Part]:
    return isinstance(part, Part)


@pytest.mark.parametrize(
    ("said", "language", "area", "ids"),
    [
        ("turn on both ovens", "en", None, ["switch.deck", "switch.rack"]),
        ("run both lawn sprinklers", "en", None, ["valve.back", "valve.front"]),
        ("两个烤箱都打开", "zh", None, ["switch.deck", "switch.rack"]),
        ("turn on both bedside lamps", "en", "ours", ["light.bo", "light.ida"]),
        ("turn on both bedside lamps", "en", None, None),
        ("把两盏床头灯都打开", "zh", None, None),
        ("lights on in both studies", "en", None, STUDIES),
        ("两个书房的灯都打开", "zh", None, STUDIES),
        ("turn on both lights in the study", "en", None, None),
        ("run the dishwasher", "en", None, ["switch.dishes"]),
        ("洗碗机自动开一下", "zh", None, ["switch.dishes"]),
        ("run the attic", "en", None, None),
        ("run the star", "en", None, None),
        ("turn on idas bed side lamp", "en", None, ["light.ida"]),
    ],
)
def test_both_and_run_act_on_what_is_surely_meant(
    said: str, language: str, area: str | None, ids: list[str] | None
) -> None:
    """Two things of the words are both; of three it is not clear which two."""
    steps = _steps(said, language, area)
    assert [arguments["entity_id"] for _, arguments in steps] == ([ids] if ids else [])


@pytest.mark.parametrize(
    ("said", "language", "color", "brightness"),
    [
        ("star green", "en", "green", None),
        ("star green at full brightness", "en", "green", 100),
        ("set the star to blue at 50 percent", "en", "blue", 50),
        ("把Star调成蓝色亮度百分之五十", "zh", "blue", 50),
    ],
)
def test_a_colour_and_a_brightness_are_both_set(
    said: str, language: str, color: str, brightness: int | None
) -> None:
    """Neither goes lost."""
    [(_, arguments)] = _steps(said, language)
    assert (arguments["color_name"], arguments.get("brightness_pct")) == (color, brightness)


@pytest.mark.parametrize(
    ("said", "step"),
    [
        ("star 30 percent brighter blue", 30),
        ("star blue and dimmer", -20),
        ("Star调成蓝色亮一点", 20),
    ],
)
def test_a_colour_with_a_change_of_brightness_is_not_half_done(said: str, step: int) -> None:
    language = "en" if said.isascii() else "zh"
    wanted = {"entity_id": ["light.star"], "color_name": "blue", "brightness_step_pct": step}
    assert _steps(said, language) == [("light.turn_on", wanted)]


def test_a_colour_and_a_warmth_are_too_much() -> None:
    assert not _steps("star blue and warmer", "en")


@pytest.mark.parametrize(
    ("said", "language", "length"),
    [
        ("start the egg timer for six minutes", "en", "0:06:00"),
        ("set the egg timer to 90 seconds", "en", "0:01:30"),
        ("启动煮蛋计时器，六分钟", "zh", "0:06:00"),
        ("start the timer for six minutes", "en", None),
        ("start the oven hall timer for six minutes", "en", None),
        ("start the pasta timer for six minutes", "en", None),
    ],
)
def test_a_timer_of_the_home_is_started_only_by_its_name(
    said: str, language: str, length: str | None
) -> None:
    """Every other timer is the butler's own."""
    wanted = [("timer.start", {"entity_id": ["timer.egg"], "duration": length})]
    assert _steps(said, language) == (wanted if length else [])


@pytest.mark.parametrize(
    ("said", "language", "ids"),
    [
        ("old study lights please", "en", STUDIES[1:]),
        ("the globe in the old study please", "en", STUDIES[2:]),
        ("old study please", "en", None),
        ("the dishwasher please", "en", None),
        ("old study lights", "en", None),
    ],
)
def test_lamps_that_are_only_asked_for_are_wanted_on(
    said: str, language: str, ids: list[str] | None
) -> None:
    """Of other things, and without a please, it is not clear what is wanted."""
    wanted = [("light.turn_on", {"entity_id": ids})]
    assert _steps(said, language) == (wanted if ids else [])


@pytest.mark.parametrize(
    ("said", "arguments"),
    [
        ("Old Study灯全开", {"entity_id": STUDIES[1:]}),
        ("Globe亮度开到最大", {"entity_id": ["light.old_globe"], "brightness_pct": 100}),
        ("Globe最大亮度一半", None),
    ],
)
def test_all_on_is_no_brightness(said: str, arguments: dict[str, Json] | None) -> None:
    """And two levels at once are none."""
    wanted = [("light.turn_on", arguments)]
    assert _steps(said, "zh") == (wanted if arguments else [])


@pytest.mark.parametrize(
    ("said", "language", "area", "ids"),
    [
        ("turn on the lights in this office", "en", "old_study", STUDIES[1:]),
        ("这个会议室的灯打开", "zh", "old_study", STUDIES[1:]),
        ("这个会议室的灯打开", "zh", None, None),
        ("turn on the lights in the office", "en", "old_study", None),
        ("turn on the lights on this aquarium", "en", "old_study", None),
    ],
)
def test_this_room_is_the_speakers_whatever_it_is_called(
    said: str, language: str, area: str | None, ids: list[str] | None
) -> None:
    wanted = [("light.turn_on", {"entity_id": ids})]
    assert _steps(said, language, area) == (wanted if ids else [])
