"""How sure a model is of an answer, and what that is worth."""

from __future__ import annotations

from itertools import pairwise
from math import inf, log, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression  # type: ignore[import-untyped]

from steward.models.confidence import Curve, isotonic, score
from steward.thinking import Token

CHANCE = st.integers(0, 40).map(lambda n: n / 40)
PAIRS = st.lists(st.tuples(CHANCE, CHANCE), min_size=1, max_size=60)


def test_the_score_is_the_chance_of_each_token_against_its_rival() -> None:
    tokens = (Token("Par", log(0.6), log(0.2)), Token("is", log(0.9), log(0.1)))
    assert score(tokens) == pytest.approx(0.75 * 0.9)
    assert score((Token("Paris", log(0.7)), Token(".", log(0.5)))) == pytest.approx(0.35)


def test_what_tells_no_log_probabilities_is_not_sure() -> None:
    assert score(()) == score((Token("Paris", -inf),)) == 0.0
    assert score((Token("Paris", -1.0), Token(".", nan))) == 0.0


@given(st.lists(st.tuples(st.floats(-800, 0), st.none() | st.floats(-800, 0) | st.just(-inf))))
def test_any_tokens_have_a_score_that_one_more_never_raises(
    told: list[tuple[float, float | None]],
) -> None:
    tokens = [Token("a", logprob, rival) for logprob, rival in told]
    scores = [score(tokens[:end]) for end in range(1, len(tokens) + 1)]
    assert all(0 <= each <= 1 for each in scores)
    assert scores == sorted(scores, reverse=True)


@given(PAIRS)
def test_the_curve_is_the_one_that_scipy_finds(pairs: list[tuple[float, float]]) -> None:
    curve = isotonic(pairs)
    scores = sorted({at for at, _ in pairs})
    means = [float(np.mean([y for x, y in pairs if x == at])) for at in scores]
    weights = [sum(x == at for x, _ in pairs) for at in scores]
    expected = isotonic_regression(means, weights=weights).x
    assert [curve.at(at) for at in scores] == pytest.approx(list(expected))


@given(PAIRS, CHANCE, CHANCE)
def test_more_seeming_is_never_less_confidence(
    pairs: list[tuple[float, float]], one: float, other: float
) -> None:
    curve = isotonic(pairs)
    assert curve.at(min(one, other)) <= curve.at(max(one, other))
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(curve.steps))


def test_without_pairs_nothing_is_sure() -> None:
    assert isotonic(()).at(1.0) == 0.0
    assert Curve(((0.5, 0.2), (0.7, 0.9))).at(0.1) == 0.2
