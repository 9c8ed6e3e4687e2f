"""Telling the network by zeroconf that a door is here, so that other machines offer it."""

from __future__ import annotations

import logging
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from ipaddress import ip_address
from types import MappingProxyType

import psutil
from zeroconf import Error, IPVersion
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

WYOMING = "_wyoming._tcp.local."
"""Doors that Home Assistant looks for."""

NOTHING: Mapping[str, str] = MappingProxyType({})

_log = logging.getLogger(__name__)


def addresses(host: str) -> tuple[str, ...]:
    """Return the IPv4 addresses at which others reach a server that listens on `host`.

    There are none where `host` is a name, or of IPv6 only: these are typed by those who use them.
    """
    try:
        own = ip_address(host)
    except ValueError:
        return ()
    if not own.is_unspecified:
        return (host,) if own.version == 4 else ()
    found = (one for many in psutil.net_if_addrs().values() for one in many)
    return tuple(
        one.address
        for one in found
        if one.family == socket.AF_INET and not ip_address(one.address).is_loopback
    )


@asynccontextmanager
async def announced(
    name: str, host: str, port: int, kind: str, properties: Mapping[str, str] = NOTHING
) -> AsyncIterator[None]:
    """Announce `name` at `port` of `host` while the context is open, as a service of that `kind`.

    A network that takes no announcements is no reason not to serve: its users type the address.
    """
    where = list(addresses(host))
    network = None
    try:
        if where:
            network = AsyncZeroconf(interfaces=where, ip_version=IPVersion.V4Only)
            info = AsyncServiceInfo(
                kind,
                f"{name}.{kind}",
                parsed_addresses=where,
                port=port,
                properties=dict(properties),
            )
            await network.async_register_service(info, allow_name_change=True)
    except (OSError, Error) as error:
        _log.warning("%s is not announced: %s", name, error)
    try:
        yield
    finally:
        if network is not None:
            await network.async_close()
