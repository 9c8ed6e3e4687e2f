"""The OpenAI-compatible API as paired machines ask it, by the connections of the hub's door."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

PATHS = ("/v1/", "/health")
"""What is offered: neither the page nor what changes the home is."""


class Paired:
    """ASGI middleware for peers whose certificate is known.

    The guard wants the server to be called by its own name, for a browser may be tricked to call
    it by another; a program that holds a guest's key and knows ours cannot be.
    """

    def __init__(self, site: ASGIApp) -> None:
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request for the API."""
        if scope["type"] != "http" or not scope["path"].startswith(PATHS):
            error = {"error": "paired machines are offered /v1/ only", "hint": "ask for that"}
            await JSONResponse(error, 404)(scope, receive, send)
            return
        MutableHeaders(scope=scope)["host"] = "localhost"
        await self._site(scope, receive, send)


def protocols(site: ASGIApp) -> Callable[[], asyncio.Protocol]:
    """Return what makes the protocol of one connection to `site`."""
    config = uvicorn.Config(
        Paired(site),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        ws="none",
        limit_concurrency=64,
        timeout_keep_alive=30,
    )
    config.load()
    state = ServerState()
    return lambda: H11Protocol(config, state, {})
