"""The audit log, for the page.

GET /api/audit?words=…&door=…&before=ID&limit=N   the latest acts, the newest first
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from steward.audit import Audit
from steward.errors import StateError
from steward.serve.body import refusal


class Search(BaseModel):
    """What of the log is asked for; `before` is the number of an entry, older ones follow."""

    model_config = ConfigDict(extra="forbid")

    words: str = Field("", max_length=200)
    door: str = Field("", max_length=64)
    before: int | None = Field(None, ge=0, le=2**53)
    limit: int = Field(50, ge=1, le=500)


def audit_routes(audit: Audit) -> tuple[Route, ...]:
    """Return the route above."""

    async def search(request: Request) -> Response:
        try:
            asked = Search.model_validate(dict(request.query_params))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            body = {
                "error": f"{where}: {first['msg']}",
                "hint": "ask for words, door, before, limit",
            }
            return JSONResponse(body, 400)
        try:
            acts = audit.search(
                asked.words, door=asked.door, before=asked.before, limit=asked.limit
            )
        except StateError as error:
            return refusal(error)
        return Response(to_json(acts), media_type="application/json")

    return (Route("/api/audit", search),)
