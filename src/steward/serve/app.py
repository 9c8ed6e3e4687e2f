"""The web application: the page, its files, its WebSocket, and a small JSON API.

GET  /            the page
GET  /static/…    its files
WS   /ws          everything live; see `steward.serve.messages`
GET  /api/world   the home as it is now
POST /api/ask     {"text": …, "language"?} -> the turn, as `steward ask --json` gives it
…    /api/people  who is known by voice; see `steward.serve.people`
GET  /health      {"status": "ok"}
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

from pydantic_core import to_json
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from steward.config import Config
from steward.errors import StewardError, UserError
from steward.serve.butler import Butler
from steward.serve.guard import Guard
from steward.serve.messages import MAX_TEXT_BYTES, Say, read_say
from steward.serve.people import people_routes
from steward.serve.record import record
from steward.serve.session import TRY_AGAIN_LATER, Session
from steward.types import Origin, Utterance

STATIC = Path(__file__).parent / "static"
MAX_PAGES = 32
"""Pages open at once; each may hold a recording and a few waiting messages in memory."""
BODY_SECONDS = 10.0
"""Longest time for a request's body to arrive."""


def app(butler: Butler, config: Config) -> Starlette:
    """Return the application that shows `butler` to browsers, guarded as `config.server` says."""
    site = _Site(butler)
    return Starlette(
        routes=[
            Route("/", site.page),
            Route("/health", site.health),
            Route("/api/world", site.world),
            Route("/api/ask", site.ask, methods=["POST"]),
            *people_routes(butler),
            WebSocketRoute("/ws", site.live),
            Mount("/static", _Files(directory=STATIC)),
        ],
        middleware=[Middleware(Guard, server=config.server)],
    )


class _Files(StaticFiles):
    """Static files that browsers ask about each time, so that an update shows at once."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        # Its signature is Starlette's own affair: all is passed on as it came.
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response


class _Site:
    def __init__(self, butler: Butler) -> None:
        self._butler = butler
        self._pages = 0

    async def page(self, _: Request) -> Response:
        return FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})

    async def health(self, _: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def world(self, _: Request) -> Response:
        content = to_json(await self._butler.world(), inf_nan_mode="null")
        return Response(content, media_type="application/json")

    async def ask(self, request: Request) -> Response:
        try:
            say = await _read_say(request)
        except UserError as error:
            return JSONResponse({"error": error.message, "hint": error.hint}, 400)
        said = Utterance(say.text, say.language)
        try:
            async with aclosing(
                self._butler.turn(
                    said,
                    turn=say.turn,
                    conversation=say.conversation,
                    origin=_origin("api", request),
                )
            ) as turn:
                events = [event async for event in turn]
        except StewardError as error:
            status = 400 if isinstance(error, UserError) else 503
            return JSONResponse({"error": error.message, "hint": error.hint}, status)
        return JSONResponse(record(events))

    async def live(self, socket: WebSocket) -> None:
        await socket.accept()
        if self._pages >= MAX_PAGES:
            await socket.close(TRY_AGAIN_LATER, "too many pages are open")
            return
        self._pages += 1
        try:
            await Session(self._butler, socket, _origin("page", socket)).run()
        finally:
            self._pages -= 1


def _origin(door: str, connection: HTTPConnection) -> Origin:
    return Origin(door, connection.client.host if connection.client else "")


async def _read_say(request: Request) -> Say:
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in request.stream():
                body += piece
                if len(body) > MAX_TEXT_BYTES:
                    break
    except TimeoutError as error:
        raise UserError("the request did not arrive in time", hint="send it again") from error
    return read_say(bytes(body))
