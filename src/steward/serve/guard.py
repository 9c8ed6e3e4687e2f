"""Who may talk to the server: checks of Host, Origin and token before any request is served.

A page from elsewhere can make a browser send requests to a server on loopback. Three checks stop
that: the Host header must be a name of this server (a rebound DNS name is not), the Origin of a
WebSocket or of a request that changes something must be the page's own, and answers carry headers
that keep the page from loading or being loaded by anything else. Off loopback a token is needed.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import socket
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from steward.config import LOOPBACK, Server

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


def token_allowed(given: str | None, token: str) -> bool:
    """Compare the token that was given with the right one, in constant time."""
    return given is not None and hmac.compare_digest(given.encode(), token.encode())


def cookie_value(token: str) -> str:
    """Return what the cookie holds: proof of having known `token`, not the token itself."""
    return hmac.new(token.encode(), b"steward page cookie", hashlib.sha256).hexdigest()


class Guard:
    """ASGI middleware that refuses what may not come in and adds the security headers.

    Refusals: 400 for a Host that is not this server, 403 for a foreign Origin, 401 without the
    token. A WebSocket is refused before it is accepted.
    """

    def __init__(self, app: ASGIApp, server: Server) -> None:
        self._app = app
        self._server = server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check one connection, then pass it on."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        grant = False

        async def guarded_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    answer[name] = value
                if grant and self._server.token:
                    answer.append("Set-Cookie", _cookie(self._server.token))
            await send(message)

        refusal = self._refusal(scope, headers)
        if refusal is None:
            grant = self._gave_token_in_query(scope)
            await self._app(scope, receive, guarded_send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "refused"})
        else:
            await refusal(scope, receive, guarded_send)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        hosts = headers.getlist("host")
        host = hosts[0] if len(hosts) == 1 else ""
        if not host_allowed(host, self._server.host):
            return JSONResponse({"error": "this server does not go by that name"}, 400)
        acts = scope["type"] == "websocket" or scope["method"] not in {"GET", "HEAD"}
        if acts and not origin_allowed(headers.get("origin"), host):
            return JSONResponse({"error": "requests from other sites are refused"}, 403)
        if self._needs_token(scope) and not self._has_token(scope, headers):
            if scope["type"] == "http" and scope["path"] == "/":
                return HTMLResponse(_SIGN_IN, 401)
            return JSONResponse(
                {"error": "a token is needed", "hint": "send Authorization: Bearer TOKEN"},
                401,
                {"WWW-Authenticate": "Bearer"},
            )
        return None

    def _needs_token(self, scope: Scope) -> bool:
        return bool(self._server.token) and not scope["path"].startswith(_OPEN_PATHS)

    def _has_token(self, scope: Scope, headers: Headers) -> bool:
        token = self._server.token or ""
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token_allowed(given.strip(), token):
            return True
        if token_allowed(_read_cookie(headers), cookie_value(token)):
            return True
        return self._gave_token_in_query(scope)

    def _gave_token_in_query(self, scope: Scope) -> bool:
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [None])[0]
        return token_allowed(given, self._server.token or "") and bool(self._server.token)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _read_cookie(headers: Headers) -> str | None:
    cookie = SimpleCookie()
    try:
        cookie.load(headers.get("cookie", ""))
    except CookieError:
        return None
    morsel = cookie.get(COOKIE)
    return morsel.value if morsel else None


def _cookie(token: str) -> str:
    # Not `Secure`: on a home network there is no certificate, and the cookie must still come back.
    return (
        f"{COOKIE}={cookie_value(token)}; Path=/; Max-Age={COOKIE_SECONDS}; "
        "HttpOnly; SameSite=Strict"
    )
