"""Samples: between AudioChunk and numpy, from rate to rate, many pieces to one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import soxr
from numpy.typing import NDArray

from steward.errors import AudioError
from steward.types import AudioChunk

RATE = 16_000
"""Samples a second that the recogniser and the voice activity work at."""
FULL_SCALE = 32_768.0
"""What a sample of 1.0 is in signed 16-bit PCM."""

Samples = NDArray[np.float32]
"""Mono sound as floats from -1 to 1."""


def to_samples(chunk: AudioChunk) -> Samples:
    """Return the samples of `chunk`, each from -1 to 1.

    Raises:
        AudioError: the bytes are not whole 16-bit samples.
    """
    if len(chunk.pcm) % 2:
        raise AudioError(
            f"{len(chunk.pcm)} bytes of sound are not whole 16-bit samples",
            hint="send signed 16-bit little-endian mono PCM",
        )
    return np.frombuffer(chunk.pcm, "<i2").astype(np.float32) / np.float32(FULL_SCALE)


def from_samples(samples: Samples, rate: int, time: float = 0.0) -> AudioChunk:
    """Return `samples` as a chunk; what is louder than full scale is clipped."""
    scaled = np.clip(np.rint(samples * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1)
    return AudioChunk(scaled.astype("<i2").tobytes(), rate, time)


def resample(chunk: AudioChunk, rate: int) -> AudioChunk:
    """Return `chunk` at `rate` samples a second, of the same length in time.

    Raises:
        AudioError: the bytes are not whole 16-bit samples.
    """
    if chunk.rate == rate:
        return chunk
    samples: Samples = soxr.resample(to_samples(chunk), chunk.rate, rate)
    return from_samples(samples, rate, chunk.time)


def join(chunks: Sequence[AudioChunk]) -> AudioChunk:
    """Return `chunks` as one, at the rate and from the time of the first.

    Raises:
        AudioError: there are none.
    """
    if not chunks:
        raise AudioError("there is no sound to join", hint="give at least one piece of sound")
    first = chunks[0]
    return AudioChunk(b"".join(resample(c, first.rate).pcm for c in chunks), first.rate, first.time)
