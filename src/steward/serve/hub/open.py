"""Opens the hub's door as the configuration says, and announces it to the network."""

from __future__ import annotations

import logging
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from starlette.types import ASGIApp

from steward.config import Config
from steward.pairing.discovery import KIND, properties
from steward.pairing.identity import fingerprint, identity
from steward.pairing.pairings import Pairings
from steward.pairing.pairings import opened as pairings_opened
from steward.serve.announce import announced
from steward.serve.butler import Butler
from steward.serve.hub import door
from steward.serve.hub.api import protocols
from steward.serve.tokens import Scope, Tokens, guests_token
from steward.serve.wyoming.satellites import attend
from steward.wyoming.wire import Peer

_log = logging.getLogger(__name__)


def new_token(tokens: Tokens, pairings: Pairings, guest: str) -> str:
    """Return a token for `guest`, who has just been paired.

    One that he had before is good no more, also by a name that he has no longer.
    """
    others = {guests_token(one.name) for one in pairings.guests() if one.name != guest}
    for old in tokens.all():
        if old.name.startswith(guests_token("")) and old.name not in others:
            tokens.revoke(old.name)
    return tokens.create(guests_token(guest), Scope.TALK)


@asynccontextmanager
async def opened(
    butler: Butler, site: ASGIApp, config: Config, tokens: Tokens
) -> AsyncIterator[int]:
    """Serve paired machines while the context is open; gives the port.

    Raises:
        PortError: the address cannot be listened on.
        StateError: this machine's key or its pairings cannot be read.
    """
    own, hub = identity(config.paths.state), config.hub
    name = hub.name or socket.gethostname()[:32]

    async def satellite(guest: str, peer: Peer) -> None:
        await attend(butler, guest, None, peer)

    async with AsyncExitStack() as stack:
        pairings = stack.enter_context(pairings_opened(config.paths.state))

        token = partial(new_token, tokens, pairings)
        offered = door.Hub(own, name, pairings, satellite, protocols(site), token)
        port = await stack.enter_async_context(door.opened(offered, hub.host, hub.port))
        told = properties(fingerprint(own.certificate))
        await stack.enter_async_context(announced(name, hub.host, port, KIND, told))
        _log.info("the hub's door is open at %s:%d", hub.host, port)
        yield port
