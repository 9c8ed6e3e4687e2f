"""A whisper made of a voice: breath instead of the pulses of the vocal cords, in the same mouth.

Of each frame of the voice the smooth spectrum stays, and noise goes through it. That spectrum is of
the real cepstrum's first coefficients (Oppenheim and Schafer, Discrete-Time Signal Processing, on
homomorphic deconvolution).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from steward.speech.activity import Samples

_FRAME, _HOP = 1024, 256
"""Samples of a frame, 43 ms at 24 kHz, and of its step."""
_SMOOTH = 48
"""Samples of quefrency that are kept: above 500 Hz, where no voice has its pitch."""
_BASS, _BREATH = 1500.0, 0.12
"""Hertz below which breath is fainter than a voice is, down to this share."""
_GAIN = 0.9
"""Against what its spectrum was before."""
_VOICED = np.float32(0.1)
"""Share of the voice that stays: without it nobody can tell the tones of Chinese (bench/LOG.md)."""


class Whisper:
    """The whisper of one voice, piece by piece as it comes."""

    def __init__(self, rate: int) -> None:
        """Whisper at `rate` samples a second."""
        self._window = np.hanning(_FRAME + 1)[:-1].astype(np.float32)
        frequencies = np.fft.rfftfreq(_FRAME, 1 / rate)
        self._tilt = _GAIN * np.clip(frequencies / _BASS, _BREATH, 1).astype(np.float32)
        # The same breath for the same words.
        self._random = np.random.default_rng(0)
        self._held = np.zeros(_FRAME - _HOP, np.float32)
        self._noise = self._random.standard_normal(_FRAME - _HOP).astype(np.float32)
        self._sum = np.zeros(_FRAME, np.float32)
        self._skip = _FRAME - _HOP

    def breathe(self, samples: Samples, *, last: bool) -> Samples:
        """Return as much of the whisper as is known with `samples`, all of it at the `last`."""
        if last:
            rest = -(len(self._held) + len(samples)) % _HOP
            samples = np.concatenate([samples, np.zeros(_FRAME - _HOP + rest, np.float32)])
        held = np.concatenate([self._held, samples])
        made = []
        while len(held) >= _FRAME:
            made.append(self._step(held[:_FRAME]))
            held = held[_HOP:]
        self._held = held
        out = np.concatenate(made) if made else np.zeros(0, np.float32)
        cut, self._skip = out[self._skip :], max(0, self._skip - len(out))
        return cut

    def _step(self, frame: Samples) -> Samples:
        more = self._random.standard_normal(_HOP).astype(np.float32)
        noise = np.concatenate([self._noise, more])
        self._noise = noise[_HOP:]
        shaped = np.fft.rfft(noise * self._window) * self._spectrum(frame) * self._tilt
        # Four Hann windows, squared, overlap to 1.5; a frame of noise has the energy of its window.
        breath = np.fft.irfft(shaped, _FRAME).astype(np.float32)
        voice = frame * self._window * _VOICED
        self._sum += (breath + voice) * self._window / np.float32(1.5)
        done = self._sum[:_HOP].copy()
        self._sum = np.concatenate([self._sum[_HOP:], np.zeros(_HOP, np.float32)])
        return done

    def _spectrum(self, frame: Samples) -> NDArray[np.float32]:
        """Return the smooth magnitudes that make noise of variance 1 as loud as `frame`."""
        magnitudes = np.abs(np.fft.rfft(frame * self._window)) / np.sqrt((self._window**2).sum())
        cepstrum = np.fft.irfft(np.log(magnitudes + 1e-6), _FRAME)
        cepstrum[_SMOOTH:-_SMOOTH] = 0
        smooth: NDArray[np.float32] = np.exp(np.fft.rfft(cepstrum).real).astype(np.float32)
        return smooth
