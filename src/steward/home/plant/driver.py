"""What speaks to a plant: the seam between its protocols and the home."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

from steward.errors import PeerError
from steward.home.plant.map import Point
from steward.home.plant.points import Raw

Readings: TypeAlias = Mapping[str, Raw | ValueError]
"""Raw values by the ids of their points; an error where one cannot be read."""


class LinkLostError(PeerError):
    """The connection broke. What was being written may have been written, or not."""


class Driver(Protocol):
    """One connection to a plant, made anew by each `run`."""

    async def run(self, report: Callable[[Readings], None]) -> None:
        """Connect, report all points, then what changes, until cancelled.

        Raises:
            PeerError: there is no connection, or no more.
        """

    async def read(self, point: Point) -> Raw:
        """Return what `point` is now.

        Raises:
            PeerError: nothing is connected, or the connection broke.
            ValueError: the plant answers, but not with a value that suits the point.
        """

    async def write(self, point: Point, value: float) -> Raw:
        """Write the raw `value` once, never again, and return it as the plant will hold it.

        Raises:
            LinkLostError: the connection broke: nobody knows whether it was written.
            PeerError: nothing is connected; nothing was written.
            ValueError: the plant refused it; nothing was written.
        """
