"""Who may come in: checks of Host, Origin, token and rate before any request is served.

A page from elsewhere can make a browser send requests to a server on loopback. Three checks stop
that: the Host header must be a name of this server (a rebound DNS name is not), the Origin of a
WebSocket or of a request that changes something must be the page's own, and answers carry headers
that keep the page from loading or being loaded by anything else. Beyond that a token is needed;
only a browser on this machine gets a cookie with the page instead, for it cannot be asked to type.
"""

from __future__ import annotations

import hmac
import ipaddress
import math
import re
import socket
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as Scope_

from steward.config import LOOPBACK, Server
from steward.serve.limits import Crowd, Rate
from steward.serve.openai.errors import error_body
from steward.serve.tokens import THIS_MACHINE, Grant, Scope, Tokens, cookie_value
from steward.types import Origin

COOKIE = "steward"
COOKIE_SECONDS = 365 * 24 * 3600
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; media-src 'self' blob:; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""On every answer. The page needs nothing from anywhere else, so nothing else is allowed."""

_OPEN_PATHS = ("/static/", "/health")
"""What needs no token: the program's own files and the sign of life, neither of them private."""

_ADMIN_PATHS = ("/api/people", "/api/audit")
_CONTROL_PATHS = ("/api/perform", "/mcp")
"""What takes more than the scope `talk`."""
MAX_AT_ONCE = 64
"""Requests and sockets that a peer may have open at a time."""

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?")
_SIGN_IN = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Steward</title>
<link rel="stylesheet" href="/static/base.css"><link rel="stylesheet" href="/static/talk.css">
<main class="sign-in"><h1>Steward</h1><form action="/" method="get">
<label for="token">Token · 口令</label>
<input id="token" name="token" type="password" autocomplete="current-password" autofocus required>
<button>Enter · 进入</button></form></main></html>"""


def host_allowed(header: str, configured: str) -> bool:
    """Tell whether the Host `header` names this server, which listens on `configured`.

    Loopback names always do, and the configured name or address. When the server listens on every
    address (0.0.0.0 or ::), so do IP literals, which DNS rebinding cannot forge, and this
    machine's own name.
    """
    match = _HOST.fullmatch(header.lower())
    if match is None:
        return False
    name = match["name"].strip("[]").rstrip(".")
    if name in LOOPBACK or name == configured.lower():
        return True
    if configured not in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not listened on
        return False
    own = socket.gethostname().lower()
    return _is_address(name) or name in {own, f"{own.partition('.')[0]}.local"}


def origin_allowed(origin: str | None, host: str) -> bool:
    """Tell whether a request with this Origin header may act on the server named `host`.

    Browsers send Origin with every WebSocket and POST; programs that are not browsers send none,
    and no other site can make them act, so its absence is allowed.
    """
    if origin is None:
        return True
    parts = urlsplit(origin)
    return parts.scheme in {"http", "https"} and parts.netloc.lower() == host.lower()


def needed(path: str) -> Scope | None:
    """Return the scope that a request for `path` takes, None where it takes no token."""
    if path.startswith(_OPEN_PATHS):
        return None
    if path.startswith(_ADMIN_PATHS):
        return Scope.ADMIN
    return Scope.CONTROL if path.startswith(_CONTROL_PATHS) else Scope.TALK


def granted(connection: HTTPConnection) -> Grant:
    """Return who was let in with `connection`, which has passed the guard."""
    grant: Grant = connection.scope["state"]["grant"]
    return grant


def origin(connection: HTTPConnection, door: str) -> Origin:
    """Return whom the audit log names for what is asked over `connection`."""
    return Origin(door, granted(connection).who)


class Guard:
    """ASGI middleware that refuses what may not come in and adds the security headers.

    Refusals: 400 for a Host that is not this server, 401 without a token or a page's cookie, 403
    for a foreign Origin or what the token's scope leaves out, 429 for too much of anything. A
    WebSocket is refused before it is accepted. `key` is this machine's own (`local_key`).
    """

    def __init__(self, app: ASGIApp, server: Server, tokens: Tokens, key: str) -> None:
        self._app = app
        self._server = server
        self._tokens = tokens
        self._key = key
        self._rate = Rate(server.rate, 4 * server.rate)
        self._crowd = Crowd(MAX_AT_ONCE)

    async def __call__(self, scope: Scope_, receive: Receive, send: Send) -> None:
        """Check one connection, then pass it on."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        cookies: list[str] = []

        async def guarded_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    answer[name] = value
                for cookie in cookies:
                    answer.append("Set-Cookie", cookie)
            await send(message)

        with self._crowd.enter(_peer(connection)) as room:
            refusal = self._refusal(connection, cookies) if room else _later(connection, 1.0)
            if refusal is None:
                await self._app(scope, receive, guarded_send)
            elif scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008, "reason": "refused"})
            else:
                await refusal(scope, receive, guarded_send)

    def _refusal(self, connection: HTTPConnection, cookies: list[str]) -> Response | None:
        scope, headers = connection.scope, connection.headers
        hosts = headers.getlist("host")
        host = hosts[0] if len(hosts) == 1 else ""
        if not host_allowed(host, self._server.host):
            return _no(
                connection,
                400,
                "this server does not go by that name",
                "ask for it by its own name",
            )
        acts = scope["type"] == "websocket" or scope["method"] not in {"GET", "HEAD"}
        if acts and not origin_allowed(headers.get("origin"), host):
            return _no(
                connection, 403, "requests from other sites are refused", "open the page itself"
            )
        path: str = scope["path"]
        scope_needed = needed(path)
        if scope_needed is None:
            return None
        grant = self._grant(connection, cookies)
        # Strangers have a measure of their own: theirs must not use up that of who may come in.
        if wait := self._rate.take(grant.who if grant else f"stranger {_peer(connection)}"):
            return _later(connection, wait)
        if grant is None:
            return _sign_in() if path == "/" else _unknown(connection)
        if not grant.scope.includes(scope_needed):
            what = f"the token {grant.who!r} is for {grant.scope}, this takes {scope_needed}"
            return _no(connection, 403, what, f"steward token create NAME --scope {scope_needed}")
        scope.setdefault("state", {})["grant"] = grant
        return None

    def _grant(self, connection: HTTPConnection, cookies: list[str]) -> Grant | None:
        """Return who asks, and put into `cookies` what his page shall be known by."""
        scheme, _, given = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            given = given.strip()
            if _same(given, self._key):
                return Grant(THIS_MACHINE, Scope.ADMIN)
            return self._tokens.grant(given, None)
        cookie = _read_cookie(connection)
        page = connection.scope["path"] == "/"
        asked = parse_qs(connection.scope["query_string"].decode("latin-1")).get("token", [None])[0]
        if page and asked is not None:
            grant = self._tokens.grant(asked, None)
            if grant is not None:
                cookies.append(self._cookie(asked))
            return grant
        if self._local(connection):
            if page:
                cookies.append(self._cookie(self._key))
            if page or (cookie is not None and _same(cookie, cookie_value(self._key))):
                return Grant(_peer(connection), Scope.ADMIN)
        return self._tokens.grant(None, cookie)

    def _local(self, connection: HTTPConnection) -> bool:
        """Tell whether a browser on this machine asks, as far as that can be known."""
        name = urlsplit(f"//{connection.headers['host']}").hostname
        return (
            self._server.local_page == "on"
            and _is_address(_peer(connection))
            and ipaddress.ip_address(_peer(connection)).is_loopback
            and name in LOOPBACK
        )

    def _cookie(self, secret: str) -> str:
        # Without TLS it cannot be `Secure`, and must still come back.
        secure = "; Secure" if self._server.cert else ""
        return (
            f"{COOKIE}={cookie_value(secret)}; Path=/; Max-Age={COOKIE_SECONDS}; "
            f"HttpOnly; SameSite=Strict{secure}"
        )


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(), right.encode())


def _peer(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else ""


def _no(connection: HTTPConnection, status: int, error: str, hint: str, **headers: str) -> Response:
    body: dict[str, object] = {"error": error, "hint": hint}
    if connection.scope["path"].startswith("/v1/"):
        body = error_body(f"{error} ({hint})", "invalid_request_error")
    return JSONResponse(body, status, headers)


def _unknown(connection: HTTPConnection) -> Response:
    error, hint = "a token is needed", "send Authorization: Bearer TOKEN"
    if "authorization" in connection.headers:
        error, hint = "this token is not known", "was it copied as a whole, or is it revoked?"
    hint += "; steward token create NAME makes one"
    return _no(connection, 401, error, hint, **{"WWW-Authenticate": "Bearer"})


def _later(connection: HTTPConnection, seconds: float) -> Response:
    hint, wait = "wait a moment, and ask less often", str(math.ceil(seconds))
    return _no(connection, 429, "too many requests", hint, **{"Retry-After": wait})


def _sign_in() -> Response:
    return HTMLResponse(_SIGN_IN, 401)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _read_cookie(connection: HTTPConnection) -> str | None:
    # Other servers on this machine are the same "site" to a browser, and their pages not ours.
    if connection.headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
        return None
    cookie = SimpleCookie()
    try:
        cookie.load(connection.headers.get("cookie", ""))
    except CookieError:
        return None
    morsel = cookie.get(COOKIE)
    return morsel.value if morsel else None
