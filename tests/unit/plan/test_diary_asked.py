"""What is to buy, what is on and how much there is, as people ask for it."""

from __future__ import annotations

import pytest

from steward.home.services.table import SERVICES
from steward.plan.reply.answer import answer
from steward.plan.templates.grammar import Grammar
from steward.plan.understand import understand
from steward.types import Call, Calls, Done, Entity, Json, Meaning, Plan, Utterance, World

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


@pytest.mark.parametrize(
    ("said", "about", "day", "ends"),
    [
        ("when does Otto finish today", "otto", 0, True),
        ("when's Otto off on Friday", "otto", 4, True),
        ("Otto明天几点下班", "otto", 1, True),
        ("what has Otto got on tomorrow afternoon", "otto", 1, False),
        ("who is doing the late shift tomorrow", "late", 1, False),
        ("what time is the boiler service on Friday", "boiler service", 4, False),
    ],
)
def test_an_event_is_asked_for_by_whom_it_is_about(
    said: str, about: str, day: int, ends: bool
) -> None:
    plan = understand(Utterance(said), HOME, ABLE, Grammar(("en", "zh")))
    assert isinstance(plan.body, Calls), plan.body
    [call] = plan.body.calls
    slots = call.meaning.slots
    assert call.capability == "calendar.get_events"
    assert slots["about"] == about.split()
    assert call.arguments.get("day", slots.get("weekday")) == day
    assert slots.get("ends", False) is ends


@pytest.mark.parametrize(
    ("about", "said"),
    [
        (["fire", "inspection"], "消防检查 on Friday at 2:00 PM"),
        (["hoof"], "修牛蹄 on Monday at 9:00 AM"),
        (["otto"], "Otto late shift on Monday at 2:00 PM"),
        (["look", "at", "tyres"], ""),
    ],
)
def test_an_event_is_found_in_the_other_language(about: list[str], said: str) -> None:
    events: list[Json] = [
        {"summary": "消防检查", "start": "2025-06-20T14:00:00", "end": "2025-06-20T15:00:00"},
        {"summary": "修牛蹄", "start": "2025-06-23T09:00:00", "end": "2025-06-23T15:00:00"},
        {
            "summary": "Otto late shift",
            "start": "2025-06-23T14:00:00",
            "end": "2025-06-23T22:00:00",
        },
    ]
    meaning = Meaning("StewardCalendar", slots={"about": list[Json](about)})
    call = Call("c1", "calendar.get_events", meaning, {"entity_id": ["calendar.crew"]})
    plan = Plan(Calls((call,)), "en", "parts", 1.0)
    reply = answer(plan, [Done("c1", {"events": events})], HOME)
    assert said in reply.text if said else "nothing" in reply.text
