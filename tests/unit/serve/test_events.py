"""The stream of Events, over HTTP, a WebSocket, the command line and webhooks."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from websockets.asyncio.client import connect

from steward.cli.events import listen
from steward.config import Config, Paths, Webhook
from steward.errors import ConfigError, PeerError
from steward.events import Event, Heard, Spoke, StateChanged, TimerFinished
from steward.serve.events import event_json
from steward.serve.tokens import Scope, opened
from steward.serve.webhooks import deliver
from steward.types import AudioChunk, Entity, Utterance

Until = Callable[[Callable[[], bool]], Awaitable[None]]
LIT = StateChanged(1.0, Entity("light.lamp", "Lamp", "on"))
RANG = TimerFinished(2.0, "tea", 60.0, "en")
SAID = Heard("t", 3.0, Utterance("my secret wish"), 1.0)
SECRET = "a secret of the owner's"


def token_of(paths: Paths, scope: Scope) -> dict[str, str]:
    with opened(paths.state) as tokens:
        return {"Authorization": f"Bearer {tokens.create(scope.value, scope)}"}


async def emit(butler: Any, *events: Event) -> None:
    for event in events:
        butler.hub.emit(event)


@pytest.mark.parametrize(
    ("scope", "query", "kinds"),
    [
        (Scope.TALK, "", ["state_changed", "timer_finished"]),
        (Scope.ADMIN, "", ["state_changed", "heard", "timer_finished"]),
        (Scope.ADMIN, "?kinds=heard,timer_finished", ["heard", "timer_finished"]),
        (Scope.TALK, "?kinds=heard,timer_finished", ["timer_finished"]),
    ],
)
async def test_a_stream_shows_what_its_token_may_see(
    address: str, butler: Any, paths: Paths, scope: Scope, query: str, kinds: list[str]
) -> None:
    headers = token_of(paths, scope)
    async with (
        httpx.AsyncClient(base_url=address, headers=headers, trust_env=False) as client,
        client.stream("GET", f"/api/events{query}") as answer,
        asyncio.timeout(10),
    ):
        lines = answer.aiter_lines()
        assert await anext(lines) == ": listening"
        await emit(butler, LIT, SAID, RANG)
        found: list[Any] = []
        while len(found) < len(kinds):
            line = await anext(lines)
            if line.startswith("data: "):
                found.append(json.loads(line[6:]))
    assert [event["kind"] for event in found] == kinds
    if scope is Scope.TALK:
        assert "secret wish" not in str(found)


async def test_the_same_over_a_websocket(
    address: str, butler: Any, paths: Paths, until: Until
) -> None:
    headers = token_of(paths, Scope.TALK)
    url = f"{address.replace('http', 'ws')}api/events?kinds=timer_finished"
    async with connect(url, additional_headers=headers, proxy=None) as socket, asyncio.timeout(10):
        await until(lambda: bool(butler.hub._queues))
        await emit(butler, LIT, SAID, RANG)
        assert json.loads(await socket.recv())["name"] == "tea"


async def test_a_reader_that_leaves_is_forgotten(
    address: str, butler: Any, paths: Paths, until: Until
) -> None:
    headers = token_of(paths, Scope.TALK)
    async with httpx.AsyncClient(base_url=address, headers=headers, trust_env=False) as client:
        async with client.stream("GET", "/api/events") as answer:
            assert await anext(answer.aiter_lines()) == ": listening"
        await until(lambda: not butler.hub._queues)
        assert (await client.get("/api/events?kinds=<b>")).status_code == 400
        unknown = await client.get("/api/events?kinds=timer_ended")
        assert (unknown.status_code, "timer_finished" in unknown.text) == (400, True)


async def test_a_webhook_for_what_never_happens_is_refused(butler: Any) -> None:
    hook = Webhook(url="http://127.0.0.1:9/", secret=SECRET, kinds=("timer_ended",))
    with pytest.raises(ConfigError, match="timer_ended"):
        await deliver(butler, [hook])


def test_sound_is_told_by_its_length() -> None:
    told = event_json(Spoke("t", 1.0, AudioChunk(b"\0\0" * 800, 16000), 2.0))
    assert told == {"kind": "spoke", "turn": "t", "time": 1.0, "seconds": 0.05}


async def test_the_command_watches_with_this_machine_s_key(
    address: str, butler: Any, paths: Paths, until: Until
) -> None:
    port = address.rstrip("/").rpartition(":")[2]
    config = Config.model_validate({"server": {"port": port}, "paths": paths.model_dump()})
    async with aclosing(listen(config, ("heard",))) as watching, asyncio.timeout(10):  # type: ignore[type-var]
        first = asyncio.ensure_future(anext(watching))
        await until(lambda: bool(butler.hub._queues))
        await emit(butler, LIT, SAID)
        assert (await first)["utterance"]["text"] == "my secret wish"
    with pytest.raises(PeerError, match="401"):
        await anext(listen(config, (), address, "wrong"))


async def test_no_server_is_a_clear_error(paths: Paths, unused: int) -> None:
    config = Config.model_validate({"server": {"port": unused}, "paths": paths.model_dump()})
    with pytest.raises(PeerError, match="cannot reach") as caught:
        await anext(listen(config, ()))
    assert "steward" in caught.value.hint


@pytest.fixture
def unused() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class Receiver:
    """A program that is told of Events, and refuses the first `refusals` of them."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.got: list[tuple[dict[str, str], bytes]] = []

    async def take(self, request: Request) -> Response:
        self.got.append((dict(request.headers), await request.body()))
        return Response(status_code=503 if len(self.got) <= self.refusals else 204)


@asynccontextmanager
async def receiving(receiver: Receiver, until: Until) -> AsyncIterator[str]:
    site = Starlette(routes=[Route("/hook", receiver.take, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(site, port=0, log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/hook"
    server.should_exit = True
    await task


@asynccontextmanager
async def delivering(
    butler: Any, hook: Webhook, pauses: tuple[float, ...], until: Until
) -> AsyncIterator[None]:
    task = asyncio.create_task(deliver(butler, (hook,), pauses))
    await until(lambda: bool(butler.hub._queues))
    yield
    task.cancel()
    await asyncio.wait({task})


async def test_a_webhook_is_signed_and_tried_again(butler: Any, until: Until) -> None:
    receiver = Receiver(refusals=2)
    async with receiving(receiver, until) as url:
        hook = Webhook(url=url, secret=SECRET, kinds=("timer_finished",))
        async with delivering(butler, hook, (0.01, 0.01), until):
            await emit(butler, LIT, RANG, SAID)
            await until(lambda: len(receiver.got) == 3)
    names = {headers["webhook-id"] for headers, _ in receiver.got}
    assert len(names) == 1
    headers, body = receiver.got[-1]
    assert json.loads(body)["name"] == "tea"
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = base64.b64encode(hmac.digest(SECRET.encode(), signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{right}"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60


async def test_a_webhook_that_is_given_up_is_logged_without_secrets(
    butler: Any, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    receiver = Receiver(refusals=2)
    async with receiving(receiver, until) as url:
        hook = Webhook(url=f"{url}?key=hidden", secret=SECRET, kinds=("timer_finished",))
        with caplog.at_level(logging.DEBUG, "steward"):
            async with delivering(butler, hook, (0.01,), until):
                await emit(butler, RANG, RANG)
                await until(lambda: len(receiver.got) == 3)
                await until(lambda: "given up" in caplog.text)
    assert "status 503" in caplog.text
    assert "hidden" not in caplog.text
    assert SECRET not in caplog.text
