from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from steward.audio.pcm import RATE
from steward.audio.wake import WINDOW
from steward.lab.wake import rooms
from steward.lab.wake.corpus import Clip, Kind
from steward.lab.wake.examples import COPIES, LENGTH, examples, joined, stacked

RNG = np.random.default_rng(5)


def clip(kind: Kind, seconds: float, validation: bool = False) -> Clip:
    samples = RNG.normal(0, 0.2, int(seconds * RATE)).astype(np.float32)
    return Clip(kind, "", validation, samples)


# Shorter than the window, as long, longer: the first crashed an earlier trainer.
CLIPS = [clip(k, s, v) for k in get_args(Kind) for s in (0.15, 1.9, 6.0) for v in (False, True)]


def test_examples_are_finite_of_one_length_and_seeded() -> None:
    made = list(examples(CLIPS, (), seed=1))
    assert len(made) == sum(COPIES[c.kind] for c in CLIPS)
    for _, samples, since in made:
        assert samples.shape == (LENGTH,)
        assert np.isfinite(samples).all()
        assert np.abs(samples).max() <= 1
        assert 0 <= since <= 1
    again = examples(CLIPS, (), seed=1)
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(made, again, strict=True))


def test_stacked_examples_say_what_they_are() -> None:
    made = list(examples(CLIPS, (), seed=2))
    found = joined([stacked(made[:50]), stacked(made[50:])])
    assert found.mels.shape == (len(made), WINDOW, 32)
    assert found.wake.sum() == (found.kind == "wake").sum() == 6 * COPIES["wake"]
    assert found.validation.sum() * 2 == len(made)
    assert (found.since[found.wake == 0] == 0).all()


@pytest.mark.parametrize("decibels", [-5.0, 0.0, 10.0, 30.0])
def test_mixing_keeps_to_the_ratio(decibels: float) -> None:
    one = RNG.normal(0, 0.1, RATE).astype(np.float32)
    other = RNG.normal(0, 0.3, RATE).astype(np.float32)
    added = rooms.mixed(one, other, decibels) - one
    assert 20 * np.log10(rooms.power(one) / rooms.power(added)) == pytest.approx(decibels, abs=0.1)


def test_a_room_adds_to_the_sound_only_what_comes_later() -> None:
    click = np.zeros(RATE, np.float32)
    click[1_000] = 1
    heard = rooms.reverberated(click, np.random.default_rng(1))
    assert np.abs(heard[:1_000]).max() < 1e-5
    assert heard[1_000] == pytest.approx(1, abs=1e-4)
    assert np.abs(heard[1_400:]).max() > 1e-4


def test_playing_faster_is_shorter_and_higher() -> None:
    time = np.arange(RATE) / RATE
    tone = np.sin(2 * np.pi * 1_000 * time).astype(np.float32)
    quick = rooms.shifted(tone, 1.1)
    assert len(quick) == pytest.approx(RATE / 1.1, abs=2)
    peak = np.abs(np.fft.rfft(quick)).argmax() * RATE / len(quick)
    assert peak == pytest.approx(1_100, abs=3)


@pytest.mark.parametrize("length", [1, 159, 5_000, LENGTH])
def test_noise_of_any_length_is_finite(length: int) -> None:
    for seed in range(8):
        assert np.isfinite(rooms.noise(length, np.random.default_rng(seed))).all()


def test_silence_has_a_power_that_can_be_divided_by() -> None:
    assert rooms.power(np.zeros(RATE, np.float32)) > 0
    assert rooms.power(np.zeros(10, np.float32)) > 0
