"""Who is known by voice, for the page.

GET    /api/people              [{"name": …, "since": ISO date}]
POST   /api/people/NAME?rate=N  the body is what NAME says: PCM, signed 16-bit little-endian, mono
DELETE /api/people/NAME         forget NAME
"""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from steward.errors import StewardError, UserError
from steward.hearing import Acquaintance
from steward.serve.body import read_body, refusal
from steward.serve.butler import Butler
from steward.types import AudioChunk

RATES = range(8_000, 96_001)
LONGEST = 60
"""Seconds of speech that are taken."""
BODY_SECONDS = 20.0
"""Longest time for them to arrive."""


def people_routes(butler: Butler) -> tuple[Route, ...]:
    """Return the routes above."""
    site = _People(butler)
    return (
        Route("/api/people", site.all, methods=["GET"]),
        Route("/api/people/{name}", site.add, methods=["POST"]),
        Route("/api/people/{name}", site.delete, methods=["DELETE"]),
    )


class _People:
    def __init__(self, butler: Butler) -> None:
        self._butler = butler

    async def all(self, _: Request) -> Response:
        try:
            known = await self._known().people()
        except StewardError as error:
            return refusal(error)
        return JSONResponse([{"name": name, "since": since} for name, since in known.items()])

    async def add(self, request: Request) -> Response:
        name, since = request.path_params["name"], datetime.now().astimezone().date().isoformat()
        try:
            sound = await _sound(request)
            await self._known().enrol(name, since, {"the recording": sound})
        except StewardError as error:
            return refusal(error)
        return Response(status_code=204)

    async def delete(self, request: Request) -> Response:
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
