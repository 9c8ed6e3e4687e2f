"""A home that lives in memory: for trials, where every sentence wants a fresh one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from steward.home.services import table
from steward.types import Call, Capability, Done, Failed, Outcome, World


class MemoryHome:
    """A Home over a World that is given and forgotten."""

    def __init__(self, world: World, now: Callable[[], datetime]) -> None:
        """Begin with `world`; `now` tells the time, with a zone."""
        self._world = world
        self._now = now

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        """Home Assistant's services that this home carries out, and `home.get_states`."""
        return table.capabilities()

    @property
    def seen(self) -> World:
        """The home as it is now."""
        return self._world

    async def world(self) -> World:
        """Return the home as it is now."""
        return self._world

    async def watch(self) -> None:
        """Wait until cancelled: nobody else changes this home."""
        await asyncio.Event().wait()

    async def perform(self, call: Call) -> Outcome:
        """Carry out `call` on all its entities, or on none."""
        entities = {entity.id: entity for entity in self._world.entities}
        effect = table.carry_out(entities, call, self._now())
        if isinstance(effect, Failed):
            return effect
        entities |= {entity.id: entity for entity in effect.changed}
        self._world = replace(self._world, entities=tuple(entities.values()))
        return Done(call.id, effect.value)
