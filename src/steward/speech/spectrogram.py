"""The log-mel spectrogram that Whisper hears.

As in Radford et al., Robust Speech Recognition via Large-Scale Weak Supervision (2022): windows of
25 ms, one every 10 ms, 80 bands, eight powers of ten deep.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from steward.speech.activity import RATE, Samples

HOP = 160
"""Samples from one frame to the next, 10 ms."""
_WINDOW = 400
_BANDS = 80
_DEPTH = 8.0
_LINEAR = 1000.0
"""Hertz up to which the mel scale is linear, and from which on it is logarithmic."""
_MEL_HZ = 200 / 3
_LOG_STEP = np.log(6.4) / 27


def spectrogram(samples: Samples) -> Samples:
    """Return 80 bands of one frame for each `HOP` of `samples` (full scale is 1), a row a band."""
    padded = np.pad(samples, (_WINDOW // 2, _WINDOW // 2), mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::HOP]
    count = len(samples) // HOP
    power = np.abs(np.fft.rfft(frames[:count] * _window()).astype(np.complex64)) ** 2
    log = np.log10(np.maximum(_filters() @ power.T, 1e-10))
    found: Samples = (np.maximum(log, log.max() - _DEPTH) + 4) / 4
    return found


def mel_filters(bands: int) -> NDArray[np.float64]:
    """Return how much of each of the 201 bins up to 8 kHz goes into each of `bands`.

    Triangles of equal area on the mel scale of M. Slaney, Auditory Toolbox (1998).
    """
    bins = np.fft.rfftfreq(_WINDOW, 1 / RATE)
    top = _LINEAR / _MEL_HZ + np.log(RATE / 2 / _LINEAR) / _LOG_STEP
    mels = np.linspace(0, top, bands + 2)
    above = _LINEAR * np.exp(_LOG_STEP * (mels - _LINEAR / _MEL_HZ))
    edges = np.where(mels < _LINEAR / _MEL_HZ, _MEL_HZ * mels, above)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    found: NDArray[np.float64] = triangles * (2 / (edges[2:] - edges[:-2]))[:, None]
    return found


@cache
def _filters() -> Samples:
    return mel_filters(_BANDS).astype(np.float32)


@cache
def _window() -> Samples:
    return np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
