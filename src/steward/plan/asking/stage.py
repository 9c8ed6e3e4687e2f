"""The last stage: an open question that nobody at home could answer goes up the tiers.

Whatever comes back is Words, so that nothing a tier says can act; and Words ask nothing, so that
no later "yes" can carry out what they say either.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from steward.plan.asking.open import STAGE, is_open, without_waiting
from steward.plan.asking.pasted import parted
from steward.plan.asking.words import worded
from steward.plan.cascade import THRESHOLD, Stage
from steward.plan.language.text import is_chinese
from steward.thinking import Inquiry, Message, Resolved
from steward.types import Context, Plan, Unknown, Utterance, Words, World

Ask: TypeAlias = Callable[[Inquiry], Awaitable[Resolved]]
"""Puts an inquiry to the tiers; one that waits is kept by whoever is asked."""
_SPOKEN = frozenset({"en", "zh"})
"""Languages of which open questions can be told from others."""


def asking_stage(ask: Ask, wait: Literal["asked", "always", "off"]) -> Stage:
    """Return the stage that puts open questions to `ask`; `wait` says which may wait."""

    async def understand(utterance: Utterance, world: World, context: Context) -> Plan:
        inquiry = inquiry_of(utterance, world, context, wait)
        language = utterance.language or ("zh" if is_chinese(utterance.text) else "en")
        if inquiry is None:
            return Plan(Unknown(), language, STAGE, 1.0)
        resolved = await ask(inquiry)
        if resolved.how == "nobody":
            return Plan(Unknown(), language, STAGE, 1.0)
        sure = resolved.answer.confidence if resolved.answer else 1.0
        # That it is given, though it may be wrong, has been decided, and its words say from whom.
        body = Words(worded(resolved, language))
        return Plan(body, language, STAGE, max(THRESHOLD, sure))

    return understand


def reading_stage(first: Stage, asking: Sequence[Stage]) -> Stage:
    """Return `first`, but for a text with a question about it, which goes to the stage in `asking`
    at once, if there is one: what a letter says is none of the owner's orders."""

    async def understand(utterance: Utterance, world: World, context: Context) -> Plan:
        stage = asking[0] if asking and parted(utterance.text)[1] else first
        return await stage(utterance, world, context)

    return understand


def inquiry_of(
    utterance: Utterance,
    world: World,
    context: Context,
    wait: Literal["asked", "always", "off"] = "asked",
) -> Inquiry | None:
    """Return what is asked, None where `utterance` is no open question.

    Of what was said before, only other open questions and their answers go with it.
    """
    language = utterance.language or ("zh" if is_chinese(utterance.text) else "en")
    if language not in _SPOKEN:
        return None
    said, documents = parted(utterance.text)
    text, patient = without_waiting(said)
    if not documents and not is_open(text, world, context):
        return None
    before = tuple(
        message
        for each in context.exchanges
        if each.plan.stage == STAGE and isinstance(each.plan.body, Words)
        for message in (
            Message("user", parted(each.utterance.text)[0]),
            Message("assistant", each.plan.body.text),
        )
    )
    return replace(
        Inquiry(text, language, before, documents),
        conversation=context.conversation,
        turn=context.turn,
        can_wait=wait == "always" or (patient and wait == "asked"),
    )
