"""Mel features: how loud a sound is in 32 bands, every 10 ms, as the wake word's networks read it.

They are those of Google's speech_embedding as livekit-wakeword 0.3 (Apache-2.0) and openWakeWord
compute them: a Hann window of 25 ms, 32 Slaney bands from 60 to 3800 Hz, decibels / 10 + 2 of
samples in 16-bit units.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from steward.audio.pcm import FULL_SCALE, RATE, Samples

BANDS = 32
STEP = 160
"""Samples from one frame to the next: 10 ms."""
SPAN = 512
"""Samples that one frame sees."""
SILENCE = 0.0
"""What a band of silence is: the noise of a 16-bit sample is some 30 dB above it."""
_WINDOW = 400
_LOW, _HIGH = 60.0, 3_800.0
_TINY = 1e-10
_BLOCK = 31
"""Frames multiplied at once: from 2^18 products on OpenBLAS wakes threads, which on a busy machine
takes ten times as long as the work."""

Mel = NDArray[np.float32]
"""Frames of 32 bands: shape (frames, 32)."""


class MelStream:
    """Mel features of one source of sound, in pieces of any length; each sample is read once."""

    def __init__(self) -> None:
        self._held = np.zeros(0, np.float32)

    def feed(self, samples: Samples) -> Mel:
        """Return the frames that 16 kHz `samples` complete, perhaps none."""
        held = np.concatenate([self._held, samples.astype(np.float32, copy=False)])
        found = mel(held)
        self._held = held[len(found) * STEP :].copy()
        return found


def mel(samples: Samples) -> Mel:
    """Return the frames of 16 kHz `samples` (-1 to 1); none when there are fewer than 512."""
    count = max(0, (len(samples) - SPAN) // STEP + 1)
    if not count:
        return np.zeros((0, BANDS), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, SPAN)[::STEP][:count]
    spectrum = np.fft.rfft(frames * _hann())
    power = spectrum.real**2 + spectrum.imag**2
    bands = np.concatenate([power[i : i + _BLOCK] @ _filters() for i in range(0, count, _BLOCK)])
    found: Mel = np.log10(np.maximum(bands, np.float32(_TINY))) + np.float32(2)
    return np.maximum(found, np.float32(SILENCE))


@cache
def _hann() -> Samples:
    window = np.zeros(SPAN, np.float32)
    begin = (SPAN - _WINDOW) // 2
    window[begin : begin + _WINDOW] = np.hanning(_WINDOW + 1)[:-1]
    return window * np.float32(FULL_SCALE)


@cache
def _filters() -> NDArray[np.float32]:
    """Return the bands' weights (Slaney, Auditory Toolbox, 1998): shape (257, 32)."""
    edges = _hertz(np.linspace(_mels(_LOW), _mels(_HIGH), BANDS + 2))
    bins = np.arange(SPAN // 2 + 1) * RATE / SPAN
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    rising = (bins[:, None] - low) / (middle - low)
    falling = (high - bins[:, None]) / (high - middle)
    weights = np.maximum(0, np.minimum(rising, falling)) * 2 / (high - low)
    return weights.astype(np.float32)


_BREAK, _LINEAR = 1_000.0, 200 / 3
_LOG_STEP = np.log(6.4) / 27


def _mels(hertz: float) -> float:
    if hertz < _BREAK:
        return hertz / _LINEAR
    return float(_BREAK / _LINEAR + np.log(hertz / _BREAK) / _LOG_STEP)


def _hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    at = _BREAK / _LINEAR
    return np.where(mels < at, mels * _LINEAR, _BREAK * np.exp(_LOG_STEP * (mels - at)))
