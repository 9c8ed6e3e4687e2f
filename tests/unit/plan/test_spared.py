"""What a clause of its own says to leave alone."""

from __future__ import annotations

import pytest

from steward.home.services.table import SERVICES
from steward.plan.templates.grammar import Grammar
from steward.plan.understand import understand
from steward.types import Area, Calls, Entity, Json, Utterance, World

GRAMMAR = Grammar()
BLIND: dict[str, Json] = {"current_position": 100, "device_class": "blind"}
HOME = World(
    areas=(Area("den", "Den"), Area("hut", "Hut")),
    entities=(
        Entity("light.den", "Den Lamp", "on", "den"),
        Entity("light.hut", "Hut Lamp", "on", "hut"),
        Entity("fan.den", "Den Fan", "on", "den"),
        Entity("cover.den", "Den Blind", "open", "den", (), None, BLIND),
        Entity("cover.hut", "Hut Blind", "open", "hut", (), None, BLIND),
    ),
)
ALL_OFF = ["fan.den", "light.den", "light.hut"]


def moved(said: str) -> list[str]:
    """Return the ids of what is moved; empty without a plan."""
    body = understand(Utterance(said), HOME, frozenset(SERVICES), GRAMMAR).body
    ids = [c.arguments["entity_id"] for c in body.calls] if isinstance(body, Calls) else []
    return sorted(str(name) for each in ids if isinstance(each, list) for name in each)


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        ("turn everything off but leave the blinds alone", ALL_OFF),
        ("everything off, don't touch the blinds", ALL_OFF),
        ("全都关了，百叶窗别动", ALL_OFF),
        ("全都关了，不用关百叶窗", ALL_OFF),
        ("turn everything off, leave the fan alone", ["light.den", "light.hut"]),
        ("leave the hut alone and close the blinds", ["cover.den"]),
        ("百叶窗都放下来，Hut的别动", ["cover.den"]),
        ("turn off the fan, leave the piano alone", []),
        ("turn off the fan and leave the fan alone", []),
    ],
)
def test_what_is_left_alone_is_not_touched(said: str, ids: list[str]) -> None:
    assert moved(said) == ids
