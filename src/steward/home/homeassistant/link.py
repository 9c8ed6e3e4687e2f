"""One connection to Home Assistant's WebSocket API.

The messages are those of developers.home-assistant.io/docs/api/websocket.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import count
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidURI, WebSocketException

from steward.errors import PeerError, UserError

Listener: TypeAlias = Callable[[Any], None]
"""Takes the events of one subscription; it must not block."""

ANSWER_SECONDS = 10.0
"""Within this time Home Assistant answers whatever takes no work of a device."""
MAX_MESSAGE_BYTES = 64 * 1024 * 1024
"""A home of 3,000 entities tells all its states in 3 MB."""
_AGAIN = "it is tried again by itself"
MAKE_ONE = (
    "make a long-lived token on your profile page in Home Assistant (Security), "
    "and give it to: steward connect home-assistant URL"
)


class LostError(PeerError):
    """The connection is gone; what was asked last may have been done or not."""


class RefusedError(PeerError):
    """Home Assistant answered a command with an error. `code` is its own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, hint="see Home Assistant's log")
        self.code = code


class Link:
    """A connection that has been let in. `read` must run as long as anything is asked."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._listeners: dict[int, Listener] = {}
        self.heard = datetime.now().astimezone()
        """When Home Assistant last said anything."""
        self.lost: LostError | None = None
        """Why the connection is gone, once it is."""

    async def read(self) -> None:
        """Hand on what comes until the connection is gone; then `lost` says so."""
        lost = LostError("Home Assistant closed the connection", hint=_AGAIN)
        try:
            async for message in self._socket:
                self.heard = datetime.now().astimezone()
                self._take(json.loads(message))
        except (WebSocketException, OSError, ValueError, RecursionError) as error:
            lost = _lost(error)
        finally:
            self.lost = lost
            for waiting in tuple(self._waiting.values()):
                _fail(waiting, lost)

    def _take(self, message: Any) -> None:
        if not isinstance(message, dict):
            return
        number, kind = message.get("id"), message.get("type")
        if not isinstance(number, int):
            return
        if kind == "event" and number in self._listeners:
            self._listeners[number](message.get("event"))
        waiting = self._waiting.get(number) if kind in ("result", "pong") else None
        if waiting is None or waiting.done():
            return
        if kind == "pong" or message.get("success") is True:
            waiting.set_result(message.get("result"))
            return
        found = message.get("error")
        error = found if isinstance(found, dict) else {}
        _fail(waiting, RefusedError(str(error.get("code")), str(error.get("message"))))

    async def ask(self, kind: str, **data: Any) -> asyncio.Future[Any]:
        """Send the command `kind` and return the future of its result.

        Raises:
            LostError: the connection was gone before anything was sent.
        """
        return await self._send(next(self._numbers), kind, data)

    async def command(self, kind: str, **data: Any) -> Any:
        """Return the result of the command `kind`.

        Raises:
            RefusedError: Home Assistant answered with an error.
            LostError: the connection is gone, or there was no answer in `ANSWER_SECONDS`.
        """
        return await _answered(await self.ask(kind, **data))

    async def subscribe(self, kind: str, listener: Listener, **data: Any) -> int:
        """Let `listener` take the events of the subscription `kind`; return its number.

        Raises:
            RefusedError: Home Assistant answered with an error.
            LostError: the connection is gone, or there was no answer in `ANSWER_SECONDS`.
        """
        number = next(self._numbers)
        self._listeners[number] = listener
        await _answered(await self._send(number, kind, data))
        return number

    async def unsubscribe(self, number: int) -> None:
        """End a subscription.

        Raises:
            RefusedError: there is none of this number.
            LostError: the connection is gone, or there was no answer in `ANSWER_SECONDS`.
        """
        self._listeners.pop(number, None)
        await self.command("unsubscribe_events", subscription=number)

    async def _send(self, number: int, kind: str, data: dict[str, Any]) -> asyncio.Future[Any]:
        if self.lost is not None:
            raise self.lost
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        future.add_done_callback(lambda _: self._waiting.pop(number, None))
        try:
            await self._socket.send(json.dumps({"id": number, "type": kind, **data}))
        except (WebSocketException, OSError) as error:
            # It may have arrived all the same.
            _fail(future, _lost(error))
        return future


def _fail(waiting: asyncio.Future[Any], error: PeerError) -> None:
    if not waiting.done():
        waiting.set_exception(error)
        # Nobody may wait for it any more.
        waiting.exception()


def _lost(error: Exception) -> LostError:
    return LostError(f"the connection to Home Assistant was lost: {error}", hint=_AGAIN)


async def _answered(future: asyncio.Future[Any]) -> Any:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await future
    except TimeoutError:
        raise LostError(
            f"Home Assistant has not answered for {ANSWER_SECONDS:g} seconds",
            hint=_AGAIN,
        ) from None


def address_of(url: str) -> str:
    """Return where the WebSocket API of the Home Assistant at `url` is.

    Raises:
        UserError: `url` is not the address of a web page.
    """
    try:
        parts = urlsplit(url.strip())
        named = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        named = None
    if not named or parts.username or parts.query or parts.fragment:
        raise UserError(
            f"{url!r} is not the address of a Home Assistant",
            hint="write it as your browser shows it, such as http://homeassistant.local:8123",
        )
    scheme = "wss" if parts.scheme == "https" else "ws"
    return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}/api/websocket"


@asynccontextmanager
async def linked(url: str, token: str) -> AsyncIterator[Link]:
    """Connect to the Home Assistant at `url` and show it `token`.

    Raises:
        UserError: `url` is not an address, or the token is not accepted.
        PeerError: nothing answers there, or it is no Home Assistant.
    """
    address = address_of(url)
    try:
        socket = await connect(
            address,
            proxy=None,
            open_timeout=ANSWER_SECONDS,
            close_timeout=1,
            ping_interval=None,  # our own pings tell when it was last heard of
            max_size=MAX_MESSAGE_BYTES,
        )
    except (WebSocketException, InvalidURI, OSError, TimeoutError) as error:
        raise PeerError(
            f"no Home Assistant answers at {url}: {error or 'it takes too long'}",
            hint="see whether your browser shows it there, and whether it is starting",
        ) from error
    try:
        await _show(socket, url, token)
        yield Link(socket)
    finally:
        await socket.close()


async def _show(socket: ClientConnection, url: str, token: str) -> None:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            asked = _kind(await socket.recv())
            await socket.send(json.dumps({"type": "auth", "access_token": token}))
            answered = _kind(await socket.recv())
    except (WebSocketException, OSError, TimeoutError, ValueError) as error:
        raise PeerError(
            f"what answers at {url} does not speak as Home Assistant does",
            hint="see whether your browser shows Home Assistant there",
        ) from error
    if asked == "auth_required" and answered == "auth_invalid":
        raise UserError(f"Home Assistant at {url} does not accept the token", hint=MAKE_ONE)
    if (asked, answered) != ("auth_required", "auth_ok"):
        raise PeerError(
            f"what answers at {url} does not speak as Home Assistant does",
            hint="see whether your browser shows Home Assistant there",
        )


def _kind(message: str | bytes) -> str:
    found = json.loads(message)
    return str(found.get("type")) if isinstance(found, dict) else ""
