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
        self._lock = asyncio.Lock()
        self._made: list[T] = []

    @property
    def made(self) -> bool:
        """Tell whether it is there."""
        return bool(self._made)

    async def get(self) -> T:
        """Return the part. Raises whatever making it raised, and tries again next time."""
        async with self._lock:
            if not self._made:
                self._made.append(await asyncio.to_thread(self._make))
            return self._made[0]
