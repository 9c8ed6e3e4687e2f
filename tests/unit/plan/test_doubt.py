"""What is asked back because a word of it was badly heard."""

from __future__ import annotations

from dataclasses import replace

import pytest

from steward.plan.doubt import MANY, doubt
from steward.plan.risk import CONFIRMED, Rules, hold, rules
from steward.types import (
    Call,
    Calls,
    Capability,
    Entity,
    Json,
    Meaning,
    Plan,
    Question,
    Risk,
    Unknown,
    Utterance,
    World,
)

LAMPS = tuple(Entity(f"light.l{i}", f"Lamp {i}", "on") for i in range(MANY))
WORLD = World(entities=(*LAMPS, Entity("lock.front", "Front Door", "locked")))
OFF = Utterance("Turn off all the lights.", "en", words=(("Turn", 0.9), ("off", 0.2)))
CLEAR = replace(OFF, words=(("Turn", 0.9), ("off", 0.8)))
GUARDED = (Capability("lock.unlock", risk=Risk.GUARDED),)


def acts(capability: str, *ids: str, language: str = "en", stage: str = "grammar") -> Plan:
    arguments: dict[str, Json] = {"entity_id": list(ids)}
    call = Call("c1", capability, Meaning("HassTurnOff"), arguments)
    return Plan(Calls((call,)), language, stage, 1.0)


ALL = acts("light.turn_off", *(lamp.id for lamp in LAMPS))


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("en", "Turn off all the lights.", "Did you say “Turn off all the lights”?"),
        ("zh", "把所有的灯都关掉。", "你是说“把所有的灯都关掉”吗？"),
        ("de", "Schalte alle Lichter aus!", "Did you say “Schalte alle Lichter aus”?"),
    ],
)
def test_many_things_are_asked_about(language: str, text: str, wanted: str) -> None:
    said = replace(OFF, text=text, language=language)
    asked = doubt(replace(ALL, language=language), said, WORLD, Rules()).body
    assert isinstance(ALL.body, Calls)
    assert asked == Question(wanted, ALL.body.calls)


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (ALL, CLEAR),
        (ALL, Utterance("turn off all the lights")),
        (acts("light.turn_off", "light.l0"), OFF),
        (replace(ALL, stage=CONFIRMED), OFF),
        (replace(ALL, body=Unknown()), OFF),
    ],
    ids=["clearly heard", "typed", "one thing", "agreed to", "not understood"],
)
def test_anything_else_is_done(plan: Plan, said: Utterance) -> None:
    assert doubt(plan, said, WORLD, Rules()) == plan


def test_what_could_do_harm_is_asked_about_where_that_is_not_wanted_otherwise() -> None:
    unlock, unasked = acts("lock.unlock", "lock.front"), rules(GUARDED, "off", 28.0)
    assert hold(unlock, WORLD, unasked) == unlock
    assert isinstance(doubt(unlock, OFF, WORLD, unasked).body, Question)
    assert doubt(unlock, CLEAR, WORLD, unasked) == unlock


def test_nobody_is_asked_twice() -> None:
    held = hold(acts("lock.unlock", "lock.front"), WORLD, rules(GUARDED, "on", 28.0))
    assert isinstance(held.body, Question)
    assert doubt(held, OFF, WORLD, rules(GUARDED, "on", 28.0)) == held
