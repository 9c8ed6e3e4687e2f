"""Who is let in: Host, Origin, token, and the headers of every answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from steward.config import Server
from steward.serve.guard import host_allowed, origin_allowed, token_allowed

Serving = Callable[[Any, Server], AbstractAsyncContextManager[str]]
TOKEN = "correct horse"


@pytest.fixture
async def client(address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=address, trust_env=False) as made:
        yield made


@pytest.mark.parametrize(
    ("header", "configured", "allowed"),
    [
        ("127.0.0.1:8377", "127.0.0.1", True),
        ("localhost:8377", "127.0.0.1", True),
        ("LOCALHOST", "127.0.0.1", True),
        ("[::1]:8377", "127.0.0.1", True),
        ("steward.lan:80", "steward.lan", True),
        ("evil.example", "127.0.0.1", False),
        ("127.0.0.1.evil.example", "127.0.0.1", False),
        ("localhost.evil.example:8377", "127.0.0.1", False),
        ("192.168.1.5:8377", "127.0.0.1", False),
        ("192.168.1.5:8377", "0.0.0.0", True),
        ("[fe80::1]:8377", "::", True),
        ("evil.example:8377", "0.0.0.0", False),
        ("", "127.0.0.1", False),
        ("127.0.0.1:8377@evil.example", "127.0.0.1", False),
        ("127.0.0.1/x", "127.0.0.1", False),
    ],
)
def test_only_this_server_s_names_are_hosts(header: str, configured: str, allowed: bool) -> None:
    assert host_allowed(header, configured) is allowed


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        ("http://127.0.0.1:8377", True),
        ("https://127.0.0.1:8377", True),
        ("http://127.0.0.1", False),
        ("http://127.0.0.1:9999", False),
        ("http://localhost:8377", False),
        ("https://evil.example", False),
        ("null", False),
        ("", False),
        ("file://", False),
    ],
)
def test_only_the_page_s_own_origin_may_act(origin: str | None, allowed: bool) -> None:
    assert origin_allowed(origin, "127.0.0.1:8377") is allowed


def test_tokens_compare() -> None:
    assert token_allowed(TOKEN, TOKEN)
    assert not token_allowed(None, TOKEN)
    assert not token_allowed("correct", TOKEN)
    assert not token_allowed("密码", TOKEN)


async def test_every_answer_is_hardened(client: httpx.AsyncClient) -> None:
    for path in ("/", "/static/main.js", "/health", "/nowhere"):
        headers = (await client.get(path)).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "server" not in headers


async def test_a_rebound_name_is_refused(client: httpx.AsyncClient) -> None:
    for path in ("/", "/api/world", "/static/main.js", "/health"):
        answer = await client.get(path, headers={"Host": "evil.example:8377"})
        assert answer.status_code == 400
        assert "Lamp" not in answer.text


async def test_a_post_from_another_site_is_refused(client: httpx.AsyncClient, butler: Any) -> None:
    headers = {"Origin": "https://evil.example"}
    answer = await client.post("/api/ask", json={"text": "hi"}, headers=headers)
    assert answer.status_code == 403
    assert butler.heard == []


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
async def test_a_socket_from_another_site_is_refused(address: str, origin: Any) -> None:
    with pytest.raises(InvalidStatus) as caught:
        async with connect(f"{address.replace('http', 'ws')}ws", origin=origin, proxy=None):
            pass
    assert caught.value.response.status_code == 403


async def test_a_socket_from_the_page_is_accepted(address: str) -> None:
    origin: Any = address.rstrip("/")
    async with connect(f"{address.replace('http', 'ws')}ws", origin=origin, proxy=None) as socket:
        assert "world" in str(await socket.recv())


@pytest.fixture
async def locked(butler: Any, serving: Serving) -> AsyncIterator[str]:
    async with serving(butler, Server(port=0, token=TOKEN)) as url:
        yield url


async def test_without_the_token_nothing_is_seen(locked: str, butler: Any) -> None:
    async with httpx.AsyncClient(base_url=locked, trust_env=False) as client:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Cookie": f"steward={TOKEN}"}):
            assert (await client.get("/api/world", headers=headers)).status_code == 401
            refused = await client.post("/api/ask", json={"text": "hi"}, headers=headers)
            assert refused.status_code == 401
        form = await client.get("/")
        assert (form.status_code, "password" in form.text) == (401, True)
        assert (await client.get("/?token=wrong")).status_code == 401
        assert (await client.get("/health")).status_code == 200
    with pytest.raises(InvalidStatus):
        async with connect(f"{locked.replace('http', 'ws')}ws", proxy=None):
            pass
    assert butler.heard == []


async def test_a_bearer_token_lets_in(locked: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(base_url=locked, headers=headers, trust_env=False) as client:
        assert (await client.get("/api/world")).status_code == 200
    url = f"{locked.replace('http', 'ws')}ws"
    async with connect(url, additional_headers=headers, proxy=None) as socket:
        assert "world" in str(await socket.recv())


async def test_a_token_in_the_address_becomes_a_cookie(locked: str) -> None:
    async with httpx.AsyncClient(base_url=locked, trust_env=False) as client:
        first = await client.get("/", params={"token": TOKEN})
        assert first.status_code == 200
        cookie = first.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert TOKEN not in cookie
        assert (await client.get("/api/world")).status_code == 200
        pair = cookie.partition(";")[0]
    url = f"{locked.replace('http', 'ws')}ws"
    async with connect(url, additional_headers={"Cookie": pair}, proxy=None) as socket:
        assert "world" in str(await socket.recv())
