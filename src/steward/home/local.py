"""A home that lives in a SQLite file on this device."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from steward.errors import StateError
from steward.events import Emit, StateChanged
from steward.home import database, fixtures
from steward.home.services import helpers, table
from steward.types import Call, Capability, Done, Entity, Failed, Outcome, World

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


def _local_time() -> datetime:
    return datetime.now().astimezone()


class LocalHome:
    """A Home whose every Call is one transaction; several processes may share its file.

    One worker thread does all that touches the file, one thing after the other, so that neither a
    slow disk nor another process stops the event loop. A Call that was begun is finished even when
    whoever waits for it is cancelled. Each change is emitted as StateChanged, whoever made it.
    """

    def __init__(
        self,
        path: Path,
        emit: Emit,
        *,
        now: Callable[[], datetime] = _local_time,
        poll: float = 0.25,
    ) -> None:
        """Open the home at `path`, or make it there with the demo home.

        `now` tells the time, with a zone; `poll` is the pause of `watch` between looks, in seconds.

        Raises:
            StateError: the file cannot be used; it says why and what to do.
        """
        self._path = path
        self._emit = emit
        self._now = now
        self._poll = poll
        self._connection = database.connect(path, fixtures.demo)
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="home")
        self._version = -1
        self._world = World()
        self._entities: dict[str, Entity] = {}
        # Filled by the worker, emptied by the event loop.
        self._changes: deque[Entity] = deque()
        with database.explained(path):
            self._refresh()
        self._changes.clear()

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        """Home Assistant's services that this home carries out, and `home.get_states`."""
        return table.capabilities()

    @property
    def seen(self) -> World:
        """The home as it was when it was last read, at once and from any thread."""
        return self._world

    async def world(self) -> World:
        """Return the home as it is now, including what other processes did.

        Raises:
            StateError: the file cannot be read.
        """
        await self._work(self._refresh)
        return self._world

    async def perform(self, call: Call) -> Outcome:
        """Carry out `call` on all its entities, or on none.

        Raises:
            StateError: the file cannot be written; nothing has changed.
        """
        return await self._work(lambda: self._perform(call))

    def _perform(self, call: Call) -> Outcome:
        with database.transaction(self._connection):
            self._refresh()
            effect = table.carry_out(self._entities, call, self._now())
            if isinstance(effect, Failed):
                return effect
            database.write_states(self._connection, effect.changed)
        self._keep(effect.changed)
        return Done(call.id, effect.value)

    async def load(self, world: World) -> None:
        """Put `world` in the place of this home.

        Raises:
            StateError: the file cannot be written; the home is as before.
        """

        def work() -> None:
            with database.transaction(self._connection):
                database.write_world(self._connection, world)
            self._take(world)

        await self._work(work)

    async def reset(self) -> None:
        """Put the demo home back, as it was at first.

        Raises:
            StateError: the file cannot be written; the home is as before.
        """
        await self.load(fixtures.demo())

    async def watch(self) -> None:
        """Notice what other processes change and which timers run out, until cancelled.

        A file that cannot be used for a while is logged, and looked at again.
        """
        said = ""
        while True:
            try:
                await self._work(self._look)
                said = ""
            except StateError as error:
                if str(error) != said:
                    said = str(error)
                    _log.error("the home cannot be watched: %s", said)
            await asyncio.sleep(self._poll)

    def close(self) -> None:
        """Finish what is under way and close the file."""
        self._worker.shutdown(wait=True)
        self._connection.close()

    async def _work(self, work: Callable[[], _T]) -> _T:
        """Run `work` in the worker thread, then emit what it found or made changed.

        Shielded: a command that has begun cannot be called back, so its changes are told too.
        """

        def guarded() -> _T:
            with database.explained(self._path):
                return work()

        future = asyncio.get_running_loop().run_in_executor(self._worker, guarded)
        future.add_done_callback(lambda _: self._announce())
        return await asyncio.shield(future)

    def _announce(self) -> None:
        time = self._now().timestamp()
        while self._changes:
            self._emit(StateChanged(time, self._changes.popleft()))

    def _refresh(self) -> None:
        """Read the home again if another process has written."""
        if database.data_version(self._connection) == self._version:
            return
        if self._connection.in_transaction:
            self._read()
            return
        self._connection.execute("BEGIN")
        try:
            self._read()
        finally:
            self._connection.execute("ROLLBACK")

    def _read(self) -> None:
        self._take(database.read_world(self._connection, self._path))
        self._version = database.data_version(self._connection)

    def _look(self) -> None:
        self._refresh()
        if not helpers.run_out(self._entities, self._now()):
            return
        with database.transaction(self._connection):
            self._refresh()
            over = helpers.run_out(self._entities, self._now())
            database.write_states(self._connection, over)
        self._keep(over)

    def _take(self, world: World) -> None:
        self._changes.extend(e for e in world.entities if self._entities.get(e.id) != e)
        self._world = world
        self._entities = {entity.id: entity for entity in world.entities}

    def _keep(self, changed: Iterable[Entity]) -> None:
        new = {entity.id: entity for entity in changed}
        self._changes.extend(new.values())
        self._entities = self._entities | new
        world = self._world
        self._world = World(world.floors, world.areas, tuple(self._entities.values()))
