"""Hubs on this network, by zeroconf (mDNS). What is found is only where to try: pins decide."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_interface
from socket import AddressFamily

from steward.errors import PeerError
from steward.pairing.address import Address

KIND = "_steward._tcp.local."
SECONDS = 3.0
"""How long is looked for hubs."""
_KEY = "key"


@dataclass(frozen=True, slots=True)
class Found:
    """A hub that announces itself. `key` is the SHA-256 of the certificate that it says to have."""

    name: str
    address: Address
    key: str


def properties(key: str) -> dict[str, str]:
    """Return what a hub announces of itself beside its name and address."""
    return {_KEY: key}


def likeliest(hosts: Sequence[str]) -> list[str]:
    """Return the addresses of one machine, first that at which it is likeliest reached from here.

    A machine tells all that it has, also those of networks within it, such as Docker's, whose
    numbers are the same on each.
    """
    import psutil

    own = [
        ip_interface(f"{one.address}/{one.netmask}")
        for many in psutil.net_if_addrs().values()
        for one in many
        if one.family is AddressFamily.AF_INET and one.netmask
    ]

    def distance(host: str) -> int:
        there = ip_address(host)
        if any(there == mine.ip for mine in own):
            return 2
        return 0 if any(there in mine.network for mine in own) else 1

    return sorted(hosts, key=distance)


async def hubs(seconds: float = SECONDS, *, key: str = "", on: Sequence[str] = ()) -> list[Found]:
    """Look for hubs for `seconds`, or until that with `key` is found; by name.

    `on` are the addresses of the interfaces to look on, all by default.

    Raises:
        PeerError: this network cannot be asked.
    """
    from zeroconf import Error, InterfaceChoice, ServiceStateChange, Zeroconf
    from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

    found: dict[str, Found] = {}
    asked: set[asyncio.Task[None]] = set()
    done = asyncio.Event()

    async def ask(network: Zeroconf, name: str) -> None:
        info = AsyncServiceInfo(KIND, name)
        if not await info.async_request(network, seconds * 1000):
            return
        shown = info.decoded_properties.get(_KEY) or ""
        for host in likeliest(info.parsed_addresses())[:1]:
            where = Address(host, info.port or 0)
            found[name] = Found(name.removesuffix(f".{KIND}"), where, shown)
            if key and shown == key:
                done.set()

    def changed(
        zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        if state_change is ServiceStateChange.Added and service_type == KIND and len(asked) < 64:
            task = asyncio.get_running_loop().create_task(ask(zeroconf, name))
            asked.add(task)

    try:
        network = AsyncZeroconf(interfaces=list(on) or InterfaceChoice.All)
        browser = AsyncServiceBrowser(network.zeroconf, KIND, handlers=[changed])
        try:
            async with asyncio.timeout(seconds):
                await done.wait()
        except TimeoutError:
            pass
        finally:
            for task in asked:
                task.cancel()
            await browser.async_cancel()
            await network.async_close()
    except (OSError, Error) as error:
        raise PeerError(
            f"hubs cannot be looked for on this network: {error}",
            hint="name the hub's address instead: --hub 192.168.1.10",
        ) from error
    return sorted(found.values(), key=lambda hub: hub.name)
