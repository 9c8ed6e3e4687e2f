from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from steward.skills.clock import Clock
from steward.types import Call, Done, Meaning


@pytest.mark.parametrize("capability", ["clock.time", "clock.date"])
async def test_time_and_date_where_the_clock_is(capability: str) -> None:
    now = datetime(2026, 5, 3, 7, 5, 9, tzinfo=timezone(timedelta(hours=9)))
    outcome = await Clock(lambda: now).perform(Call("c", capability, Meaning("Test")))
    assert outcome == Done("c", {"time": "07:05", "date": "2026-05-03", "weekday": 6, "seconds": 9})
