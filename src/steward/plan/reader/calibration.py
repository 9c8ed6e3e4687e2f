"""How often the trained reader is right when it says that it is sure."""

from __future__ import annotations

LEAST = 0.5
"""Below this share of right readings nothing is done."""


def calibrated(raw: float) -> float:
    """Return the share of right readings among those as sure as `raw` (0 to 1)."""
    return raw
