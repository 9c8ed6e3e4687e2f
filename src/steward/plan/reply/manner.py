"""The manner in which a reply is worded: what it begins with, and how many words it takes. Pure.

What a reply says is settled before. A manner only puts words of its own in front of it, changes how
it begins, or leaves little words out beside names that it knows: every number and every name stays.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Annotated
from zlib import crc32

from pydantic import Field

from steward.config.section import Section
from steward.plan.reply.names import spoken_name
from steward.plan.reply.wording import capital
from steward.types import Calls, Done, Outcome, Plan, Question, Reply, Unknown, World

Opening = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\d{}\n\r]+$")]
"""Words that are said before a reply; they hold no number, for a number would be a fact."""

Instead = Annotated[str, Field(max_length=60, pattern=r"^[^\d{}\n\r]*$")]
"""What is said in the place of other words."""


class Occasion(StrEnum):
    """What a reply is about."""

    DONE = "done"
    """All that was asked for is done."""
    TOLD = "told"
    """A question is answered."""
    FAILED = "failed"
    """Something could not be done, or be found out."""
    ASKED = "asked"
    """The butler asks back."""
    LOST = "lost"
    """He has not understood, or does not know what is meant."""


class Manner(Section):
    """How he speaks one language: `openings` by occasion, of which one is taken by turns.

    `begin` replaces what a reply begins with; what it puts there holds no number either. Where he
    is `brief`, "The kitchen light is on." becomes "Kitchen light on.".
    """

    openings: Mapping[Occasion, tuple[Opening, ...]] = Field(default_factory=dict)
    begin: Mapping[Opening, Instead] = Field(default_factory=dict)
    brief: bool = False


PLAIN = Manner()
"""Changes nothing."""


def occasion(plan: Plan, outcomes: Sequence[Outcome], reads: Collection[str]) -> Occasion | None:
    """Return what the reply to `plan` is about, None for small talk and the like.

    `reads` are the capabilities that only find something out.
    """
    if isinstance(plan.body, Question):
        return Occasion.ASKED
    if isinstance(plan.body, Unknown):
        return Occasion.LOST
    if not isinstance(plan.body, Calls):
        return None
    done = {outcome.call for outcome in outcomes if isinstance(outcome, Done)}
    if not done.issuperset(call.id for call in plan.body.calls):
        return Occasion.FAILED
    told = all(call.capability in reads for call in plan.body.calls)
    return Occasion.TOLD if told else Occasion.DONE


def in_manner(
    reply: Reply, about: Occasion | None, manners: Mapping[str, Manner], world: World
) -> Reply:
    """Return `reply` in the manner of its language; one that there is no manner for stays.

    `world` only lends the names of what `reply.show` lists.
    """
    manner = manners.get(reply.language.partition("-")[0], PLAIN)
    shown = [entity for entity in world.entities if entity.id in reply.show]
    names = [spoken_name(entity, reply.language) for entity in shown]
    text = _begun(reply.text, manner.begin)
    if manner.brief and reply.language.startswith("en"):
        text = _brief(text, names)
    if not _named(reply.text, names) <= _named(text, names):
        text = reply.text
    openings = manner.openings.get(about, ()) if about else ()
    if openings and text:
        # The same reply begins alike each time, so that its sound can be made in advance.
        opening = openings[crc32(text.encode()) % len(openings)]
        text = opening + ("" if opening[-1] in "，。！：" else " ") + text
    return replace(reply, text=text)


def _named(text: str, names: Sequence[str]) -> set[str]:
    """Return those of `names` that are in `text`."""
    return {name for name in names if name.lower() in text.lower()}


def _begun(text: str, begin: Mapping[str, str]) -> str:
    for words, instead in begin.items():
        if text.startswith(words):
            return instead + (text[len(words) :] if instead else capital(text[len(words) :]))
    return text


def _brief(text: str, names: Sequence[str]) -> str:
    """Leave out "the" and "is" where a sentence tells the state of one of `names`."""
    for name in names:
        # Only at the begin of a sentence, and only around the very name.
        told = rf"(?:(?<=^)|(?<=\. ))The ({re.escape(name)}) (?:is|are) (?=\w)"
        text = re.sub(told, lambda found: f"{capital(found[1])} ", text, flags=re.IGNORECASE)
    return text
