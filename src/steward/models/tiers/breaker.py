"""When a tier that failed is left alone, and for how long: pure, the time is given in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

FIRST = 15.0
"""Seconds that a tier is left alone after it has failed once; each further failure doubles it."""
LONGEST = 900.0
"""Seconds after which it is always tried again."""

State = Literal["closed", "open", "half-open"]


@dataclass(frozen=True, slots=True)
class Breaker:
    """A circuit breaker: `failures` in a row, and `until` when nobody asks (seconds since 1970)."""

    failures: int = 0
    until: float = 0.0

    def state(self, now: float) -> State:
        """Return "closed" for a tier that is asked, "open" for one that is left alone.

        "half-open" is in between: the next question shows whether it is well again. A clock that
        was set back opens nothing for longer than `LONGEST`.
        """
        if not self.failures:
            return "closed"
        return "open" if 0 < self.until - now <= LONGEST else "half-open"

    def tries(self, now: float, seconds: float) -> Breaker:
        """Return the breaker while a question is under way, which takes so long at most.

        Where it is half-open, others are not asked meanwhile.
        """
        return replace(self, until=now + min(seconds, LONGEST)) if self.failures else self

    def fails(self, now: float, wait: float = 0.0) -> Breaker:
        """Return the breaker after a failure; the tier asked to be left alone for `wait` s."""
        pause = FIRST * 2 ** min(self.failures, 10)
        return Breaker(self.failures + 1, now + min(LONGEST, max(pause, wait)))


CLOSED = Breaker()
"""That of a tier that works."""
