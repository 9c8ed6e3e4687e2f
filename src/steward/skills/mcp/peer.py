"""One MCP server: connected when it is first needed, and again when it was lost."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from steward.config import McpServer
from steward.errors import PeerError
from steward.skills.mcp.http import UNREACHED, http
from steward.skills.mcp.schema import fitted
from steward.skills.mcp.stdio import stdio
from steward.types import Json

if TYPE_CHECKING:
    from mcp.client import Client
    from mcp_types import CallToolResult, Tool

MAX_TEXT = 20_000
"""Characters of an answer that are kept."""
MAX_TOOLS = 500
"""Tools of one server; a longer list is not read to its end."""
START_SECONDS = 60.0
"""How long a server may take to start: some fetch themselves first."""
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0)
"""Seconds after the first, second, … failure in a row in which a server is not tried again."""
SILENCES = 2
"""After so many calls in a row without an answer a server is started anew."""
LOOK_SECONDS = 1.0
"""Pause between looks whether a server still runs."""

_log = logging.getLogger(__name__)


class NotDone(Exception):  # noqa: N818 - it says what it is
    """A call was not carried out; it says why. `reached` tells that the server itself said so."""

    def __init__(self, why: str, *, reached: bool = False) -> None:
        super().__init__(why)
        self.reached = reached


class Unconfirmed(Exception):  # noqa: N818
    """A call was sent and nobody knows whether it was carried out."""


@dataclass
class _Link:
    """A connection: `task` holds it open until `leave` is set."""

    client: Client
    tools: Mapping[str, Tool]
    task: asyncio.Task[None]
    leave: asyncio.Event


class Peer:
    """One MCP server, by the `name` that its owner gave it."""

    def __init__(
        self, name: str, server: McpServer, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Remember where the server is; `clock` tells seconds and never goes back."""
        self._name = name
        self._server = server
        self._clock = clock
        self._lock = asyncio.Lock()
        self._link: _Link | None = None
        self._leaving: set[asyncio.Task[None]] = set()
        self._failures = 0
        self._silences = 0
        self._not_before = 0.0

    async def tools(self) -> Mapping[str, Tool]:
        """Return the tools that the server offers, by name.

        Raises:
            PeerError: it cannot be reached, or does not speak as it should.
        """
        return (await self._linked()).tools

    async def call(self, tool: str, arguments: Mapping[str, Json]) -> dict[str, Json]:
        """Return the answer: {"text": …}, with "cut" where it was too long to keep.

        A call that may have reached the server is never sent twice.

        Raises:
            NotDone: it was not carried out.
            Unconfirmed: there was no answer, or none that can be used.
            LookupError: the server has no such tool.
            PeerError: the server cannot be reached.
        """
        link = await self._linked()
        offered = link.tools.get(tool)
        if offered is None:
            raise LookupError(f"{self._name} offers no tool {tool!r}")
        try:
            given = fitted(arguments, offered.input_schema)
        except ValueError as error:
            raise NotDone(str(error)) from error
        result = await self._sent(link, tool, given)
        text, cut = _text(result)
        if result.is_error:
            raise NotDone(text, reached=True)
        return {"text": text, "cut": True} if cut else {"text": text}

    async def keep(self) -> None:
        """Keep the server started until cancelled, so that the first sentence need not wait."""
        said = ""
        while True:
            try:
                await self._linked()
                said = ""
            except PeerError as error:
                if error.message != said:
                    said = error.message
                    _log.warning("%s", said)
            await asyncio.sleep(max(LOOK_SECONDS, self._not_before - self._clock()))

    async def close(self) -> None:
        """End the connection, and the server where we started it."""
        link, self._link = self._link, None
        leaving = set(self._leaving)
        if link is not None:
            link.leave.set()
            leaving.add(link.task)
        if leaving:
            await asyncio.wait(leaving)

    async def _sent(self, link: _Link, tool: str, arguments: dict[str, Json]) -> CallToolResult:
        from mcp.shared.exceptions import MCPError
        from mcp_types import CONNECTION_CLOSED, INTERNAL_ERROR, PARSE_ERROR

        try:
            async with asyncio.timeout(self._server.seconds):
                result = await link.client.call_tool(tool, arguments)
        except TimeoutError as error:
            self._silences += 1
            if self._silences >= SILENCES:
                self._drop(link)
            raise Unconfirmed(f"{self._name} did not answer in time") from error
        except MCPError as error:
            if error.code == CONNECTION_CLOSED:
                self._drop(link)
                raise Unconfirmed(f"{self._name} was lost before it answered") from error
            if error.code == UNREACHED:
                self._drop(link)
                raise self._lost(error.message) from error
            if error.code in (INTERNAL_ERROR, PARSE_ERROR):
                raise Unconfirmed(f"{self._name} failed: {error.message[:200]}") from error
            raise NotDone(error.message[:MAX_TEXT], reached=True) from error
        except (RuntimeError, ValueError) as error:
            # The SDK's word for an answer that is not of the promised form.
            raise Unconfirmed(f"the answer of {self._name} is not what it promises") from error
        self._failures = self._silences = 0
        return result

    async def _linked(self) -> _Link:
        async with self._lock:
            if self._link is not None and self._link.leave.is_set():
                # It has ended, and is only not closed yet.
                self._drop(self._link)
            if self._link is None:
                wait = self._not_before - self._clock()
                if wait > 0:
                    raise self._lost(f"it failed, and is tried again in {wait:.0f} s")
                self._link = await self._connected()
            return self._link

    def _drop(self, link: _Link) -> None:
        """Give a connection up; it is closed meanwhile."""
        if self._link is link:
            self._link = None
            self._leaving.add(link.task)
            link.leave.set()
            self._failed()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._leaving.discard(task)
        if self._link is not None and self._link.task is task:
            self._link = None
            self._failed()
        if not task.cancelled() and (cause := task.exception()) is not None:
            _log.info("the connection to %s ended: %s", self._name, _why(cause))

    def _failed(self) -> None:
        self._silences = 0
        self._not_before = self._clock() + PAUSES[min(self._failures, len(PAUSES) - 1)]
        self._failures += 1

    async def _connected(self) -> _Link:
        ready: asyncio.Future[tuple[Client, Mapping[str, Tool]]]
        ready = asyncio.get_running_loop().create_future()
        leave = asyncio.Event()
        task = asyncio.create_task(self._hold(ready, leave), name=f"mcp {self._name}")
        try:
            async with asyncio.timeout(START_SECONDS):
                either: set[asyncio.Future[Any]] = {ready, task}
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError as error:
            task.cancel()
            self._failed()
            raise self._lost(f"it did not start in {START_SECONDS:g} s") from error
        except asyncio.CancelledError:
            task.cancel()
            raise
        if ready.done():
            client, tools = ready.result()
            task.add_done_callback(self._ended)
            return _Link(client, tools, task, leave)
        self._failed()
        cause = task.exception()
        raise self._lost(_why(cause)) from cause

    async def _hold(
        self, ready: asyncio.Future[tuple[Client, Mapping[str, Tool]]], leave: asyncio.Event
    ) -> None:
        """Hold a connection open until `leave`: what it opens, it must close in the same task."""
        # It takes a second, which would stop every turn.
        await asyncio.to_thread(import_module, "mcp.client")
        from mcp.client import Client

        async with Client(self._transport(leave), cache=None) as client:
            ready.set_result((client, await _listed(client)))
            await leave.wait()

    def _transport(self, leave: asyncio.Event) -> Any:
        if self._server.command:
            return stdio(self._server.command, self._server.environment, leave.set)
        return http(self._server)

    def _lost(self, why: str) -> PeerError:
        tried = "command" if self._server.command else "url"
        return PeerError(
            f"cannot reach the MCP server {self._name}: {why}",
            hint=f"see whether [mcp.servers.{self._name}] {tried} is right and the server runs; "
            f"steward --verbose mcp tools {self._name} shows what it writes itself",
        )


async def _listed(client: Client) -> dict[str, Tool]:
    found: dict[str, Tool] = {}
    cursor: str | None = None
    while len(found) < MAX_TOOLS:
        page = await client.list_tools(cursor=cursor)
        found |= {tool.name: tool for tool in page.tools}
        cursor = page.next_cursor
        if not cursor or not page.tools:
            break
    return found


def _text(result: CallToolResult) -> tuple[str, bool]:
    """Return the words of a result, and whether there were more than are kept."""
    from mcp_types import TextContent
    from pydantic_core import to_json

    pieces = [each.text if isinstance(each, TextContent) else "" for each in result.content]
    text = "\n".join(filter(None, pieces))
    if not text and result.structured_content is not None:
        text = to_json(result.structured_content).decode()
    return text[:MAX_TEXT], len(text) > MAX_TEXT


def _why(error: BaseException | None) -> str:
    """Return the first cause of `error` in words."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error)[:200] or type(error).__name__
