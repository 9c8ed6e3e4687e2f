"""Things told by how they are, and what a command leaves out, in a home that no other test has."""

from __future__ import annotations

import pytest

from steward.home.services.table import SERVICES
from steward.plan.language.text import plain
from steward.plan.parts.byparts import by_parts
from steward.plan.parts.qualified import qualified
from steward.plan.templates.split import Part
from steward.types import Area, Entity, Floor, Unknown, World

HOME = World(
    floors=(Floor("g", "Ground Floor"), Floor("f", "First Floor")),
    areas=(
        Area("bar", "Gym", "g"),
        Area("attic", "Attic", "f"),
        Area("roof", "Roof Deck"),
        Area("coop", "Goat Barn"),
    ),
    entities=(
        Entity("light.bar", "Gym Lights", "on", "bar"),
        Entity("light.shelf", "Towel Shelf Light", "off", "bar"),
        Entity("light.attic", "Attic Light", "on", "attic"),
        Entity("light.deck", "Deck Lights", "off", "roof"),
        Entity("lock.bar", "Gym Door", "unlocked", "bar"),
        Entity("lock.attic", "Attic Door", "locked", "attic"),
        Entity("media_player.bar", "Gym Speaker", "playing", "bar"),
        Entity("media_player.attic", "Attic Speaker", "paused", "attic"),
        Entity("cover.bar", "Gym Curtain", "open", "bar", (), None, {"device_class": "curtain"}),
        Entity("cover.coop", "Goat Curtain", "open", "coop", (), None, {"device_class": "curtain"}),
        Entity("vacuum.bob", "Bob", "docked", "bar"),
        Entity(
            "binary_sensor.coop", "Goat Barn Door", "on", "coop", (), None, {"device_class": "door"}
        ),
    ),
)


def read(said: str) -> Part | Unknown:
    language = "zh" if any("\u4e00" <= char <= "\u9fff" for char in said) else "en"
    return by_parts(plain(said, language), language, HOME, None, frozenset(SERVICES))


def calls(said: str) -> dict[str, object]:
    part = read(said)
    assert isinstance(part, Part), f"{said}: {part}"
    return {draft.capability: draft.arguments["entity_id"] for draft, _ in part.steps}


@pytest.mark.parametrize(
    ("said", "capability", "ids"),
    [
        ("lock every door that's still unlocked", "lock.lock", ["lock.bar"]),
        ("lock whatever door is unlocked", "lock.lock", ["lock.bar"]),
        ("没锁的门都锁上", "lock.lock", ["lock.bar"]),
        ("turn off the lights that are on upstairs", "light.turn_off", ["light.attic"]),
        ("anything that's lit downstairs, knock it off", "light.turn_off", ["light.bar"]),
        ("turn off everything lit except the attic", "light.turn_off", ["light.bar"]),
        ("还亮着的灯都关了", "light.turn_off", ["light.attic", "light.bar"]),
        ("everything that's playing, pause it", "media_player.media_pause", ["media_player.bar"]),
        ("没关的灯都关了", "light.turn_off", ["light.attic", "light.bar"]),
        ("正在放的声音都暂停", "media_player.media_pause", ["media_player.bar"]),
        ("every light off, just leave the attic alone", "light.turn_off", [
            "light.bar", "light.deck", "light.shelf"
        ]),
        ("lights off in the whole house, only leave the attic light on", "light.turn_off", [
            "light.bar", "light.deck", "light.shelf"
        ]),
        ("健身房的灯都打开，Towel Shelf Light就别开了", "light.turn_on", ["light.bar"]),
        ("turn off every light on the farm except the gym ones", "light.turn_off", [
            "light.attic", "light.deck"
        ]),
        ("all the outside lights on", "light.turn_on", ["light.deck"]),
        ("have Bob clean", "vacuum.start", ["vacuum.bob"]),
        ("have the deck lights come on", "light.turn_on", ["light.deck"]),
    ],
)  # fmt: skip
def test_only_what_is_meant_is_moved(said: str, capability: str, ids: list[str]) -> None:
    assert calls(said) == {capability: ids}


def test_of_what_is_on_only_that_is_moved() -> None:
    assert calls("turn off whatever is on in the gym") == {
        "light.turn_off": ["light.bar"],
        "media_player.turn_off": ["media_player.bar"],
    }


@pytest.mark.parametrize(
    "said",
    [
        "close the goat barn door",
        "unlock the doors that are open",
        "pause everything that is lit",
    ],
)
def test_what_is_not_so_is_not_moved(said: str) -> None:
    assert isinstance(read(said), Unknown)


@pytest.mark.parametrize("said", ["健身房的灯关了吧", "灯关了，窗帘拉开", "门锁上了没有"])
def test_a_verb_tells_nothing_of_how_things_are(said: str) -> None:
    assert qualified(said, "zh") is None
