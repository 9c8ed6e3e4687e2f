"""What a page is sent, in order; a page that does not take it has to go."""

from __future__ import annotations

import asyncio

from starlette.websockets import WebSocket, WebSocketDisconnect

OUTBOX_MESSAGES = 256
SEND_SECONDS = 10.0
"""A page that takes longer to accept one message is too slow and is closed."""
TRY_AGAIN_LATER = 1013
"""WebSocket close code (IANA registry); the page connects again after a pause."""


class Over(Exception):  # noqa: N818 - it ends the session, and is no error
    """The page is gone, or has to go: `code` is the WebSocket close code to send, if any."""

    def __init__(self, code: int | None = None, reason: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Outbox:
    """The messages that wait to be sent to one page."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._waiting: asyncio.Queue[str | bytes] = asyncio.Queue(OUTBOX_MESSAGES)

    async def put(self, message: str | bytes) -> None:
        """Add `message`, when there is room for it."""
        await self._waiting.put(message)

    def put_now(self, message: str | bytes) -> None:
        """Add `message` at once.

        Raises:
            Over: there is no room for it.
        """
        if self._waiting.full():
            raise Over(TRY_AGAIN_LATER, "the page is too slow")
        self._waiting.put_nowait(message)

    async def write(self) -> None:
        """Send what comes, until cancelled.

        Raises:
            Over: the page is gone, or does not take it.
        """
        while True:
            message = await self._waiting.get()
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    if isinstance(message, bytes):
                        await self._socket.send_bytes(message)
                    else:
                        await self._socket.send_text(message)
            except TimeoutError as error:
                raise Over(TRY_AGAIN_LATER, "the page is too slow") from error
            except WebSocketDisconnect as error:
                raise Over from error
