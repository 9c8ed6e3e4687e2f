from __future__ import annotations

import numpy as np
import pytest

from steward.audio.pcm import from_samples, join, resample, to_samples
from steward.errors import AudioError
from steward.types import AudioChunk


def test_there_and_back() -> None:
    samples = np.array([-1, -0.5, 0, 0.25, 0.999], np.float32)
    assert to_samples(from_samples(samples, 8_000)) == pytest.approx(samples, abs=1 / 32_768)


def test_what_is_too_loud_is_clipped_and_does_not_wrap() -> None:
    assert from_samples(np.array([2.0, -2.0], np.float32), 8_000).pcm == b"\xff\x7f\x00\x80"


def test_resampling_keeps_length_and_pitch() -> None:
    tone = np.asarray(0.5 * np.sin(2 * np.pi * 300 * np.arange(48_000) / 48_000), np.float32)
    low = resample(from_samples(tone, 48_000, time=2.0), 16_000)
    assert (low.rate, low.time) == (16_000, 2.0)
    assert low.seconds == pytest.approx(1)
    assert int(np.abs(np.fft.rfft(to_samples(low))).argmax()) == 300
    assert resample(low, 16_000) is low


def test_joining() -> None:
    first, second = AudioChunk(b"\1\0" * 80, 8_000, 1.5), AudioChunk(b"\1\0" * 160, 16_000)
    joined = join([first, second])
    assert (joined.rate, joined.time) == (8_000, 1.5)
    assert joined.seconds == pytest.approx(0.02)
    with pytest.raises(AudioError):
        join([])


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(AudioError, match="16-bit"):
        to_samples(AudioChunk(b"\0\0\0", 8_000))
