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


def test_the_speakers_room_goes_before_the_one_said() -> None:
    said = "turn on the salon lamp and close the curtain"
    assert moved(said, "loft") == ["light.salon", "cover.loft"]


def test_what_the_room_lacks_is_not_moved_elsewhere() -> None:
    assert moved("in the yard turn on the lamp and close the curtains") is None
    assert moved("in the shed turn off the lamp and close the curtains") is None
