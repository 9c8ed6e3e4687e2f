"""The microphone of a page: sound on its way from the network to the ear."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from steward.hearing import Stream
from steward.serve.messages import MAX_AUDIO_SECONDS, AudioStart
from steward.types import AudioChunk

MAX_BACKLOG_SECONDS = 10.0
"""Sound that may wait to be heard; it comes as fast as it is made, so more is none."""
TOO_MUCH = (
    f"the recording is longer than {MAX_AUDIO_SECONDS:.0f} seconds, or comes faster than it is made"
)
"""What a page is told of either."""


class Microphone(AsyncIterator[AudioChunk]):
    """The sound of one microphone until it is closed: of one turn if it is held, else of many.

    `turn` is the one that is heard now, `speaking` tells whether somebody has begun it.
    """

    def __init__(self, start: AudioStart) -> None:
        self.start = start
        self.turn = start.turn
        self.speaking = self.closed = False
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue()
        self._seconds = self._backlog = 0.0
        self._half = b""

    @property
    def following(self) -> bool:
        """Whether the turn that is heard now is not the one that it was opened for."""
        return self.turn != self.start.turn

    def next(self, turn: str) -> None:
        """Let what comes now be another turn."""
        self.turn = turn

    def stream(self) -> Stream:
        """Return the sound from now on as the turn that is heard now; a following one may wait."""
        if self.following:
            return Stream.standing(self)
        return Stream(self, held=self.start.held)

    def add(self, pcm: bytes) -> bool:
        """Take a piece; False when a recording becomes too long, or sound comes too fast."""
        seconds = len(pcm) / 2 / self.start.rate
        self._seconds += seconds
        self._backlog += seconds
        most, has = MAX_BACKLOG_SECONDS, self._backlog
        if self.start.held:
            most, has = MAX_AUDIO_SECONDS, self._seconds
        if has > most:
            return False
        self._waiting.put_nowait(pcm)
        return True

    def close(self) -> None:
        """Let the sound end after what has come."""
        self.closed = True
        self._waiting.put_nowait(b"")

    async def __anext__(self) -> AudioChunk:
        """Wait for the next piece of whole samples."""
        pcm = b""
        while len(pcm) < 2:
            if self.closed and self._waiting.empty():
                raise StopAsyncIteration
            piece = await self._waiting.get()
            self._backlog -= len(piece) / 2 / self.start.rate
            pcm = self._half + piece
            whole = len(pcm) - len(pcm) % 2
            pcm, self._half = pcm[:whole], pcm[whole:]
        return AudioChunk(pcm, self.start.rate)
