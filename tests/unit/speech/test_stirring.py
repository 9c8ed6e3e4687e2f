from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from steward.speech.ending import STEP
from steward.speech.stirring import DULLED, HEARKENS, Stirring, hearken, level

ROOM, ECHO, DOOR = -50.0, -35.0, -20.0
Windows = Sequence[tuple[float, float]]


def stirs(windows: Windows) -> list[float]:
    """Return the seconds at which it begins to stir, in windows of loudness and speech."""
    found, now = [], Stirring()
    for index, (loudness, probability) in enumerate(windows):
        before, now = now, hearken(now, loudness, probability)
        if now.now and not before.now:
            found.append(index * STEP)
    return found


def quiet(seconds: float, loudness: float = ROOM) -> Windows:
    return [(loudness, 0.1)] * round(seconds / STEP)


def test_two_loud_windows_or_one_of_a_voice() -> None:
    assert stirs([*quiet(2), *quiet(1, DOOR)]) == pytest.approx([2 + STEP], abs=0.05)
    assert stirs([*quiet(2), (DOOR, 0.1), *quiet(2)]) == []
    assert stirs([*quiet(2), (ROOM, 0.6), *quiet(2)]) == pytest.approx([2], abs=0.05)
    assert stirs([(ROOM, 0.6)]) == [0]


def test_what_sounded_before_does_not_stir() -> None:
    # What is left of his own voice comes in bursts.
    bursts = [*quiet(1), *(4 * [*quiet(1.5, ECHO), *quiet(0.8)])]
    assert len(stirs(bursts)) == 1
    assert stirs([*bursts, *quiet(DULLED * STEP, ECHO), *quiet(0.1, ECHO + 11)])[1:] != []


def test_after_a_noise_that_was_no_voice_only_voices_count_for_a_while() -> None:
    door = [*quiet(2), *quiet(0.2, DOOR), *quiet(3)]
    assert len(stirs([*door, *quiet(0.2, DOOR), *quiet(3)])) == 1
    assert len(stirs([*door, (DOOR, 0.9), *quiet(3)])) == 2
    assert len(stirs([*door, *quiet(5), *quiet(0.2, DOOR)])) == 2


def test_it_is_over_when_no_voice_shows() -> None:
    now = hearken(Stirring(), ROOM, 0.9)
    for _ in range(HEARKENS - 1):
        now = hearken(now, ROOM, 0.1)
    assert now.now
    assert not hearken(now, ROOM, 0.1).now


def test_loudness() -> None:
    assert level(np.zeros(512, np.float32)) < -100
    assert level(np.full(512, 0.1, np.float32)) == pytest.approx(-20, abs=0.01)


def test_a_sound_that_swells_stirs() -> None:
    swelling = [(ROOM + 2.5 * step, 0.3) for step in range(1, 8)]
    begun = stirs([*quiet(2), *swelling])
    assert len(begun) == 1
    assert begun[0] <= 2 + 5 * STEP
