"""Machines, of which one is a hub that serves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hubs import Echo, Machine, Served
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from steward.pairing.address import Address
from steward.serve.hub import door
from steward.serve.hub.api import protocols
from steward.wyoming.wire import Peer


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[list[Machine]]:
    made = [Machine(tmp_path / name) for name in ("hub", "kitchen", "bedroom")]
    yield made
    for machine in made:
        machine.pairings.close()


@pytest.fixture
async def hub(machines: list[Machine]) -> AsyncIterator[Served]:
    served = Served(machines[0])

    async def satellite(name: str, peer: Peer) -> None:
        served.satellites.append(name)
        while (event := await peer.read(20)) is not None:
            await peer.write(Echo(event))

    async def site(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        size = len(await request.body())
        answer = PlainTextResponse(f"{request.headers['host']} {request.url.path} {size}")
        await answer(scope, receive, send)

    def token(guest: str) -> str:
        served.tokens.append(guest)
        return f"token{len(served.tokens)}"

    offered = door.Hub(
        machines[0].own, "study", machines[0].pairings, satellite, protocols(site), token
    )
    async with door.opened(offered, "127.0.0.1", 0) as port:
        served.address = Address("127.0.0.1", port)
        yield served
