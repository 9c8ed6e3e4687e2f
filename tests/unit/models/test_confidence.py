"""How sure a model is of an answer, and what that is worth."""

from __future__ import annotations

from itertools import pairwise
from math import exp, inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression  # type: ignore[import-untyped]

from steward.models.confidence import Curve, Signs, agree, isotonic, score, signs
from steward.thinking import Token

CHANCE = st.integers(0, 40).map(lambda n: n / 40)
PAIRS = st.lists(st.tuples(CHANCE, CHANCE), min_size=1, max_size=60)


def test_the_signs_are_the_mean_the_least_and_the_narrowest_margin() -> None:
    tokens = (Token("Par", -0.2, -2.2), Token("is", -0.4, -0.9), Token(".", -0.0, None))
    found = signs(tokens)
    assert found is not None
    assert found.mean == pytest.approx(-0.2)
    assert found.least == -0.4
    assert found.margin == pytest.approx(0.5)
    assert signs((Token("a", -1.0),)) == Signs(-1.0, -1.0, inf)


def test_what_tells_no_log_probabilities_is_not_sure() -> None:
    assert signs(()) is None
    assert signs((Token("Paris", -inf),)) is None
    assert score(()) == score((Token("Paris", -inf),)) == 0.0


def test_a_second_answer_that_differs_makes_it_less_sure() -> None:
    tokens = (Token("Paris", -0.1), Token(".", -0.3))
    assert score(tokens) == pytest.approx(exp(-0.25))
    assert score(tokens, agrees=True) == score(tokens)
    assert score(tokens, agrees=False) < score(tokens)


def test_answers_agree_whatever_their_case_and_marks() -> None:
    assert agree("Paris.", " paris")
    assert agree("巴黎。", "巴黎")
    assert not agree("Paris", "Lyon")


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
