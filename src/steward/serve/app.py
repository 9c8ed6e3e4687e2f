"""The web application: the page, its files, its WebSocket, and a small JSON API.

Who may ask what is `steward.serve.guard`'s to say.

GET  /            the page
GET  /static/…    its files
WS   /ws          everything live; see `steward.serve.messages`
GET  /api/world   the home as it is now
POST /api/ask     {"text": …, "language"?} -> the turn, as `steward ask --json` gives it
GET  /api/persona {"name": …, "about": …, "face": {…}}: who he is; see `steward.persona`
…    /api/people  who is known by voice; see `steward.serve.people`
GET  /api/audit   what was done; see `steward.serve.audit`
…    /api/events  what happens; see `steward.serve.events`
…    /api/device  this machine; see `steward.serve.device`
…    /v1/…        OpenAI's API; see `steward.serve.openai.routes`
GET  /openapi.json   what may be asked, for programs
GET  /health      {"status": "ok"}
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel
from pydantic_core import to_json
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from steward import __version__
from steward.audit import Audit
from steward.config import Config
from steward.errors import StewardError
from steward.persona import Face, Persona, load_persona
from steward.serve.audit import audit_endpoints
from steward.serve.body import read_body, refusal
from steward.serve.butler import Butler
from steward.serve.device import Machine, device_endpoints
from steward.serve.endpoint import Endpoint, document
from steward.serve.events import event_endpoints, event_socket
from steward.serve.guard import Guard, granted, origin
from steward.serve.messages import MAX_TEXT_BYTES, Say, read_say
from steward.serve.openai.routes import openai_endpoints
from steward.serve.outbox import TRY_AGAIN_LATER
from steward.serve.people import people_endpoints
from steward.serve.record import Turn, record, repeated
from steward.serve.session import Session
from steward.serve.tokens import Tokens, local_key
from steward.types import Origin, Utterance

STATIC = Path(__file__).parent / "static"
MAX_PAGES = 32
"""Pages open at once; each may hold a recording and a few waiting messages in memory."""
BODY_SECONDS = 10.0
"""Longest time for a request's body to arrive."""

NOT_TWICE = "this turn has begun and not ended: its command is not carried out again"
NOT_TWICE_HINT = "see what became of it (GET /api/world), or send it as a new turn"


def app(
    butler: Butler,
    config: Config,
    tokens: Tokens,
    audit: Audit,
    others: Sequence[BaseRoute] = (),
    machine: Machine | None = None,
) -> Starlette:
    """Return the application that shows `butler`, guarded as `config.server` and `tokens` say.

    `others` are the routes of other protocols, behind the same guard; `machine` is what the page
    shows of this one.

    Raises:
        StateError: the key of this machine cannot be read or made.
        ConfigError: the persona is none.
    """
    site = _Site(butler, audit, load_persona(config.persona))
    endpoints = (
        Endpoint("GET", "/health", site.health, answer=Health),
        Endpoint("GET", "/api/world", site.world, answer=HomeNow),
        Endpoint("GET", "/api/persona", site.persona, answer=PersonaNow),
        Endpoint("POST", "/api/ask", site.ask, body=Say, answer=Turn),
        *people_endpoints(butler),
        *audit_endpoints(audit),
        *event_endpoints(butler),
        *(device_endpoints(machine) if machine else ()),
        *openai_endpoints(butler, config, audit),
    )
    return Starlette(
        routes=[
            Route("/", site.page),
            *(endpoint.route() for endpoint in endpoints),
            Route("/openapi.json", _document(endpoints)),
            WebSocketRoute("/ws", site.live),
            event_socket(butler),
            *others,
            Mount("/static", _Files(directory=STATIC)),
        ],
        middleware=[
            Middleware(
                Guard,
                server=config.server,
                tokens=tokens,
                key=local_key(config.paths.state),
            )
        ],
    )


class Health(BaseModel):
    """The sign of life."""

    status: Literal["ok"] = "ok"


class PersonaNow(BaseModel):
    """Who the butler is."""

    name: str
    about: str
    face: Face


class HomeNow(BaseModel):
    """The home as it is; see `World`."""

    floors: tuple[dict[str, Any], ...]
    areas: tuple[dict[str, Any], ...]
    entities: tuple[dict[str, Any], ...]


def _document(endpoints: Sequence[Endpoint]) -> Callable[[Request], Awaitable[Response]]:
    made = to_json(document(endpoints, __version__))

    async def show(_: Request) -> Response:
        return Response(made, media_type="application/json")

    return show


class _Files(StaticFiles):
    """Static files that browsers ask about each time, so that an update shows at once."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        # Its signature is Starlette's own affair: all is passed on as it came.
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response


class _Site:
    def __init__(self, butler: Butler, audit: Audit, persona: Persona) -> None:
        self._butler = butler
        self._audit = audit
        self._persona = persona
        self._under_way: set[str] = set()
        self._pages = 0

    async def page(self, _: Request) -> Response:
        return FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})

    async def health(self, _: Request) -> Response:
        """Tell that the server runs; takes no token."""
        return JSONResponse({"status": "ok"})

    async def world(self, _: Request) -> Response:
        """Show the home as it is now: floors, areas, and entities with their states."""
        content = to_json(await self._butler.world(), inf_nan_mode="null")
        return Response(content, media_type="application/json")

    async def persona(self, _: Request) -> Response:
        """Tell who the butler is, and what his face is like."""
        shown = self._persona.model_dump(mode="json", include={"name", "about", "face"})
        return JSONResponse(shown)

    async def ask(self, request: Request) -> Response:
        """Run a turn on typed words, and tell all that happened in it.

        A `turn` that is sent again, after a connection broke say, is not carried out twice.
        """
        who = origin(request, "api")
        try:
            say = read_say(await read_body(request, MAX_TEXT_BYTES, BODY_SECONDS))
            done = self._audit.find(who, say.turn) if "turn" in say.model_fields_set else None
        except StewardError as error:
            return refusal(error)
        if say.turn in self._under_way or (done is not None and done.result == "begun"):
            return JSONResponse({"error": NOT_TWICE, "hint": NOT_TWICE_HINT}, 409)
        if done is not None:
            return JSONResponse(repeated(done))
        self._under_way.add(say.turn)
        try:
            return await self._ask(say, who)
        finally:
            self._under_way.discard(say.turn)

    async def _ask(self, say: Say, who: Origin) -> Response:
        said = Utterance(say.text, say.language)
        try:
            async with aclosing(
                self._butler.turn(said, turn=say.turn, conversation=say.conversation, origin=who)
            ) as turn:
                events = [event async for event in turn]
        except StewardError as error:
            return refusal(error)
        return JSONResponse(record(events))

    async def live(self, socket: WebSocket) -> None:
        await socket.accept()
        if self._pages >= MAX_PAGES:
            await socket.close(TRY_AGAIN_LATER, "too many pages are open")
            return
        self._pages += 1
        try:
            await Session(self._butler, socket, granted(socket)).run()
        finally:
            self._pages -= 1
