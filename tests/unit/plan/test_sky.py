"""Weather and sun as conditions."""

from __future__ import annotations

import pytest

from steward.plan.facts.sky import sky, sun
from steward.types import Entity, World

RAIN = Entity("weather.home", "Weather", "rainy")
HOME = World(entities=(RAIN, Entity("sun.sun", "Sun", "below_horizon")))


@pytest.mark.parametrize(
    ("text", "language", "holds"),
    [
        ("it's raining outside", "en", True),
        ("it isn't raining", "en", False),
        ("it is sunny", "en", False),
        ("外面下雨了", "zh", True),
        ("没下雨", "zh", False),
        ("it's dark outside", "en", True),
        ("the sun is up", "en", False),
        ("it's after sunset", "en", True),
        ("天黑了", "zh", True),
        ("天亮了", "zh", False),
    ],
)
def test_what_the_sky_is_like(text: str, language: str, holds: bool) -> None:
    found = sky(text, language, HOME) or sun(text, language, HOME)
    assert found is not None
    assert found[0] is holds


def test_what_nothing_tells_is_not_decided() -> None:
    assert sky("it's raining", "en", World()) is None
    assert sun("it's dark", "en", World(entities=(RAIN,))) is None
    two = World(entities=(RAIN, Entity("weather.far", "Far", "sunny")))
    assert sky("it's raining", "en", two) is None
    assert sky("it's open", "en", HOME) is None
    assert sun("it's open", "en", HOME) is None
