"""Starting and stopping the server."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from steward.config import Config, Server
from steward.errors import PortError
from steward.serve.run import serve

Serving = Callable[[Any, Server], AbstractAsyncContextManager[str]]


async def test_port_zero_reports_the_chosen_port(address: str, butler: Any) -> None:
    assert address.startswith("http://127.0.0.1:")
    assert not address.endswith(":0/")
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{address}health")).json() == {"status": "ok"}
    assert butler.watching


async def test_a_port_in_use_is_a_clear_error(butler: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        config = Config(server=Server(port=taken.getsockname()[1]))
        with pytest.raises(PortError, match="another program uses this port") as caught:
            await serve(butler, config, lambda _: None)
    assert "port" in caught.value.hint
    assert not butler.watching


async def test_an_address_of_another_machine_is_a_clear_error(butler: Any) -> None:
    config = Config(server=Server(host="192.0.2.1", port=0, token="secret"))
    with pytest.raises(PortError, match=r"192\.0\.2\.1"):
        await serve(butler, config, lambda _: None)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_turns_and_the_server(butler: Any, number: signal.Signals) -> None:
    butler.gate.clear()
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(butler, Config(server=Server(port=0)), ready.set_result))
    address = await ready
    async with connect(f"{address.replace('http', 'ws')}ws", proxy=None) as page:
        await page.send('{"type": "say", "text": "hello"}')
        await butler.begun.wait()
        os.kill(os.getpid(), number)
        async with asyncio.timeout(10):
            await task
        with pytest.raises(ConnectionClosed):
            while True:
                await page.recv()
    assert butler.running == 0
    assert not butler.watching


async def test_a_watcher_that_breaks_stops_the_server(butler: Any) -> None:
    async def broken() -> None:
        raise OSError("the watched thing is gone")

    butler.run = broken
    with pytest.raises(OSError, match="gone"):
        async with asyncio.timeout(10):
            await serve(butler, Config(server=Server(port=0)), lambda _: None)


async def test_an_open_host_reports_a_reachable_address(butler: Any, serving: Serving) -> None:
    async with serving(butler, Server(host="0.0.0.0", port=0, token="secret")) as address:
        assert address.startswith("http://127.0.0.1:")
