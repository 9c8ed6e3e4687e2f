"""An MCP server that is spoken to by streamable HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from steward.config import McpServer

if TYPE_CHECKING:
    from mcp.client._transport import TransportStreams

MAX_BODY = 4 * 1024 * 1024
"""Bytes of one answer; a longer one ends with an error."""
UNREACHED = -32077
"""The code, of those that JSON-RPC leaves free, of a message that has not reached the server."""


@asynccontextmanager
async def http(server: McpServer) -> AsyncIterator[TransportStreams]:
    """Give the streams of messages from and to `server`."""
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    headers = {"Authorization": f"Bearer {server.token}"} if server.token else {}
    limits = httpx2.Timeout(server.seconds, read=None)
    async with (
        httpx2.AsyncClient(headers=headers, timeout=limits, transport=_careful()) as client,
        streamable_http_client(server.url, http_client=client) as streams,
    ):
        yield streams


def _careful() -> Any:
    """Return an HTTP transport that tells what was never sent, and reads no endless answer.

    To the SDK a server that refuses the connection is as lost as one that broke it off: the calls
    that others wait for would be lost with it, and nobody would know that this one was not done.
    """
    import httpx2

    class Limited(httpx2.AsyncByteStream):
        def __init__(self, inner: httpx2.AsyncByteStream) -> None:
            self._inner = inner

        async def __aiter__(self) -> AsyncIterator[bytes]:
            left = MAX_BODY
            async for piece in self._inner:
                left -= len(piece)
                if left < 0:
                    raise httpx2.StreamError(f"an answer of more than {MAX_BODY} bytes")
                yield piece

        async def aclose(self) -> None:
            await self._inner.aclose()

    def unreached(why: str) -> httpx2.Response:
        told = {"code": UNREACHED, "message": why}
        body = json.dumps({"jsonrpc": "2.0", "id": None, "error": told})
        return httpx2.Response(503, headers={"Content-Type": "application/json"}, content=body)

    class Careful(httpx2.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            try:
                response = await super().handle_async_request(request)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                return unreached(str(error) or "it does not answer")
            if response.status_code == 404 and "mcp-session-id" in request.headers:
                # So says one that was started anew, and has not looked at what was asked for.
                await response.aclose()
                return unreached("it does not know us any more")
            if isinstance(response.stream, httpx2.AsyncByteStream):
                response.stream = Limited(response.stream)
            return response

    return Careful()
