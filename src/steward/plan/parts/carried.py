"""What is named once for several commands: a room, or the one thing that they are about."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from steward.plan.parts.atoms import joined_atoms, names_of, things, tokens
from steward.plan.templates.acts import Draft, entity_ids
from steward.plan.templates.split import Part
from steward.types import Area, Gap, Unknown, World

Read: TypeAlias = Callable[[str], Part | Unknown]

_EVERYWHERE = ("all", "everything", "home", "here", "others", "except")
_FIRST = re.compile(r"^(?:in|inside|for) |^[^,，]{1,8}[里内]?[,，]", re.IGNORECASE)
"""How a sentence begins that says where before it says what."""


def carried(
    parts: Sequence[Part], language: str, world: World, read: Read
) -> tuple[Part, ...] | Unknown:
    """Return `parts` with those that say no room, and reach into several, in the one said before.

    A room that goes before all commands holds for each: what is not there is not understood. What
    names nothing at all is said of the thing before: "play the jukebox, volume at thirty".
    """
    found: list[Part] = []
    place: Area | None = None
    first = bool(parts) and bool(_FIRST.match(parts[0].text))
    for part in parts:
        named = place_of(part, world)
        if found and (same := _of_same(part, found[-1], world)) is not None:
            found.append(same)
            continue
        if place is None or named is not None or not _is_wide(part, world):
            place = named or place
            found.append(part)
            continue
        there = read(spelled(part.text, place, language))
        if isinstance(there, Part) and _services(there) == _services(part):
            undone = _undone(there, found) >= there.targets
            found.append(part if undone else replace(there, after=part.after))
        elif first:
            return Unknown(Gap.NO_SUCH_DEVICE)
        else:
            found.append(part)
    return tuple(
        _sparing(part, _undone(part, found[:position])) for position, part in enumerate(found)
    )


def _undone(part: Part, before: Sequence[Part]) -> set[str]:
    """Return what `part` would put back at once that one `before` it did: "lamp on, lights off"."""
    ends = {call for draft, _ in part.steps for call in _ENDED_BY.get(_service(draft), ())}
    return {
        name
        for other in before
        for draft, _ in other.steps
        if _service(draft) in ends
        for name in entity_ids(draft)
    }


def _sparing(part: Part, spared: set[str]) -> Part:
    """Return `part` without what was named by itself just before, where more than that is meant."""
    if not spared or part.after or not spared < part.targets:
        return part
    steps = [
        (replace(draft, arguments={**draft.arguments, "entity_id": left}), meaning)
        for draft, meaning in part.steps
        if (left := [name for name in entity_ids(draft) if name not in spared])
    ]
    return replace(part, steps=tuple(steps))


_ENDED_BY = {
    "turn_off": ("turn_on", "set_temperature", "set_percentage", "volume_set", "media_play"),
    "turn_on": ("turn_off",),
    "close_cover": ("open_cover", "set_cover_position"),
    "open_cover": ("close_cover", "set_cover_position"),
    "close_valve": ("open_valve", "set_valve_position"),
    "open_valve": ("close_valve", "set_valve_position"),
    "lock": ("unlock",),
    "unlock": ("lock",),
}
"""The services whose work each service undoes."""


def _of_same(part: Part, before: Part, world: World) -> Part | None:
    """Return `part`, which names nothing, done to the one thing that `before` is about."""
    said = tokens(part.text, world)
    if any(
        (token.atoms and not token.has("quantity")) or token.has(*_EVERYWHERE) for token in said
    ):
        return None
    mine, others = part.targets, before.targets
    if len(mine) != 1 or len(others) != 1 or mine == others:
        return None
    if _domains(mine) != _domains(others):
        return None
    steps = tuple(
        (replace(draft, arguments={**draft.arguments, "entity_id": sorted(others)}), meaning)
        for draft, meaning in part.steps
    )
    return replace(part, steps=steps)


def place_of(part: Part, world: World) -> Area | None:
    """Return the one area that the words of `part` name, None without one.

    Half a name counts where all that is acted on is there: "Nana's lamp", in "Nana's bedroom". A
    room that the thing itself is called by does not: "close the garage".
    """
    said = joined_atoms(tokens(part.text, world))
    said -= frozenset[str]().union(*(t.kind for t in things(world) if t.entity.id in part.targets))
    names = names_of(world).decomposed
    sizes = {
        area.id: max((len(name) for name, _ in names.get(area.id, ()) if name <= said), default=0)
        for area in world.areas
    }
    best = max(sizes.values(), default=0)
    called = [area for area in world.areas if best and sizes[area.id] == best]
    if called:
        return called[0] if len(called) == 1 else None
    there = _areas(part, world)
    rooms = [area for area in world.areas if {area.id} == there]
    return next(
        (room for room in rooms if any(said & name for name, _ in names.get(room.id, ()))), None
    )


def spelled(text: str, area: Area, language: str) -> str:
    """Return `text` with the name of the room in which it is meant."""
    chinese = language.partition("-")[0] == "zh"
    return f"{area.name}的{text}" if chinese else f"{text} in the {area.name}"


def _is_wide(part: Part, world: World) -> bool:
    """Tell whether `part` reaches into several rooms, and does not say that it is to.

    "Lock the doors" does: they are those of the house.
    """
    if any(token.has(*_EVERYWHERE) and not token.atoms for token in tokens(part.text, world)):
        return False
    locking = any(draft.capability.startswith("lock.") for draft, _ in part.steps)
    return not locking and len(_areas(part, world)) > 1


def _areas(part: Part, world: World) -> set[str | None]:
    return {entity.area for entity in world.entities if entity.id in part.targets}


def _service(draft: Draft) -> str:
    return draft.capability.partition(".")[2]


def _domains(ids: frozenset[str]) -> set[str]:
    return {name.partition(".")[0] for name in ids}


def _services(part: Part) -> set[str]:
    return {draft.capability for draft, _ in part.steps}
