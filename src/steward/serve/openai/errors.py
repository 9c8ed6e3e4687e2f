"""Refusals in OpenAI's form (https://platform.openai.com/docs/guides/error-codes)."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from steward.errors import PeerError, StewardError, UserError


class NoSuchModelError(UserError):
    """A model was asked for that is not here."""


class NotTwiceError(UserError):
    """A request was sent again whose command may have been carried out."""


def error_body(message: str, kind: str, code: str | None = None) -> dict[str, object]:
    """Return the body of a refusal."""
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def shaped(error: StewardError) -> tuple[int, dict[str, object]]:
    """Return the status and the body that tell of `error`."""
    says = f"{error.message} ({error.hint})"
    match error:
        case NoSuchModelError():
            return 404, error_body(says, "invalid_request_error", "model_not_found")
        case NotTwiceError():
            return 409, error_body(says, "conflict", "not_carried_out_again")
        case UserError():
            return 400, error_body(says, "invalid_request_error")
        case PeerError():
            return 502, error_body(says, "server_error")
        case _:
            return 503, error_body(says, "server_error")


def refused(error: StewardError) -> Response:
    """Return the answer that tells of `error`; only what time may mend is to be tried again."""
    status, body = shaped(error)
    again = "true" if isinstance(error, PeerError) else "false"
    return JSONResponse(body, status, {"x-should-retry": again})
