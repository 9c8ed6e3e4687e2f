from __future__ import annotations

import math

import numpy as np
import pytest

from steward.lab.wake.score import Looks, best, interval, rate_interval, wakes
from steward.lab.wake.thresholds import FIRST, choose


def scored(first: list[float], second: list[float]) -> Looks:
    return Looks(np.array(first, np.float32), np.array(second, np.float32), 0.08 * len(first))


def test_the_second_is_asked_only_after_a_candidate() -> None:
    found = scored([0, 0, 0.6, 0, 0, 0, 0, 0], [0.9, 0.9, 0.1, 0.2, 0.3, 0.4, 0.5, 0.99])
    # Five looks: the candidate's own, and four more.
    assert best(found, 0.5) == pytest.approx(0.5)
    assert best(found, 0.7) == 0


def test_one_word_is_one_wake() -> None:
    found = scored([0.9] * 10 + [0] * 10 + [0.9] * 3, [0.9] * 23)
    assert wakes(found, 0.5, 0.5) == 2
    assert wakes(found, 0.5, 0.95) == 0


def test_intervals_against_published_values() -> None:
    # Wilson for 3 of 100; exact Poisson for none, and for 4 (Garwood, 1936: 1.09 to 10.24).
    assert interval(3, 100) == pytest.approx((0.0103, 0.0845), abs=2e-4)
    assert interval(0, 0) == (0.0, 1.0)
    assert rate_interval(0, 2.0) == pytest.approx((0.0, 1.498), abs=1e-3)
    assert rate_interval(4, 1.0) == pytest.approx((1.09, 10.24), abs=0.01)
    assert rate_interval(1, 0.0) == (0.0, math.inf)


def test_thresholds_are_the_lowest_that_keep_to_what_was_wanted() -> None:
    wake = [scored([0.9], [s]) for s in (0.99, 0.9, 0.8, 0.7)]
    near = [scored([0.9], [s]) for s in (0.1, 0.2, 0.58, 0.1)]
    other = [scored([0.9] + [0.0] * 50_000, [0.44] + [0.0] * 50_000)]
    chosen = choose(wake, near, other, wanted=0.5, most=0.0)
    assert chosen.first == FIRST
    assert chosen.second == pytest.approx(0.6)
    assert chosen.trial.missed == 0
    assert chosen.missed_interval[1] > 0.3


def test_thresholds_that_cannot_be_kept_to_are_the_highest() -> None:
    sure = [scored([0.9], [1.0])]
    assert choose(sure, sure, sure, wanted=0.0, most=0.0).second == pytest.approx(0.99)
