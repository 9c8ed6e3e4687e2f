"""What is said of a home that cannot be reached: since when, and how old what is told is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from steward.plan.facts.conditions import BECAUSE
from steward.plan.reply.events import clock
from steward.plan.reply.telling import Told
from steward.plan.reply.words import phrase
from steward.types import World


def with_loss(text: str, world: World, language: str) -> str:
    """Return `text`, and since when a part of `world` cannot be reached if that is so."""
    return text if world.as_of is None else _and(text, "lost", world.as_of, language)


def with_age(text: str, stories: Sequence[Told], world: World, language: str) -> str:
    """Return `text`, and of when it is if a story, or what one was made to depend on, is old."""
    told = [story.value["as_of"] for story in stories if "as_of" in story.value]
    times = [datetime.fromisoformat(str(each)) for each in told]
    if world.as_of is not None and any(BECAUSE in story.slots for story in stories):
        times.append(world.as_of)
    return _and(text, "as_of", min(times), language) if times else text


def _and(text: str, key: str, time: datetime, language: str) -> str:
    said = clock(time.hour, f"{time.minute:02d}", language)
    more = phrase(language, "forms", key).format(time=said)
    return phrase(language, "join", "sentence").join([text, more])
