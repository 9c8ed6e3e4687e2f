"""Telling the network by zeroconf that this door is here, so that Home Assistant offers it."""

from __future__ import annotations

import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address

import psutil
from zeroconf import Error, InterfaceChoice, IPVersion
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

KIND = "_wyoming._tcp.local."

_log = logging.getLogger(__name__)


def addresses(host: str) -> tuple[str, ...]:
    """Return the IPv4 addresses at which others reach a server that listens on `host`."""
    if not ip_address(host).is_unspecified:
        return (host,)
    found = (one for many in psutil.net_if_addrs().values() for one in many)
    return tuple(
        one.address
        for one in found
        if one.family == socket.AF_INET and not ip_address(one.address).is_loopback
    )


@asynccontextmanager
async def announced(name: str, host: str, port: int) -> AsyncIterator[None]:
    """Announce `name` at `port` of `host`, which is an address, while the context is open.

    A network that takes no announcements is no reason not to serve: its users type the address.
    """
    try:
        where = addresses(host)
        network = AsyncZeroconf(
            interfaces=list(where) or InterfaceChoice.Default, ip_version=IPVersion.V4Only
        )
    except (OSError, ValueError) as error:
        _log.warning("%s is not announced: %s", name, error)
        yield
        return
    try:
        info = AsyncServiceInfo(KIND, f"{name}.{KIND}", parsed_addresses=list(where), port=port)
        try:
            await network.async_register_service(info, allow_name_change=True)
        except (OSError, Error) as error:
            _log.warning("%s is not announced: %s", name, error)
        yield
    finally:
        await network.async_close()
