"""The decode model, fitted: what a token costs is linear in what it moves.

seconds = bytes / (share x bandwidth) + cache / (share x bandwidth) + layers x l + vocabulary x w,
with a share for each group of packings. One least-absolute-errors fit of relative errors (by
reweighted least squares), drawn to a prior with the weight of a few points.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from fit_reports import Point

Floats = npt.NDArray[np.float64]
GROUPS = ("plain", "k", "low")
NAMES = (*GROUPS, "cache", "layer", "word")
"""Of the coefficients: 1 / share, microseconds a layer, nanoseconds a word."""
_LOW = ("IQ1", "IQ2", "IQ3", "Q2", "Q3")
_K = ("Q4_K", "Q5_K", "Q6_K", "IQ4")
_MICRO, _NANO = 1e-6, 1e-9
_ROUNDS = 60
_SMALL = 0.02


def group(kind: str) -> str:
    """Return the group of a packing: "low" below four bits, "k" the K-quants, else "plain"."""
    if kind.startswith(_LOW):
        return "low"
    return "k" if kind.startswith(_K) else "plain"


def columns(points: Sequence[Point]) -> Floats:
    """Return what each coefficient is multiplied with to give seconds, a row for each point."""
    rows = [
        [
            *(p.load.bytes / p.device.bandwidth * (group(p.kind) == name) for name in GROUPS),
            p.load.cache / p.device.bandwidth,
            p.load.layers * _MICRO,
            p.load.vocabulary * _NANO,
        ]
        for p in points
    ]
    return np.array(rows).reshape(-1, len(NAMES))


def fitted(points: Sequence[Point], prior: Floats, weight: float) -> Floats:
    """Return the coefficients for which half of `points` are least off, drawn to `prior`."""
    if not points:
        return prior
    speeds = np.array([p.decode for p in points])
    wanted = columns(points) * speeds[:, None]
    same = [(p.device.name, p.model, p.kind) for p in points]
    many = Counter(same)
    # What was reported often weighs more, but not as often as it was reported.
    counts = np.array([many[key] ** -0.5 for key in same])
    found = prior.copy()
    pull = np.diag(weight / np.maximum(prior, 1e-3) ** 2)
    for _ in range(_ROUNDS):
        errors = np.abs(1 - wanted @ found)
        w = counts / np.maximum(errors, _SMALL)
        left = wanted.T @ (wanted * w[:, None]) + pull
        right = wanted.T @ w + pull @ prior
        found = np.maximum(np.linalg.solve(left, right), 0.25 * prior)
    return found


def predicted(points: Sequence[Point], coefficients: Floats) -> Floats:
    """Return tokens/s."""
    return np.asarray(1 / (columns(points) @ coefficients))
