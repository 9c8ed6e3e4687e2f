"""The first stage: a sentence becomes a Plan by grammar alone."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from functools import partial

from steward.plan.cascade import Stage
from steward.plan.facts.conditions import read_if
from steward.plan.language.text import plain
from steward.plan.parts.byparts import better, by_parts
from steward.plan.reply.words import phrase
from steward.plan.templates.grammar import MAX_CHARACTERS, Grammar
from steward.plan.templates.resolve import resolve, speech
from steward.plan.templates.split import Part, split
from steward.plan.timing.later import Body, read_later
from steward.types import (
    Call,
    Calls,
    Capability,
    Context,
    Gap,
    Plan,
    Unknown,
    Utterance,
    Words,
    World,
)

STAGE = "grammar"
BY_PARTS = "parts"
"""The names of this stage in a Plan: templates sufficed, or parts were read by themselves."""


def stage(grammar: Grammar, capabilities: Sequence[Capability]) -> Stage:
    """Return the grammar as a stage of the cascade that may call `capabilities`."""
    names = frozenset(capability.name for capability in capabilities)

    async def understand_by_grammar(utterance: Utterance, world: World, _: Context) -> Plan:
        # Loading a language takes a second, which would stop every other turn.
        return await asyncio.to_thread(understand, utterance, world, names, grammar)

    return understand_by_grammar


def understand(
    utterance: Utterance, world: World, capabilities: Collection[str], grammar: Grammar
) -> Plan:
    """Return the plan for `utterance`, of Calls to `capabilities` on entities of `world` only.

    It depends on nothing else: the same arguments give the same plan. The confidence is 1 for what
    fits templates, that of the weakest part for what was read by parts, and 0 for Unknown.
    """
    area = utterance.area if utterance.area in {place.id for place in world.areas} else None
    tried: list[Plan] = []
    for language in _languages(utterance, grammar):
        sureness = [1.0]
        body = _body(utterance.text, language, world, area, capabilities, grammar, sureness)
        confidence = 0.0 if isinstance(body, Unknown) else min(sureness)
        plan = Plan(body, language, STAGE if confidence in (0.0, 1.0) else BY_PARTS, confidence)
        if confidence:
            return plan
        tried.append(plan)
    telling = [plan for plan in tried if plan.body != Unknown(Gap.NOT_UNDERSTOOD)]
    return (telling or tried)[0]


def _languages(utterance: Utterance, grammar: Grammar) -> tuple[str, ...]:
    candidates = grammar.candidates(utterance.text, utterance.language)
    if any(grammar.knows(language) for language in candidates):
        return candidates
    return (*candidates, *grammar.languages)


def _body(
    text: str,
    language: str,
    world: World,
    area: str | None,
    capabilities: Collection[str],
    grammar: Grammar,
    sureness: list[float],
) -> Body:
    words = plain(text, language)
    if not words:
        return Unknown(Gap.NOTHING_HEARD) if not text.strip() else Unknown(Gap.NOT_UNDERSTOOD)
    if len(words) > MAX_CHARACTERS:
        return Unknown(Gap.NOT_UNDERSTOOD)

    def now(stretch: str, here: str | None) -> Body:
        return _command(stretch, language, world, here, capabilities, grammar, sureness)

    def whenever(stretch: str, here: str | None) -> Body:
        names = grammar.mentions(stretch, language, world)
        read = partial(now, here=here)
        return read_later(stretch, language, names, read, world, capabilities)

    return read_if(words, language, whenever, world, area)


def _command(
    words: str,
    language: str,
    world: World,
    area: str | None,
    capabilities: Collection[str],
    grammar: Grammar,
    sureness: list[float],
) -> Body:
    """Understand plain `words` that are to be done, or answered, now and whatever is the case."""

    def second(stretch: str) -> Part | Unknown:
        return by_parts(stretch, language, world, area, capabilities)

    def first(stretch: str) -> Part | Unknown:
        matches = grammar.matches(stretch, language, world, area)
        if not matches:
            return Unknown(Gap.NOT_UNDERSTOOD)
        said = speech(matches[0])
        if said is not None:
            return Part(stretch, matches[0], (), said)
        steps = resolve(matches, world, area, language, capabilities)
        if isinstance(steps, Unknown):
            return steps
        return better(Part(stretch, matches[0], steps), second)

    def either(stretch: str) -> Part | Unknown:
        read = first(stretch)
        if isinstance(read, Part):
            return read
        part = second(stretch)
        telling = isinstance(part, Part) or read.gap is Gap.NOT_UNDERSTOOD
        return part if telling else read

    def mentions(said: str) -> Sequence[tuple[int, int]]:
        return grammar.mentions(said, language, world)

    parts = split(words, language, first, mentions)
    if isinstance(parts, Unknown):
        parts = split(words, language, either, mentions)
    if isinstance(parts, Unknown):
        return parts
    sureness.append(min(part.confidence for part in parts))
    calls = _calls(parts)
    if calls.calls:
        return calls
    return Words(phrase(language, "speech", parts[0].speech or ""))


def _calls(parts: Sequence[Part]) -> Calls:
    """Number the steps; a part that comes "then" needs all those of the part before it."""
    calls: list[Call] = []
    before: list[str] = []
    for part in parts:
        needs = tuple(before) if part.after else ()
        here = []
        for draft, meaning in part.steps:
            name = f"c{len(calls) + 1}"
            calls.append(Call(name, draft.capability, meaning, draft.arguments, needs))
            here.append(name)
        before = here or before
    return Calls(tuple(calls))
