"""A background thread for engines that may run one job at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Worker:
    """Runs jobs one after the other in a thread of its own, off the event loop.

    One at a time, because two jobs on the same few cores are slower than one after the other. A
    job whose caller was cancelled is dropped when it has not begun, and told so when it has.
    """

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def run(self, job: Callable[[], T], on_cancel: Callable[[], None] | None = None) -> T:
        """Return what `job` returns; `on_cancel` is called when the caller is cancelled first."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, job)
        except asyncio.CancelledError:
            if on_cancel:
                on_cancel()
            raise
