"""Costly parts, made when they are first needed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Lazy(Generic[T]):
    """A costly part, made off the event loop when it is first needed, and only once."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: list[T] = []
        self._making: asyncio.Task[None] | None = None

    @property
    def made(self) -> bool:
        """Tell whether it is there."""
        return bool(self._made)

    async def get(self) -> T:
        """Return the part. Raises whatever making it raised, and tries again next time.

        Begun, it is made even when nobody waits any longer: the next one finds it.
        """
        if not self._made:
            if self._making is None or self._making.done():
                self._making = asyncio.create_task(self._keep())
            await asyncio.shield(self._making)
        return self._made[0]

    async def _keep(self) -> None:
        self._made.append(await asyncio.to_thread(self._make))
