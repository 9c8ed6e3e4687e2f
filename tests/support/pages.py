"""A page's WebSocket, as tests speak over it."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from cookies import cookie


@asynccontextmanager
async def page(address: str) -> AsyncIterator[ClientConnection]:
    """Open a page and read the world that it is shown first."""
    url, headers = f"{address.replace('http', 'ws')}ws", await cookie(address)
    async with connect(url, additional_headers=headers, max_size=None, proxy=None) as socket:
        first = json.loads(await socket.recv())
        assert first["kind"] == "world"
        yield socket


async def send(socket: ClientConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))


async def receive(socket: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(10):
        message = await socket.recv()
    if isinstance(message, str):
        decoded: dict[str, Any] = json.loads(message)
        return decoded
    (length,) = struct.unpack_from("<I", message)
    return {**json.loads(message[4 : 4 + length]), "pcm": message[4 + length :]}


async def receive_until(socket: ClientConnection, kind: str) -> list[dict[str, Any]]:
    """Read messages up to the first of `kind`."""
    messages = [await receive(socket)]
    while messages[-1]["kind"] != kind:
        messages.append(await receive(socket))
    return messages
