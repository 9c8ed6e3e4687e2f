"""A part of the web application that another protocol brings."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from starlette.routing import BaseRoute


@dataclass(frozen=True)
class Mounted:
    """`route` is served while `running` is entered: it is, as long as the server runs."""

    route: BaseRoute
    running: Callable[[], AbstractAsyncContextManager[None]]
