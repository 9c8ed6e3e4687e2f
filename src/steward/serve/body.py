"""Reading the body of a request, which may be long, slow or endless."""

from __future__ import annotations

import asyncio

from starlette.requests import Request

from steward.errors import UserError


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
