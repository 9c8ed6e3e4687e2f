"""Waiting for what happens elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def eventually(test: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until `test` is true; after so many seconds it never will be.

    Raises:
        TimeoutError: it is not.
    """
    async with asyncio.timeout(seconds):
        while not test():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.01)
