"""The one sound that a satellite makes by itself."""

from __future__ import annotations

import numpy as np

from steward.audio.pcm import RATE, from_samples
from steward.types import AudioChunk

_NOTE = 0.09
"""Seconds of one note."""
_FADE = 0.01


def _notes(*hertz: float) -> AudioChunk:
    time = np.arange(int(_NOTE * RATE)) / RATE
    fade = np.minimum(1, np.minimum(time, _NOTE - time) / _FADE)
    sound = np.concatenate([0.2 * fade * np.sin(2 * np.pi * f * time) for f in hertz])
    return from_samples(sound.astype(np.float32), RATE)


TROUBLE = _notes(440, 330, 220)
"""It could not do its part: the hub is gone, or does not answer."""
