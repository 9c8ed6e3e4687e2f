"""One port by TLS for all that paired machines want; which of it, they say by ALPN.

A machine that shows no certificate may only be paired. One that shows the certificate of a guest
may be served as a satellite or ask the OpenAI-compatible API; any other fails the handshake.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from steward.errors import PeerError, PortError, StewardError
from steward.pairing.identity import PAIR, SATELLITE, Identity, server_context
from steward.pairing.joining import welcome
from steward.pairing.pairings import Pairings
from steward.wyoming.wire import HEADER, Peer

MOST = 64
"""Connections at once, of satellites and of machines to be paired; a further one is closed."""
HANDSHAKE = 10.0
"""Seconds in which a peer has said in TLS who it is."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Hub:
    """What the door offers, and by what it knows whom.

    `satellite` serves a satellite by its name until it is gone, `http` makes the protocol of one
    connection to the API, and `token` makes a guest's token for it, by his name.
    """

    own: Identity
    name: str
    pairings: Pairings
    satellite: Callable[[str, Peer], Awaitable[None]]
    http: Callable[[], asyncio.Protocol]
    token: Callable[[str], str]


@asynccontextmanager
async def opened(hub: Hub, host: str, port: int) -> AsyncIterator[int]:
    """Serve paired machines while the context is open; gives the port.

    Raises:
        PortError: the address is in use, is not this machine's, or may not be used.
    """
    door = _Door(hub)
    try:
        server = await asyncio.start_server(
            door.enter,
            host,
            port,
            limit=HEADER,
            ssl=door.context(),
            ssl_handshake_timeout=HANDSHAKE,
        )
    except (OSError, UnicodeError) as error:
        raise PortError(
            f"the door of [hub] cannot listen on {host}:{port}: {error}",
            hint="choose an address of this machine, and a port that no other program uses",
        ) from error
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await door.close()


class _Door:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._inside: set[asyncio.Task[None]] = set()
        self._satellites: dict[str, Peer] = {}

    def context(self) -> ssl.SSLContext:
        """Return TLS that asks anew for each connection who is paired."""
        context = self._guests()

        def asked(socket: ssl.SSLObject, _: str | None, __: ssl.SSLContext) -> None:
            socket.context = self._guests()

        context.sni_callback = asked
        return context

    def _guests(self) -> ssl.SSLContext:
        guests = (guest.certificate for guest in self._hub.pairings.guests())
        return server_context(self._hub.own, guests)

    def enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Let in a peer whose handshake is done."""
        tls: ssl.SSLObject = writer.get_extra_info("ssl_object")
        where = "{}:{}".format(*writer.get_extra_info("peername")[:2])
        spoken = tls.selected_alpn_protocol()
        if spoken == PAIR:
            self._start(self._pair(reader, writer, where), writer)
            return
        shown = tls.getpeercert(binary_form=True)
        guest = self._hub.pairings.guest(shown) if shown else None
        if guest is None:
            _log.warning("%s is not paired with this hub", where)
            writer.transport.abort()
        elif spoken == SATELLITE:
            peer = Peer(reader, writer, f"the satellite {guest.name}")
            self._start(self._serve(guest.name, peer), writer)
        else:
            protocol = self._hub.http()
            writer.transport.set_protocol(protocol)
            protocol.connection_made(writer.transport)

    async def close(self) -> None:
        """Send everybody away."""
        for task in self._inside:
            task.cancel()
        if self._inside:
            await asyncio.wait(self._inside)

    def _start(self, work: Awaitable[None], writer: asyncio.StreamWriter) -> None:
        async def guarded() -> None:
            try:
                await work
            except StewardError as error:
                _log.warning("%s", error.message)
            finally:
                writer.transport.abort()

        if len(self._inside) >= MOST:
            _log.warning("too many machines are connected")
            writer.transport.abort()
            if asyncio.iscoroutine(work):
                work.close()
            return
        task = asyncio.create_task(guarded())
        self._inside.add(task)
        task.add_done_callback(self._inside.discard)

    async def _pair(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, where: str
    ) -> None:
        hub = self._hub
        try:
            await welcome(reader, writer, hub.own, hub.name, hub.pairings, hub.token)
        except PeerError as error:
            _log.warning("%s: %s", where, error.message)
            return
        # The last of it is still to be sent.
        writer.close()
        await asyncio.wait([asyncio.ensure_future(writer.wait_closed())], timeout=HANDSHAKE)

    async def _serve(self, name: str, peer: Peer) -> None:
        """Serve a satellite; one that comes again has lost its old connection."""
        if (old := self._satellites.get(name)) is not None:
            old.close()
        self._satellites[name] = peer
        _log.info("%s is here", peer.who)
        try:
            await self._hub.satellite(name, peer)
        finally:
            if self._satellites.get(name) is peer:
                del self._satellites[name]
