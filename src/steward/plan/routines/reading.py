"""A stretch of a sentence read as a scene or script that is asked for."""

from __future__ import annotations

from collections.abc import Collection

from steward.plan.routines.announced import Asked, announced
from steward.plan.templates.acts import Draft
from steward.plan.templates.grammar import Match
from steward.plan.templates.split import Part
from steward.types import Gap, Meaning, Unknown, World

STAGE = "routines"
CONFIDENCE = 0.97
"""How sure a scene is that was asked for in other words than a template's."""
_INTENT = "HassTurnOn"


def surely(text: str, world: World, capabilities: Collection[str]) -> Part | None:
    """Return the scene that `text` asks for in words that say nothing else: "我回来了"."""
    asked = announced(text, world)
    return _part(text, asked, capabilities) if asked is not None and asked.surely else None


def perhaps(text: str, world: World, capabilities: Collection[str]) -> Part | Unknown:
    """Return the scene or script that `text` asks for where nothing else is understood of it."""
    asked = announced(text, world)
    part = _part(text, asked, capabilities) if asked is not None else None
    return part or Unknown(Gap.NOT_UNDERSTOOD)


def _part(text: str, asked: Asked, capabilities: Collection[str]) -> Part | None:
    capability = f"{asked.entity.domain}.turn_on"
    if capability not in capabilities:
        return None
    slots = {"name": asked.entity.name}
    draft = Draft(capability, {"entity_id": [asked.entity.id]}, tuple(slots.items()))
    step = (draft, Meaning(_INTENT, "default", slots))
    match = Match(_INTENT, "default", {}, {})
    return Part(text, match, (step,), confidence=CONFIDENCE, stage=STAGE)
