"""The Wyoming door of the server, beside the page, where the configuration opens it."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from steward.config import LOOPBACK, WyomingConfig
from steward.serve.announce import WYOMING, announced
from steward.serve.wyoming.services import Services
from steward.serve.wyoming.session import Session
from steward.wyoming import door
from steward.wyoming.wire import Peer

_log = logging.getLogger(__name__)


async def serve(services: Services, config: WyomingConfig) -> None:
    """Serve peers until cancelled.

    Raises:
        PortError: the address cannot be listened on.
    """
    async with opened(services, config):
        await asyncio.Event().wait()


@asynccontextmanager
async def opened(services: Services, config: WyomingConfig) -> AsyncIterator[int]:
    """Serve peers while the context is open, announced where others can come; gives the port.

    Raises:
        PortError: the address cannot be listened on.
    """

    async def receive(peer: Peer) -> None:
        await Session(services, peer).run()

    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(
            door.opened(config.host, config.port, config.allow, receive)
        )
        if config.host not in LOOPBACK:
            name = f"Steward on {socket.gethostname()}"
            await stack.enter_async_context(announced(name, config.host, port, WYOMING))
        _log.info("the Wyoming door is open at %s:%d", config.host, port)
        yield port
