"""A plant as a Home: what its points are, kept in sight; what they are told, read back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from steward.errors import PeerError, StewardError
from steward.events import Emit
from steward.home.following import Following, ending
from steward.home.mirror import Mirror, obey, there
from steward.home.plant import points
from steward.home.plant.driver import Driver, LinkLostError, Readings
from steward.home.plant.map import Map, Point
from steward.home.plant.modbus import ModbusDriver
from steward.home.plant.opcua import OpcUaDriver
from steward.home.services import table
from steward.types import Call, Capability, Done, Entity, Failed, Outcome, World

PATIENCE = 5.0
"""Seconds that a point has to show what it was told."""
_LOOK = 0.1
"""Seconds between two looks whether it does."""
_BACKOFF = (0.25, 10.0)
"""Shortest and longest pause, in seconds, before the next try to connect."""

_log = logging.getLogger(__name__)


def driver(plant: Map) -> Driver:
    """Return what speaks the protocol of `plant`.

    Raises:
        DeviceError: its library is not installed.
    """
    if plant.modbus:
        return ModbusDriver(plant, plant.modbus)
    if plant.opcua:
        return OpcUaDriver(plant, plant.opcua)
    raise ValueError("a map names a Modbus device or an OPC UA server")


class PlantHome:
    """The points of a Map as a Home. Limits and risk are those of the map, whatever is asked.

    A Call is written once; then the point is read until it shows what was asked for. Where it does
    not, or the connection broke meanwhile, the Call is unconfirmed, and never tried again.
    """

    def __init__(
        self,
        plant: Map,
        link: Driver,
        emit: Emit,
        now: Callable[[], datetime],
        *,
        patience: float = PATIENCE,
    ) -> None:
        """Show `plant`, over `link`; `now` tells the time, with a zone."""
        self._plant = plant
        self._points = points.by_id(plant.points)
        self._link = link
        self._now = now
        self._patience = patience
        self._mirror = Mirror(emit, now)
        self._mirror.begin(plant.areas, map(points.entity, plant.points))
        self._writing = asyncio.Lock()
        self._complaints: dict[str, str] = {}
        self._following = Following(self._keep)

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        """The services that suit things of a plant, and `home.get_states`."""
        return table.capabilities()

    @property
    def seen(self) -> World:
        """The plant as it was when last read, at once and from any thread."""
        return self._mirror.seen

    async def world(self) -> World:
        """Return the plant as it was last read; the first time, connect to it."""
        self._following.begin()
        await self._mirror.tried(self._patience)
        return self._mirror.seen

    async def watch(self) -> None:
        """Follow the plant until cancelled; a broken connection is made again."""
        await self._following.watch()

    def close(self) -> None:
        """Let go of the plant."""
        self._following.close()

    async def perform(self, call: Call) -> Outcome:
        """Carry out `call` on each point that it names, or refuse it before anything is written."""
        await self.world()
        async with self._writing:
            return await obey(self._mirror, call, self._now(), self._act)

    async def _keep(self) -> None:
        pause = _BACKOFF[0]
        while not ending():
            try:
                await self._link.run(self._take)
            except StewardError as error:
                if self._mirror.lose():
                    pause = _BACKOFF[0]
                    _log.error("%s", error)
            if ending():
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, _BACKOFF[1])

    def _take(self, readings: Readings) -> None:
        seen = []
        for name, raw in readings.items():
            point = self._points[name]
            try:
                if isinstance(raw, ValueError):
                    raise raw
                seen.append(points.shown(self._mirror.entities[name], point, raw))
                self._complaints.pop(name, None)
            except ValueError as error:
                seen.append(points.shown(self._mirror.entities[name], point, None))
                if self._complaints.get(name) != str(error):
                    self._complaints[name] = str(error)
                    _log.warning("%s cannot be read: %s", name, error)
        # A button has no state that could be read.
        seen += [
            points.shown(self._mirror.entities[point.id], point, 0)
            for point in self._plant.points
            if point.domain == "button"
        ]
        self._mirror.heard(seen)

    async def _act(self, call: Call, before: Entity, after: Entity) -> Outcome:
        point = self._points[before.id]
        if not point.writable:
            return Failed(call.id, "unsupported", f"{point.name} can only be read")
        try:
            value = points.wanted(point, after)
        except ValueError as error:
            return Failed(call.id, "invalid", str(error))
        try:
            held = await self._link.write(point, value)
        except ValueError as error:
            return Failed(call.id, "invalid", f"{point.name}: {error}")
        except LinkLostError as error:
            if point.domain == "button" or not await self._shows(point, after.state):
                return Failed(call.id, "unconfirmed", f"{point.name}: {error.message}")
            return Done(call.id, there(self._mirror, before))
        except PeerError as error:
            return Failed(call.id, "unavailable", error.message)
        if point.domain == "button":
            return Done(call.id, there(self._mirror, before))
        wanted = points.state(point, held)
        if await self._shows(point, wanted):
            return Done(call.id, there(self._mirror, before))
        return Failed(
            call.id,
            "unconfirmed",
            f"{point.name} was told to be {wanted}, and is {self._mirror.entities[point.id].state}",
        )

    async def _shows(self, point: Point, wanted: str) -> bool:
        """Look at `point` until it is as `wanted`, while there is patience."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._patience
        while True:
            try:
                raw = await self._link.read(point)
                self._mirror.heard([points.shown(self._mirror.entities[point.id], point, raw)])
            except (PeerError, ValueError) as error:
                _log.info("%s: %s", point.id, error)
            if self._mirror.entities[point.id].state == wanted:
                return True
            if loop.time() >= end:
                return False
            await asyncio.sleep(_LOOK)
