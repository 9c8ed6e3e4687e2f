"""What is done to the sound of a voice after its engine: size of the throat, loudness, whisper."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

import numpy as np
import soxr

from steward.speech.activity import Samples
from steward.speech.breath import Whisper
from steward.speech.delivery import Delivery
from steward.speech.hibari import sound
from steward.types import AudioChunk


async def delivered(
    sounds: AsyncGenerator[AudioChunk, None], how: Delivery
) -> AsyncGenerator[AudioChunk, None]:
    """Yield `sounds`, all of one rate and spoken at `how.pace`, in the size and loudness wanted."""
    work: _Work | None = None
    async with aclosing(sounds):
        async for chunk in sounds:
            work = work or _Work(chunk.rate, how)
            if made := work.take(chunk):
                yield made
    if work is not None and (rest := work.rest()):
        yield rest


class _Work:
    """One sound on its way; what comes out lags a little behind what went in."""

    def __init__(self, rate: int, how: Delivery) -> None:
        self._rate, self._how = rate, how
        self._resampler = None
        if how.size != 1:
            self._resampler = soxr.ResampleStream(rate, rate * how.size, 1, "float32")
        self._whisper = Whisper(rate) if how.whisper else None
        self._taken = self._made = 0.0

    def take(self, chunk: AudioChunk) -> AudioChunk | None:
        samples = np.frombuffer(chunk.pcm, "<i2").astype(np.float32) / np.float32(32_768)
        lag = self._taken * self._how.size - self._made
        self._taken += chunk.seconds
        mouth = tuple((round(at * self._how.size + lag, 4), shape) for at, shape in chunk.mouth)
        made = self._chunk(samples, last=False)
        return replace(made, mouth=mouth) if made else None

    def rest(self) -> AudioChunk | None:
        return self._chunk(np.zeros(0, np.float32), last=True)

    def _chunk(self, samples: Samples, *, last: bool) -> AudioChunk | None:
        if self._resampler is not None:
            samples = np.asarray(self._resampler.resample_chunk(samples, last), np.float32)
        if self._whisper is not None:
            samples = self._whisper.breathe(samples, last=last)
        if not samples.size:
            return None
        made = sound(samples * np.float32(self._how.loudness), self._rate, self._made)
        self._made += made.seconds
        return made
