"""A costly part is made once, whoever waits for it."""

from __future__ import annotations

import asyncio
import threading

import pytest

from steward.lazy import Lazy


async def test_what_nobody_waited_for_is_there_for_the_next() -> None:
    go, made = threading.Event(), list[int]()

    def make() -> int:
        assert go.wait(20)
        made.append(len(made))
        return made[-1]

    part = Lazy(make)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await part.get()
    assert not part.made
    go.set()
    assert [*await asyncio.gather(part.get(), part.get())] == [0, 0]
    assert part.made
    assert made == [0]


async def test_what_failed_is_tried_again() -> None:
    tries = list[int]()

    def make() -> str:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError("not yet")
        return "part"

    part = Lazy(make)
    with pytest.raises(ValueError, match="not yet"):
        await part.get()
    assert await part.get() == "part"
