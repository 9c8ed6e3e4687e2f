"""Pairing over real TLS on loopback: who knows the code gets in, once, and nobody else."""

from __future__ import annotations

import asyncio
import json
import ssl
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from hubs import Machine, Served
from waiting import eventually
from wyoming.event import Event, async_read_event, async_write_event

from steward.errors import PeerError, UserError
from steward.pairing.address import Address, connected
from steward.pairing.exchange import Guest
from steward.pairing.identity import (
    HTTP,
    PAIR,
    SATELLITE,
    client_context,
    fingerprint,
    identity,
    stranger_context,
)
from steward.pairing.joining import Asked, join
from steward.pairing.pairings import SECONDS, TRIES, Hub
from steward.pairing.trust import trust
from steward.serve.hub import door
from steward.serve.hub.open import new_token
from steward.serve.tokens import Scope
from steward.serve.tokens import opened as tokens_opened


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


async def paired(hub: Served, guest: Machine, name: str = "kitchen") -> Hub:
    shown = hub.machine.pairings.invite()
    return await join(guest.own, hub.address, Asked(shown.code, name), guest.pairings)


async def echoed(guest: Machine, hub: Hub, where: Address) -> bool:
    """Connect as a satellite, and tell whether the hub answers."""
    context = client_context(guest.own.file, hub.certificate)
    context.set_alpn_protocols([SATELLITE])
    reader, writer = await connected(where, context, 1000)
    try:
        await async_write_event(Event("ping"), writer)
        async with asyncio.timeout(20):
            event = await async_read_event(reader)
        return event is not None and event.type == "ping"
    except (OSError, asyncio.IncompleteReadError):
        return False
    finally:
        writer.transport.abort()


async def test_a_machine_that_knows_the_code_is_a_satellite_from_then_on(
    hub: Served, machines: list[Machine]
) -> None:
    kept = await paired(hub, machines[1])
    assert (kept.name, kept.token, kept.address) == ("study", "token1", str(hub.address))
    assert fingerprint(kept.certificate) == fingerprint(machines[0].own.certificate)
    assert [guest.name for guest in machines[0].pairings.guests()] == ["kitchen"]
    assert machines[1].pairings.hubs() == (kept,)
    assert await echoed(machines[1], kept, hub.address)
    assert hub.satellites == ["kitchen"]


async def test_a_stranger_is_no_satellite(hub: Served, machines: list[Machine]) -> None:
    kept = await paired(hub, machines[1])
    assert not await echoed(machines[2], kept, hub.address)
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    nobody.check_hostname, nobody.verify_mode = False, ssl.CERT_NONE
    for protocol in (SATELLITE, HTTP):
        nobody.set_alpn_protocols([protocol])
        reader, writer = await connected(hub.address, nobody, 1000)
        writer.write(b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n")
        async with asyncio.timeout(20):
            with pytest.raises((OSError, asyncio.IncompleteReadError)):
                await reader.readexactly(1)
        writer.transport.abort()
    assert hub.satellites == []


async def test_strangers_do_not_take_the_room_of_satellites(
    hub: Served, machines: list[Machine], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = await paired(hub, machines[1])
    monkeypatch.setattr(door, "MOST", 2)
    monkeypatch.setattr(door, "STRANGERS", 2, raising=False)
    waiting = [await connected(hub.address, stranger_context(), 1000) for _ in range(3)]
    async with asyncio.timeout(20):
        with suppress(OSError):
            assert await waiting[-1][0].read() == b"", "there is no room for a third"
    assert await echoed(machines[1], kept, hub.address)
    for _, writer in waiting:
        writer.transport.abort()


async def test_several_machines_are_told_apart(hub: Served, machines: list[Machine]) -> None:
    kept = [await paired(hub, machines[1], "kitchen"), await paired(hub, machines[2], "bedroom")]
    for machine, its in zip(machines[1:], kept, strict=True):
        assert await echoed(machine, its, hub.address)
    assert hub.satellites == ["kitchen", "bedroom"]


async def test_who_is_removed_is_out_at_once(hub: Served, machines: list[Machine]) -> None:
    kept = await paired(hub, machines[1])
    assert machines[0].pairings.remove("guest", "kitchen")
    assert not await echoed(machines[1], kept, hub.address)
    assert hub.satellites == []


async def test_who_is_removed_is_sent_away(hub: Served, machines: list[Machine]) -> None:
    kept = await paired(hub, machines[1])
    context = client_context(machines[1].own.file, kept.certificate)
    context.set_alpn_protocols([SATELLITE])
    reader, writer = await connected(hub.address, context, 1000)
    await eventually(lambda: hub.satellites == ["kitchen"])
    machines[0].pairings.remove("guest", "kitchen")
    async with asyncio.timeout(20):
        with suppress(OSError):
            assert await reader.read() == b""
    writer.transport.abort()


def test_a_code_that_was_shown_since_stays(machines: list[Machine]) -> None:
    first, second = machines[0].pairings.invite(), machines[0].pairings.invite()
    if first.code != second.code:  # once in a million they are the same
        machines[0].pairings.withdraw(first.code)
    assert machines[0].pairings.invitation() == second


async def test_a_wrong_code_is_refused_and_tries_end(hub: Served, machines: list[Machine]) -> None:
    shown = machines[0].pairings.invite()
    for _ in range(TRIES):
        with pytest.raises(UserError, match="another code"):
            await join(
                machines[1].own,
                hub.address,
                Asked(wrong(shown.code), "kitchen"),
                machines[1].pairings,
            )
    with pytest.raises(UserError, match="no code"):
        await join(machines[1].own, hub.address, Asked(shown.code, "kitchen"), machines[1].pairings)
    assert machines[0].pairings.guests() == ()
    assert machines[1].pairings.hubs() == ()
    assert hub.tokens == []


async def test_a_code_is_good_once_and_not_for_long(hub: Served, machines: list[Machine]) -> None:
    shown = machines[0].pairings.invite()
    asked = Asked(f"{shown.code[:3]} {shown.code[3:]}", "kitchen")
    await join(machines[1].own, hub.address, asked, machines[1].pairings)
    with pytest.raises(UserError, match="no code"):
        await join(machines[2].own, hub.address, Asked(shown.code, "b"), machines[2].pairings)
    shown = machines[0].pairings.invite()
    machines[0].now += SECONDS
    with pytest.raises(UserError, match="no code"):
        await join(machines[2].own, hub.address, Asked(shown.code, "b"), machines[2].pairings)
    assert [guest.name for guest in machines[0].pairings.guests()] == ["kitchen"]


async def test_nobody_takes_the_name_of_another(hub: Served, machines: list[Machine]) -> None:
    await paired(hub, machines[1])
    with pytest.raises(UserError, match="of this name"):
        await paired(hub, machines[2])
    # The same machine may be paired again, also by another name.
    await paired(hub, machines[1])
    await paired(hub, machines[1], "hall")
    assert [guest.name for guest in machines[0].pairings.guests()] == ["hall"]


def test_a_machine_that_is_called_otherwise_has_no_second_token(machines: list[Machine]) -> None:
    hub, kitchen, bedroom = machines

    def paired_as(name: str, guest: Machine) -> str:
        assert hub.pairings.welcome(hub.pairings.invite().code, name, guest.own.certificate)
        return new_token(tokens, hub.pairings, name)

    with tokens_opened(hub.state) as tokens:
        phone = tokens.create("phone", Scope.TALK)
        first, other = paired_as("kitchen", kitchen), paired_as("bedroom", bedroom)
        second = paired_as("hall", kitchen)
        assert tokens.grant(first, None) is None
        assert all(tokens.grant(each, None) for each in (phone, other, second))


async def test_somebody_in_between_is_found_out(hub: Served, machines: list[Machine]) -> None:
    """He passes on every byte in either direction, but TLS ends at him."""
    shown = machines[0].pairings.invite()
    middle = machines[2]
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(middle.own.file)
    server.set_alpn_protocols([PAIR])
    passed = bytearray()

    async def between(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        on = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        on.check_hostname, on.verify_mode = False, ssl.CERT_NONE
        on.set_alpn_protocols([PAIR])
        there, out = await connected(hub.address, on, 10_000)

        async def copy(a: asyncio.StreamReader, b: asyncio.StreamWriter) -> None:
            while part := await a.read(1000):
                passed.extend(part)
                b.write(part)
            b.close()

        await asyncio.wait(
            [asyncio.create_task(copy(reader, out)), asyncio.create_task(copy(there, writer))]
        )

    async with await asyncio.start_server(between, "127.0.0.1", 0, ssl=server) as proxy:
        where = Address("127.0.0.1", proxy.sockets[0].getsockname()[1])
        with pytest.raises(UserError, match="another code"):
            await join(machines[1].own, where, Asked(shown.code, "k"), machines[1].pairings)
    assert b"proof" in passed
    assert shown.code.encode() not in passed
    assert machines[0].pairings.guests() == ()
    assert machines[1].pairings.hubs() == ()


async def test_another_key_of_the_hub_is_refused(
    hub: Served, machines: list[Machine], tmp_path: Path
) -> None:
    kept = await paired(hub, machines[1])
    other = identity(tmp_path / "other")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(other.file)
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0, ssl=server) as false:
        where = Address("127.0.0.1", false.sockets[0].getsockname()[1])
        with pytest.raises(PeerError, match="another key") as told:
            await echoed(machines[1], kept, where)
    assert "pair again" in told.value.hint


async def test_a_hub_that_knows_no_code_is_not_believed(machines: list[Machine]) -> None:
    """It says that all is well, and gives a token."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(machines[0].own.file)

    async def lie(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from spake2 import SPAKE2_B

        await reader.readline()
        message = SPAKE2_B(b"000000").start().hex()
        writer.write(b'{"message": "%s"}\n' % message.encode())
        writer.write(b'{"proof": "%s", "name": "hub", "token": "t"}\n' % (b"0" * 64))
        await writer.drain()

    async with await asyncio.start_server(lie, "127.0.0.1", 0, ssl=server) as false:
        where = Address("127.0.0.1", false.sockets[0].getsockname()[1])
        with pytest.raises(PeerError, match="does not prove"):
            await join(machines[1].own, where, Asked("123456", "k"), machines[1].pairings)
    assert machines[1].pairings.hubs() == ()


async def test_trust_is_of_paired_hubs_only(hub: Served, machines: list[Machine]) -> None:
    kept = await paired(hub, machines[1])
    found = trust(machines[1].state, fingerprint(kept.certificate))
    assert found.token == "token1"
    with pytest.raises(UserError, match="not paired"):
        trust(machines[1].state, "0" * 64)


def test_what_is_kept_is_for_its_owner_only(machines: list[Machine]) -> None:
    for machine in machines:
        assert {file.stat().st_mode & 0o077 for file in machine.state.iterdir()} == {0}


async def test_garbage_at_the_door_lets_nobody_in_and_closes_it_for_nobody(
    hub: Served, machines: list[Machine]
) -> None:
    """Neither what is no TLS, nor what is no pairing, nor a pairing that is broken off."""
    machines[0].pairings.invite()
    reader, writer = await asyncio.open_connection(hub.address.host, hub.address.port)
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    async with asyncio.timeout(20):
        assert b"200" not in await reader.read()
    writer.transport.abort()
    hello = b'{"name": "x", "certificate": "", "message": ""}\n'
    for garbage in (b"\x00" * 100, b"x" * 70_000, b"[]\n", b"{}\n", hello, b'{"proof": 1}\n'):
        reader, writer = await connected(hub.address, stranger_context(), 10_000)
        writer.write(garbage)
        if not garbage.endswith(b"\n"):
            writer.write_eof() if writer.can_write_eof() else writer.close()
        async with asyncio.timeout(20):
            with suppress(OSError):
                assert b"token" not in await reader.read()
        writer.transport.abort()
    assert machines[0].pairings.guests() == ()
    assert (await paired(hub, machines[1])).token == "token1"


async def test_each_try_counts_also_one_that_is_broken_off(
    hub: Served, machines: list[Machine]
) -> None:
    shown = machines[0].pairings.invite()
    for _ in range(TRIES):
        reader, writer = await connected(hub.address, stranger_context(), 10_000)
        guest = Guest("000000", machines[1].own.certificate, b"")
        writer.write(json.dumps(guest.hello("kitchen")).encode() + b"\n")
        async with asyncio.timeout(20):
            assert b"message" in await reader.readline()
        writer.transport.abort()
    asked = Asked(shown.code, "kitchen")
    with pytest.raises(UserError, match="no code"):
        await join(machines[1].own, hub.address, asked, machines[1].pairings)


async def test_a_guest_asks_the_api_as_often_as_he_likes(
    hub: Served, machines: list[Machine]
) -> None:
    kept = await paired(hub, machines[1])
    found = trust(machines[1].state, fingerprint(kept.certificate))
    async with httpx.AsyncClient(verify=found.context, trust_env=False, timeout=20) as client:
        for _ in range(3):
            for path in ("/v1/models", "/v1/chat/completions"):
                answer = await client.post(f"https://{hub.address}{path}", json={"a": "b" * 9000})
                assert (answer.status_code, answer.text) == (200, f"localhost {path} 9008")
        for path in ("/", "/api/ask", "/v1", "/ws"):
            assert (await client.get(f"https://{hub.address}{path}")).status_code == 404
    assert hub.satellites == []
