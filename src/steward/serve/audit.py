"""The audit log, for the page.

GET /api/audit?words=…&door=…&before=ID&limit=N   the latest acts, the newest first
GET /api/audit/sent?turn=…&before=ID&limit=N      what left for other machines, the newest first
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, RootModel
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from steward.audit import Act, Audit
from steward.errors import StewardError
from steward.outgoing import Left
from steward.serve.body import refusal
from steward.serve.endpoint import Endpoint, parse


class Search(BaseModel):
    """What of the log is asked for; `before` is the number of an entry, older ones follow."""

    model_config = ConfigDict(extra="forbid")

    words: str = Field("", max_length=200)
    door: str = Field("", max_length=64)
    before: int | None = Field(None, ge=0, le=2**53)
    limit: int = Field(50, ge=1, le=500)


class WhatLeft(BaseModel):
    """What of that is asked for: of one `turn`, or of all; older than the entry `before`."""

    model_config = ConfigDict(extra="forbid")

    turn: str = Field("", max_length=64)
    before: int | None = Field(None, ge=0, le=2**53)
    limit: int = Field(50, ge=1, le=500)


class AllLeft(RootModel[tuple[Left, ...]]):
    """Requests that left; `body` is a text, for all that is sent is JSON."""


class Acts(RootModel[tuple[Act, ...]]):
    """Entries of the log."""


def audit_endpoints(audit: Audit) -> tuple[Endpoint, ...]:
    """Return the endpoints above."""

    async def search(request: Request) -> Response:
        """Search what was done, the newest first: who asked where, what for, why, what came of it.

        An entry holds every one of `words`.
        """
        try:
            asked = parse(Search, dict(request.query_params))
            acts = audit.search(
                asked.words, door=asked.door, before=asked.before, limit=asked.limit
            )
        except StewardError as error:
            return refusal(error)
        return Response(to_json(acts), media_type="application/json")

    async def sent(request: Request) -> Response:
        """Show what left for other machines, byte for byte, the newest first."""
        try:
            asked = parse(WhatLeft, dict(request.query_params))
            left = audit.sent.search(asked.turn, before=asked.before, limit=asked.limit)
        except StewardError as error:
            return refusal(error)
        return Response(to_json(left), media_type="application/json")

    return (
        Endpoint("GET", "/api/audit", search, query=Search, answer=Acts),
        Endpoint("GET", "/api/audit/sent", sent, query=WhatLeft, answer=AllLeft),
    )
