"""The last stage that acts: the configured language model, for what the others leave open.

It sees the few things that the words of the sentence fit, and answers in the small language of
`deeds`, to which a grammar holds it. What could do harm is never done on its word: that becomes a
question, whatever the owner's rules say of sentences that are understood for sure.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from steward.plan.cascade import Stage
from steward.plan.general.deeds import Verb, grammar, parse, verbs
from steward.plan.general.prompt import messages
from steward.plan.general.relevant import relevant
from steward.plan.language.text import is_chinese
from steward.plan.risk import Rules, hold
from steward.thinking import Generation, LanguageModel, Message
from steward.types import (
    Call,
    Calls,
    Capability,
    Context,
    Entity,
    Json,
    Meaning,
    Plan,
    Unknown,
    Utterance,
    World,
)

STAGE = "general"
"""The name of this stage in a Plan."""
INTENT = "StewardGeneral"
"""The intent of its Calls."""
MAX_TOKENS = 96
"""Enough for four deeds."""

Select = Callable[[str, World], tuple[Entity, ...]]
"""Chooses what the model gets to see."""


def general_stage(
    model: Callable[[], Awaitable[LanguageModel]],
    capabilities: Sequence[Capability],
    rules: Rules,
    select: Select = relevant,
) -> Stage:
    """Return the stage that asks `model`, which is loaded when a sentence first needs it."""

    async def understand(utterance: Utterance, world: World, _: Context) -> Plan:
        entities = select(utterance.text, world)
        language = utterance.language or ("zh" if is_chinese(utterance.text) else "en")
        known = verbs(entities, capabilities, utterance.text)
        if not known:
            return Plan(Unknown(), language, STAGE, 0.0)
        chat = messages(utterance.text, entities, world)
        said, sure = await _answer(await model(), chat, grammar(known))
        return hold_always(read(said, known, language, sure), world, rules)

    return understand


def read(said: str, known: Sequence[Verb], language: str, confidence: float) -> Plan:
    """Return the plan of what a model `said`; Unknown for whatever is not of these verbs."""
    try:
        deeds = parse(said.strip(), known)
    except ValueError:
        # A model behind a URL may pay no heed to the grammar: then nothing is understood.
        deeds = ()
    if not deeds:
        return Plan(Unknown(), language, STAGE, 0.0)
    return Plan(Calls(_calls(deeds)), language, STAGE, confidence)


def hold_always(plan: Plan, world: World, rules: Rules) -> Plan:
    """Return `plan`, or the question whether to do it, where it could do harm.

    The question is asked even where the owner's rules would not, and is as sure as the plan.
    """
    asked = hold(replace(plan, confidence=1.0), world, replace(rules, domains=None))
    return replace(asked, confidence=plan.confidence)


def _calls(deeds: Sequence[tuple[Verb, Mapping[str, Json]]]) -> tuple[Call, ...]:
    """Put together what is done alike to several things."""
    alike: dict[tuple[str, str], tuple[Mapping[str, Json], list[Json]]] = {}
    for verb, arguments in deeds:
        _, ids = alike.setdefault((verb.capability, repr(arguments)), (arguments, []))
        if verb.entity.id not in ids:
            ids.append(verb.entity.id)
    return tuple(
        Call(f"c{number}", capability, _meaning(arguments), {"entity_id": ids, **arguments})
        for number, ((capability, _), (arguments, ids)) in enumerate(alike.items(), 1)
    )


def _meaning(arguments: Mapping[str, Json]) -> Meaning:
    return Meaning(INTENT, slots={key: value for key, value in arguments.items() if key == "item"})


async def _answer(model: LanguageModel, chat: Sequence[Message], allowed: str) -> tuple[str, float]:
    """Return what the model says, and the probability that it gives to saying just that."""
    said, total = "", 0.0
    options = Generation(MAX_TOKENS, grammar=allowed, stable=len(chat) - 1)
    async for token in model.generate(chat, options):
        said += token.text
        total += token.logprob
    return said, math.exp(min(total, 0.0))
