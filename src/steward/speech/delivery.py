"""How a voice is delivered: its pace, its body, its loudness, and whether it whispers."""

from __future__ import annotations

from dataclasses import dataclass

SLOWEST, FASTEST = 0.5, 2.0
"""Bounds of `Delivery.speed`."""
FAINTEST, LOUDEST = 0.1, 2.0
"""Bounds of `Delivery.loudness`."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How he speaks. `speed` 0.5 to 2 and `loudness` 0.1 to 2, of what is usual: 1.

    `size` is the length of the throat, 0.8 to 1.25: a longer one sounds deeper.
    """

    speed: float = 1.0
    loudness: float = 1.0
    size: float = 1.0
    whisper: bool = False

    @property
    def pace(self) -> float:
        """How fast an engine must speak for this `speed`: a longer throat makes all slower."""
        return min(FASTEST, max(SLOWEST, self.speed * self.size))

    @property
    def plain(self) -> bool:
        """Whether the sound stays as the engine makes it."""
        return self.loudness == 1 and self.size == 1 and not self.whisper


USUAL = Delivery()
"""The voices as they are."""
