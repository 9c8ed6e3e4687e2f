"""The way to the hub that this satellite is paired with: by TLS, and anew whenever it ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from steward.errors import PeerError
from steward.pairing import discovery
from steward.pairing.address import Address, address, connected
from steward.pairing.identity import SATELLITE, client_context, fingerprint
from steward.wyoming.wire import HEADER, Peer

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds before the hub is tried again: at first, and after that twice as long each time."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Hub:
    """The paired hub: its name, where it was, its certificate (PEM), and our identity's file."""

    name: str
    address: str
    certificate: str
    identity: str


@asynccontextmanager
async def linked(hub: Hub, receive: Callable[[Peer], Awaitable[None]]) -> AsyncIterator[None]:
    """Keep a connection to `hub` while the context is open; each is `receive`d by us."""
    keeping = asyncio.create_task(_keep(hub, receive))
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.wait([keeping])


async def _keep(hub: Hub, receive: Callable[[Peer], Awaitable[None]]) -> None:
    context = client_context(Path(hub.identity), hub.certificate)
    context.set_alpn_protocols([SATELLITE])
    where, pause = address(hub.address), FIRST_PAUSE
    while True:
        try:
            reader, writer = await connected(where, context, HEADER)
            peer = Peer(reader, writer, f"the hub {hub.name}")
            greeted = asyncio.get_running_loop().time()
            try:
                await receive(peer)
            finally:
                peer.close()
            if asyncio.get_running_loop().time() - greeted > pause:
                pause = FIRST_PAUSE
            _log.warning("the hub %s has closed; it is tried again in %.0f s", hub.name, pause)
        except PeerError as error:
            _log.warning(
                "%s; it is tried again in %.0f s\nhint: %s", error.message, pause, error.hint
            )
            where = await _moved(hub) or where
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


async def _moved(hub: Hub) -> Address | None:
    """Return where the hub says to be now. Who else says so fails at the key."""
    key = fingerprint(hub.certificate)
    try:
        found = await discovery.hubs(key=key)
    except PeerError as error:
        _log.info("%s", error.message)
        return None
    return next((one.address for one in found if one.key == key), None)
