"""Where Events go: one hub, any number of subscribers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from steward.types import Event

WAITING_EVENTS = 1000
"""Events a subscriber may lag behind before it is dropped."""


class Hub:
    """Hands every Event to every subscriber; one that lags too far behind is dropped."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[Event | None]] = set()

    def emit(self, event: Event) -> None:
        """Pass `event` on. To be called in the event loop; never blocks."""
        for queue in tuple(self._queues):
            if queue.qsize() >= WAITING_EVENTS:
                self._queues.discard(queue)
                queue.put_nowait(None)
            else:
                queue.put_nowait(event)

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[AsyncIterator[Event]]:
        """Give an iterator over the Events from now on; it ends when its reader was too slow."""
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._queues.add(queue)

        async def events() -> AsyncIterator[Event]:
            while (event := await queue.get()) is not None:
                yield event

        try:
            yield events()
        finally:
            self._queues.discard(queue)
