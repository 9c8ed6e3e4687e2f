"""The exact upper bound of a share (Clopper and Pearson, Biometrika 26, 1934)."""

from __future__ import annotations

import math


def upper_bound(hits: int, trials: int, level: float = 0.95) -> float:
    """Return the one-sided upper bound, at confidence `level`, of a share of `hits` in `trials`."""
    if hits >= trials:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(hits, trials, middle) > 1 - level else (low, middle)
    return high


def _at_most(hits: int, trials: int, share: float) -> float:
    """Return the probability of at most `hits` in `trials`, each with probability `share`."""
    if share <= 0.0 or share >= 1.0:
        return float(share <= 0.0)
    yes, no = math.log(share), math.log1p(-share)
    return math.fsum(
        math.exp(
            math.lgamma(trials + 1)
            - math.lgamma(count + 1)
            - math.lgamma(trials - count + 1)
            + count * yes
            + (trials - count) * no
        )
        for count in range(hits + 1)
    )
