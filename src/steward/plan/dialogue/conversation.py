"""What is kept of conversations, and for how long. Pure: the clock and the keeping are elsewhere.

A conversation is known by an id: one for each open page, one for each run of a command.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from steward.plan.templates.acts import entity_ids
from steward.types import (
    Call,
    Calls,
    Context,
    Done,
    Entity,
    Exchange,
    Outcome,
    Plan,
    Question,
    Utterance,
    World,
)

MAX_EXCHANGES = 8
"""Turns that are kept of one conversation; nobody refers further back than a few."""
MAX_CONVERSATIONS = 64
"""Conversations that are kept at once; the one that was silent longest makes room."""
LASTING_SECONDS = 300.0
"""How long after a turn "it" may still mean what that turn was about."""
CONFIRM_SECONDS = 60.0
"""How long a "yes" counts after the question that it answers."""

Memory: TypeAlias = Mapping[str, Context]
"""Conversations by id."""


def recall(memory: Memory, conversation: str, now: float) -> Context:
    """Return what `conversation` may still lean on at `now` (seconds, as `Exchange.time`)."""
    kept = memory.get(conversation, Context()).exchanges
    fresh = tuple(each for each in kept if now - each.time <= LASTING_SECONDS)
    return Context(fresh, _pending(fresh, now), conversation)


def remember(memory: Memory, conversation: str, exchange: Exchange) -> Memory:
    """Return `memory` with `exchange` as the last of `conversation`, within the limits above."""
    before = recall(memory, conversation, exchange.time).exchanges
    kept = {
        name: context
        for name, context in memory.items()
        if name != conversation and exchange.time - _last(context) <= LASTING_SECONDS
    }
    kept[conversation] = Context((*before, exchange)[-MAX_EXCHANGES:])
    newest = sorted(kept, key=lambda name: _last(kept[name]))[-MAX_CONVERSATIONS:]
    return {name: kept[name] for name in newest}


def exchange(
    utterance: Utterance, plan: Plan, outcomes: Sequence[Outcome], world: World, time: float
) -> Exchange:
    """Return the turn as it is kept; `world` is the home before its Calls."""
    body = plan.body
    calls = body.calls if isinstance(body, Calls | Question) else ()
    ids = {name for call in calls for name in entity_ids(call)}
    for outcome in outcomes:
        ids.update(states_after(outcome))
    before = tuple(entity for entity in world.entities if entity.id in ids)
    return Exchange(utterance, plan, tuple(outcomes), before, time)


def states_after(outcome: Outcome) -> Mapping[str, Mapping[str, object]]:
    """Return what `outcome` reports of entities, by id: "state" and "attributes" after the Call."""
    if not isinstance(outcome, Done) or not isinstance(outcome.value, Mapping):
        return {}
    states = outcome.value.get("states")
    if not isinstance(states, Mapping):
        return {}
    return {name: state for name, state in states.items() if isinstance(state, Mapping)}


def by_ids(world: World, ids: Sequence[str]) -> tuple[Entity, ...]:
    """Return the entities of `world` with these ids, in their order there, without repetition."""
    wanted = set(ids)
    return tuple(entity for entity in world.entities if entity.id in wanted)


def _pending(exchanges: Sequence[Exchange], now: float) -> tuple[Call, ...]:
    if not exchanges or now - exchanges[-1].time > CONFIRM_SECONDS:
        return ()
    body = exchanges[-1].plan.body
    return body.calls if isinstance(body, Question) else ()


def _last(context: Context) -> float:
    return context.exchanges[-1].time if context.exchanges else 0.0
