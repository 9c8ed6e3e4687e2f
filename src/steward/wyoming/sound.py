"""Sound on its way over the Wyoming protocol, and while it waits to be heard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
from wyoming import audio
from wyoming.event import Event

from steward.errors import PeerError
from steward.types import AudioChunk
from steward.wyoming.wire import whole

RATES = (4_000, 96_000)
"""Samples a second, from and to."""
_FULL = {1: 7, 2: 15, 4: 31}
"""Bits of a sample's greatest size, by its bytes."""
_TYPES = {1: "u1", 2: "<i2", 4: "<i4"}


class Incoming:
    """The sound that a peer sends, event by event.

    A sample may be split between two events: Home Assistant cuts a recording that was uploaded to
    it (`/api/stt/…`) wherever a byte happens to be 10.
    """

    def __init__(self) -> None:
        self._rest = b""

    def begin(self) -> None:
        """Begin another sound: what was left of the one before is not of this one."""
        self._rest = b""

    def received(self, event: Event) -> AudioChunk:
        """Return the whole samples until the end of an `audio-chunk`, as one channel of 16 bits.

        Raises:
            PeerError: the event does not describe its sound, or it is of a kind that is not read.
        """
        rate = whole(event, "rate", *RATES)
        width, channels = whole(event, "width", 1, 4), whole(event, "channels", 1, 8)
        if width not in _FULL:
            raise PeerError(f"samples of {width} bytes are not read", hint="send 16 bits")
        pcm = self._rest + (event.payload or b"")
        end = len(pcm) - len(pcm) % (width * channels)
        pcm, self._rest = pcm[:end], pcm[end:]
        if (width, channels) == (2, 1):
            return AudioChunk(pcm, rate)
        samples = np.frombuffer(pcm, _TYPES[width]).astype(np.float64)
        if width == 1:
            samples -= 128
        mixed = samples.reshape(-1, channels).mean(axis=1) * 2.0 ** (15 - _FULL[width])
        return AudioChunk(np.clip(np.rint(mixed), -32768, 32767).astype("<i2").tobytes(), rate)


def piece(chunk: AudioChunk) -> audio.AudioChunk:
    """Return the message that carries `chunk`."""
    return audio.AudioChunk(chunk.rate, 2, 1, chunk.pcm, round(chunk.time * 1000))


def start(rate: int) -> audio.AudioStart:
    """Return the message before a sound of ours."""
    return audio.AudioStart(rate, 2, 1, 0)


class Sound(AsyncIterator[AudioChunk]):
    """Sound that waits to be heard: whoever brings more than `backlog` seconds of it waits too."""

    def __init__(self, backlog: float) -> None:
        self._waiting: asyncio.Queue[AudioChunk | None] = asyncio.Queue()
        self._room = asyncio.Event()
        self._room.set()
        self._backlog = backlog
        self._seconds = 0.0
        self.brought = 0.0
        """Seconds of sound until now."""
        self.closed = False
        self.patience: float | None = None
        """Seconds after which a reader that waits for a piece has an error, if any."""

    async def put(self, chunk: AudioChunk) -> None:
        """Bring `chunk`, when there is room for it; nothing when the sound is closed."""
        await self._room.wait()
        if self.closed or not chunk.pcm:
            return
        self.brought += chunk.seconds
        self._seconds += chunk.seconds
        if self._seconds > self._backlog:
            self._room.clear()
        self._waiting.put_nowait(chunk)

    def close(self) -> None:
        """Let the sound end after what has come."""
        if not self.closed:
            self.closed = True
            self._room.set()
            self._waiting.put_nowait(None)

    async def __anext__(self) -> AudioChunk:
        """Wait for the next piece.

        Raises:
            PeerError: none has come within the `patience`.
        """
        if self.closed and self._waiting.empty():
            raise StopAsyncIteration
        try:
            async with asyncio.timeout(self.patience):
                chunk = await self._waiting.get()
        except TimeoutError as error:
            raise PeerError(
                f"no sound has come for {self.patience:.0f} seconds", hint="look into the network"
            ) from error
        if chunk is None:
            raise StopAsyncIteration
        self._seconds -= chunk.seconds
        if self._seconds <= self._backlog:
            self._room.set()
        return chunk
