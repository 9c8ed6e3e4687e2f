"""What skills that keep something in a file share: their watch, their arguments."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from steward.errors import StateError
from steward.types import Call, Failed

_ModelT = TypeVar("_ModelT", bound=BaseModel)
_log = logging.getLogger(__name__)


async def watch(look: Callable[[], Awaitable[None]], poll: float, trouble: str) -> None:
    """Await `look` every `poll` seconds until cancelled.

    A file that cannot be used for a while is logged, once, as `trouble`, and looked at again.
    """
    said = ""
    while True:
        try:
            await look()
            said = ""
        except StateError as error:
            if str(error) != said:
                said = str(error)
                _log.error("%s: %s", trouble, said)
        await asyncio.sleep(poll)


def arguments(call: Call, model: type[_ModelT]) -> _ModelT | Failed:
    """Return the arguments of `call` as a `model`, or what is wrong with them."""
    try:
        return model.model_validate(dict(call.arguments))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return Failed(call.id, "invalid", f"{call.capability}: {place}: {first['msg']}")
