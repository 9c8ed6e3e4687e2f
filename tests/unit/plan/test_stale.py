"""What is said of a home that cannot be reached, and of a Call that only a part did."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from steward.plan.reply.answer import answer
from steward.types import (
    Call,
    Calls,
    Done,
    Entity,
    Failed,
    Gap,
    Json,
    Meaning,
    Outcome,
    Plan,
    Unknown,
    World,
)

LOST = datetime(2026, 3, 4, 10, 3, tzinfo=UTC)
LAMP = Entity("light.hall", "Hall Light", "on")
SINK = Entity("light.sink", "Sink Light", "off")
HOME = World(entities=(LAMP, SINK))


def call(capability: str, intent: str, *ids: str, response: str = "default") -> Call:
    return Call("c1", capability, Meaning(intent, response), {"entity_id": list(ids)})


def said(language: str, of: Call, outcome: Outcome, world: World = HOME) -> str:
    return answer(Plan(Calls((of,)), language, "test", 1.0), [outcome], world).text


def shown(*entities: Entity) -> dict[str, Json]:
    return {e.id: {"state": e.state, "unit": e.unit, "attributes": {}} for e in entities}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "The hall light is on. That was at 10:03 AM; since then I can't reach all of the home.",
        ),
        ("zh", "Hall Light开着。这是上午10点03分的情况，之后家里有设备联系不上了。"),
    ],
)
def test_an_old_reading_says_of_when_it_is(language: str, text: str) -> None:
    asked = call("home.get_states", "HassGetState", LAMP.id)
    value: dict[str, Json] = {"states": shown(LAMP), "changed": []}
    old = said(language, asked, Done("c1", {**value, "as_of": LOST.isoformat()}))
    assert old == text
    # Another part of the home may be out of reach: this lamp is not.
    fresh = said(language, asked, Done("c1", value), replace(HOME, as_of=LOST))
    assert text.startswith(fresh)
    assert "10" not in fresh


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "Since 10:03 AM I can't reach"), ("zh", "从上午10点03分起，家里有设备联系不上。")],
)
def test_what_is_missing_may_be_out_of_reach(language: str, text: str) -> None:
    plan = Plan(Unknown(Gap.NO_SUCH_DEVICE, "attic light"), language, "test", 1.0)
    assert text in answer(plan, (), replace(HOME, as_of=LOST)).text
    assert text not in answer(plan, (), HOME).text
    silence = replace(plan, body=Unknown(Gap.NOTHING_HEARD))
    assert text not in answer(silence, (), replace(HOME, as_of=LOST)).text


def test_what_a_part_did_is_not_said_of_the_whole() -> None:
    asked = call("light.turn_on", "HassTurnOn", LAMP.id, SINK.id)
    value: dict[str, Json] = {
        "states": shown(LAMP, SINK),
        "changed": [LAMP.id],
        "failed": [{"entity_id": [SINK.id], "reason": "unconfirmed", "message": "no change"}],
    }
    assert said("en", asked, Done("c1", value)) == (
        "The hall light is on. I sent that to the sink light, but nothing shows that it was done."
    )
    lost = Failed("c1", "unconfirmed", "the connection was lost")
    assert said("zh", asked, lost).startswith("命令已经发给")
