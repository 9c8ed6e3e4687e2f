"""Thresholds for a wanted rate of false wakes, chosen on speakers whom the networks never heard."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from steward.lab.wake.score import interval

FIRST = 0.1
"""Threshold of the first network. The second one judges; this only saves work, and real rooms need
more room than generated ones: at 0.5 no more than 0.4% of generated wakes were lost, but 24% of
real ones in babble."""
GRID = tuple(np.round(np.arange(-6, 8.01, 0.1), 1).tolist())
"""Bounds that are tried: log odds of the second network, with the recogniser's share or without."""
LOWEST = -3.0
"""Log odds of the second network below which candidates are not looked at."""
ASKED = -1.5
"""Log odds of the second network below which the recogniser is not asked: it takes its time."""
_TAIL = 30
"""The rate of false wakes beyond what was seen is drawn from so many of the highest."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the candidates of some sounds got: the best of each wake and near-phrase (-inf: there
    was none), and every one in `hours` of other sounds."""

    wakes: tuple[float, ...]
    nears: tuple[float, ...]
    others: tuple[float, ...]
    hours: float


@dataclass(frozen=True, slots=True)
class Trial:
    """What a bound does: shares of wakes missed and of near-phrases taken, false wakes an hour."""

    bound: float
    missed: float
    near: float
    false_an_hour: float


@dataclass(frozen=True, slots=True)
class Chosen:
    """A bound, what it does on the validation speakers, and the curve over all of them.

    `asked` tells whether the bound is one on what the second network and the recogniser give
    together, or on the second network's log odds.
    """

    bound: float
    asked: bool
    curve: tuple[Trial, ...]
    heard: Heard

    @property
    def second(self) -> float:
        """The second network's threshold, a probability. Whatever the recogniser says adds nothing
        above 0, so that what is below the bound alone need not be asked about."""
        least = max(self.bound, ASKED) if self.asked else self.bound
        return 1 / (1 + math.exp(-least))

    @property
    def trial(self) -> Trial:
        """What the chosen bound does."""
        return next(t for t in self.curve if t.bound == self.bound)

    @property
    def false(self) -> int:
        """False wakes that were counted at the chosen bound."""
        return sum(score >= self.bound for score in self.heard.others)

    @property
    def missed_interval(self) -> tuple[float, float]:
        """95% interval of the share of wakes missed."""
        count = len(self.heard.wakes)
        return interval(round(self.trial.missed * count), count)


def choose(heard: Heard, asked: bool, wanted: float, most: float) -> Chosen:
    """Choose the lowest bound with at most `wanted` false wakes an hour that takes at most the
    share `most` of the near-phrases; where none does, the highest."""
    curve = tuple(
        Trial(
            bound,
            float(np.mean([score < bound for score in heard.wakes] or [0.0])),
            float(np.mean([score >= bound for score in heard.nears] or [0.0])),
            rate(heard.others, heard.hours, bound),
        )
        for bound in GRID
    )
    fit = (t.bound for t in curve if t.false_an_hour <= wanted and t.near <= most)
    return Chosen(next(fit, GRID[-1]), asked, curve, heard)


def better(alone: Chosen, asked: Chosen) -> Chosen:
    """Return `asked` if the recogniser's evidence finds more of the wakes, else `alone`."""
    return asked if asked.trial.missed < alone.trial.missed else alone


def rate(others: Sequence[float], hours: float, bound: float) -> float:
    """Return how many false wakes an hour a bound lets through.

    That is the count where there are enough to count, and beyond it the exponential tail of the
    highest scores (J. Pickands, 1975), which says more than that none was seen.
    """
    if not hours:
        return 0.0
    count = sum(score >= bound for score in others)
    highest = sorted(others, reverse=True)[: _TAIL + 1]
    if len(highest) < 3:
        return count / hours
    *above, least = highest
    if bound <= least:
        return count / hours
    excess = float(np.mean(above)) - least
    tail = len(above) * math.exp(-(bound - least) / excess) if excess > 0 else 0.0
    return max(float(count), tail) / hours
