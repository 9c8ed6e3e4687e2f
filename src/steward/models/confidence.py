"""How sure a model is of what it has just said, and what that was worth on questions before.

A score is made of the model's own log-probabilities (`score`); what it is worth, is measured: a
`Curve` of `isotonic` turns it into the share of answers with such a score that were good enough.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, inf, isfinite

from steward.thinking import Token

UNSURE = 0.5
"""A second answer that says something else leaves this part of the score."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What the log-probabilities of an answer tell, in nats.

    `mean` and `least` are those of its tokens, `margin` is the least distance of a token to the
    likeliest other one in its place, infinite where nobody tells.
    """

    mean: float
    least: float
    margin: float


def signs(tokens: Sequence[Token]) -> Signs | None:
    """Return what `tokens` tell of their answer; None where they tell nothing."""
    logprobs = [token.logprob for token in tokens]
    if not logprobs or not all(map(isfinite, logprobs)):
        return None
    margins = [token.logprob - token.rival for token in tokens if token.rival is not None]
    return Signs(sum(logprobs) / len(logprobs), min(logprobs), min(margins, default=inf))


def score(tokens: Sequence[Token], agrees: bool | None = None) -> float:
    """Return how sure a model seems of an answer, 0 to 1; 0 where its log-probabilities are secret.

    It is the geometric mean of the probabilities of its tokens and of its least likely one.
    `agrees` tells whether a second answer, decoded with chance, said the same; None: none was made.
    """
    found = signs(tokens)
    if found is None:
        return 0.0
    seems = exp((found.mean + found.least) / 2)
    return seems * UNSURE if agrees is False else seems


def agree(one: str, other: str) -> bool:
    """Tell whether two answers say the same in the same words, whatever their case and marks."""
    return _letters(one) == _letters(other)


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


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
