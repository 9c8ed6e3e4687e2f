"""What is to buy, what is on and how much there is, as people ask for it."""

from __future__ import annotations

import pytest

from steward.home.services.table import SERVICES
from steward.plan.templates.grammar import Grammar
from steward.plan.understand import understand
from steward.types import Calls, Entity, Utterance, World

HOME = World(
    entities=(
        Entity("todo.chores", "Chores", "1"),
        Entity("todo.buy", "买菜清单", "1"),
        Entity("calendar.crew", "Crew", "off"),
        Entity("sensor.cistern", "Cistern Level", "640", None, (), "L"),
        Entity("valve.cistern", "Cistern", "open"),
        Entity("sensor.bed", "Rose Bed Soil", "31", None, (), "%", {"device_class": "moisture"}),
    ),
)
ABLE = frozenset(SERVICES) | {"home.get_states"}


@pytest.mark.parametrize(
    ("said", "capability", "ids"),
    [
        ("do we need anything from the shop", "todo.get_items", ["todo.buy"]),
        ("what should we pick up at the supermarket", "todo.get_items", ["todo.buy"]),
        ("超市还要买些啥", "todo.get_items", ["todo.buy"]),
        ("what's on tomorrow afternoon", "calendar.get_events", ["calendar.crew"]),
        ("how many litres are left in the cistern", "home.get_states", ["sensor.cistern"]),
        ("how wet is the soil in the rose bed", "home.get_states", ["sensor.bed"]),
    ],
)
def test_it_is_asked_for_in_many_ways(said: str, capability: str, ids: list[str]) -> None:
    plan = understand(Utterance(said), HOME, ABLE, Grammar(("en", "zh")))
    assert isinstance(plan.body, Calls), plan.body
    assert [call.capability for call in plan.body.calls] == [capability]
    assert plan.body.calls[0].arguments["entity_id"] == ids
