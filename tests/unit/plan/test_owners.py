"""Whose thing it is, and what is told beside a command that names a thing by half its name."""

from __future__ import annotations

import pytest

from steward.home.services.table import SERVICES
from steward.plan.templates.grammar import Grammar
from steward.plan.understand import understand
from steward.types import Area, Calls, Entity, Json, Utterance, World

GRAMMAR = Grammar()
SOUND: dict[str, Json] = {"volume_level": 0.3}
HOME = World(
    areas=(Area("ida", "Ida's Room"), Area("bo", "Bo's Room"), Area("hall", "Hall")),
    entities=(
        Entity("light.ida", "Ida's Lamp", "on", "ida"),
        Entity("light.bo", "Bo's Lamp", "on", "bo"),
        Entity("media_player.nana", "奶奶收音机", "playing", "hall", (), None, SOUND),
        Entity("switch.bertha", "Bertha the Blender", "off", "hall"),
        Entity("lock.front", "Front Door Lock", "unlocked", "hall"),
        Entity("lock.back", "Back Door Lock", "unlocked", "hall"),
        Entity("fan.hall", "Hall Fan", "off", "hall", (), None, {"percentage": 0}),
        Entity("todo.shopping", "Shopping", "0"),
    ),
)


def calls(said: str) -> list[tuple[str, Json]]:
    """Return the services that are called, with what they are called for; empty for a refusal."""
    body = understand(Utterance(said), HOME, frozenset(SERVICES), GRAMMAR).body
    named = body.calls if isinstance(body, Calls) else ()
    return [(c.capability, c.arguments.get("item", c.arguments["entity_id"])) for c in named]


@pytest.mark.parametrize(
    ("said", "called"),
    [
        ("Ida's asleep, turn her lamp off", [("light.turn_off", ["light.ida"])]),
        ("Bo is asleep so turn off his lamp", [("light.turn_off", ["light.bo"])]),
        (
            "Ida's going to sleep so turn on Bertha and turn off her lamp",
            [("switch.turn_on", ["switch.bertha"]), ("light.turn_off", ["light.ida"])],
        ),
        ("Ida睡着了，把她的灯关了", [("light.turn_off", ["light.ida"])]),
        ("somebody's asleep, turn her lamp off", []),
        ("Bo睡着了，把她的收音机关了", []),
        ("奶奶耳背，收音机大声一点", [("media_player.volume_set", ["media_player.nana"])]),
        (
            "i'm gasping for a smoothie, turn on Bertha",
            [("switch.turn_on", ["switch.bertha"])],
        ),
        ("前门后门都锁上", [("lock.lock", ["lock.back", "lock.front"])]),
        ("lock every door that isn't locked", [("lock.lock", ["lock.back", "lock.front"])]),
        ("凡是带锁的都锁好", [("lock.lock", ["lock.back", "lock.front"])]),
        ("set the hall fan to low", [("fan.set_percentage", ["fan.hall"])]),
        ("hall fan and front door on", []),
        ("we need milk", [("todo.add_item", "milk")]),
        ("we need some light in here", []),
    ],
)
def test_a_command_is_about_what_was_told_before_it(
    said: str, called: list[tuple[str, Json]]
) -> None:
    assert calls(said) == called
