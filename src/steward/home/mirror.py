"""What is known of a home that another system keeps, and how it is told what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime

from steward.events import Emit, StateChanged
from steward.home.joined import merged
from steward.home.services import table
from steward.types import (
    Area,
    Call,
    Done,
    Entity,
    Failed,
    Json,
    Meaning,
    Outcome,
    Risk,
    World,
)

Test = Callable[[Mapping[str, Entity]], bool]
"""Something that the entities, by id, may fulfil."""
Act = Callable[[Call, Entity, Entity], Awaitable[Outcome]]
"""Makes one entity, given as it is, be as the second is, for a Call; returns what came of it."""


class Mirror:
    """The last that was heard of each entity; each change is emitted as StateChanged.

    Not to be used outside the event loop, except `seen`.
    """

    def __init__(self, emit: Emit, now: Callable[[], datetime]) -> None:
        """Begin with nothing, and out of touch; `now` tells the time, with a zone."""
        self._emit = emit
        self._now = now
        self._areas: tuple[Area, ...] = ()
        self._entities: dict[str, Entity] = {}
        self._lost: datetime | None = now()
        self._tried = asyncio.Event()
        self._waiting: dict[asyncio.Future[None], Test] = {}
        self._world: World | None = None

    @property
    def entities(self) -> Mapping[str, Entity]:
        """The entities by id."""
        return self._entities

    @property
    def lost(self) -> datetime | None:
        """Since when the other system cannot be reached; None: it can."""
        return self._lost

    @property
    def seen(self) -> World:
        """The home as it was last heard of."""
        world = self._world
        if world is None:
            world = World((), self._areas, tuple(self._entities.values()), self._lost)
            self._world = world
        return world

    def begin(self, areas: Iterable[Area], entities: Iterable[Entity] = ()) -> None:
        """Put `areas` in the place of those known; add `entities` of which nothing was heard."""
        self._areas = tuple(areas)
        self._entities = {**self._entities, **{entity.id: entity for entity in entities}}
        self._world = None

    def heard(self, entities: Iterable[Entity]) -> None:
        """Take in what was just heard of `entities`; new ones are added. We are in touch."""
        if self._lost is not None:
            self._lost = self._world = None
        self._tried.set()
        self.put(entities)

    def put(self, entities: Iterable[Entity]) -> None:
        """Take `entities` to be so, whether or not we are in touch."""
        time = self._now().timestamp()
        new = [entity for entity in entities if self._entities.get(entity.id) != entity]
        if new:
            self._entities = {**self._entities, **{entity.id: entity for entity in new}}
            self._world = None
        for entity in new:
            self._emit(StateChanged(time, entity))
        for waiting, test in tuple(self._waiting.items()):
            if not waiting.done() and test(self._entities):
                waiting.set_result(None)

    def drop(self, ids: Iterable[str]) -> None:
        """Forget entities that are no more."""
        gone = set(ids)
        self._entities = {key: one for key, one in self._entities.items() if key not in gone}
        self._world = None

    def lose(self) -> bool:
        """Note that the other system cannot be reached; return whether that is news."""
        news = self._lost is None or not self._tried.is_set()
        self._tried.set()
        self._lost = self._lost or self._now()
        self._world = None
        return news

    async def tried(self, seconds: float) -> None:
        """Wait, at most so long, until something was heard or the other system out of reach."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._tried.wait(), seconds)

    async def until(self, test: Test, seconds: float) -> bool:
        """Wait until the entities fulfil `test`, at most so long; return whether they did."""
        if test(self._entities):
            return True
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[waiting] = test
        try:
            await asyncio.wait_for(waiting, seconds)
        except TimeoutError:
            return False
        finally:
            del self._waiting[waiting]
        return True


async def obey(mirror: Mirror, call: Call, now: datetime, act: Act) -> Outcome:
    """Carry out `call` on the entities of `mirror`, each by `act`, all at once.

    What cannot be right is refused before anything is done. `act` gets an entity as it is and as
    it shall be. What is only read is answered from the mirror.
    """
    effect = table.carry_out(mirror.entities, call, now)
    if isinstance(effect, Failed):
        return effect
    if table.SERVICES[call.capability].risk is Risk.READ:
        old: dict[str, Json] = {} if mirror.lost is None else {"as_of": mirror.lost.isoformat()}
        return Done(call.id, {**effect.value, **old})
    if mirror.lost is not None:
        since = mirror.lost.astimezone(now.tzinfo)
        return Failed(call.id, "unavailable", f"cannot be reached since {since:%H:%M}")
    after = {entity.id: entity for entity in effect.changed}
    named = call.arguments["entity_id"]
    ids = list(dict.fromkeys(named if isinstance(named, list | tuple) else ()))
    before = [mirror.entities[str(each)] for each in ids]
    outcomes = await asyncio.gather(*(act(call, one, after.get(one.id, one)) for one in before))
    return merged(call, [((one.id,), out) for one, out in zip(before, outcomes, strict=True)])


def there(mirror: Mirror, before: Entity) -> Mapping[str, Json]:
    """Return the value of a Done about one entity, which was as in `before`."""
    reading = Call("", "home.get_states", Meaning(""), {"entity_id": (before.id,)})
    effect = table.carry_out(mirror.entities, reading, datetime.now().astimezone())
    changed: list[Json] = [] if mirror.entities.get(before.id) == before else [before.id]
    value = {} if isinstance(effect, Failed) else effect.value
    return {**value, "changed": changed}
