"""A door for peers that have no password: who may come in is told by his address."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from steward.errors import PortError
from steward.wyoming.wire import HEADER, Peer

MOST = 32
"""Connections at once; beyond that a peer is sent away."""

Network = IPv4Network | IPv6Network

_log = logging.getLogger(__name__)


def may_enter(address: str, allowed: Sequence[Network]) -> bool:
    """Tell whether a peer at `address` may come in: this machine itself may, and who is `allowed`.

    An address that is none, such as one with a zone that is not known here, may not.
    """
    try:
        peer = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(peer, IPv6Address) and peer.ipv4_mapped is not None:
        peer = peer.ipv4_mapped
    return peer.is_loopback or any(peer in network for network in allowed)


@asynccontextmanager
async def opened(
    host: str, port: int, allowed: Sequence[Network], receive: Callable[[Peer], Awaitable[None]]
) -> AsyncIterator[int]:
    """Let peers in while the context is open: each is `receive`d, then its connection is closed.

    Gives the port, the system's choice for `port` 0.

    Raises:
        PortError: the address is in use, is not this machine's, or may not be used.
    """
    inside: set[asyncio.Task[None]] = set()

    def enter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address, number = writer.get_extra_info("peername")[:2]
        peer = Peer(reader, writer, f"{address}:{number}")
        if len(inside) >= MOST or not may_enter(address, allowed):
            _log.warning("%s is not let in", peer.who)
            peer.close()
            return
        task = asyncio.create_task(_let_in(peer, receive))
        inside.add(task)
        task.add_done_callback(inside.discard)

    try:
        server = await asyncio.start_server(enter, host, port, limit=HEADER)
    except (OSError, UnicodeError) as error:
        raise PortError(
            f"cannot listen on {host}:{port}: {error}",
            hint="choose an address of this machine, and a port that no other program uses",
        ) from error
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in inside:
            task.cancel()
        if inside:
            await asyncio.wait(inside)


async def _let_in(peer: Peer, receive: Callable[[Peer], Awaitable[None]]) -> None:
    try:
        await receive(peer)
    finally:
        peer.close()
