"""Which hub is meant by what somebody typed: one that is paired, discovered, or an address."""

from __future__ import annotations

from collections.abc import Sequence

from steward.errors import UserError
from steward.pairing import discovery
from steward.pairing.address import Address, address
from steward.pairing.discovery import Found
from steward.pairing.pairings import Hub

DISCOVERED = "discovered"
"""What is typed for the hub that is found by itself."""


def paired(wanted: str, hubs: Sequence[Hub]) -> Hub | None:
    """Return the paired hub that is `wanted`, by its name or its address.

    "discovered" is the only one there is.
    """
    if wanted == DISCOVERED and len(hubs) == 1:
        return hubs[0]
    return next((hub for hub in hubs if wanted in (hub.name, hub.address)), None)


async def find(wanted: str) -> Address:
    """Return where the hub that is `wanted` may be paired: "discovered", a name or an address.

    Raises:
        UserError: there is none, there are several, or it is no address.
        PeerError: this network cannot be asked.
    """
    if any(sign in wanted for sign in ".:/"):
        return address(wanted)
    return chosen(wanted, await discovery.hubs())


def chosen(wanted: str, found: Sequence[Found]) -> Address:
    """Return where the hub is that is `wanted`, of those that were `found` on the network.

    Raises:
        UserError: there is none, there are several, or it is no address.
    """
    if wanted == DISCOVERED:
        if len(found) == 1:
            return found[0].address
        names = ", ".join(f"{hub.name} at {hub.address}" for hub in found) or "none"
        raise UserError(
            f"there is not exactly one hub on this network ({names})",
            hint='say which: --hub 192.168.1.10; a hub has [hub] listen = "on"',
        )
    named = [hub.address for hub in found if hub.name == wanted]
    return named[0] if len(named) == 1 else address(wanted)
