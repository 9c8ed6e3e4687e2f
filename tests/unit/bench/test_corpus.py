"""What is measured on a folder of recordings: pauses put in, wakes counted, curves."""

from __future__ import annotations

import numpy as np
import pytest

from corpus.turns import PAUSE, Replay, Sound, groups, halting, summary
from corpus.wakes import KINDS, Engine, Scores, curve
from corpus.wakes import summary as wake_summary
from steward.audio.pcm import RATE


def test_a_pause_is_put_where_it_is_quietest_and_all_else_stays() -> None:
    time = np.arange(4 * RATE) / RATE
    tone = (0.3 * np.sin(2 * np.pi * 300 * time)).astype(np.float32)
    tone[2 * RATE : 2 * RATE + RATE // 4] *= np.float32(0.001)
    made = halting(tone)
    assert len(made) == len(tone) + int(PAUSE * RATE)
    at = int(np.argmax(made[: len(tone)] != tone))
    assert 2 * RATE <= at < 2 * RATE + RATE // 4
    assert np.array_equal(made[at + int(PAUSE * RATE) :], tone[at:])
    assert np.abs(made[at : at + int(PAUSE * RATE)]).max() < 0.1


def replay(words: float, *, command: bool = True, paused: bool = False) -> Replay:
    sound = Sound("a", "en", np.zeros(RATE, np.float32), person=True, paused=paused)
    return Replay(sound, "x", command, 1, words, words + 0.1, 0.5)


def test_who_was_cut_off_is_counted_and_kept_out_of_the_times() -> None:
    found = summary([replay(0.2), replay(0.4), replay(-1.0)])
    assert (found["sounds"], found["cut off"], found["words within 250 ms"]) == (3, 1, 1)
    assert found["words ms"]["p50"] == pytest.approx(300)
    assert found["first sound ms"]["p50"] == pytest.approx(400)


def test_replays_are_told_apart_by_what_they_are() -> None:
    several = [replay(0.2), replay(0.2, command=False), replay(0.2, command=False, paused=True)]
    assert set(groups(several)) == {
        "en, commands by people",
        "en, other by people",
        "en, other by people, made to halt",
    }


def scores(*values: float) -> Scores:
    return np.array(values, np.float32)


ENGINE = Engine(
    "any",
    {
        "real": [scores(0.1, 0.9), scores(0.4), scores(0.0)],
        "babble": [scores(0.6)],
        "said": [scores(0.9)],
        "near": [scores(0.2), scores(0.7)],
        # A second look at the same word is no second wake; one after the rest is.
        "other": [scores(0.8, 0.8, *([0.0] * 30), 0.8)],
    },
    0.5,
    0.01,
)


def test_an_engine_is_judged_at_its_own_threshold() -> None:
    (row,) = wake_summary([ENGINE], 2.0)
    assert {kind: (row[kind]["count"], row[kind]["of"]) for kind in KINDS} == {
        "real": (2, 3),
        "babble": (0, 1),
        "said": (0, 1),
        "near": (1, 2),
    }
    assert row["false"] == {"count": 2, "hours": 2.0}


def test_a_higher_threshold_misses_more_and_wakes_less() -> None:
    points = curve(ENGINE, 2.0)
    false, missed = zip(*points, strict=True)
    assert list(false) == sorted(false, reverse=True)
    assert list(missed) == sorted(missed)
    assert any(point == pytest.approx((1.0, 1 / 3)) for point in points)
