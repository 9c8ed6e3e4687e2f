"""What holds for every sentence and every home."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from steward.home.fixtures import world_from
from steward.home.services.table import SERVICES
from steward.models.reader import OnnxReader
from steward.plan.templates.grammar import Grammar
from steward.plan.understand import understand
from steward.types import Call, Calls, Gap, Plan, Unknown, Utterance, World

ROOT = Path(__file__).parents[2]
GRAMMAR = Grammar()
READER = OnnxReader()
PLANNING = {"schedule.add", "schedule.list", "schedule.cancel", "schedule.cancel_all"}
CAPABILITIES = frozenset({*SERVICES, "clock.time", "clock.date", "timers.start", *PLANNING})
DEMO: World = world_from(yaml.safe_load((ROOT / "src/steward/home/demo.yaml").read_text("utf-8")))
TRAPS: World = world_from(
    yaml.safe_load((ROOT / "tests/golden/plans/house.yaml").read_text("utf-8"))
)
SAID = [
    case["say"]
    for name in ("en", "zh")
    for case in yaml.safe_load((ROOT / f"tests/golden/plans/{name}.yaml").read_text("utf-8"))
]
NAMES = [name for e in (*DEMO.entities, *TRAPS.entities) for name in (e.name, *e.aliases)]
ROOMS = [name for a in (*DEMO.areas, *TRAPS.areas) for name in (a.name, *a.aliases)]
WORDS = [
    *sorted({word for said in SAID for word in said.split()}),
    *"打开关上把的灯调到百分之三十度和再，然后吗了有哪些全部所有",
    *("{name}", "[the]", "<turn>", "(a|b)", "\\", "{", "}", "and", "then", ",", ";", "%", "-1"),
]
TIMES = [
    *("in ten minutes", "at 7", "every weekday at 7 am", "for an hour", "tonight", "at sunset"),
    *("if the printer is on,", "unless it is over 20 in the bedroom", "十分钟后", "每天早上七点"),
    *("20分钟", "如果打印机开着就", "要是卧室低于二十度的话"),
]
sentences = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from([*WORDS, *NAMES, *ROOMS]), max_size=12).map(" ".join),
    st.lists(st.sampled_from([*WORDS, *NAMES, *ROOMS]), max_size=12).map("".join),
    st.tuples(st.sampled_from(SAID), st.sampled_from(TIMES)).map(" ".join),
    st.tuples(st.sampled_from(TIMES), st.sampled_from(SAID)).map(" ".join),
    st.tuples(
        st.sampled_from(SAID), st.sampled_from([" and ", "，再", ", "]), st.sampled_from(SAID)
    ).map("".join),
)
FUZZ = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)

FEW = settings(FUZZ, max_examples=40)
"""For what plans each sentence twice, in two homes."""


def plan(text: str, world: World, language: str | None = None, area: str | None = None) -> Plan:
    return understand(Utterance(text, language, area=area), world, CAPABILITIES, GRAMMAR, READER)


def deeds(result: Plan) -> list[tuple[str, dict[str, Any]]]:
    """Return what `result` would do, without the words that it was asked for with."""
    calls = result.body.calls if isinstance(result.body, Calls) else ()
    return [(call.capability, dict(call.arguments)) for call in calls]


def with_ids(value: Any, ids: Mapping[str, str]) -> Any:
    """Return `value` with every id of an entity replaced, lists of them sorted."""
    if isinstance(value, Mapping):
        return {ids.get(str(key), key): with_ids(each, ids) for key, each in value.items()}
    if isinstance(value, list | tuple):
        found = [with_ids(each, ids) for each in value]
        return sorted(found) if all(isinstance(each, str) for each in found) else found
    return ids.get(value, value) if isinstance(value, str) else value


def planned(call: Call) -> list[Any]:
    """Return what `call` plans for later."""
    deeds = call.arguments.get("calls", [])
    assert isinstance(deeds, list)
    return deeds


@FUZZ
@given(
    sentences,
    st.sampled_from([DEMO, TRAPS, World()]),
    st.sampled_from([None, "en", "zh"]),
    st.sampled_from([None, "living_room", "loft", "no such area"]),
)
@example("打开{name}", TRAPS, None, None)
def test_any_text_gives_a_plan_that_names_only_what_there_is(
    text: str, world: World, language: str | None, area: str | None
) -> None:
    result = plan(text, world, language, area)
    assert 0.0 <= result.confidence <= 1.0
    if isinstance(result.body, Calls):
        known = {entity.id for entity in world.entities}
        before: set[str] = set()
        for call in result.body.calls:
            assert call.capability in CAPABILITIES
            ids = call.arguments.get("entity_id", [])
            assert isinstance(ids, list)
            assert set(ids) <= known
            for deed in planned(call):
                assert deed["capability"] in CAPABILITIES
                assert set(deed["arguments"]["entity_id"]) <= known
            assert len(set(ids)) == len(ids)
            assert before.issuperset(call.needs)
            before.add(call.id)
        assert len(before) == len(result.body.calls) > 0
    assert plan(text, world, language, area) == result, "the same arguments give the same plan"


@FUZZ
@given(st.sampled_from(SAID), st.frozensets(st.sampled_from(sorted(CAPABILITIES))))
def test_without_a_capability_nothing_uses_it(said: str, some: frozenset[str]) -> None:
    result = understand(Utterance(said), DEMO, some, GRAMMAR, READER)
    if isinstance(result.body, Calls):
        assert {call.capability for call in result.body.calls} <= some
        assert {deed["capability"] for c in result.body.calls for deed in planned(c)} <= some


@FUZZ
@given(st.sampled_from(SAID), st.randoms(use_true_random=False))
def test_the_order_of_entities_does_not_matter(said: str, chance: random.Random) -> None:
    shuffled = replace(
        DEMO,
        areas=tuple(chance.sample(DEMO.areas, len(DEMO.areas))),
        entities=tuple(chance.sample(DEMO.entities, len(DEMO.entities))),
    )
    assert plan(said, shuffled) == plan(said, DEMO)


@FUZZ
@given(st.sampled_from(["Zebra Wagon", "Quiet Ox", "Lamp of Ur", "Salt & Pepper (2)", "Ärger"]))
def test_a_renamed_thing_answers_to_its_new_name_only(name: str) -> None:
    entity = next(e for e in DEMO.entities if e.id == "switch.printer")
    renamed = replace(
        DEMO,
        entities=tuple(
            replace(e, name=name, aliases=()) if e is entity else e for e in DEMO.entities
        ),
    )
    new, old = plan(f"turn on the {name}", renamed), plan("turn on the printer", renamed)
    assert isinstance(new.body, Calls)
    assert new.body.calls[0].arguments["entity_id"] == ["switch.printer"]
    assert isinstance(old.body, Unknown)
    assert old.body.gap is Gap.NO_SUCH_DEVICE


@FEW
@given(sentences, st.sampled_from([DEMO, TRAPS]))
def test_renaming_ids_everywhere_renames_them_in_the_plan(text: str, world: World) -> None:
    ids = {entity.id: f"{entity.id}_anew" for entity in world.entities}
    renamed = replace(
        world,
        entities=tuple(
            replace(each, id=ids[each.id], attributes=with_ids(each.attributes, ids))
            for each in world.entities
        ),
    )
    before = [(name, with_ids(arguments, ids)) for name, arguments in deeds(plan(text, world))]
    after = [(name, with_ids(arguments, {})) for name, arguments in deeds(plan(text, renamed))]
    assert after == before


@FUZZ
@given(
    st.sampled_from(["turn on the {}", "is the {} on", "打开{}", "{}开着吗", "{} off, please"]),
    st.sampled_from(["Zebra Wagon", "Quiet Ox", "斑马车", "Ärger"]),
)
def test_a_new_name_is_as_good_as_the_old(said: str, name: str) -> None:
    entity = next(each for each in DEMO.entities if each.id == "switch.printer")
    new = replace(
        DEMO,
        entities=tuple(
            replace(each, name=name, aliases=()) if each is entity else each
            for each in DEMO.entities
        ),
    )
    old = "打印机" if any(char > "\u3000" for char in said) else "printer"
    assert deeds(plan(said.format(name), new)) == deeds(plan(said.format(old), DEMO)) != []


def test_ten_thousand_words_are_turned_down_at_once() -> None:
    for text in ("turn on the light and " * 2000, "打开客厅的灯，再" * 2000, "a" * 100_000):
        started = time.process_time()
        assert isinstance(plan(text, DEMO).body, Unknown)
        assert time.process_time() - started < 2.0


def test_a_long_chain_of_separators_is_bounded() -> None:
    text = " and ".join(["turn on the kitchen light"] * 30)
    started = time.process_time()
    plan(text, DEMO)
    assert time.process_time() - started < 10.0
