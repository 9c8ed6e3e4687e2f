"""A room that is named once for several commands."""

from __future__ import annotations

import pytest

from steward.home.services.table import SERVICES
from steward.plan.templates.grammar import Grammar
from steward.plan.understand import understand
from steward.types import Area, Calls, Entity, Json, Utterance, World

GRAMMAR = Grammar()
CURTAIN: dict[str, Json] = {"current_position": 100, "device_class": "curtain"}
GARAGE: dict[str, Json] = {"device_class": "garage"}
HOME = World(
    areas=(
        Area("salon", "Salon"),
        Area("loft", "Loft"),
        Area("hut", "Oma's Hut"),
        Area("garage", "Garage"),
        Area("yard", "Yard"),
    ),
    entities=(
        Entity("light.salon", "Salon Lamp", "off", "salon"),
        Entity("light.loft", "Loft Lamp", "on", "loft"),
        Entity("light.oma", "Oma's Lamp", "on", "hut"),
        Entity("light.yard", "Yard Lamp", "off", "yard"),
        Entity("cover.salon", "Salon Curtain", "open", "salon", (), None, CURTAIN),
        Entity("cover.loft", "Loft Curtain", "open", "loft", (), None, CURTAIN),
        Entity("cover.oma", "Oma's Curtain", "open", "hut", (), None, CURTAIN),
        Entity("cover.garage", "Garage Door", "open", "garage", (), None, GARAGE),
        Entity("lock.side", "Side Door", "unlocked", "garage"),
        Entity("lock.front", "Front Door", "unlocked", "salon"),
        Entity("light.garage", "Garage Lamp", "on", "garage"),
        Entity("fan.big", "Big Fan", "off", "loft"),
        Entity("switch.kettle", "Kettle", "off", "salon"),
    ),
)


def moved(said: str, area: str | None = None) -> list[str] | None:
    """Return the ids of what is moved, in the order of the commands; None without a plan."""
    body = understand(Utterance(said, area=area), HOME, frozenset(SERVICES), GRAMMAR).body
    if not isinstance(body, Calls):
        return None
    named = [call.arguments["entity_id"] for call in body.calls]
    return [str(name) for ids in named if isinstance(ids, list) for name in ids]


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        ("turn on the salon lamp and close the curtains", ["light.salon", "cover.salon"]),
        (
            "in the loft turn off the lamp, close the curtains and start the big fan",
            ["light.loft", "cover.loft", "fan.big"],
        ),
        (
            "turn off oma's lamp, close the curtain and turn on the kettle",
            ["light.oma", "cover.oma", "switch.kettle"],
        ),
        (
            "turn on the salon lamp, turn on the big fan and close the curtain",
            ["light.salon", "fan.big", "cover.salon"],
        ),
        ("Oma的灯关掉，窗帘也拉上", ["light.oma", "cover.oma"]),
        ("Loft里，灯关掉，窗帘拉上", ["light.loft", "cover.loft"]),
        (
            "turn on the salon lamp and close all the curtains",
            ["light.salon", "cover.loft", "cover.oma", "cover.salon"],
        ),
        (
            "turn on the salon lamp and lock the doors",
            ["light.salon", "lock.front", "lock.side"],
        ),
        (
            "close the garage door and close the curtains",
            ["cover.garage", "cover.loft", "cover.oma", "cover.salon"],
        ),
        (
            "turn on the kettle and close the curtains",
            ["switch.kettle", "cover.loft", "cover.oma", "cover.salon"],
        ),
    ],
)
def test_what_follows_is_in_the_room_said_before(said: str, ids: list[str]) -> None:
    assert moved(said) == ids


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        (
            "turn on the salon lamp and turn off the lights",
            ["light.salon", "light.garage", "light.loft", "light.oma", "light.yard"],
        ),
        (
            "打开Salon的灯，关掉所有的灯",
            ["light.salon", "light.garage", "light.loft", "light.oma", "light.yard"],
        ),
        (
            "open the loft curtain and close all the curtains",
            ["cover.loft", "cover.oma", "cover.salon"],
        ),
        ("unlock the side door and lock all the doors", ["lock.side", "lock.front"]),
    ],
)
def test_what_was_asked_for_first_is_not_undone(said: str, ids: list[str]) -> None:
    assert moved(said) == ids


PLAYERS = World(
    areas=(Area("den", "Den"), Area("shed", "Shed")),
    entities=(
        Entity("media_player.juke", "Jukebox", "paused", "den", (), None, {"volume_level": 0.5}),
        Entity("media_player.horn", "Horn", "playing", "shed", (), None, {"volume_level": 0.5}),
        Entity(
            "climate.den", "Den Cooler", "off", "den", (), None,
            {"temperature": 25, "min_temp": 16, "max_temp": 30, "hvac_modes": ["off", "cool"]},
        ),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "calls"),
    [
        (
            "play the jukebox, volume to 30 percent",
            [("media_player.media_play", "juke"), ("media_player.volume_set", "juke")],
        ),
        (
            "Jukebox接着放，音量调到三成",
            [("media_player.media_play", "juke"), ("media_player.volume_set", "juke")],
        ),
        (
            "play the jukebox and set the horn volume to 30 percent",
            [("media_player.media_play", "juke"), ("media_player.volume_set", "horn")],
        ),
        ("Den Cooler to cooling at 24", [("climate.set_temperature", "cool 24")]),
        ("Den的空调开制冷24度", [("climate.set_temperature", "cool 24")]),
    ],
)
def test_what_names_nothing_is_said_of_the_thing_before(
    said: str, calls: list[tuple[str, str]]
) -> None:
    body = understand(Utterance(said), PLAYERS, frozenset(SERVICES), GRAMMAR).body
    assert isinstance(body, Calls)
    found = []
    for call in body.calls:
        ids = call.arguments["entity_id"]
        assert isinstance(ids, list)
        name = str(ids[0]).partition(".")[2]
        mode = call.arguments.get("hvac_mode")
        found.append((call.capability, f"{mode} {call.arguments['temperature']}" if mode else name))
    assert found == calls


def test_a_number_that_is_enough_is_the_goal() -> None:
    body = understand(Utterance("Jukebox小点声，两成就行"), PLAYERS, SERVICES, GRAMMAR).body
    assert isinstance(body, Calls)
    assert [call.arguments.get("volume_level") for call in body.calls] == [0.2]


def test_the_speakers_room_goes_before_the_one_said() -> None:
    said = "turn on the salon lamp and close the curtain"
    assert moved(said, "loft") == ["light.salon", "cover.loft"]


def test_what_the_room_lacks_is_not_moved_elsewhere() -> None:
    assert moved("in the yard turn on the lamp and close the curtains") is None
    assert moved("in the shed turn off the lamp and close the curtains") is None
