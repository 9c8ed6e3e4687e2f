"""Which entities a reading of a sentence is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from steward.plan.reply.names import spoken_name
from steward.plan.reply.words import phrase
from steward.plan.templates.grammar import UNKNOWN_AREA, Match
from steward.types import Entity, Gap, Json, Unknown, World


@dataclass(frozen=True)
class Request:
    """One reading of a sentence, heard in `area` (an id, or None) of `world`."""

    match: Match
    world: World
    area: str | None
    language: str

    def words(self, slot: str) -> str:
        """Return what was said for `slot`, else its value as words."""
        value = self.match.slots.get(slot)
        return self.match.texts.get(slot) or ("" if value is None else str(value))


def select(
    request: Request, domains: Collection[str], classes: Collection[str] = ()
) -> tuple[Entity, ...] | Unknown:
    """Return the entities meant, in the order of their ids.

    Without a name they are those of `domains` (and of the device `classes`, if any are given) in
    the area or on the floor that was said. Where the area is "here" and nobody knows where that
    is, the only one there is will do. Never is a place that was said left out of account.
    """
    slots = request.match.slots
    if "name" in slots:
        pool = [entity for entity in request.world.entities if entity.id == slots["name"]]
        if domains:
            pool = [entity for entity in pool if entity.domain in domains]
        return _within(request, pool)
    pool = sorted(
        (entity for entity in request.world.entities if entity.domain in domains),
        key=lambda entity: entity.id,
    )
    pool = [entity for entity in pool if not classes or _class(entity) in classes]
    if not pool:
        return Unknown(Gap.NO_SUCH_DEVICE, about(request, domains))
    return _within(request, pool)


def _within(request: Request, pool: Sequence[Entity]) -> tuple[Entity, ...] | Unknown:
    area, floor = request.match.slots.get("area"), request.match.slots.get("floor")
    everywhere = request.match.response.endswith("_all") and "area" not in request.match.texts
    found = list(pool)
    if area == UNKNOWN_AREA and not everywhere:
        if len(found) > 1:
            return Unknown(Gap.AMBIGUOUS, about(request, {found[0].domain}))
    elif area is not None and not everywhere:
        found = [entity for entity in found if entity.area == area]
    if floor is not None:
        on_floor = {place.id for place in request.world.areas if place.floor == floor}
        found = [entity for entity in found if entity.area in on_floor]
    if not found:
        return Unknown(Gap.NO_SUCH_DEVICE, about(request, {entity.domain for entity in pool}))
    return tuple(found)


def only(
    request: Request, found: Sequence[Entity], preferred: Iterable[str] = ()
) -> tuple[Entity, ...] | Unknown:
    """Narrow `found` to one entity: those in the states `preferred`, then those near the speaker.

    The sentence meant one thing ("pause the music"); when several are left it is ambiguous.
    """
    wanted = set(preferred)
    for keep in (
        lambda entity: entity.state in wanted,
        lambda entity: request.area is not None and entity.area == request.area,
    ):
        if len(found) > 1:
            found = [entity for entity in found if keep(entity)] or found
    if len(found) > 1:
        return Unknown(Gap.AMBIGUOUS, about(request, {found[0].domain}))
    return tuple(found)


def about(request: Request, domains: Collection[str]) -> str:
    """Return the words for what was looked for: "light in the attic"."""
    slots = request.match.slots
    if "name" in request.match.texts:
        thing = request.match.texts["name"]
    else:
        kind = slots.get("device_class") or next(iter(sorted(domains)), "")
        key = str(kind[0] if isinstance(kind, list | tuple) and kind else kind)
        thing = phrase(request.language, "kinds", key)
    place = place_words(request)
    if not place:
        return thing
    return phrase(request.language, "gaps", "in_place").format(thing=thing, place=place)


def place_words(request: Request) -> str:
    """Return what the area or floor that was meant is called, or "" without one."""
    slots = request.match.slots
    for slot, things in (("area", request.world.areas), ("floor", request.world.floors)):
        for thing in things:
            if slots.get(slot) == thing.id:
                return spoken_name(thing, request.language)
    return ""


def classes_of(value: Json) -> tuple[str, ...]:
    """Return the device classes in a slot, which holds none, one or several."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    return tuple(str(item) for item in value) if isinstance(value, list | tuple) else ()


def _class(entity: Entity) -> str:
    return str(entity.attributes.get("device_class") or "")
