"""The seam between the stages that turn an Utterance into a Plan."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from steward.errors import UserError
from steward.types import Context, Gap, Plan, Unknown, Utterance, World

Stage: TypeAlias = Callable[[Utterance, World, Context], Awaitable[Plan]]
"""One way to understand a sentence after what was said before it. It says what it did not
understand with Unknown, it does not raise, and its confidence is calibrated: of its plans with
confidence c, a share c is right."""

THRESHOLD = 0.5
"""Below this confidence a plan is more likely wrong than right, and is not used. A stage that needs
a stricter gate applies it itself and answers Unknown."""

MAX_CHARACTERS = 2000
"""Longest text of a turn: two minutes of speech."""

NO_CONTEXT = Context()
"""The context of a conversation that begins."""


def check(typed: Utterance) -> None:
    """Let pass what can be understood at all.

    Raises:
        UserError: `typed` is empty, or longer than `MAX_CHARACTERS`.
    """
    if not typed.text.strip():
        raise UserError("the sentence is empty", hint="say or type what you want")
    if len(typed.text) > MAX_CHARACTERS:
        raise UserError(
            f"the sentence has {len(typed.text)} characters; {MAX_CHARACTERS} is the most",
            hint="say it in several shorter sentences",
        )


async def decide(
    stages: Sequence[Stage],
    utterance: Utterance,
    world: World,
    context: Context = NO_CONTEXT,
    threshold: float = THRESHOLD,
) -> Plan:
    """Ask `stages` in order and return the first plan that reaches `threshold` (0 to 1).

    A stage that says what is missing (no such area, unsupported, …) has understood the sentence,
    and is the last that is asked: a later stage knows this home no better, costs more, and small
    talk about a command would sound as if it were done. When no stage is sure, the first Unknown
    is returned.

    Raises:
        ValueError: `stages` is empty.
    """
    if not stages:
        raise ValueError("a cascade needs at least one stage")
    unsure: list[Plan] = []
    for stage in stages:
        plan = await stage(utterance, world, context)
        if isinstance(plan.body, Unknown):
            if plan.body.gap is not Gap.NOT_UNDERSTOOD:
                return plan
        elif plan.confidence >= threshold:
            return plan
        else:
            plan = replace(plan, body=Unknown())
        unsure.append(plan)
    return unsure[0]
