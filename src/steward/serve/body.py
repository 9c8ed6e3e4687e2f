"""Bodies: those of requests, which may be long, slow or endless, and those of refusals."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from steward.errors import StewardError, UserError


async def read_body(request: Request, most: int, seconds: float) -> bytes:
    """Return the body, of at most `most` bytes, if it arrives within `seconds`.

    Raises:
        UserError: it is longer, or slower.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for piece in request.stream():
                body += piece
                if len(body) > most:
                    raise UserError(
                        f"the request is longer than {most:,} bytes", hint="send it in parts"
                    )
    except TimeoutError as error:
        raise UserError("the request did not arrive in time", hint="send it again") from error
    return bytes(body)


def refusal(error: StewardError) -> Response:
    """Return the answer that says what is wrong, and what to do about it."""
    status = 400 if isinstance(error, UserError) else 503
    return JSONResponse({"error": error.message, "hint": error.hint}, status)
