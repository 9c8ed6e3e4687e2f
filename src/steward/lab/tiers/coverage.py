"""Quality against how much is kept on this device: the curve, and the figures of RouteLLM for it.

A router keeps the answers whose confidence is highest. With none kept the quality is the bigger
machine's, with all kept the local model's. PGR, the performance gap recovered, is where between
the two it is, 0 to 1; APGR is its mean over all shares of calls to the bigger machine, and CPT(x%)
the share of calls that a PGR of x% takes (RouteLLM, Ong et al., 2024, arXiv:2406.18665). A router
that guesses has an APGR of 0.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from steward.lab.tiers.rows import Row


@dataclass(frozen=True, slots=True)
class Point:
    """With this `share` of answers kept, 0 to 1: the mean `quality` of all answers, and how many
    of the kept ones are worse (`risk`, 0 to 1)."""

    share: float
    quality: float
    risk: float
    confidence: float


def points(rows: Sequence[Row]) -> list[Point]:
    """Return the curve from nothing kept to all, a point for each confidence that occurs."""
    number = len(rows)
    total, kept, worse = sum(row.big for row in rows), 0, 0
    found = [Point(0.0, total / number, 0.0, 1.0)]
    falling = sorted(rows, key=lambda row: -row.confidence)
    for confidence, group in groupby(falling, key=lambda row: row.confidence):
        for row in group:
            total += row.local - row.big
            kept, worse = kept + 1, worse + row.worse
        found.append(Point(kept / number, total / number, worse / kept, confidence))
    return found


def apgr(curve: Sequence[Point]) -> float | None:
    """Return the mean gap recovered, 0.5 for a guess; None where the two are equally good."""
    strong, weak = curve[0].quality, curve[-1].quality
    if strong == weak:
        return None
    area = sum((b.share - a.share) * (a.quality + b.quality) / 2 for a, b in pairwise(curve))
    return (area - weak) / (strong - weak)


def cpt(curve: Sequence[Point], recovered: float) -> float | None:
    """Return the least share of calls to the bigger machine that recovers so much of the gap.

    `recovered` is from 0 to 1. Between two points of the curve the quality is on the line between.
    """
    strong, weak = curve[0].quality, curve[-1].quality
    if strong <= weak:
        return None
    wanted = weak + recovered * (strong - weak)
    # From all kept to nothing: the first point that is good enough is the cheapest.
    for less, more in pairwise(reversed(curve)):
        if less.quality >= wanted:
            return 1 - less.share
        if more.quality >= wanted:
            part = (wanted - less.quality) / (more.quality - less.quality)
            return 1 - (less.share + part * (more.share - less.share))
    return 1.0
