"""Sound from a file and to a file, in the time that it takes to be heard: to try a satellite."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from pathlib import Path

from steward.audio.files import read_audio, write_wav
from steward.audio.pcm import RATE
from steward.types import AudioChunk

_PIECE = 512
"""Samples of a piece, as a microphone gives them."""
AFTER = 3.0
"""Seconds of silence after a recording; the satellite stays as long as it is `busy`, too."""


HUB_SECONDS = 40.0
"""How long a recording waits for a hub, which may try again only after 30 seconds."""


async def listen(
    wav: Path, connected: Callable[[], bool], busy: Callable[[], bool]
) -> AsyncGenerator[AudioChunk, None]:
    """Yield silence until a hub is `connected`, a recording as fast as it was made, and silence.

    The last silence is as long as the recording is answered.

    Raises:
        AudioError: the file is no sound.
    """
    sound = read_audio(wav)
    begun, step = time.monotonic(), 2 * _PIECE
    while not connected() and time.monotonic() < begun + HUB_SECONDS:
        yield AudioChunk(bytes(step), RATE)
        await asyncio.sleep(_PIECE / RATE)
    begun = time.monotonic()
    for number in range(len(sound.pcm) // step + 1):
        pcm = sound.pcm[number * step :][:step]
        yield AudioChunk(pcm + bytes(step - len(pcm)), RATE)
        await asyncio.sleep(begun + number * _PIECE / RATE - time.monotonic())
    quiet_since = time.monotonic()
    while time.monotonic() < quiet_since + AFTER:
        if busy():
            quiet_since = time.monotonic()
        yield AudioChunk(bytes(step), RATE)
        await asyncio.sleep(_PIECE / RATE)


class Recorder:
    """Keeps what would be played, in a WAV that is written anew after each sound."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._heard: list[AudioChunk] = []

    async def play(self, chunks: AsyncIterator[AudioChunk]) -> None:
        """Take `chunks` in the time that they last.

        Raises:
            AudioError: the file cannot be written.
        """
        begun = time.monotonic()
        try:
            async for chunk in chunks:
                self._heard.append(chunk)
                begun += chunk.seconds
                await asyncio.sleep(begun - time.monotonic())
        finally:
            if self._heard:
                write_wav(self._path, self._heard)
