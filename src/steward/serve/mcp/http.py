"""MCP at /mcp of the page's address, by streamable HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from steward.serve.mounted import Mounted

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

PATH = "/mcp"
MAX_SESSIONS = 64
"""Clients of the older kind, for each of which something is kept, at once."""
IDLE_SECONDS = 30 * 60.0
"""After so long without a request such a client is forgotten."""
MAX_BODY = 64 * 1024
"""Bytes of one request."""


def mounted(server: Server[Any]) -> Mounted:
    """Return `server` as a part of the web application, behind its guard."""
    from mcp.server.streamable_http_manager import (
        StreamableHTTPASGIApp,
        StreamableHTTPSessionManager,
    )

    # Host and Origin are the guard's to check.
    manager = StreamableHTTPSessionManager(
        app=server,
        json_response=False,
        session_idle_timeout=IDLE_SECONDS,
        max_sessions=MAX_SESSIONS,
        max_request_body_size=MAX_BODY,
    )
    return Mounted(Route(PATH, StreamableHTTPASGIApp(manager)), manager.run)
