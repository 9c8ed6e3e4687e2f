"""What happens, as it happens, for other programs.

GET /api/events?kinds=state_changed,timer_finished   server-sent events, each an Event as JSON
WS  /api/events?kinds=…                              the same over a WebSocket, one a message

A token of the scope `admin` sees everything; others see the home: what is said and done by whom is
not theirs to read. A reader that is too slow is closed, and connects again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import to_json as encoded
from pydantic_core import to_jsonable_python
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from steward.errors import UserError
from steward.events import KINDS, Event, JobDone, Spoke, StateChanged, TimerFinished
from steward.serve.body import refusal
from steward.serve.butler import Butler
from steward.serve.endpoint import Endpoint, parse
from steward.serve.guard import granted
from steward.serve.tokens import Scope
from steward.types import Json

PATH = "/api/events"
ALIVE_SECONDS = 15.0
"""How often a quiet stream shows that it is alive."""
_HOME = (StateChanged, TimerFinished, JobDone)


class Wanted(BaseModel):
    """Which Events: their kinds with commas between them, all where it is left away."""

    model_config = ConfigDict(extra="forbid")

    kinds: str = Field("", max_length=400, pattern=r"^[a-z_,]*$")

    @field_validator("kinds")
    @classmethod
    def _known(cls, kinds: str) -> str:
        if not {*filter(None, kinds.split(","))} <= {*KINDS}:
            raise ValueError(f"the kinds are {', '.join(KINDS)}")
        return kinds


def event_json(event: Event) -> dict[str, Json]:
    """Return `event` as JSON; of sound only how long it is."""
    if isinstance(event, Spoke):
        seconds = event.audio.seconds
        return {"kind": "spoke", "turn": event.turn, "time": event.time, "seconds": seconds}
    found: dict[str, Json] = to_jsonable_python(event, inf_nan_mode="strings")
    return found


def event_endpoints(butler: Butler) -> tuple[Endpoint, ...]:
    """Return the endpoint for streams over HTTP."""

    async def stream(request: Request) -> Response:
        """Stream what happens, as server-sent events: each an Event as JSON."""
        try:
            wanted = parse(Wanted, dict(request.query_params))
        except UserError as error:
            return refusal(error)
        return StreamingResponse(_sent(butler, request, wanted), media_type="text/event-stream")

    return (Endpoint("GET", PATH, stream, query=Wanted, media="text/event-stream"),)


def event_socket(butler: Butler) -> WebSocketRoute:
    """Return the route for streams over a WebSocket."""

    async def stream(socket: WebSocket) -> None:
        try:
            wanted = parse(Wanted, dict(socket.query_params))
        except UserError as error:
            await socket.close(1008, error.message)
            return
        await socket.accept()
        gone = asyncio.create_task(_gone(socket))
        sending = asyncio.create_task(_send(butler, socket, wanted))
        try:
            await asyncio.wait({gone, sending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            sending.cancel()
            await asyncio.wait({gone, sending})

    return WebSocketRoute(PATH, stream)


async def _gone(socket: WebSocket) -> None:
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _send(butler: Butler, socket: WebSocket, wanted: Wanted) -> None:
    try:
        async with butler.subscribe() as events:
            async for event in _seen(events, socket, wanted):
                await socket.send_text(encoded(event_json(event)).decode())
        await socket.close(1013, "too slow")
    except WebSocketDisconnect:
        return


async def _sent(butler: Butler, request: Request, wanted: Wanted) -> AsyncGenerator[bytes, None]:
    async with butler.subscribe() as events:
        seen = _seen(events, request, wanted)
        # At once, so that whoever listens knows that he does.
        yield b": listening\n\n"
        coming = asyncio.ensure_future(anext(seen, None))
        try:
            while True:
                await asyncio.wait({coming}, timeout=ALIVE_SECONDS)
                if not coming.done():
                    yield b": alive\n\n"
                    continue
                if (event := coming.result()) is None:
                    return
                yield b"event: " + event.kind.encode() + b"\ndata: " + _line(event) + b"\n\n"
                coming = asyncio.ensure_future(anext(seen, None))
        finally:
            coming.cancel()


def _line(event: Event) -> bytes:
    return encoded(event_json(event))


async def _seen(
    events: AsyncIterator[Event], connection: HTTPConnection, wanted: Wanted
) -> AsyncIterator[Event]:
    kinds = set(filter(None, wanted.kinds.split(",")))
    everything = granted(connection).scope.includes(Scope.ADMIN)
    async for event in events:
        if (everything or isinstance(event, _HOME)) and (not kinds or event.kind in kinds):
            yield event
