"""Thresholds for a wanted rate of false wakes, chosen on speakers whom the networks never heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from steward.lab.wake.score import Looks, best, interval, wakes

GRID = (*np.round(np.arange(0.05, 0.95, 0.05), 2).tolist(), 0.95, 0.97, 0.98, 0.99)
FIRST = 0.2
"""Threshold of the first network. The second one judges; this only saves work, and real rooms need
more room than generated ones: at 0.5 no more than 0.4% of generated wakes were lost, but 24% of
real ones in babble."""
LOWEST_SECOND = 0.3
"""Thresholds below it rest on too few false wakes to be trusted."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What the thresholds do: shares of wakes missed and of near-phrases taken, wakes an hour."""

    second: float
    missed: float
    near: float
    false_an_hour: float


@dataclass(frozen=True, slots=True)
class Chosen:
    """The thresholds, what they do on the validation speakers, and the curve over the second."""

    first: float
    second: float
    curve: tuple[Trial, ...]
    wakes: int
    nears: int
    hours: float

    @property
    def trial(self) -> Trial:
        """What the chosen thresholds do."""
        return next(t for t in self.curve if t.second == self.second)

    @property
    def missed_interval(self) -> tuple[float, float]:
        """95% interval of the share of wakes missed."""
        return interval(round(self.trial.missed * self.wakes), self.wakes)


def choose(
    wake: Sequence[Looks], near: Sequence[Looks], other: Sequence[Looks], wanted: float, most: float
) -> Chosen:
    """Choose thresholds.

    Args:
        wake: scores of sounds with the wake phrase.
        near: scores of sounds with a near-phrase.
        other: scores of other sounds.
        wanted: false wakes an hour that may be.
        most: share of near-phrases that may be taken.
    """
    hours = sum(found.seconds for found in other) / 3600
    curve = []
    for second in GRID:
        false = sum(wakes(found, FIRST, second) for found in other)
        curve.append(
            Trial(
                second,
                float(np.mean([best(found, FIRST) < second for found in wake])),
                float(np.mean([best(found, FIRST) >= second for found in near] or [0.0])),
                false / hours if hours else 0.0,
            )
        )
    fit = [
        t
        for t in curve
        if t.second >= LOWEST_SECOND and t.false_an_hour <= wanted and t.near <= most
    ]
    second = fit[0].second if fit else GRID[-1]
    return Chosen(FIRST, second, tuple(curve), len(wake), len(near), hours)
