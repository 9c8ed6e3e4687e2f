"""How sure a model is of what it has just said, and what that was worth on questions before.

A score is made of the model's own log-probabilities (`score`); what it is worth, is measured: a
`Curve` of `isotonic` turns it into the share of answers with such a score that were good enough.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, inf, isfinite, prod

from steward.thinking import Token

_MOST = 700.0
"""The exponent of the largest number that a float holds, about."""


def score(tokens: Sequence[Token]) -> float:
    """Return how sure a model seems of an answer, 0 to 1; 0 where its log-probabilities are secret.

    It is the product, over the tokens, of the chance of each against the likeliest other one in its
    place, or against all others where nobody tells which that is.
    """
    if not tokens:
        return 0.0
    return prod(map(_chance, tokens))


def _chance(token: Token) -> float:
    if not isfinite(token.logprob):
        return 0.0
    if token.rival is None:
        return exp(token.logprob)
    # The same as p / (p + q), also where both are too small to be told from zero.
    return 1 / (1 + exp(min(token.rival - token.logprob, _MOST)))


@dataclass(frozen=True, slots=True)
class Curve:
    """A rising staircase from scores to confidences, both 0 to 1.

    `steps` are the least score of each step and its confidence, both rising. Below the first step,
    the confidence is the first one's.
    """

    steps: tuple[tuple[float, float], ...]

    def at(self, score: float) -> float:
        """Return the confidence that a `score` stands for."""
        place = bisect_right(self.steps, (score, inf)) - 1
        return self.steps[max(place, 0)][1]


def isotonic(pairs: Iterable[tuple[float, float]]) -> Curve:
    """Return the rising curve through (score, how good 0 to 1) with the least squared error.

    Pool adjacent violators: Ayer, Brunk, Ewing, Reid and Silverman, 1955. Without pairs it is 0.
    """
    blocks: list[tuple[float, float, int]] = []
    for begin, good in sorted(_pooled(pairs)):
        start, total, count = begin, good[0], good[1]
        while blocks and blocks[-1][1] * count >= total * blocks[-1][2]:
            start, before, number = blocks.pop()
            total, count = total + before, count + number
        blocks.append((start, total, count))
    return Curve(tuple((start, total / count) for start, total, count in blocks) or ((0.0, 0.0),))


def _pooled(pairs: Iterable[tuple[float, float]]) -> list[tuple[float, tuple[float, int]]]:
    """Return the sum and the number of what has the same score: one step cannot part them."""
    found: dict[float, tuple[float, int]] = {}
    for score, good in pairs:
        total, count = found.get(score, (0.0, 0))
        found[score] = (total + good, count + 1)
    return list(found.items())
