"""The hub's side of a satellite: turns of what its microphone hears, and the answers back to it.

A satellite hears its wake word itself and then sends sound (`run-pipeline` from `asr`), or sends
sound for the hub to hear the word in (from `wake`). However a turn ends, the satellite is told by a
`transcript`, empty where nothing was said, which sends it back to waiting. A connection that breaks
is made anew; a turn that it carried ends with it, unless its words had come whole.
"""

from __future__ import annotations

import asyncio
import logging

from wyoming.info import Describe
from wyoming.ping import Ping, Pong
from wyoming.pipeline import PipelineStage
from wyoming.satellite import RunSatellite
from wyoming.wake import Detect

from steward.config import SatelliteConfig
from steward.errors import PeerError, StewardError
from steward.serve.butler import Butler
from steward.serve.wyoming.room import Room
from steward.types import World
from steward.wyoming.sound import Incoming
from steward.wyoming.wire import HEADER, NAME, Peer, inner, text

CONNECT = 5.0
"""Seconds in which a satellite is reached."""
PING = 5.0
"""Seconds between two pings."""
SILENT = 20.0
"""Seconds without an event after which a satellite that has answered pings is taken for gone."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds before a satellite is tried again: at first, and after that twice as long each time."""

_log = logging.getLogger(__name__)


class Link:
    """Keeps a connection to one satellite."""

    def __init__(self, butler: Butler, name: str, config: SatelliteConfig) -> None:
        self._butler = butler
        self._name = name
        self._config = config

    async def run(self) -> None:
        """Serve the satellite until cancelled, whenever it can be reached."""
        pause = FIRST_PAUSE
        while True:
            try:
                reader, writer = await self._connect()
                pause = FIRST_PAUSE
                peer = Peer(reader, writer, f"the satellite {self._name}")
                _log.info("%s is reached", peer.who)
                try:
                    await attend(self._butler, self._name, self._config.area, peer)
                finally:
                    peer.close()
            except StewardError as error:
                _log.warning("%s; trying again in %.0f s", error.message, pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, port = self._config.host, self._config.port
        try:
            async with asyncio.timeout(CONNECT):
                return await asyncio.open_connection(host, port, limit=HEADER)
        except (OSError, UnicodeError) as error:
            raise PeerError(
                f"the satellite {self._name} at {host}:{port} cannot be reached: {error}",
                hint="see that it runs, and lets this machine in: steward satellite --allow",
            ) from error


async def attend(butler: Butler, name: str, area: str | None, peer: Peer) -> None:
    """Serve the satellite at the other end of a connection until that ends.

    `area` is the id or the name of the area it stands in; without it, the satellite names one.

    Raises:
        StewardError: it ended, or the home cannot be read.
    """
    await _Connection(butler, name, area, peer).run()


class _Connection:
    """One connection to a satellite."""

    def __init__(self, butler: Butler, name: str, area: str | None, peer: Peer) -> None:
        self._butler = butler
        self._area = area
        self._peer = peer
        self._room = Room(butler, name, peer)
        self._pongs = False
        self._incoming = Incoming()

    async def run(self) -> None:
        """Serve the satellite until the connection ends.

        Raises:
            StewardError: it ended, or the home cannot be read.
        """
        tasks = [
            asyncio.create_task(task)
            for task in (self._read(), self._ping(), self._room.announce())
        ]
        try:
            # `detect` says that this hub confirms wake words, if it is sent the sound.
            await self._peer.write(Describe(), Detect(), RunSatellite())
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            self._peer.close()
            await self._room.leave()

    async def _read(self) -> None:
        while True:
            event = await self._peer.read(SILENT if self._pongs else None)
            if event is None:
                raise PeerError(f"{self._peer.who} has closed", hint="it is tried again")
            match event.type:
                case "info":
                    named = self._area or inner(event, "satellite", "area")
                    self._room.area = area_id(await self._butler.world(), named)
                    self._room.follows = _supports_trigger(event.data.get("satellite"))
                case "run-pipeline":
                    asleep = text(event, "start_stage", NAME) == PipelineStage.WAKE.value
                    await self._room.begin(awake=not asleep)
                case "audio-chunk":
                    await self._room.hear(self._incoming.received(event))
                case "audio-start":
                    self._incoming.begin()
                case "audio-stop":
                    self._room.still()
                case "played":
                    self._room.mouth.played.set()
                case "ping":
                    await self._peer.write(Pong(text(event, "text", NAME)))
                case "pong":
                    self._pongs = True
                case _:
                    pass

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(PING)
            await self._peer.write(Ping())


def area_id(world: World, named: str) -> str | None:
    """Return the id of the area that is `named`, by its id, its name or an alias; None for none."""
    wanted = named.strip().casefold()
    for area in world.areas:
        if wanted and wanted in (one.casefold() for one in (area.id, area.name, *area.aliases)):
            return area.id
    return None


def _supports_trigger(satellite: object) -> bool:
    return isinstance(satellite, dict) and satellite.get("supports_trigger") is True
