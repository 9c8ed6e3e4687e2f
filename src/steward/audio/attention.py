"""A microphone that is always open: asleep until its wake word is said, then passed on.

Both read one source of sound in turn, so that what is said in one breath with the word is whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence

import numpy as np
import soxr

from steward.audio.pcm import RATE, Samples, from_samples, to_samples
from steward.audio.wake import WakeDetector, WakeStream, evidence
from steward.hearing import Wake
from steward.types import AudioChunk

Likelihood = Callable[[AudioChunk, Sequence[str]], Awaitable[float]]
"""Tells how well the likeliest of some phrases fits a sound: the natural logarithm of its
probability."""


class WordAttention:
    """An Attention to one source of sound, at any rate, and some wake words."""

    def __init__(
        self,
        detectors: Sequence[WakeDetector],
        pieces: AsyncIterator[AudioChunk],
        on_wake: Callable[[Wake], None],
        likelihood: Likelihood,
    ) -> None:
        """Name the words and the source, which is not read before a word is waited for.

        Args:
            detectors: the words, of different names.
            pieces: the source.
            on_wake: told of each wake.
            likelihood: asked where the networks have heard the word, if the word says how sure one
                must be.
        """
        self._words = {detector.word.name: detector.word for detector in detectors}
        self._pieces = _at_rate(pieces)
        self._stream = WakeStream(*detectors)
        self._on_wake = on_wake
        self._likelihood = likelihood

    async def woken(self, within: float | None = None) -> Wake | None:
        """Wait until a word is said; None when the sound has ended.

        What was heard before is forgotten: the word may not be in two turns. Where something has
        told that the word will come (a button, a motion, an arm raised), it is waited for `within`
        so many seconds of sound, and by the second networks alone; None when it did not come.

        Raises:
            AudioError: a piece is no sound.
        """
        self._stream.reset(triggered=within is not None)
        seconds = 0.0
        async for chunk in self._pieces:
            for wake in self._stream.feed(chunk):
                if await self._sure(wake):
                    self._on_wake(wake)
                    return wake
                self._stream.doubt()
            seconds += len(chunk.pcm) / 2 / chunk.rate
            if within is not None and seconds >= within:
                break
        return None

    async def idle(self, trigger: Awaitable[object]) -> bool:
        """Let the sound pass unheard until `trigger` is there; False when the sound has ended."""
        waiting = asyncio.ensure_future(trigger)
        try:
            async for _ in self._pieces:
                if waiting.done():
                    return True
        finally:
            waiting.cancel()
        return False

    async def _sure(self, wake: Wake) -> bool:
        word = self._words[wake.word]
        if word.sure is None:
            return True
        return evidence(wake.second, await self._likelihood(wake.sound, word.phrases)) >= word.sure

    async def following(self, wake: Wake) -> AsyncGenerator[AudioChunk, None]:
        """Yield the sound since the word that has just woken, at 16 kHz, as it comes."""
        yield wake.after
        async for chunk in self._pieces:
            yield chunk


async def _at_rate(pieces: AsyncIterator[AudioChunk]) -> AsyncGenerator[AudioChunk, None]:
    """Yield `pieces` at `RATE`; where their rate changes, a new sound begins."""
    resampler, rate = None, RATE
    async for chunk in pieces:
        if chunk.rate != rate:
            rate = chunk.rate
            resampler = None if rate == RATE else soxr.ResampleStream(rate, RATE, 1, "float32")
        if resampler is None:
            yield chunk
        else:
            made: Samples = resampler.resample_chunk(to_samples(chunk))
            yield from_samples(np.asarray(made, np.float32), RATE, chunk.time)
