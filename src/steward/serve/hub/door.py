"""One port by TLS for all that paired machines want; which of it, they say by ALPN.

A machine that shows no certificate may only be paired. One that shows the certificate of a guest
may be served as a satellite or ask the OpenAI-compatible API; any other fails the handshake.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import cast

from steward.errors import PeerError, PortError, StewardError
from steward.pairing.identity import PAIR, SATELLITE, Identity, server_context
from steward.pairing.joining import welcome
from steward.pairing.pairings import Guest, Pairings
from steward.wyoming.wire import HEADER, Peer

MOST = 64
"""Connections of satellites at once; a further one is closed."""
STRANGERS = 8
"""Connections at once of machines that are not known, which must not take the room of the others.
"""
HANDSHAKE = 10.0
"""Seconds in which a peer has said in TLS who it is."""
LOOK = 1.0
"""Seconds between two looks whether a satellite is paired still."""

_Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[None, None, None]]

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
        server = await asyncio.get_running_loop().create_server(
            lambda: _Arrival(door), host, port, ssl=door.context(), ssl_handshake_timeout=HANDSHAKE
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


class _Arrival(asyncio.Protocol):
    """A connection until its handshake is done; then it becomes what its peer has asked for."""

    def __init__(self, door: _Door) -> None:
        self._door = door

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the peer be served; nothing of what it sends has been read yet."""
        secured = cast(asyncio.Transport, transport)
        protocol = self._door.protocol(secured)
        secured.set_protocol(protocol)
        protocol.connection_made(secured)


class _Door:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._inside: set[asyncio.Task[None]] = set()
        self._strangers: set[asyncio.Task[None]] = set()
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

    def protocol(self, transport: asyncio.Transport) -> asyncio.Protocol:
        """Return what serves the peer of a connection."""
        tls: ssl.SSLObject = transport.get_extra_info("ssl_object")
        spoken, shown = tls.selected_alpn_protocol(), tls.getpeercert(binary_form=True)
        guest = self._hub.pairings.guest(shown) if shown else None
        if spoken == PAIR:
            return self._streams(self._pair, self._strangers, STRANGERS)
        if guest is None:
            return self._streams(self._refuse, self._strangers, STRANGERS)
        if spoken == SATELLITE:
            return self._streams(partial(self._serve, guest), self._inside, MOST)
        return self._hub.http()

    async def close(self) -> None:
        """Send everybody away."""
        everybody = self._inside | self._strangers
        for task in everybody:
            task.cancel()
        if everybody:
            await asyncio.wait(everybody)

    def _streams(
        self, serve: _Serve, inside: set[asyncio.Task[None]], most: int
    ) -> asyncio.Protocol:
        def enter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            where = "{}:{}".format(*writer.get_extra_info("peername")[:2])
            if len(inside) >= most:
                _log.warning("%s is not let in: too many machines are connected", where)
                writer.transport.abort()
                return
            task = asyncio.create_task(_guarded(serve(reader, writer), writer, where))
            inside.add(task)
            task.add_done_callback(inside.discard)

        return asyncio.StreamReaderProtocol(asyncio.StreamReader(HEADER), enter)

    async def _pair(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hub = self._hub
        await welcome(reader, writer, hub.own, hub.name, hub.pairings, hub.token)
        # The last of it is still to be sent.
        await Peer(reader, writer, "a new guest").finish()

    async def _refuse(self, _: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        raise PeerError(
            "a machine is not paired with this hub", hint="steward pair shows a code for it"
        )

    async def _serve(
        self, guest: Guest, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Serve a satellite; one that comes again has lost its old connection."""
        name, peer = guest.name, Peer(reader, writer, f"the satellite {guest.name}")
        if (old := self._satellites.get(name)) is not None:
            old.close()
        self._satellites[name] = peer
        _log.info("%s is here", peer.who)
        watching = asyncio.create_task(self._while_paired(guest, peer))
        try:
            await self._hub.satellite(name, peer)
        finally:
            watching.cancel()
            if self._satellites.get(name) is peer:
                del self._satellites[name]

    async def _while_paired(self, guest: Guest, peer: Peer) -> None:
        """Send a satellite away when it is paired no more."""
        while guest in self._hub.pairings.guests():  # noqa: ASYNC110 - others change the file
            await asyncio.sleep(LOOK)
        _log.warning("%s is paired no more", peer.who)
        peer.close()


async def _guarded(
    work: Coroutine[None, None, None], writer: asyncio.StreamWriter, where: str
) -> None:
    try:
        await work
    except StewardError as error:
        _log.warning("%s: %s", where, error.message)
    finally:
        writer.transport.abort()
