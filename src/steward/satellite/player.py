"""What the loudspeaker plays: one sound after the other, until it is silenced."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from steward.errors import DeviceError
from steward.types import AudioChunk

LONGEST = 120.0
"""Seconds of the longest sound; what a hub sends beyond that is dropped."""
WAITING = 16
"""Sounds that may wait; what a hub sends beyond that is dropped."""

Play = Callable[[AsyncIterator[AudioChunk]], Awaitable[None]]
"""Plays sound as it comes; returns when the last of it has been heard."""

_log = logging.getLogger(__name__)


class Player:
    """Plays sounds in the order in which they began. `played` is told of each of the hub's."""

    def __init__(self, play: Play, played: Callable[[], Awaitable[None]]) -> None:
        self._play = play
        self._played = played
        self._sounds: asyncio.Queue[_Sound] = asyncio.Queue()
        self._open: _Sound | None = None
        self._playing: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """Whether something is played or waits to be."""
        return self._playing is not None or not self._sounds.empty()

    def begin(self) -> None:
        """Let another sound of the hub begin."""
        self.end()
        if self._sounds.qsize() < WAITING:
            self._open = _Sound(hub=True)
            self._sounds.put_nowait(self._open)

    def add(self, chunk: AudioChunk) -> None:
        """Go on with the hub's sound that began last; one that was silenced is dropped."""
        if self._open is not None:
            self._open.add(chunk)

    def end(self) -> None:
        """End the hub's sound that began last."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def tone(self, chunk: AudioChunk) -> None:
        """Play a sound of this device, after the others."""
        sound = _Sound(hub=False)
        sound.add(chunk)
        sound.close()
        self._sounds.put_nowait(sound)

    def silence(self) -> None:
        """Stop at once, and forget what waits."""
        self._open = None
        while not self._sounds.empty():
            self._sounds.get_nowait()
        if self._playing is not None:
            self._playing.cancel()

    async def run(self) -> None:
        """Play until cancelled."""
        while True:
            sound = await self._sounds.get()
            self._playing = asyncio.create_task(self._one(sound))
            try:
                await asyncio.wait([self._playing])
            finally:
                self._playing.cancel()
                self._playing = None
            if sound.hub:
                await self._played()

    async def _one(self, sound: _Sound) -> None:
        try:
            await self._play(sound)
        except DeviceError as error:
            _log.error("%s", error)


class _Sound(AsyncIterator[AudioChunk]):
    """A sound of the hub's or of this device, which may still come in."""

    def __init__(self, *, hub: bool) -> None:
        self._pieces: asyncio.Queue[AudioChunk | None] = asyncio.Queue()
        self._seconds = 0.0
        self.hub = hub

    def add(self, chunk: AudioChunk) -> None:
        if self._seconds + chunk.seconds <= LONGEST:
            self._seconds += chunk.seconds
            self._pieces.put_nowait(chunk)

    def close(self) -> None:
        self._pieces.put_nowait(None)

    async def __anext__(self) -> AudioChunk:
        chunk = await self._pieces.get()
        if chunk is None:
            raise StopAsyncIteration
        return chunk
