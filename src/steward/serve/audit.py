"""The audit log, for the page.

GET /api/audit?words=…&door=…&before=ID&limit=N   the latest acts, the newest first
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, RootModel
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from steward.audit import Act, Audit
from steward.errors import StewardError
from steward.serve.body import refusal
from steward.serve.endpoint import Endpoint, parse


class Search(BaseModel):
    """What of the log is asked for; `before` is the number of an entry, older ones follow."""

    model_config = ConfigDict(extra="forbid")

    words: str = Field("", max_length=200)
    door: str = Field("", max_length=64)
    before: int | None = Field(None, ge=0, le=2**53)
    limit: int = Field(50, ge=1, le=500)


class Acts(RootModel[tuple[Act, ...]]):
    """Entries of the log."""


def audit_endpoints(audit: Audit) -> tuple[Endpoint, ...]:
    """Return the endpoint above."""

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

    return (Endpoint("GET", "/api/audit", search, query=Search, answer=Acts),)
