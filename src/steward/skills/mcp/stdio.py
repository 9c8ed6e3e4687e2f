"""An MCP server as a child process that is spoken to by its standard input and output.

The SDK's own transport keeps an unended line whole in memory, however long it gets, and copies it
with every piece that comes; a server that is broken must not take this machine with it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
    from mcp.client._transport import TransportStreams
    from mcp.shared.message import SessionMessage

MAX_LINE = 4 * 1024 * 1024
"""Bytes of one message; the connection with a server that sends a longer one ends."""
GRACE = 2.0
"""Seconds that a process has to end by itself, and again after each signal."""
INHERITED = ("HOME", "LANG", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ", "USER")
"""Variables that a server sees of our own: the others may be secrets."""

_log = logging.getLogger(__name__)


@asynccontextmanager
async def stdio(
    command: Sequence[str], environment: Mapping[str, str], on_end: Callable[[], None]
) -> AsyncIterator[TransportStreams]:
    """Start `command` and give the streams of messages from and to it; end it afterwards.

    `on_end` is called when nothing more comes from it: the process has ended, or has sent what is
    too long for a message. What it writes on its standard error is shown only where our own log is
    verbose.

    Raises:
        OSError: it cannot be started.
    """
    ours = {name: os.environ[name] for name in INHERITED if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=PIPE,
        stdout=PIPE,
        stderr=None if _log.isEnabledFor(logging.INFO) else DEVNULL,
        env={**ours, **environment},
        limit=MAX_LINE,
        start_new_session=True,
    )
    inward, received = anyio.create_memory_object_stream["SessionMessage | Exception"](0)
    sent, outward = anyio.create_memory_object_stream["SessionMessage"](0)
    outlet, inlet = process.stdout, process.stdin
    if outlet is None or inlet is None:
        raise RuntimeError("a process without the pipes that it was started with")
    pumps = [
        asyncio.create_task(_receive(outlet, inward)),
        asyncio.create_task(_send(inlet, outward)),
    ]
    pumps[0].add_done_callback(lambda _: on_end())
    try:
        yield received, sent
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        for stream in (inward, received, sent, outward):
            stream.close()
        inlet.close()
        await asyncio.shield(_end(process, outlet))


async def _receive(
    outlet: StreamReader, inward: MemoryObjectSendStream[SessionMessage | Exception]
) -> None:
    from mcp.shared.message import SessionMessage
    from mcp_types import jsonrpc_message_adapter
    from pydantic import ValidationError

    with inward:
        try:
            while line := await outlet.readline():
                try:
                    message = jsonrpc_message_adapter.validate_json(line, by_name=False)
                except ValidationError:
                    # Many print something of their own among the messages.
                    _log.info("an MCP server wrote %d bytes that are no message", len(line))
                    continue
                await inward.send(SessionMessage(message))
        except ValueError:
            _log.warning("an MCP server sent more than %d bytes at once", MAX_LINE)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            _log.debug("nobody listens to the MCP server any more")


async def _send(inlet: StreamWriter, outward: MemoryObjectReceiveStream[SessionMessage]) -> None:
    with outward:
        async for message in outward:
            text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
            try:
                inlet.write(text.encode() + b"\n")
                await inlet.drain()
            except ConnectionError:
                # Its output has ended too, which tells those who wait.
                return


async def _end(process: Process, outlet: StreamReader) -> None:
    """Wait until `process`, whose input is closed, ends; else end it. What it started ends too."""
    # One that still writes would wait for a reader for ever, and never come to its end.
    drain = asyncio.create_task(_drained(outlet))
    for number in (None, signal.SIGTERM, signal.SIGKILL):
        if number is not None:
            _signal(process, number)
        try:
            async with asyncio.timeout(GRACE):
                await process.wait()
            break
        except TimeoutError:
            continue
    _signal(process, signal.SIGKILL)
    await asyncio.wait({drain}, timeout=GRACE)


async def _drained(outlet: StreamReader) -> None:
    while await outlet.read(65536):
        pass


def _signal(process: Process, number: signal.Signals) -> None:
    # It leads a group of its own, in which those that it started are.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
