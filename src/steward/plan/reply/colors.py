"""What a colour of light is called."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence

_PALE = 0.2
"""Below this saturation, of 1, it is white."""
_HUES = (
    *((15, "red"), (45, "orange"), (70, "yellow"), (165, "green"), (200, "cyan"), (255, "blue")),
    *((320, "purple"), (345, "pink"), (360, "red")),
)
"""Up to which hue, in degrees, a colour is called so."""


def color_name(rgb: Sequence[float]) -> str:
    """Return the English name of `rgb`, three shares of 255: "red", "white"."""
    red, green, blue = (share / 255 for share in rgb)
    hue, saturation, _ = colorsys.rgb_to_hsv(red, green, blue)
    if saturation < _PALE:
        return "white"
    return next(name for limit, name in _HUES if hue * 360 <= limit)
