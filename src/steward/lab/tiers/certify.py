"""A threshold above which local answers are good enough, with a proof that holds for any model.

The questions are parted by chance. From one half the curve is learnt that turns scores into
confidences, and which threshold looks safest. On the other half that one is tested, and then one
lower threshold after the other: were more than `alpha` of the answers above it worse, so few would
be found so only with a probability of at most 1 - `sure` (exact binomial tail; Clopper and Pearson,
1934). The first that fails ends the search, and the last that passed is taken. In a sequence that
was fixed beforehand, the chance that any threshold is passed wrongly is the chance of one test
(Wiens, 2003; as "learn then test", Angelopoulos, Bates, Candès, Jordan and Lei, 2021). It assumes
no more than that the questions to come are drawn like these.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from steward.lab.tiers.coverage import points
from steward.lab.tiers.rows import Row
from steward.models.certificates import Certificate
from steward.models.confidence import Curve, isotonic

SURE = 0.95
"""How likely a certificate is right, over the questions that it was made from."""
_SEED = 7
_DRAWN = 200
"""Points of a curve that are kept for its picture, about."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How many answers have at least a confidence, and how many of these were worse."""

    number: int
    worse: int


def tail(worse: int, number: int, share: float) -> float:
    """Return the probability of at most `worse` among `number`, were each so with `share`."""
    if worse >= number or share <= 0:
        return 1.0
    if share >= 1:
        return 0.0
    one, other = math.log(share), math.log1p(-share)
    logs = [_choices(number, k) + k * one + (number - k) * other for k in range(worse + 1)]
    most = max(logs)
    return min(1.0, math.exp(most) * math.fsum(math.exp(log - most) for log in logs))


def _choices(number: int, of: int) -> float:
    return math.lgamma(number + 1) - math.lgamma(of + 1) - math.lgamma(number - of + 1)


def upper(worse: int, number: int, sure: float = SURE) -> float:
    """Return the one-sided Clopper-Pearson upper limit of a share, 1 where nothing was counted."""
    if worse >= number:
        return 1.0
    low, high = worse / number, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if tail(worse, number, middle) > 1 - sure else (low, middle)
    return high


def kept(rows: Sequence[Row], curve: Curve, threshold: float) -> Kept:
    """Count the answers that have at least the confidence `threshold` by `curve`."""
    found = [row for row in rows if curve.at(row.confidence) >= threshold]
    return Kept(len(found), sum(row.worse for row in found))


def certify(rows: Sequence[Row], alpha: float, sure: float = SURE) -> Certificate:
    """Return what can be said of the answers to `rows`, all of one tier and one task.

    At least two rows are needed to learn anything. Two calls with the same rows say the same.
    """
    mixed = list(rows)
    random.Random(_SEED).shuffle(mixed)  # noqa: S311 - no secret
    learnt, tested = mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]
    curve = isotonic((row.confidence, float(not row.worse)) for row in learnt)
    chosen: float | None = None
    best = Kept(0, 0)
    for threshold in _sequence(learnt, curve, alpha):
        found = kept(tested, curve, threshold)
        if tail(found.worse, found.number, alpha) > 1 - sure:
            break
        chosen, best = threshold, found
    tier, task = mixed[0].tier, mixed[0].task
    bound = upper(best.worse, best.number, sure)
    return Certificate(
        tier, task, alpha, sure, curve, chosen, len(tested), best.number, best.worse, bound,
        _drawn(tested),
    )  # fmt: skip


def _drawn(rows: Sequence[Row]) -> tuple[tuple[float, float, float], ...]:
    """Return the curve of `rows` in so many points as can be seen."""
    found = points(rows)[1:]
    step = max(1, len(found) // _DRAWN)
    chosen = [*found[: -1 if len(found) > 1 else None : step], *found[-1:]]
    return tuple((round(p.share, 4), round(p.risk, 4), round(p.quality, 4)) for p in chosen)


def certify_all(rows: Sequence[Row], alpha: float, sure: float = SURE) -> tuple[Certificate, ...]:
    """Return a certificate for each tier and each task of which there are `rows`.

    Each holds with probability `sure` by itself; that all of them hold is less likely.
    """
    parts: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        parts.setdefault((row.tier, row.task), []).append(row)
    return tuple(certify(parts[key], alpha, sure) for key in sorted(parts))


def _sequence(learnt: Sequence[Row], curve: Curve, alpha: float) -> list[float]:
    """Return confidences of `curve`: the one that most surely passes on `learnt`, then the lower.

    What lies above it keeps fewer answers, and is not looked for.
    """
    levels = sorted((level for _, level in curve.steps), reverse=True)
    counted = [kept(learnt, curve, level) for level in levels]
    chances = [(tail(found.worse, found.number, alpha), -found.number) for found in counted]
    return levels[chances.index(min(chances)) :]
