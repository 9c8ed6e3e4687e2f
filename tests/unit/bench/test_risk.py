"""The bound of a share, and the threshold that follows from it."""

from __future__ import annotations

import math

import pytest

from risk import STEPS, choose, levels
from steward.lab.tiers.certify import upper


@pytest.mark.parametrize("trials", [1, 10, 299, 5000])
def test_without_a_hit_the_bound_is_the_known_one(trials: int) -> None:
    assert upper(0, trials) == pytest.approx(1 - 0.05 ** (1 / trials), rel=1e-6)


def test_the_bound_is_where_so_few_hits_become_unlikely() -> None:
    share = upper(3, 1092)
    few = math.fsum(math.comb(1092, k) * share**k * (1 - share) ** (1092 - k) for k in range(4))
    assert few == pytest.approx(0.05, abs=1e-6)
    assert upper(5, 5) == 1.0


def test_the_lowest_threshold_is_chosen_before_the_first_that_fails() -> None:
    sure = [(1.0, False)] * 800
    chosen = choose(levels([*sure, *[(0.72, False)] * 50, *[(0.61, True)] * 9], STEPS))
    assert chosen is not None
    assert (chosen.threshold, chosen.acts, chosen.wrong) == (0.65, 850, 0)


def test_too_few_acts_show_nothing() -> None:
    assert choose(levels([(1.0, False)] * 298, STEPS)) is None
    assert choose(levels([(1.0, False)] * 299, STEPS)) is not None
