"""Has something begun that may be a voice? Enough to be still and hearken; pure.

Voice activity takes a few windows to be sure, and a breath or a soft consonant comes before it is;
but whoever speaks over somebody wants him to stop at once. A pause costs little if it was a door.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steward.speech.activity import ENTER, RATE, WINDOW, Samples

MEMORY = 2 * RATE // WINDOW
"""Windows whose loudness is remembered: 2 s, longer than the pauses of what already sounds."""
RISE = 7.0
"""Decibels above the loudest of them; with 10, a soft beginning was noticed 0.2 s late."""
ONSET = 6
"""The last windows, 0.2 s, which are not of them: a fricative swells for as long."""
FAINTEST = -60.0
"""Decibels below full scale, above which anything is heeded."""
HEARKENS = 12
"""Windows, 0.4 s, in which a voice must show."""
DULLED = 5 * RATE // WINDOW
"""Windows, 5 s, in which after a noise that was no voice only voices are heeded."""


@dataclass(frozen=True, slots=True)
class Stirring:
    """What was heard last: the `levels` of windows; `since` counts them from where it stirred."""

    levels: tuple[float, ...] = ()
    since: int = 0
    dulled: int = 0

    @property
    def now(self) -> bool:
        """Whether there may be a voice."""
        return self.since > 0


def level(window: Samples) -> float:
    """Return how loud a window is, in decibels below full scale."""
    return float(10 * np.log10(np.mean(window**2) + 1e-12))


def hearken(before: Stirring, loudness: float, probability: float) -> Stirring:
    """Return what stirs after a window so loud that holds speech with `probability`."""
    levels = (*before.levels, loudness)[-MEMORY:]
    voice = probability >= ENTER
    if before.now:
        if voice:
            return Stirring(levels, 1)
        if before.since < HEARKENS:
            return Stirring(levels, before.since + 1)
        return Stirring(levels, dulled=DULLED)
    if voice or (not before.dulled and _sudden(levels)):
        return Stirring(levels, 1)
    return Stirring(levels, dulled=max(0, before.dulled - 1))


def _sudden(levels: tuple[float, ...]) -> bool:
    """Tell whether the last two of `levels` stand out; one alone is a click."""
    past, last = levels[:-ONSET], levels[-2:]
    return len(past) >= RATE // WINDOW and min(last) > max(FAINTEST, RISE + max(past))
