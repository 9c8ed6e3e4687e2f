"""Who is let in: Host, Origin, token, and the headers of every answer."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from cookies import cookie
from steward.config import Paths, Server
from steward.errors import DeviceError
from steward.serve.guard import host_allowed, origin_allowed
from steward.serve.tokens import Scope, local_key, opened
from steward.types import Origin

Serving = Callable[[Any, Server], AbstractAsyncContextManager[str]]


def made(paths: Paths, name: str, scope: Scope) -> str:
    with opened(paths.state) as tokens:
        return tokens.create(name, scope)


def asking(url: str, token: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url=url, headers=headers, trust_env=False)


def socket_of(url: str, headers: dict[str, str], origin: Any = None) -> connect:
    address = f"{url.replace('http', 'ws')}ws"
    return connect(address, additional_headers=headers, origin=origin, proxy=None)


def certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for 127.0.0.1 that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "steward")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(built.public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return cert_file, key_file


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
    async with socket_of(address, await cookie(address), origin) as socket:
        assert "world" in str(await socket.recv())


async def test_on_this_machine_only_the_page_needs_no_token(address: str, butler: Any) -> None:
    async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
        assert (await client.get("/api/world")).status_code == 401
        assert (await client.post("/api/ask", json={"text": "hi"})).status_code == 401
        assert (await client.get("/")).status_code == 200
        assert (await client.get("/api/world")).status_code == 200
        for site in ("same-site", "cross-site"):
            headers = {"Sec-Fetch-Site": site}
            assert (await client.get("/api/world", headers=headers)).status_code == 401
    with pytest.raises(InvalidStatus):
        async with socket_of(address, {}):
            pass
    assert butler.heard == []


async def test_the_key_in_the_state_folder_is_this_machine_s(address: str, paths: Paths) -> None:
    key = local_key(paths.state)
    assert (paths.state / "local.key").stat().st_mode & 0o777 == 0o600
    async with asking(address, key) as client:
        assert (await client.get("/api/people")).status_code == 200


@pytest.fixture
def token(paths: Paths) -> str:
    return made(paths, "phone", Scope.TALK)


@pytest.fixture
async def locked(butler: Any, serving: Serving) -> AsyncIterator[str]:
    async with serving(butler, Server(port=0, local_page="off")) as url:
        yield url


async def test_without_the_token_nothing_is_seen(locked: str, token: str, butler: Any) -> None:
    async with httpx.AsyncClient(base_url=locked, trust_env=False) as client:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Cookie": f"steward={token}"}):
            assert (await client.get("/api/world", headers=headers)).status_code == 401
            refused = await client.post("/api/ask", json={"text": "hi"}, headers=headers)
            assert refused.status_code == 401
            assert token not in refused.text
        form = await client.get("/")
        assert (form.status_code, "password" in form.text) == (401, True)
        assert (await client.get("/?token=wrong")).status_code == 401
        elsewhere = await client.get(f"/api/world?token={token}")
        assert (elsewhere.status_code, elsewhere.json()["error"]) == (401, "a token is needed")
        assert (await client.get("/health")).status_code == 200
    with pytest.raises(InvalidStatus):
        async with socket_of(locked, {}):
            pass
    assert butler.heard == []


async def test_a_bearer_token_lets_in_and_names_who_asks(
    locked: str, token: str, butler: Any
) -> None:
    async with asking(locked, token) as client:
        assert (await client.post("/api/ask", json={"text": "hi"})).status_code == 200
    async with socket_of(locked, {"Authorization": f"Bearer {token}"}) as socket:
        assert "world" in str(await socket.recv())
    assert butler.origins == [Origin("api", "phone")]


async def test_a_token_in_the_address_becomes_a_cookie(locked: str, token: str) -> None:
    async with httpx.AsyncClient(base_url=locked, trust_env=False) as client:
        first = await client.get("/", params={"token": token})
        assert first.status_code == 200
        baked = first.headers["set-cookie"]
        assert "HttpOnly" in baked
        assert "SameSite=Strict" in baked
        assert token not in baked
        assert (await client.get("/api/world")).status_code == 200
        pair = baked.partition(";")[0]
    async with socket_of(locked, {"Cookie": pair}) as socket:
        assert "world" in str(await socket.recv())


async def test_a_revoked_token_lets_in_no_more(locked: str, token: str, paths: Paths) -> None:
    async with asking(locked, token) as client:
        assert (await client.get("/api/world")).status_code == 200
        with opened(paths.state) as tokens:
            assert tokens.revoke("phone")
        assert (await client.get("/api/world")).status_code == 401


@pytest.mark.parametrize(
    ("scope", "people", "tapped"),
    [(Scope.TALK, 403, "refused"), (Scope.CONTROL, 403, "tapped"), (Scope.ADMIN, 200, "tapped")],
)
async def test_a_scope_is_all_that_is_let(
    locked: str, paths: Paths, scope: Scope, people: int, tapped: str
) -> None:
    token = made(paths, "tablet", scope)
    async with asking(locked, token) as client:
        assert (await client.get("/api/people")).status_code == people
        assert (await client.post("/api/ask", json={"text": "hi"})).status_code == 200
    async with socket_of(locked, {"Authorization": f"Bearer {token}"}) as socket:
        await socket.recv()
        await socket.send('{"type": "tap", "capability": "light.turn_on"}')
        messages = [json.loads(await socket.recv())]
        while messages[-1]["kind"] == "state_changed":
            messages.append(json.loads(await socket.recv()))
    assert messages[-1]["kind"] == tapped


async def test_who_asks_too_often_waits_and_others_do_not(
    butler: Any, serving: Serving, paths: Paths
) -> None:
    one, other = made(paths, "one", Scope.TALK), made(paths, "other", Scope.TALK)
    async with serving(butler, Server(port=0, rate=0.5)) as url:
        async with asking(url, one) as client:
            answers = [await client.get("/api/world") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
        assert int(answers[-1].headers["retry-after"]) > 0
        async with asking(url, "wrong") as client:
            refused = [(await client.get("/api/world")).status_code for _ in range(4)]
        assert refused == [401, 401, 429, 429]
        async with asking(url, other) as client:
            assert (await client.get("/api/world")).status_code == 200


async def test_https_by_configuration(butler: Any, serving: Serving, tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    async with serving(butler, Server(port=0, cert=cert, key=key)) as url:
        assert url.startswith("https://127.0.0.1:")
        trust = ssl.create_default_context(cafile=str(cert))
        async with httpx.AsyncClient(base_url=url, verify=trust, trust_env=False) as client:
            page = await client.get("/")
            assert page.headers["set-cookie"].endswith("; Secure")
            assert (await client.get("/api/world")).status_code == 200


async def test_a_bad_certificate_is_a_clear_error(
    butler: Any, serving: Serving, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.pem"
    bad.write_text("no certificate")
    with pytest.raises(DeviceError, match="https cannot be used") as caught:
        async with serving(butler, Server(port=0, cert=bad, key=bad)):
            pass
    assert "PEM" in caught.value.hint
