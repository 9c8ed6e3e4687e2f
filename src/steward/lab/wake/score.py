"""What both networks give a sound, look by look, and what thresholds make of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from steward.audio.mel import BANDS, SILENCE, SPAN, STEP, mel
from steward.audio.pcm import RATE, Samples
from steward.audio.wake import EMBEDDINGS, HOP, LOOKS, REST, WINDOW, WakeDetector

_BLOCK = 512
_LONGEST = 25


@dataclass(frozen=True, slots=True)
class Looks:
    """Scores of a sound of `seconds`, every 80 ms. `second` is 0 where there was no candidate."""

    first: Samples
    second: Samples
    seconds: float


def looks(detector: WakeDetector, samples: Samples, lowest: float) -> Looks:
    """Return the scores of 16 kHz `samples`, as a stream that begins with them gets them.

    Only where the first score reaches `lowest` does the second network look.
    """
    silence = np.full((WINDOW, BANDS), SILENCE, np.float32)
    seen = np.concatenate([silence, mel(samples)])
    views = np.lib.stride_tricks.sliding_window_view(seen, WINDOW, axis=0)[HOP::HOP]
    first, second = np.zeros(len(views), np.float32), np.zeros(len(views), np.float32)
    for begin in range(0, len(views), _BLOCK):
        block = np.ascontiguousarray(views[begin : begin + _BLOCK].transpose(0, 2, 1))
        first[begin : begin + len(block)] = detector.first(block)
    for begin, end in _runs(_eligible(first, lowest)):
        frames = seen[(begin + 1) * HOP : end * HOP + WINDOW]
        embedded = np.lib.stride_tricks.sliding_window_view(
            detector.embed(frames), EMBEDDINGS, axis=0
        )
        rows = np.ascontiguousarray(embedded.transpose(0, 2, 1))
        second[begin:end] = detector.second(rows)[0]
    return Looks(first, second, len(samples) / RATE)


def best(found: Looks, first: float) -> float:
    """Return the highest second score of a candidate at the threshold `first`; 0 without one."""
    return float(found.second[_eligible(found.first, first)].max(initial=0))


def peaks(found: Looks, first: float) -> list[int]:
    """Return the look at which each candidate scored best: looks that are within a rest of each
    other see the same sound."""
    rest = math.ceil(REST * RATE / (HOP * STEP))
    best_of: list[int] = []
    for index in np.flatnonzero(_eligible(found.first, first)):
        if not best_of or index - best_of[-1] > rest:
            best_of.append(int(index))
        elif found.second[index] > found.second[best_of[-1]]:
            best_of[-1] = int(index)
    return best_of


def ends(look: int) -> int:
    """Return the sample before which the sound of a look ends."""
    return ((look + 1) * HOP - 1) * STEP + SPAN


def wakes(found: Looks, first: float, second: float) -> int:
    """Return how many wakes the thresholds make of a sound."""
    rest = math.ceil(REST * RATE / (HOP * STEP))
    count, until = 0, -1
    for index in np.flatnonzero(_eligible(found.first, first) & (found.second >= second)):
        if index > until:
            count, until = count + 1, int(index) + rest
    return count


def interval(hits: int, trials: int) -> tuple[float, float]:
    """Return Wilson's 95% interval of a share (E. B. Wilson, 1927)."""
    if not trials:
        return 0.0, 1.0
    z, share = 1.96, hits / trials
    middle = share + z * z / (2 * trials)
    spread = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials**2))
    scale = 1 + z * z / trials
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def rate_interval(events: int, hours: float) -> tuple[float, float]:
    """Return the 95% interval of a rate an hour: Poisson's, exact to a hundredth.

    The upper bound of none in h hours is 3.0 / h (one-sided), the usual rule of three.
    """
    if not hours:
        return 0.0, math.inf
    low = 0.0 if not events else _root(events, 0.975, upper=False)
    high = -math.log(0.05) if not events else _root(events, 0.025, upper=True)
    return low / hours, high / hours


def _root(events: int, share: float, upper: bool) -> float:
    """Return the mean for which so many events, or as many less, are just too rare."""
    most = events if upper else events - 1
    low, high = 0.0, 4.0 * events + 10
    for _ in range(60):
        mean = (low + high) / 2
        term = total = math.exp(-mean)
        for k in range(1, most + 1):
            term *= mean / k
            total += term
        low, high = (mean, high) if total > share else (low, mean)
    return low


def _eligible(first: Samples, threshold: float) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return at which looks the second network would look: a candidate, or `LOOKS` behind one."""
    hit = first >= threshold
    found = hit.copy()
    for behind in range(1, LOOKS):
        found[behind:] |= hit[:-behind] if len(hit) > behind else False
    return found


def _runs(mask: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    """Return the stretches of True in `mask`, each at most two seconds long."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    stretches = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [
        (at, min(at + _LONGEST, end))
        for begin, end in stretches
        for at in range(begin, end, _LONGEST)
    ]


def misses(scores: Sequence[float], threshold: float) -> int:
    """Return how many of `scores` are below the threshold."""
    return sum(score < threshold for score in scores)
