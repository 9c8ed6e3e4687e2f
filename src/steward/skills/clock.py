"""The time and the date."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from steward.types import Call, Capability, Done, Failed, Json, Outcome, Risk

_NOTHING: Mapping[str, Json] = {
    "type": "object",
    "properties": {},
    "additionalProperties": False,
}


class Clock:
    """Tells what time and what day it is where `now` is."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        """`clock.time` and `clock.date`, neither with arguments."""
        return (
            Capability("clock.time", _NOTHING, Risk.READ),
            Capability("clock.date", _NOTHING, Risk.READ),
        )

    async def perform(self, call: Call) -> Outcome:
        """Return {"time": "HH:MM", "date": ISO 8601, "weekday": 0 (Monday) to 6, "seconds": 0-59}.

        Both capabilities give all of it: the reply takes what was asked for.
        """
        if call.capability not in ("clock.time", "clock.date"):
            return Failed(call.id, "unsupported", f"a clock has no {call.capability}")
        if call.arguments:
            given = ", ".join(call.arguments)
            return Failed(call.id, "invalid", f"{call.capability} takes no arguments: {given}")
        now = self._now()
        return Done(
            call.id,
            {
                "time": f"{now:%H:%M}",
                "date": now.date().isoformat(),
                "weekday": now.weekday(),
                "seconds": now.second,
            },
        )
