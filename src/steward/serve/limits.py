"""How much one peer may ask: requests a second, and requests at a time."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PEERS = 4096
"""Peers that are remembered; beyond that the one that was silent longest is forgotten."""


class Rate:
    """A token bucket for each name: `rate` a second in the long run, `burst` at once."""

    def __init__(
        self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str) -> float:
        """Count one more for `name`; return 0, or where it is too much the seconds to wait."""
        now = self._clock()
        level, since = self._buckets.get(name, (self._burst, now))
        level = min(self._burst, level + (now - since) * self._rate)
        if level < 1.0:
            return (1.0 - level) / self._rate
        self._buckets[name] = (level - 1.0, now)
        self._buckets.move_to_end(name)
        if len(self._buckets) > PEERS:
            self._buckets.popitem(last=False)
        return 0.0


class Crowd:
    """Counts what each name has open at a time, up to `most`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: dict[str, int] = {}

    @contextmanager
    def enter(self, name: str) -> Iterator[bool]:
        """Count one more for `name` as long as the `with` lasts; give whether that may be."""
        here = self._open.get(name, 0)
        if here >= self._most:
            yield False
            return
        self._open[name] = here + 1
        try:
            yield True
        finally:
            self._open[name] -= 1
            if not self._open[name]:
                del self._open[name]
