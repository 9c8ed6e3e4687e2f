"""A wire between a hub and its cloud on which every byte is kept, and which may misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeAlias

Streams: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Behaviour: TypeAlias = Callable[["Wiretap", Streams], Awaitable[None]]


@dataclass
class Wiretap:
    """Passes on to `to` (host and port) or behaves as it is told, `up` and `down` as they went.

    `connections` counts who came, `after` is called with each part of an answer that was passed on.
    """

    to: tuple[str, int]
    up: bytearray = field(default_factory=bytearray)
    down: bytearray = field(default_factory=bytearray)
    connections: int = 0
    behaviour: Behaviour | None = None
    after: Callable[[], None] | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self) -> asyncio.Server:
        """Listen on loopback, at a port that the system chooses."""
        return await asyncio.start_server(self._enter, "127.0.0.1", 0)

    def forget(self) -> None:
        """Begin a new record."""
        self.up.clear()
        self.down.clear()
        self.connections = 0

    async def end(self) -> None:
        """Cut every connection."""
        for task in tuple(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(tuple(self._tasks))

    def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.create_task(self._connection(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await (self.behaviour or through)(self, (reader, writer))
        finally:
            writer.transport.abort()

    async def request(self, reader: asyncio.StreamReader) -> None:
        """Read one request and keep it."""
        head = await reader.readuntil(b"\r\n\r\n")
        self.up += head
        length = next(
            int(line.partition(b":")[2])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        )
        self.up += await reader.readexactly(length)


async def through(tap: Wiretap, near: Streams) -> None:
    """Pass every byte on."""
    far = await asyncio.open_connection(*tap.to)

    async def copy(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kept: bytearray
    ) -> None:
        while part := await reader.read(4096):
            kept += part
            writer.write(part)
            await writer.drain()
            if kept is tap.down and tap.after is not None:
                tap.after()

    tasks = [
        asyncio.create_task(copy(near[0], far[1], tap.up)),
        asyncio.create_task(copy(far[0], near[1], tap.down)),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        far[1].transport.abort()


def saying(body: bytes, kind: str = "text/event-stream") -> Behaviour:
    """Answer every request with `body`."""

    async def answer(tap: Wiretap, near: Streams) -> None:
        await tap.request(near[0])
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        near[1].write(head.encode() + body)
        await near[1].drain()
        await near[0].read()

    return answer


async def silent(tap: Wiretap, near: Streams) -> None:
    """Take the request and say nothing for as long as anybody waits."""
    await tap.request(near[0])
    await near[0].read()
