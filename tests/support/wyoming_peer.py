"""A client of the Wyoming protocol, by its own library, for tests of our door."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from socket import SO_LINGER, SOL_SOCKET

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.event import Event

from steward.types import AudioChunk as Sound

PATIENCE = 30.0
"""Seconds in which an answer comes, or the test has failed."""


class Client(AsyncTcpClient):
    """The library's client, with what tests do again and again."""

    async def send(self, *messages: object) -> None:
        """Send messages of the library."""
        for message in messages:
            await self.write_event(message.event())  # type: ignore[attr-defined]

    async def send_sound(self, sound: Sound, piece: int = 1024, *, stop: bool = True) -> None:
        """Send a sound as a recording, in messages of `piece` samples."""
        await self.send(AudioStart(sound.rate, 2, 1))
        await self.send(*chunks(sound, piece))
        if stop:
            await self.send(AudioStop())

    async def until(self, *kinds: str) -> list[Event]:
        """Return what comes until one of `kinds` has come, that one included."""
        events: list[Event] = []
        while (event := await self.read_event()) is not None:
            events.append(event)
            if event.type in kinds:
                return events
        raise AssertionError(f"no {kinds} before the end: {[event.type for event in events]}")

    def abort(self) -> None:
        """Be gone as a killed program is: with a reset."""
        assert self._writer is not None
        socket = self._writer.get_extra_info("socket")
        socket.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def ended(self) -> list[Event]:
        """Return what comes until the connection is closed."""
        events: list[Event] = []
        while (event := await self.read_event()) is not None:
            events.append(event)
        return events


def chunks(sound: Sound, piece: int) -> Iterable[AudioChunk]:
    """Cut `sound` into messages of `piece` samples."""
    for at in range(0, len(sound.pcm), 2 * piece):
        yield AudioChunk(sound.rate, 2, 1, sound.pcm[at : at + 2 * piece])


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Client]:
    """Connect to a door of this machine."""
    client = Client("127.0.0.1", port, connect_timeout=PATIENCE, read_timeout=PATIENCE)
    async with client:
        yield client
