"""Which candidate is the best, if any is better than plain by more than chance."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Rounds = Sequence[Sequence[float]]
"""For each round, the seconds of each work."""
MARGIN = 1.03
"""A gain below three percent is none."""


@dataclass(frozen=True)
class Speed:
    """How many times as fast as plain: the median of the rounds, and the worst of them."""

    median: float
    worst: float


def speeds(times: Mapping[str, Rounds], plain: str) -> dict[str, Speed]:
    """Return the speed of each; of the works, the geometric mean; each round by itself.

    Within a round the machine was as busy for plain as for the others.
    """
    found = {}
    for name, rounds in times.items():
        ratios = [
            math.exp(statistics.fmean(math.log(b / t) for b, t in zip(base, mine, strict=True)))
            for base, mine in zip(times[plain], rounds, strict=True)
        ]
        found[name] = Speed(statistics.median(ratios), min(ratios))
    return found


def best(found: Mapping[str, Speed], plain: str) -> str:
    """Return the fastest by its median among those that beat plain in every round, else plain."""
    winners = [name for name, speed in found.items() if speed.worst > MARGIN]
    return max(winners, key=lambda name: found[name].median, default=plain)
