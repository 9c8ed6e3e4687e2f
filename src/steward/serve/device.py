"""This machine, for the page: what runs on it now, and what it could carry.

GET /api/device                      what runs now; see `Now`
GET /api/device/report?language=zh   what it carries, as the HTML page of `steward fit`
"""

from __future__ import annotations

from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from steward.errors import StewardError
from steward.serve.body import refusal
from steward.serve.endpoint import Endpoint, parse


class Running(BaseModel):
    """A model of his: what it is for, its name, and whether it is loaded.

    Of the language model: its `answers` so far, and of the last one tokens/s and the seconds to its
    first token.
    """

    part: Literal["language", "hearing"]
    name: str
    loaded: bool
    answers: int = 0
    rate: float | None = None
    first: float | None = None


class Now(BaseModel):
    """The machine now: `busy` is 0 to 1 of all cores; memory in bytes, `own` is Steward's."""

    busy: float
    memory: int
    free: int
    own: int
    models: tuple[Running, ...]


class Machine(Protocol):
    """Who knows this machine."""

    def now(self) -> Now:
        """Return what runs, without delay."""
        ...

    async def report(self, language: str) -> str:
        """Return the page about what it carries; the first time it is measured, for half a minute.

        Raises:
            StewardError: it cannot be measured.
        """
        ...


class Asked(BaseModel):
    """In which language the report is asked for."""

    model_config = ConfigDict(extra="forbid")

    language: Literal["en", "zh"] = "en"


def device_endpoints(machine: Machine) -> tuple[Endpoint, ...]:
    """Return the endpoints above."""

    async def now(_: Request) -> Response:
        """Tell what runs on this machine: load, memory, and the models with their last speeds."""
        return Response(to_json(machine.now()), media_type="application/json")

    async def report(request: Request) -> Response:
        """Show which models this machine carries and how fast, as a page without scripts.

        The first time the machine is measured, which takes half a minute.
        """
        try:
            asked = parse(Asked, dict(request.query_params))
            return HTMLResponse(await machine.report(asked.language))
        except StewardError as error:
            return refusal(error)

    return (
        Endpoint("GET", "/api/device", now, answer=Now),
        Endpoint("GET", "/api/device/report", report, query=Asked, media="text/html"),
    )
