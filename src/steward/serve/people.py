"""Who is known by voice, for the page.

GET    /api/people              [{"name": …, "since": ISO date}]
POST   /api/people/NAME?rate=N  the body is what NAME says: PCM, signed 16-bit little-endian, mono
DELETE /api/people/NAME         forget NAME
"""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field, RootModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from steward.errors import StewardError, UserError
from steward.hearing import Acquaintance
from steward.serve.body import read_body, refusal
from steward.serve.butler import Butler
from steward.serve.endpoint import Endpoint
from steward.types import AudioChunk

RATES = range(8_000, 96_001)
LONGEST = 60
"""Seconds of speech that are taken."""
BODY_SECONDS = 20.0
"""Longest time for them to arrive."""


class Known(BaseModel):
    """Somebody who is known by his voice, `since` a day."""

    name: str
    since: str


class People(RootModel[tuple[Known, ...]]):
    """Who is known."""


class Recording(BaseModel):
    """How a voice was recorded: `rate` in samples a second."""

    rate: int = Field(ge=RATES[0], le=RATES[-1])


def people_endpoints(butler: Butler) -> tuple[Endpoint, ...]:
    """Return the endpoints above."""
    site, name = _People(butler), {"name": "whose voice it is"}
    return (
        Endpoint("GET", "/api/people", site.all, answer=People),
        Endpoint(
            "POST",
            "/api/people/{name}",
            site.add,
            query=Recording,
            takes="application/octet-stream",
            parameters=name,
        ),
        Endpoint("DELETE", "/api/people/{name}", site.delete, parameters=name),
    )


class _People:
    def __init__(self, butler: Butler) -> None:
        self._butler = butler

    async def all(self, _: Request) -> Response:
        """List who is known by voice."""
        try:
            known = await self._known().people()
        except StewardError as error:
            return refusal(error)
        return JSONResponse([{"name": name, "since": since} for name, since in known.items()])

    async def add(self, request: Request) -> Response:
        """Know somebody by what he says: PCM, signed 16-bit little-endian, mono."""
        name, since = request.path_params["name"], datetime.now().astimezone().date().isoformat()
        try:
            sound = await _sound(request)
            await self._known().enrol(name, since, {"the recording": sound})
        except StewardError as error:
            return refusal(error)
        return Response(status_code=204)

    async def delete(self, request: Request) -> Response:
        """Forget somebody's voice."""
        try:
            gone = await self._known().forget(request.path_params["name"])
        except StewardError as error:
            return refusal(error)
        return Response(status_code=204 if gone else 404)

    def _known(self) -> Acquaintance:
        return self._butler.acquaintance()


async def _sound(request: Request) -> AudioChunk:
    rate = request.query_params.get("rate", "")
    if not rate.isdecimal() or len(rate) > 6 or int(rate) not in RATES:
        raise UserError("no rate at which sound is recorded", hint="add ?rate=16000 to the address")
    pcm = await read_body(request, 2 * int(rate) * LONGEST, BODY_SECONDS)
    if len(pcm) % 2:
        raise UserError("the recording is cut off within a sample", hint="send it again")
    return AudioChunk(pcm, int(rate))
