"""Which of a model's slots a request gets: the one that already holds most of its prompt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import takewhile

from steward.thinking import Message

Adapters = tuple[tuple[str, float], ...]


@dataclass
class Slot:
    """A place in the context memory; `messages` are what it holds, computed with `adapters`."""

    number: int
    messages: tuple[Message, ...] = ()
    adapters: Adapters = ()
    used: int = 0

    def common(self, messages: Sequence[Message], adapters: Adapters) -> int:
        """Return how many of the first `messages` it holds."""
        if self.adapters != adapters:
            return 0
        pairs = zip(self.messages, messages, strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


class Slots:
    """The slots of one model. Who comes first is served first."""

    def __init__(self, number: int) -> None:
        self._all = [Slot(each) for each in range(number)]
        self._free = list(self._all)
        self._turn = asyncio.Semaphore(number)
        self._count = 0

    @asynccontextmanager
    async def lease(
        self, messages: Sequence[Message], adapters: Adapters
    ) -> AsyncGenerator[Slot, None]:
        """Wait for a slot, and hold it: the one with most of `messages`, else the longest unused.

        What it holds is what the holder says when he is done.
        """
        async with self._turn:
            slot = max(self._free, key=lambda s: (s.common(messages, adapters), -s.used))
            self._free.remove(slot)
            self._count += 1
            slot.used = self._count
            try:
                yield slot
            finally:
                self._free.append(slot)

    def forget(self) -> None:
        """Say that nothing is held: the process is another."""
        for slot in self._all:
            slot.messages = ()
