"""Which of several things a sentence read by its parts is about, and in what way."""

from __future__ import annotations

from typing import TypeGuard

import pytest

from steward.home.services.table import SERVICES
from steward.plan.language.text import plain
from steward.plan.parts.byparts import by_parts
from steward.plan.templates.split import Part
from steward.types import Area, Entity, Floor, Json, Unknown, World

CAPABILITIES = frozenset(SERVICES)
DIMMED: dict[str, Json] = {"brightness": 100, "supported_color_modes": ["brightness"]}
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
        Entity("vacuum.rolly", "Rolly", "cleaning", "attic"),
        Entity("media_player.band", "Band", "playing", "attic", (), None, {"volume_level": 0.4}),
    ),
)  # fmt: skip


CELLAR = World(
    areas=(Area("cellar", "Cellar"), Area("porch", "Porch")),
    entities=(
        Entity("valve.water", "Main Water", "open", "cellar"),
        Entity("lock.hatch", "Hatch", "locked", "cellar"),
        Entity("cover.shutter", "Shutter", "open", "cellar"),
        Entity("cover.awning", "Awning", "open", "porch"),
    ),
)
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
    ("said", "language", "steps"),
    [
        ("close everything in the cellar", "en", [("cover.close_cover", ["cover.shutter"])]),
        ("open everything in the cellar", "en", [("cover.open_cover", ["cover.shutter"])]),
        ("close everything", "en", [("cover.close_cover", ["cover.awning", "cover.shutter"])]),
        ("close the main water", "en", [("valve.close_valve", ["valve.water"])]),
    ],
)
def test_everything_that_opens_is_no_lock_and_not_the_main_water(
    said: str, language: str, steps: list[tuple[str, Json]]
) -> None:
    part = by_parts(plain(said, language), language, CELLAR, None, CAPABILITIES)
    assert _is_part(part)
    assert [(d.capability, d.arguments["entity_id"]) for d, _ in part.steps] == steps


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
        ("turn on the lights in the library", "en", "old_study", None),
        ("turn on the lights on this aquarium", "en", "old_study", None),
    ],
)
def test_this_room_is_the_speakers_whatever_it_is_called(
    said: str, language: str, area: str | None, ids: list[str] | None
) -> None:
    wanted = [("light.turn_on", {"entity_id": ids})]
    assert _steps(said, language, area) == (wanted if ids else [])


@pytest.mark.parametrize(
    ("said", "capability"),
    [
        ("收工了", None),
        ("让Rolly收工", "vacuum.return_to_base"),
        ("go home", None),
        ("send Rolly home", "vacuum.return_to_base"),
        ("开工了", None),
        ("Rolly开工", "vacuum.start"),
        ("can you repeat that", None),
        ("repeat one", "media_player.repeat_set"),
        ("hold on", None),
        ("hold the band", "media_player.media_pause"),
    ],
)
def test_verbs_that_people_say_of_themselves_need_a_name(said: str, capability: str | None) -> None:
    language = "en" if said.isascii() else "zh"
    assert [name for name, _ in _steps(said, language)] == ([capability] if capability else [])


STOREYS = World(
    floors=(
        Floor("g", "Ground Floor"),
        Floor("f", "First Floor"),
        Floor("t", "Top Floor"),
        Floor("c", "Cellar"),
    ),
    areas=(
        *(Area("salon", "Salon", "g"), Area("nook", "Nook", "f"), Area("den", "Den", "t")),
        Area("vault", "Vault", "c"),
    ),
    entities=tuple(
        Entity(f"light.{room}", room, "on", room) for room in ("salon", "nook", "den", "vault")
    ),
)


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        ("all the upstairs lights off", ["light.den", "light.nook"]),
        ("all the downstairs lights off", ["light.salon"]),
        ("楼上的灯都关了", ["light.den", "light.nook"]),
    ],
)
def test_every_floor_above_the_ground_is_upstairs(said: str, ids: list[str]) -> None:
    language = "en" if said.isascii() else "zh"
    part = by_parts(plain(said, language), language, STOREYS, None, CAPABILITIES)
    assert _is_part(part)
    assert [draft.arguments["entity_id"] for draft, _ in part.steps] == [ids]


NESTED = World(
    floors=(Floor("up", "Upstairs"), Floor("out", "Exterior")),
    areas=(
        Area("bed", "Bedroom", "up"),
        Area("guests", "Garret Bedroom", "up"),
        Area("mia", "Mia's Room", "up"),
        Area("patio", "Patio", "out"),
        Area("roof", "Roof"),
    ),
    entities=(
        Entity("light.bed", "Bowl", "off", "bed"),
        Entity("light.bed_wall", "Sconce", "off", "bed"),
        Entity("light.guests", "Globe", "off", "guests"),
        Entity("light.mia", "Star", "off", "mia"),
        Entity("light.patio", "Fairy Lights", "off", "patio"),
        Entity("light.roof", "Beacon", "off", "roof"),
    ),
)


@pytest.mark.parametrize(
    ("said", "language", "ids"),
    [
        ("turn on the bedroom lights", "en", ["light.bed", "light.bed_wall"]),
        ("卧室的灯都打开", "zh", ["light.bed", "light.bed_wall"]),
        ("所有卧室的灯都打开", "zh", ["light.bed", "light.bed_wall", "light.guests"]),
        ("turn on the lights in the garret bedroom", "en", ["light.guests"]),
        (
            "lights on in every room upstairs",
            "en",
            ["light.bed", "light.bed_wall", "light.guests", "light.mia"],
        ),
        (
            "楼上各屋的灯都打开",
            "zh",
            ["light.bed", "light.bed_wall", "light.guests", "light.mia"],
        ),
        (
            "turn on the lights in the bedrooms",
            "en",
            ["light.bed", "light.bed_wall", "light.guests"],
        ),
        ("外面的灯都打开", "zh", ["light.patio"]),
    ],
)
def test_a_room_is_the_one_so_called(said: str, language: str, ids: list[str]) -> None:
    """ "Every room" is no name; a floor called "Exterior" tells what is outside."""
    part = by_parts(plain(said, language), language, NESTED, None, CAPABILITIES)
    assert _is_part(part), part
    assert [d.arguments["entity_id"] for d, _ in part.steps] == [ids]


@pytest.mark.parametrize(
    ("said", "language", "capability", "arguments"),
    [
        ("Globe开最亮", "zh", "light.turn_on", {"brightness_pct": 100}),
        ("set the Globe to half of what it is now", "en", "light.turn_on", {"brightness": 50}),
        ("Band的音量调到现在的一半", "zh", "media_player.volume_set", {"volume_level": 0.2}),
    ],
)
def test_how_far_is_heard_beside_the_verb(
    said: str, language: str, capability: str, arguments: dict[str, Json]
) -> None:
    [(called, found)] = _steps(said, language)
    assert called == capability
    assert {key: found[key] for key in arguments} == arguments


AMERICAN = World(
    floors=(Floor("one", "First Floor"), Floor("two", "Second Floor")),
    areas=(
        Area("porch", "Entry", "one"),
        Area("pantry", "Pantry", "one"),
        Area("den", "Den", "two"),
    ),
    entities=(
        Entity("lock.front", "Front Door Lock", "locked", "porch"),
        Entity("lock.back", "Back Door Lock", "locked", "pantry"),
        Entity("light.den", "Den Lamp", "off", "den"),
        Entity("light.pantry", "Pantry Lamp", "off", "pantry"),
    ),
)


@pytest.mark.parametrize(
    ("said", "area", "ids"),
    [
        ("unlock the front door", "pantry", ["lock.front"]),
        ("turn on all the lights upstairs", None, ["light.den"]),
        ("turn on all the lights downstairs", None, ["light.pantry"]),
    ],
)
def test_the_first_floor_is_where_no_other_is_below_the_second(
    said: str, area: str | None, ids: list[str]
) -> None:
    """And nothing on it is in front for that: "first" is a Chinese word for both."""
    part = by_parts(said, "en", AMERICAN, area, CAPABILITIES)
    assert _is_part(part), part
    assert [d.arguments["entity_id"] for d, _ in part.steps] == [ids]
