"""What holds for every sentence after every other one."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steward.home.fixtures import demo
from steward.home.memory import MemoryHome
from steward.models.reader import OnnxReader
from steward.plan.dialogue.context import first_stage
from steward.plan.dialogue.conversation import (
    LASTING_SECONDS,
    MAX_CONVERSATIONS,
    MAX_EXCHANGES,
    Memory,
    exchange,
    recall,
    remember,
)
from steward.plan.dialogue.inverse import undo
from steward.plan.templates.acts import entity_ids
from steward.types import Calls, Context, Entity, Exchange, Outcome, Plan, Utterance, Words, World

HOME = demo()
PARTS = MemoryHome(HOME, lambda: datetime(2026, 3, 4, tzinfo=UTC))
NAMES = {capability.name for capability in PARTS.capabilities}
STAGE = first_stage(("en", "zh"), PARTS.capabilities, OnnxReader())
FIRST = [
    "turn on the kitchen light",
    "close the living room curtain",
    "关掉所有的灯",
    "把卧室的空调调到24度",
    "unlock the front door",
    "is the front door locked?",
    "set the living room light to 30 percent",
    "add milk to the shopping list",
    "nonsense",
]
THEN = [
    *("undo that", "撤销", "turn it off", "把它们打开", "no, the other one", "不对，另一个"),
    *("no, the bedroom", "不是客厅，是卧室", "and the bedroom too", "make it 40", "四十吧"),
    *("a bit more", "yes", "no, 22", "what about the kitchen", "lock it", "the {it} one"),
]
sentences = st.one_of(
    st.sampled_from(THEN),
    st.text(max_size=30),
    st.lists(st.sampled_from(THEN), min_size=2, max_size=3).map(" ".join),
)
FUZZ = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


async def after(first: str, world: World) -> tuple[Context, World]:
    """Return the context and the home after `first` was said and done."""
    plan = await STAGE(Utterance(first), world, Context())
    home = MemoryHome(world, lambda: datetime(2026, 3, 4, tzinfo=UTC))
    calls = plan.body.calls if isinstance(plan.body, Calls) else ()
    outcomes: list[Outcome] = [await home.perform(call) for call in calls]
    turn = exchange(Utterance(first), plan, outcomes, world, 0.0)
    return Context((turn,)), await home.world()


async def follow(first: str, then: str, world: World) -> Plan:
    context, now = await after(first, world)
    return await STAGE(Utterance(then), now, context)


@FUZZ
@given(st.sampled_from(FIRST), sentences)
def test_no_plan_names_what_the_home_lacks(first: str, then: str) -> None:
    plan = asyncio.run(follow(first, then, HOME))
    if isinstance(plan.body, Calls):
        known = {entity.id for entity in HOME.entities}
        for call in plan.body.calls:
            assert call.capability in NAMES
            assert set(entity_ids(call)) <= known


@settings(FUZZ, max_examples=30)
@given(st.sampled_from(FIRST), st.sampled_from(THEN), st.integers(0, 9))
def test_the_order_of_the_home_changes_nothing(first: str, then: str, seed: int) -> None:
    entities = list(HOME.entities)
    random.Random(seed).shuffle(entities)
    shuffled = replace(HOME, entities=tuple(entities))
    assert described(asyncio.run(follow(first, then, HOME))) == described(
        asyncio.run(follow(first, then, shuffled))
    )


def described(plan: Plan) -> object:
    if not isinstance(plan.body, Calls):
        return plan.body
    return sorted(
        str((call.capability, sorted(call.arguments.items()))) for call in plan.body.calls
    )


@settings(FUZZ, max_examples=40)
@given(st.sampled_from(FIRST))
def test_undo_leads_back_to_the_home_before(first: str) -> None:
    async def there_and_back() -> tuple[World, bool]:
        context, now = await after(first, HOME)
        home = MemoryHome(now, lambda: datetime(2026, 3, 4, tzinfo=UTC))
        plan = await STAGE(Utterance("undo that"), now, context)
        calls = plan.body.calls if isinstance(plan.body, Calls) else ()
        for call in calls:
            await home.perform(call)
        return await home.world(), bool(calls)

    world, undone = asyncio.run(there_and_back())
    changed = [e.id for e, f in zip(HOME.entities, world.entities, strict=True) if differ(e, f)]
    assert changed == []
    assert undone or first in {"nonsense", "is the front door locked?"} or not undoable(first)


def differ(one: Entity, other: Entity) -> bool:
    return one.state != other.state or one.attributes != other.attributes


def undoable(first: str) -> bool:
    context, _ = asyncio.run(after(first, HOME))
    return bool(undo(context.exchanges[0]))


@FUZZ
@given(
    st.lists(st.tuples(st.integers(0, 99), st.floats(0, 400)), max_size=200),
)
def test_what_is_kept_is_bounded_and_fresh(turns: list[tuple[int, float]]) -> None:
    memory: Memory = {}
    now = 0.0
    for number, passed in turns:
        now += passed
        turn = Exchange(Utterance("x"), Plan(Words("y"), "en", "z", 1.0), time=now)
        memory = remember(memory, str(number), turn)
        assert len(memory) <= MAX_CONVERSATIONS
        kept = recall(memory, str(number), now).exchanges
        assert kept[-1] is turn
        assert len(kept) <= MAX_EXCHANGES
        assert all(now - each.time <= LASTING_SECONDS for each in kept)
