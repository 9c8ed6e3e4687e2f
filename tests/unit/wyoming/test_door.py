"""Who may come in, and who is told that there is a door."""

from __future__ import annotations

import uuid

import pytest
from zeroconf import IPVersion
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from steward.config import WyomingConfig
from steward.serve.announce import WYOMING, announced
from steward.wyoming import door


@pytest.mark.parametrize(
    ("address", "allowed", "enters"),
    [
        ("127.0.0.1", (), True),
        ("::1", (), True),
        ("::ffff:127.0.0.1", (), True),
        ("192.168.1.9", (), False),
        ("192.168.1.9", ("192.168.1.0/24",), True),
        ("::ffff:192.168.1.9", ("192.168.1.0/24",), True),
        ("192.168.2.9", ("192.168.1.0/24", "fe80::/10"), False),
        ("fe80::1%eth0", ("fe80::/10",), True),
        ("", ("0.0.0.0/0",), False),
    ],
)
def test_who_may_come_in_is_told_by_the_address(
    address: str, allowed: tuple[str, ...], enters: bool
) -> None:
    networks = WyomingConfig.model_validate({"allow": allowed}).allow
    assert door.may_enter(address, networks) is enters


def test_a_door_to_the_network_must_say_for_whom() -> None:
    with pytest.raises(ValueError, match="allow"):
        WyomingConfig.model_validate({"host": "0.0.0.0"})


async def test_the_network_is_told_where_it_is() -> None:
    network = AsyncZeroconf(interfaces=["127.0.0.1"], ip_version=IPVersion.V4Only)
    name = f"Steward in a test {uuid.uuid4().hex}"
    try:
        async with announced(name, "127.0.0.1", 12345, WYOMING):
            found = AsyncServiceInfo(WYOMING, f"{name}.{WYOMING}")
            assert await found.async_request(network.zeroconf, 10_000)
    finally:
        await network.async_close()
    assert (found.port, found.parsed_addresses()) == (12345, ["127.0.0.1"])


@pytest.mark.parametrize("host", ["home.example", "::1"])
async def test_where_nothing_can_be_announced_it_is_served_all_the_same(host: str) -> None:
    async with announced("Steward in a test", host, 12345, WYOMING):
        pass
