"""Events of the Wyoming protocol on a connection, within limits.

An event is a line of JSON (`type`, `data`, `data_length`, `payload_length`), then so many bytes of
JSON that belong to `data`, then so many of payload (https://github.com/OHF-Voice/wyoming). The
protocol's own library reads whatever length it is told, waits for ever, and breaks at a value of
the wrong type: its messages are used here, its reader is not.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Protocol

from wyoming.event import Event, async_write_event

from steward.errors import PeerError
from steward.types import Json

HEADER = 64 * 1024
"""Bytes of the longest line; old programs put all of their `data` into it."""
DATA = 512 * 1024
"""Bytes of the longest `data`: a server that lists 900 voices needs 300 kB."""
PAYLOAD = 1024 * 1024
"""Bytes of the longest payload: half a minute of sound, where a piece is mostly 64 ms."""
LONGEST = 4_000
"""Characters of the longest text that is said or to be said."""
NAME = 200
"""Characters of the longest name."""
BEGUN = 10.0
"""Seconds in which an event that has begun is over, and one that is sent is taken."""
HINT = "that program speaks another protocol, or is broken: look into its log"


class Eventable(Protocol):
    """A message of the library: anything that becomes an Event."""

    def event(self) -> Event:
        """Return the event that says it."""
        ...


@dataclass(frozen=True, slots=True)
class Header:
    """What an event's line says: its type, what it has of the data, and what follows, in bytes."""

    type: str
    data: dict[str, Json] = field(default_factory=dict[str, Json])
    data_bytes: int = 0
    payload_bytes: int = 0


def parse_header(line: bytes) -> Header:
    """Read an event's line.

    Raises:
        PeerError: it is no JSON object, lacks a type, or announces more than is allowed.
    """
    values = parse_data(line)
    kind, data = values.get("type"), values.get("data") or {}
    if not isinstance(kind, str) or not 0 < len(kind) <= NAME:
        raise PeerError("a Wyoming event has no type", hint=HINT)
    if not isinstance(data, dict):
        raise PeerError(f"the data of a Wyoming event {kind[:40]!r} is no object", hint=HINT)
    return Header(
        kind, data, _length(values, "data_length", DATA), _length(values, "payload_length", PAYLOAD)
    )


def parse_data(text: bytes) -> dict[str, Json]:
    """Read a JSON object.

    Raises:
        PeerError: it is none.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PeerError("a Wyoming event is not valid JSON", hint=HINT) from error
    if not isinstance(value, dict):
        raise PeerError("a Wyoming event is no JSON object", hint=HINT)
    return value


def _length(values: dict[str, Json], key: str, most: int) -> int:
    length = values.get(key) or 0
    if not isinstance(length, int) or isinstance(length, bool) or not 0 <= length <= most:
        raise PeerError(
            f"a Wyoming event's {key} is not between 0 and {most}", hint="send it in pieces"
        )
    return length


def whole(event: Event, key: str, low: int, high: int) -> int:
    """Return a whole number of `event`.

    Raises:
        PeerError: it is missing, or not between `low` and `high`.
    """
    value = event.data.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise PeerError(f"{event.type}: {key} is not between {low} and {high}", hint=HINT)
    return value


def text(event: Event, key: str, most: int = LONGEST) -> str:
    """Return a text of `event`, empty where there is none.

    Raises:
        PeerError: it is no text, or longer than `most` characters.
    """
    return checked(event.data.get(key), f"{event.type}: {key}", most)


def inner(event: Event, key: str, name: str) -> str:
    """Return the text `name` of the object `key` of `event`, empty where there is none.

    Raises:
        PeerError: it is no text, or longer than a name.
    """
    values = event.data.get(key)
    value = values.get(name) if isinstance(values, dict) else None
    return checked(value, f"{event.type}: {key}.{name}", NAME)


def checked(value: object, what: str, most: int) -> str:
    """Return `value` as a text of at most `most` characters, empty for None.

    Raises:
        PeerError: it is something else, which `what` names.
    """
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > most:
        raise PeerError(f"{what} is no text of at most {most} characters", hint=HINT)
    # JSON may hold halves of characters, which nothing could write again.
    return value.encode("utf-8", "replace").decode("utf-8")


class Peer:
    """A connection to `who`; it is written to by any task, and read from by one."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, who: str
    ) -> None:
        self._reader = reader
        self._writer = writer
        self.who = who

    async def read(self, patience: float | None = None) -> Event | None:
        """Wait for the next event, `patience` seconds if given; None when the peer has closed.

        Raises:
            PeerError: what comes is no event, is too long or too slow, or the connection broke.
        """
        try:
            async with asyncio.timeout(patience):
                first = await self._reader.read(1)
            if not first:
                return None
            async with asyncio.timeout(BEGUN):
                return await read_event(self._reader, first)
        except TimeoutError as error:
            raise PeerError(f"{self.who} is too slow", hint="connect again") from error
        except OSError as error:
            raise PeerError(f"{self.who} is gone: {error}", hint="connect again") from error

    async def write(self, *messages: Eventable) -> None:
        """Send `messages`, one after the other.

        Raises:
            PeerError: the peer is gone, or does not take them.
        """
        try:
            async with asyncio.timeout(BEGUN):
                for message in messages:
                    await async_write_event(message.event(), self._writer)
        except TimeoutError as error:
            raise PeerError(f"{self.who} takes nothing", hint="connect again") from error
        except (OSError, RuntimeError) as error:
            # asyncio says so by a RuntimeError when this side has closed already.
            raise PeerError(f"{self.who} is gone: {error}", hint="connect again") from error

    def close(self) -> None:
        """Close the connection at once, whatever is under way."""
        self._writer.transport.abort()

    async def finish(self) -> None:
        """Close the connection when what was written has been sent, or is not taken."""
        try:
            async with asyncio.timeout(BEGUN):
                self._writer.close()
                await self._writer.wait_closed()
        except (OSError, TimeoutError):
            self.close()


async def read_event(reader: asyncio.StreamReader, first: bytes = b"") -> Event:
    """Read one event, of which `first` has been read.

    Raises:
        PeerError: what comes is no event, or too long.
    """
    try:
        header = parse_header(first + await reader.readuntil(b"\n"))
        data = header.data
        if header.data_bytes:
            data = {**data, **parse_data(await reader.readexactly(header.data_bytes))}
        payload = None
        if header.payload_bytes:
            payload = await reader.readexactly(header.payload_bytes)
        return Event(header.type, data, payload)
    except asyncio.IncompleteReadError as error:
        raise PeerError("the connection ended within an event", hint="connect again") from error
    except asyncio.LimitOverrunError as error:
        raise PeerError(f"a Wyoming event's line is over {HEADER} bytes", hint=HINT) from error
