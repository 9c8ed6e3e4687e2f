"""Several homes as one: the lamps of a house, say, and the machines of its workshop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import TypeVar

from steward.errors import StewardError
from steward.home.services import table
from steward.types import (
    Area,
    Call,
    Capability,
    Done,
    Entity,
    Failed,
    Floor,
    Home,
    Json,
    Outcome,
    World,
)

_log = logging.getLogger(__name__)
_Place = TypeVar("_Place", bound=Floor | Area)


@dataclass(frozen=True)
class Union:
    """Several worlds as one. `owners` says for each entity in the place of which world it is."""

    worlds: tuple[World, ...]
    world: World
    owners: Mapping[str, int]


def unite(worlds: Sequence[World]) -> Union:
    """Join `worlds`: floors and areas of the same id or name are one; the first of an id counts.

    What is known to be old makes the whole as old.
    """
    floors: dict[str, Floor] = {}
    areas: dict[str, Area] = {}
    entities: dict[str, Entity] = {}
    owners: dict[str, int] = {}
    for number, world in enumerate(worlds):
        storeys = _merge(floors, world.floors)
        moved = [
            replace(area, floor=storeys.get(area.floor)) if area.floor else area
            for area in world.areas
        ]
        rooms = _merge(areas, moved)
        for entity in world.entities:
            if entity.id in entities:
                continue
            room = rooms.get(entity.area) if entity.area else None
            entities[entity.id] = entity if room == entity.area else replace(entity, area=room)
            owners[entity.id] = number
    old = [world.as_of for world in worlds if world.as_of is not None]
    places = tuple(floors.values()), tuple(areas.values())
    whole = World(*places, tuple(entities.values()), min(old, default=None))
    return Union(tuple(worlds), whole, owners)


def _merge(known: dict[str, _Place], places: Sequence[_Place]) -> dict[str, str]:
    """Add `places` to the `known` and return under which id each of them is known now."""
    names = {each.name.casefold(): each.id for each in known.values()}
    ids: dict[str, str] = {}
    for place in places:
        key = names.get(place.name.casefold(), place.id)
        ids[place.id] = key
        known[key] = _also(known.get(key, place), (place.name, *place.aliases))
    return ids


def _also(place: _Place, names: Sequence[str]) -> _Place:
    """Return `place`, which goes by `names` as well."""
    others = dict.fromkeys((*place.aliases, *names))
    others.pop(place.name, None)
    return place if tuple(others) == place.aliases else replace(place, aliases=tuple(others))


class JoinedHome:
    """One Home of several; each Call goes to the homes that have its entities.

    A home that fails leaves the others usable: its entities stay as they were last seen, and what
    is asked of them fails.
    """

    def __init__(self, homes: Sequence[Home]) -> None:
        """Join `homes`, of which the first that has an entity or a capability counts."""
        self._homes = tuple(homes)
        self._union = unite([home.seen for home in homes])
        self._lost: dict[int, datetime] = {}

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        """What any of the homes can do."""
        every = chain.from_iterable(home.capabilities for home in reversed(self._homes))
        return tuple({each.name: each for each in every}.values())

    @property
    def seen(self) -> World:
        """The homes as they were when last read, at once and from any thread."""
        return self._join([self._known(number) for number in range(len(self._homes))]).world

    async def world(self) -> World:
        """Return the homes as they are now, with `as_of` where one cannot be read."""
        numbers = range(len(self._homes))
        return self._join(await asyncio.gather(*(self._read(each) for each in numbers))).world

    async def watch(self) -> None:
        """Follow all the homes, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for home in self._homes:
                group.create_task(home.watch())

    async def perform(self, call: Call) -> Outcome:
        """Carry out `call` in every home that has some of its entities.

        A Call that cannot be right is refused before any home is asked.
        """
        named = call.arguments.get("entity_id")
        ids = [str(each) for each in named] if isinstance(named, list | tuple) else []
        union = self._join([self._known(number) for number in range(len(self._homes))])
        for each in ids:
            if each not in union.owners:
                return Failed(call.id, "not_found", f"there is no {each} in this home")
        owners = dict.fromkeys(union.owners[each] for each in ids)
        if len(owners) <= 1:
            return await self._ask(next(iter(owners), self._able(call)), call)
        if call.capability in table.SERVICES:
            foreseen = table.foresee(union.world, call, datetime.now().astimezone())
            if isinstance(foreseen, Failed):
                return foreseen
        shares = [[each for each in ids if union.owners[each] == number] for number in owners]
        parts = [replace(call, arguments={**call.arguments, "entity_id": s}) for s in shares]
        asked = (self._ask(number, part) for number, part in zip(owners, parts, strict=True))
        return merged(call, list(zip(shares, await asyncio.gather(*asked), strict=True)))

    def _able(self, call: Call) -> int:
        """Return the first home that has the capability, else the first."""
        able = (
            number
            for number, home in enumerate(self._homes)
            if any(each.name == call.capability for each in home.capabilities)
        )
        return next(able, 0)

    async def _ask(self, number: int, call: Call) -> Outcome:
        try:
            return await self._homes[number].perform(call)
        except StewardError as error:
            return Failed(call.id, "error", error.message)

    async def _read(self, number: int) -> World:
        try:
            world = await self._homes[number].world()
        except StewardError as error:
            if number not in self._lost:
                self._lost[number] = datetime.now().astimezone()
                _log.error("a home cannot be read: %s", error.message)
            return self._known(number)
        self._lost.pop(number, None)
        return world

    def _known(self, number: int) -> World:
        world, lost = self._homes[number].seen, self._lost.get(number)
        return world if lost is None or world.as_of else replace(world, as_of=lost)

    def _join(self, worlds: Sequence[World]) -> Union:
        known = self._union.worlds
        if any(new is not old for new, old in zip(worlds, known, strict=True)):
            self._union = unite(worlds)
        return self._union


def merged(call: Call, shares: Sequence[tuple[Sequence[str], Outcome]]) -> Outcome:
    """Return the one Outcome of `call`, whose entities were shared out among homes. Pure.

    It is Failed where all of it failed, else Done with what failed.
    """
    values = [outcome.value for _, outcome in shares if isinstance(outcome, Done)]
    failures = [(ids, outcome) for ids, outcome in shares if isinstance(outcome, Failed)]
    if not values:
        # What may have been done is told before what surely was not.
        first = min((each for _, each in failures), key=lambda each: each.reason != "unconfirmed")
        return replace(first, message="; ".join(each.message for _, each in failures))
    value: dict[str, Json] = {}
    for part in values:
        for key, found in part.items() if isinstance(part, Mapping) else ():
            value[key] = _both(key, value[key], found) if key in value else found
    if failures:
        told: list[Json] = [
            {"entity_id": tuple(ids), "reason": each.reason, "message": each.message}
            for ids, each in failures
        ]
        before = value.get("failed")
        value["failed"] = [*(before if isinstance(before, Sequence) else ()), *told]
    return Done(call.id, value)


def _both(key: str, one: Json, other: Json) -> Json:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return {**one, **other}
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return [*one, *other]
    if key == "as_of":
        return min(str(one), str(other), key=datetime.fromisoformat)
    return other
