"""Certified thresholds: that they hold as often as they say, on data whose risk is known."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from scipy.stats import beta, binom  # type: ignore[import-untyped]

from steward.lab.tiers.certify import certify, tail, upper
from steward.lab.tiers.coverage import apgr, cpt, points
from steward.lab.tiers.rows import Row

Risk = Callable[[float], float]
TRIALS = 200
MOST_FAILURES = 20
"""Were each of 200 certificates wrong with 5%, more than this would be so once in a thousand."""


def drawn(risk: Risk, number: int, seed: int) -> list[Row]:
    draw = random.Random(seed)
    scores = [draw.random() for _ in range(number)]
    return [Row("en", at, float(draw.random() >= risk(at)), 1.0) for at in scores]


def true_risk(risk: Risk, least: float) -> float:
    grid = [least + (1 - least) * (step + 0.5) / 2000 for step in range(2000)]
    return sum(map(risk, grid)) / len(grid)


@pytest.mark.parametrize(
    ("name", "risk"),
    [
        ("rising", lambda at: 0.5 * (1 - at)),
        ("just too risky everywhere", lambda _: 0.11),
        ("a step", lambda at: 0.6 if at < 0.7 else 0.02),
        ("worst where it is surest", lambda at: 0.3 if at > 0.9 else 0.02),
    ],
)
def test_a_certificate_is_wrong_no_oftener_than_it_says(name: str, risk: Risk) -> None:
    failures = 0
    for seed in range(TRIALS):
        found = certify(drawn(risk, 400, seed), alpha=0.1)
        if found.threshold is not None:
            passing = [at for at, to in found.curve.steps if to >= found.threshold]
            least = 0.0 if found.threshold <= found.curve.steps[0][1] else min(passing)
            failures += true_risk(risk, least) > 0.1
    assert failures <= MOST_FAILURES, name


def test_with_enough_questions_it_keeps_most_of_what_may_be_kept() -> None:
    found = certify(drawn(lambda at: 0.5 * (1 - at), 8000, seed=1), alpha=0.1)
    # The risk of keeping all above t is a quarter of 1 - t: 40% may be kept.
    assert found.threshold is not None
    assert 0.25 < found.kept / found.seen < 0.42
    assert found.bound <= 0.1


@pytest.mark.parametrize("number", [1, 2, 20])
def test_too_few_questions_certify_nothing(number: int) -> None:
    found = certify(drawn(lambda _: 0.0, number, seed=3), alpha=0.05)
    assert found.threshold is None
    assert (found.kept, found.bound) == (0, 1.0)


def test_the_least_number_that_can_be_certified_is_the_one_of_the_formula() -> None:
    """Without a failure, 0.9 ** n <= 0.05 from n = 29 on: 57 questions, 29 of them tested."""
    assert certify(drawn(lambda _: 0.0, 57, seed=0), alpha=0.1).threshold is not None
    assert certify(drawn(lambda _: 0.0, 56, seed=0), alpha=0.1).threshold is None


@pytest.mark.parametrize(("worse", "number"), [(0, 10), (3, 10), (9, 10), (40, 1000), (10, 10)])
def test_the_tail_and_the_limit_are_those_that_scipy_finds(worse: int, number: int) -> None:
    expected = 1.0 if worse == number else float(beta.ppf(0.95, worse + 1, number - worse))
    assert upper(worse, number) == pytest.approx(expected)
    for share in (0.01, 0.3, 0.99):
        assert tail(worse, number, share) == pytest.approx(float(binom.cdf(worse, number, share)))


def test_nothing_was_counted_says_nothing() -> None:
    assert upper(0, 0) == 1.0
    assert tail(0, 0, 0.1) == 1.0


def test_the_curve_goes_from_the_bigger_machine_to_the_local_model() -> None:
    rows = [Row("en", c, local, 1.0) for c, local in ((0.9, 1.0), (0.7, 1.0), (0.3, 0.0))]
    curve = points(rows)
    assert [round(p.share, 2) for p in curve] == [0.0, 0.33, 0.67, 1.0]
    assert [round(p.quality, 2) for p in curve] == [1.0, 1.0, 1.0, 0.67]
    assert [round(p.risk, 2) for p in curve] == [0.0, 0.0, 0.0, 0.33]


def test_a_perfect_order_recovers_more_than_a_guess_and_the_wrong_one_less() -> None:
    good = [Row("en", 0.1 + 0.8 * (n % 2), float(n % 2), 1.0) for n in range(200)]
    bad = [Row("en", 0.9 - 0.8 * (n % 2), float(n % 2), 1.0) for n in range(200)]
    guess = [Row("en", random.Random(n).random(), float(n % 2), 1.0) for n in range(4000)]
    assert apgr(points(good)) == pytest.approx(0.75)
    assert apgr(points(bad)) == pytest.approx(0.25)
    assert apgr(points(guess)) == pytest.approx(0.5, abs=0.03)
    assert cpt(points(good), 0.8) == pytest.approx(0.4)
    assert cpt(points(guess), 0.5) == pytest.approx(0.5, abs=0.05)


def test_there_is_no_gap_between_two_that_are_equally_good() -> None:
    same = [Row("en", 0.5, 1.0, 1.0)]
    assert apgr(points(same)) is None
    assert cpt(points(same), 0.5) is None
