"""Staying in touch with another system, as long as somebody wants it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

AGAIN = 0.1
"""Seconds between two cancellations of what does not end."""


class Following:
    """One background task that is started when it is first needed, and again if it ended."""

    def __init__(self, keep: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Name what runs until it is cancelled."""
        self._keep = keep
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> asyncio.Task[None]:
        """Have it running."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._keep())
        return self._task

    async def watch(self) -> None:
        """Have it running until cancelled, then end it."""
        task = self.begin()
        try:
            await asyncio.shield(task)
        finally:
            self.close()
            # Again and again: what it waits for may swallow one cancellation (`ending`).
            while not task.done():
                task.cancel()
                await asyncio.wait({task}, timeout=AGAIN)

    def close(self) -> None:
        """End it."""
        if self._task is not None:
            self._task.cancel()
            self._task = None


def ending() -> bool:
    """Tell whether the current task was asked to end.

    What it waits for may hide that: `asyncio.wait_for` of Python 3.11 returns a result that came in
    the same moment, and a connection that breaks meanwhile raises an error of its own.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
