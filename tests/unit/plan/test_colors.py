"""What a colour of light is called."""

from __future__ import annotations

import pytest

from steward.plan.reply.colors import color_name


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((255, 0, 0), "red"),
        ((255, 165, 0), "orange"),
        ((255, 255, 0), "yellow"),
        ((0, 128, 0), "green"),
        ((0, 255, 255), "cyan"),
        ((0, 0, 255), "blue"),
        ((128, 0, 128), "purple"),
        ((255, 0, 128), "pink"),
        ((255, 0, 40), "red"),
        ((255, 254, 250), "white"),
        ((0, 0, 0), "white"),
    ],
)
def test_a_colour_has_a_name(rgb: tuple[int, int, int], name: str) -> None:
    assert color_name(rgb) == name
