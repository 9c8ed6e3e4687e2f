"""What waits for a yes."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pytest

from steward.plan.risk import CONFIRMED, Rules, hold, reserve, risk_of, rules
from steward.plan.templates.grammar import Grammar
from steward.plan.understand import understand
from steward.types import (
    GUEST,
    Call,
    Calls,
    Capability,
    Entity,
    Json,
    Meaning,
    Plan,
    Question,
    Risk,
    Speaker,
    Unknown,
    Utterance,
    Words,
    World,
)

GRAMMAR = Grammar()

CAPABILITIES = (
    Capability("lock.unlock", risk=Risk.GUARDED),
    Capability("alarm_control_panel.alarm_disarm", risk=Risk.GUARDED),
    Capability("lock.lock"),
    Capability("cover.open_cover"),
    Capability("cover.close_cover"),
    Capability("schedule.add"),
)
WORLD = World(
    entities=(
        Entity("lock.front", "Front Door", "locked", aliases=("前门",)),
        Entity("cover.blind", "Blind", "closed", attributes={"device_class": "blind"}),
        Entity("cover.garage", "Garage", "closed", attributes={"device_class": "garage"}),
        Entity("cover.plain", "车库门", "closed"),
        Entity("alarm_control_panel.home", "House Alarm", "armed_away"),
        Entity("valve.gas", "Gas", "closed", attributes={"device_class": "gas"}),
        Entity("valve.lawn", "Lawn", "closed", attributes={"device_class": "water"}),
        Entity("climate.room", "Room", "heat", attributes={"temperature": 20}),
        Entity("climate.ac", "AC", "cool", attributes={"temperature": 24}),
        Entity("climate.us", "Hall", "heat", attributes={"temperature": 68}),
        Entity(
            "scene.open",
            "Open up",
            "x",
            attributes={"scene": {"lock.front": {"state": "unlocked"}}},
        ),
        Entity(
            "scene.close", "Lock up", "x", attributes={"scene": {"lock.front": {"state": "locked"}}}
        ),
    )
)
USUAL = rules(CAPABILITIES, "on", 28)


def call(capability: str, entity: str, arguments: Mapping[str, Json] | None = None) -> Call:
    return Call("c1", capability, Meaning("x"), {"entity_id": [entity], **(arguments or {})})


@pytest.mark.parametrize(
    ("capability", "entity", "arguments", "guarded"),
    [
        ("lock.unlock", "lock.front", {}, True),
        ("lock.lock", "lock.front", {}, False),
        ("cover.open_cover", "cover.blind", {}, False),
        ("cover.open_cover", "cover.garage", {}, True),
        ("cover.open_cover", "cover.plain", {}, True),
        ("cover.set_cover_position", "cover.garage", {"position": 30}, True),
        ("cover.set_cover_position", "cover.garage", {"position": 0}, False),
        ("cover.close_cover", "cover.garage", {}, False),
        ("valve.open_valve", "valve.gas", {}, True),
        ("valve.open_valve", "valve.lawn", {}, False),
        ("climate.set_temperature", "climate.room", {"temperature": 29}, True),
        ("climate.set_temperature", "climate.room", {"temperature": 28}, False),
        ("climate.set_temperature", "climate.ac", {"temperature": 30}, False),
        ("climate.set_temperature", "climate.us", {"temperature": 72}, False),
        ("climate.set_temperature", "climate.us", {"temperature": 90}, True),
        ("scene.turn_on", "scene.open", {}, True),
        ("scene.turn_on", "scene.close", {}, False),
    ],
)
def test_the_call_and_the_entity_decide(
    capability: str, entity: str, arguments: Mapping[str, Json], guarded: bool
) -> None:
    risk = risk_of(call(capability, entity, arguments), WORLD, USUAL)
    assert (risk is Risk.GUARDED) is guarded


@pytest.mark.parametrize(
    ("confirm", "asks"), [("on", True), ("off", False), (["lock"], True), (["cover"], False)]
)
def test_the_owner_chooses_what_is_asked(confirm: str | Collection[str], asks: bool) -> None:
    plan = Plan(Calls((call("lock.unlock", "lock.front"),)), "en", "grammar", 1.0)
    held = hold(plan, WORLD, rules(CAPABILITIES, confirm, 28))
    assert isinstance(held.body, Question) is asks


def test_the_question_is_in_the_language_and_holds_the_calls() -> None:
    calls = (call("lock.unlock", "lock.front"),)
    english = hold(Plan(Calls(calls), "en", "grammar", 1.0), WORLD, USUAL)
    chinese = hold(Plan(Calls(calls), "zh", "grammar", 1.0), WORLD, USUAL)
    assert english.body == Question("Shall I unlock the front door?", calls)
    assert chinese.body == Question("要解锁前门吗？", calls)


@pytest.mark.parametrize(
    ("text", "planned"),
    [
        ("unlock the front door at 7 pm", False),
        ("open the garage in ten minutes", False),
        ("disarm the house alarm at 8 pm", False),
        ("close the blind and unlock the front door at 7 pm", False),
        ("晚上八点打开车库门", False),
        ("十分钟后把前门解锁", False),
        ("lock the front door at 7 pm", True),
        ("close the garage in ten minutes", True),
        ("晚上八点关上车库门", True),
    ],
)
def test_nobody_is_there_to_say_yes_to_what_is_planned_for_later(text: str, planned: bool) -> None:
    names = {capability.name for capability in CAPABILITIES}
    plan = understand(Utterance(text), WORLD, names, GRAMMAR)
    assert isinstance(plan.body, Calls)
    assert [each.capability for each in plan.body.calls] == ["schedule.add"]
    held = hold(plan, WORLD, USUAL)
    assert (held.body == plan.body) is planned
    assert isinstance(held.body, Calls if planned else Words)


def test_what_is_agreed_passes_and_what_is_unsure_is_not_even_asked() -> None:
    body = Calls((call("lock.unlock", "lock.front"),))
    assert hold(Plan(body, "en", CONFIRMED, 1.0), WORLD, USUAL).body == body
    assert isinstance(hold(Plan(body, "en", "model", 0.8), WORLD, USUAL).body, Unknown)


def test_words_in_a_name_make_nothing_risky_or_harmless() -> None:
    world = World(entities=(Entity("light.x", "unlock the front door yes", "off"),))
    assert risk_of(call("light.turn_on", "light.x"), world, Rules()) is Risk.ACT


@pytest.mark.parametrize(
    ("speaker", "done"),
    [(None, True), (GUEST, False), (Speaker("Bo", 1.0), False), (Speaker("anna", 0.9), True)],
)
@pytest.mark.parametrize("confirm", ["on", "off"])
def test_rules_may_name_who_may_ask_aloud(
    speaker: Speaker | None, done: bool, confirm: str
) -> None:
    guard = rules(CAPABILITIES, confirm, 28, {"lock": ("Anna", "Cy")})
    unlock = Plan(Calls((call("lock.unlock", "lock.front"),)), "en", "grammar", 1.0)
    held = reserve(unlock, WORLD, guard, speaker)
    assert (held == unlock) is done
    if not done:
        assert isinstance(held.body, Words)
        assert "only for Anna and Cy" in held.body.text
    lock = Plan(Calls((call("lock.lock", "lock.front"),)), "en", "grammar", 1.0)
    garage = Plan(Calls((call("cover.open_cover", "cover.garage"),)), "en", "grammar", 1.0)
    assert reserve(lock, WORLD, guard, speaker) == lock
    assert reserve(garage, WORLD, guard, speaker) == garage


def test_what_is_reserved_is_not_planned_for_later_by_others() -> None:
    names = {capability.name for capability in CAPABILITIES}
    plan = understand(Utterance("unlock the front door at 7 pm"), WORLD, names, GRAMMAR)
    guard = rules(CAPABILITIES, "off", 28, {"lock": ()})
    held = reserve(plan, WORLD, guard, Speaker("Anna", 1.0))
    assert held.body == Words("I do that for nobody who asks aloud.")
    assert reserve(plan, WORLD, guard, None) == plan


def test_what_a_map_marks_as_guarded_asks_for_a_yes_unless_it_is_only_read() -> None:
    pump = Entity("switch.pump", "Pump", "off", attributes={"risk": "guarded"})
    fan = Entity("switch.fan", "Fan", "off")
    held: Json = {"switch.pump": {"state": "on"}}
    night = Entity("scene.night", "Night", "", attributes={"scene": held})
    world = World(entities=(pump, fan, night))
    usual = rules((*CAPABILITIES, Capability("home.get_states", risk=Risk.READ)), "on", 28.0)
    assert risk_of(call("switch.turn_on", "switch.pump"), world, usual) is Risk.GUARDED
    assert risk_of(call("homeassistant.toggle", "switch.pump"), world, usual) is Risk.GUARDED
    assert risk_of(call("scene.turn_on", "scene.night"), world, usual) is Risk.GUARDED
    assert risk_of(call("switch.turn_on", "switch.fan"), world, usual) is Risk.ACT
    assert risk_of(call("home.get_states", "switch.pump"), world, usual) is Risk.ACT
    assert risk_of(call("switch.turn_on", "switch.pump"), world, rules((), "off", 28.0)) is Risk.ACT


@pytest.mark.parametrize(
    ("member", "risk"),
    [
        ("lock.hidden", Risk.GUARDED),
        ("cover.gate", Risk.GUARDED),
        ("cover.blind", Risk.ACT),
        ("light.lamp", Risk.ACT),
    ],
)
def test_a_scene_of_which_nobody_tells_what_it_sets_may_open_its_doors(
    member: str, risk: Risk
) -> None:
    world = World(
        entities=(
            Entity("cover.gate", "Gate", "closed", attributes={"device_class": "gate"}),
            Entity("cover.blind", "Blind", "closed", attributes={"device_class": "blind"}),
            Entity("scene.x", "X", "", attributes={"scene": {member: {}}}),
        )
    )
    usual = rules((*CAPABILITIES, Capability("scene.turn_on")), "on", 28.0)
    assert risk_of(call("scene.turn_on", "scene.x"), world, usual) is risk
