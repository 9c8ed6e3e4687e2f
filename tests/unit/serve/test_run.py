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
from pages import page
from websockets.exceptions import ConnectionClosed

from steward.config import Config, Paths, Server
from steward.errors import ConfigError, PortError
from steward.serve import run
from steward.serve.run import serve
from steward.serve.tokens import Scope, opened

Serving = Callable[[Any, Server], AbstractAsyncContextManager[str]]


async def test_port_zero_reports_the_chosen_port(address: str, butler: Any) -> None:
    assert address.startswith("http://127.0.0.1:")
    assert not address.endswith(":0/")
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{address}health")).json() == {"status": "ok"}
    assert butler.watching


async def test_a_port_in_use_is_a_clear_error(butler: Any, paths: Paths) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        config = Config(server=Server(port=taken.getsockname()[1]), paths=paths)
        with pytest.raises(PortError, match="another program uses this port") as caught:
            await serve(butler, config, lambda _: None)
    assert "port" in caught.value.hint
    assert not butler.watching


async def test_an_address_of_another_machine_is_a_clear_error(butler: Any, paths: Paths) -> None:
    with opened(paths.state) as tokens:
        tokens.create("phone", Scope.TALK)
    config = Config(server=Server(host="192.0.2.1", port=0), paths=paths)
    with pytest.raises(PortError, match=r"192\.0\.2\.1"):
        await serve(butler, config, lambda _: None)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_turns_and_the_server(
    butler: Any, paths: Paths, number: signal.Signals
) -> None:
    butler.gate.clear()
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    config = Config(server=Server(port=0), paths=paths)
    task = asyncio.create_task(serve(butler, config, ready.set_result))
    async with page(await ready) as socket:
        await socket.send('{"type": "say", "text": "hello"}')
        await butler.begun.wait()
        os.kill(os.getpid(), number)
        async with asyncio.timeout(10):
            await task
        with pytest.raises(ConnectionClosed):
            while True:
                await socket.recv()
    assert butler.running == 0
    assert not butler.watching


async def test_a_watcher_that_breaks_stops_the_server(butler: Any, paths: Paths) -> None:
    async def broken() -> None:
        raise OSError("the watched thing is gone")

    butler.run = broken
    with pytest.raises(OSError, match="gone"):
        async with asyncio.timeout(10):
            await serve(butler, Config(server=Server(port=0), paths=paths), lambda _: None)


async def test_an_open_host_reports_a_reachable_address(
    butler: Any, serving: Serving, paths: Paths
) -> None:
    with opened(paths.state) as tokens:
        tokens.create("phone", Scope.TALK)
    async with serving(butler, Server(host="0.0.0.0", port=0)) as address:
        assert address.startswith("http://127.0.0.1:")


async def test_no_host_is_open_before_there_is_a_token(butler: Any, paths: Paths) -> None:
    with pytest.raises(ConfigError, match="nobody has a token") as caught:
        await serve(butler, Config(server=Server(host="0.0.0.0"), paths=paths), print)
    assert "steward token create" in caught.value.hint


def test_no_connection_holds_back_the_second_half_of_an_answer() -> None:
    with (
        run._listen(Server(port=0)) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
