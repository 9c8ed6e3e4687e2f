"""The few entities that a sentence may be about: all that a language model sees of a home."""

from __future__ import annotations

from steward.plan.parts.atoms import Thing, joined_atoms, things, tokens
from steward.types import Entity, World

MOST = 12
"""Entities that are shown at most: more make the prompt slow and the choice hard."""

KEEPERS = ("todo", "calendar")
"""Domains whose things hold texts, which may answer what nothing is named in."""

_NAME, _PLACE, _KIND = 4, 2, 1
"""What a concept counts that is said of a thing by its name, its place or its kind."""


def relevant(text: str, world: World, most: int = MOST) -> tuple[Entity, ...]:
    """Return up to `most` entities that words of `text` fit, the best first.

    A sentence that no thing fits may be about a list or a calendar: then these are returned.
    """
    said = joined_atoms(tokens(text, world))
    known = things(world)
    scored = [(_score(thing, said), thing.entity) for thing in known]
    found = sorted((-score, entity.id, entity) for score, entity in scored if score)
    if not found:
        return tuple(each.entity for each in known if each.entity.domain in KEEPERS)[:most]
    return tuple(entity for _, _, entity in found[:most])


def _score(thing: Thing, said: frozenset[str]) -> int:
    own = thing.own - thing.place - thing.kind
    named = _NAME * len(own & said) + _KIND * len((thing.kind | thing.wide) & said)
    return named + _PLACE * len(thing.place & said)
