"""A running timer of the home tells the time that is really left."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from steward.home.services.helpers import counted_down
from steward.types import Entity

NOW = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "ends", "left"),
    [
        ("active", "2026-03-06T12:05:00+00:00", "0:05:00"),
        ("active", "2026-03-06T11:00:00+00:00", "0:00:00"),
        ("active", None, "0:40:00"),
        ("paused", "2026-03-06T12:05:00+00:00", "0:40:00"),
    ],
)
def test_what_is_left_is_counted_from_the_end(state: str, ends: str | None, left: str) -> None:
    held = {"remaining": "0:40:00", "finishes_at": ends}
    timer = Entity("timer.laundry", "Laundry", state, attributes=held)
    assert counted_down(timer, NOW).attributes["remaining"] == left
