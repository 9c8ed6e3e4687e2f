from __future__ import annotations

import math

import numpy as np
import pytest

from steward.lab.wake.score import Looks, best, ends, interval, peaks, rate_interval, wakes
from steward.lab.wake.thresholds import ASKED, GRID, Heard, better, choose, rate


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


def test_a_candidate_is_one_however_many_looks_it_has() -> None:
    found = scored(
        [0.9] * 10 + [0] * 30 + [0.9] * 3, [0.1, 0.8, 0.3] + [0.1] * 37 + [0.2, 0.4, 0.1]
    )
    assert peaks(found, 0.5) == [1, 41]
    assert peaks(found, 0.95) == []


def test_a_look_ends_where_its_last_frame_does() -> None:
    # The first look comes with the eighth frame, which sees 32 ms.
    assert ends(0) == 7 * 160 + 512
    assert ends(1) - ends(0) == 1280


def test_the_bound_is_the_lowest_that_keeps_to_what_was_wanted() -> None:
    heard = Heard((5.0, 3.0, 2.0, 0.4), (-2.0, -1.0, 0.55, -math.inf), (-1.0, -0.5), 1.0)
    chosen = choose(heard, False, wanted=0.5, most=0.0)
    assert chosen.bound == pytest.approx(0.6)
    assert chosen.second == pytest.approx(1 / (1 + math.exp(-0.6)))
    assert chosen.trial.missed == 0.25
    assert chosen.false == 0
    assert chosen.missed_interval == interval(1, 4)


def test_a_bound_that_cannot_be_found_is_the_highest() -> None:
    sure = Heard((9.0,), (9.0,), (9.0,), 1.0)
    assert choose(sure, False, wanted=0.0, most=0.0).bound == GRID[-1]


def test_the_recogniser_is_used_where_it_finds_more() -> None:
    heard = Heard((5.0, 1.0), (), (2.0, 2.0), 1.0)
    alone = choose(heard, False, wanted=0.5, most=0.0)
    asked = choose(Heard((4.5, 0.8), (), (-6.0, -6.0), 1.0), True, wanted=0.5, most=0.0)
    assert better(alone, asked) is asked
    assert better(alone, choose(heard, True, wanted=0.5, most=0.0)) is alone


def test_the_recogniser_is_asked_about_no_more_than_it_has_time_for() -> None:
    heard = Heard((5.0, -2.5), (), (-6.0, -6.0), 1.0)
    asked = choose(heard, True, wanted=0.5, most=0.0)
    assert asked.bound < ASKED
    assert asked.second == pytest.approx(1 / (1 + math.exp(-ASKED)))


def test_the_rate_beyond_what_was_seen_falls_off_as_the_highest_scores_do() -> None:
    rng = np.random.default_rng(1)
    # A hundred candidates an hour; each unit of log odds leaves 1 in e of them.
    drawn = rng.exponential(1.0, 400).tolist()
    for bound in (0.5, 2.0):
        assert rate(drawn, 4.0, bound) == sum(score >= bound for score in drawn) / 4
    assert rate(drawn, 4.0, 9.0) == pytest.approx(100 * math.exp(-9), rel=0.8)
    assert rate(drawn, 4.0, 9.0) > 0
    assert rate((), 4.0, 1.0) == 0
    assert rate(drawn, 0.0, 1.0) == 0
