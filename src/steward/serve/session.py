"""One open page: its WebSocket, its recording, its turns.

Everything is bounded, so that no page can hurt the server or another page: messages wait in queues
of fixed length, a recording has a longest length, and a page that does not take what it is sent is
closed. The tasks of a page end with it, whatever ends first.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from typing import Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from steward.butler import ANNOUNCEMENT
from steward.errors import StewardError, UserError
from steward.events import Ended, Event, Replied, Spoke, StateChanged, TimerFinished
from steward.serve.messages import (
    MAX_AUDIO_SECONDS,
    AudioEnd,
    AudioStart,
    Cancel,
    Say,
    Tap,
    event_message,
    read,
    refused_message,
    tapped_message,
    world_message,
)
from steward.types import AudioChunk, Json, Outcome, Utterance, World

OUTBOX_MESSAGES = 256
WAITING_TURNS = 4
WAITING_TAPS = 32
SEND_SECONDS = 10.0
"""A page that takes longer to accept one message is too slow and is closed."""

TRY_AGAIN_LATER = 1013
"""WebSocket close code (IANA registry); the page connects again after a pause."""

_log = logging.getLogger(__name__)


class Butler(Protocol):
    """What the page needs of `steward.butler.Butler`, which documents it."""

    def turn(
        self,
        said: Utterance | AudioChunk,
        *,
        aloud: bool = False,
        turn: str | None = None,
        conversation: str = "",
    ) -> AsyncGenerator[Event, None]:
        """Run one turn and yield its Events."""
        ...

    def subscribe(self) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        """Give an iterator over all Events from now on."""
        ...

    async def perform(self, capability: str, arguments: Mapping[str, Json]) -> Outcome:
        """Carry out one Call."""
        ...

    async def world(self) -> World:
        """Return the home as it is now."""
        ...

    async def run(self) -> None:
        """Watch the world until cancelled."""
        ...


@dataclass(frozen=True)
class _Ask:
    turn: str
    said: Utterance | AudioChunk
    aloud: bool


class _Recording:
    """Sound that is coming in."""

    def __init__(self, start: AudioStart) -> None:
        self.start = start
        self._pcm = bytearray()

    def add(self, pcm: bytes) -> bool:
        """Take a piece; False when the recording would become too long."""
        if len(self._pcm) + len(pcm) > MAX_AUDIO_SECONDS * self.start.rate * 2:
            return False
        self._pcm += pcm
        return True

    def ask(self) -> _Ask:
        whole = len(self._pcm) - len(self._pcm) % 2
        audio = AudioChunk(bytes(self._pcm[:whole]), self.start.rate)
        return _Ask(self.start.turn, audio, self.start.aloud)


class _Over(Exception):  # noqa: N818 - it ends the session, and is no error
    """The page is gone, or has to go: `code` is the WebSocket close code to send, if any."""

    def __init__(self, code: int | None = None, reason: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Session:
    """Serves one accepted WebSocket until it closes."""

    def __init__(self, butler: Butler, socket: WebSocket) -> None:
        self._butler = butler
        self._socket = socket
        self._conversation = uuid.uuid4().hex
        self._outbox: asyncio.Queue[str | bytes] = asyncio.Queue(OUTBOX_MESSAGES)
        self._asks: asyncio.Queue[_Ask] = asyncio.Queue(WAITING_TURNS)
        self._taps: asyncio.Queue[Tap] = asyncio.Queue(WAITING_TAPS)
        self._recording: _Recording | None = None
        self._turn: asyncio.Task[bool] | None = None
        self._speaking = False
        self._hush = False

    async def run(self) -> None:
        """Run the session; returns when the page is gone, with no task of it left."""
        code, reason = None, ""
        try:
            async with self._butler.subscribe() as events, asyncio.TaskGroup() as group:
                await self._show_world()
                group.create_task(self._write())
                group.create_task(self._relay(events))
                group.create_task(self._run_turns(group))
                group.create_task(self._run_taps())
                group.create_task(self._read())
        except* _Over as over:
            ends = [end for end in over.exceptions if isinstance(end, _Over)]
            code = next((end.code for end in ends if end.code), None)
            reason = str(ends[0]) if ends else ""
        if code is not None:
            _log.info("closing a page: %s", reason)
            await self._socket.close(code, reason)

    async def _show_world(self) -> None:
        try:
            self._outbox.put_nowait(world_message(await self._butler.world()))
        except StewardError as error:
            _log.warning("the home cannot be shown: %s", error.message)
            raise _Over(TRY_AGAIN_LATER, "the home cannot be read") from error

    async def _read(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                raise _Over
            try:
                if message.get("text") is not None:
                    self._take(read(message["text"]))
                else:
                    self._take_sound(message.get("bytes") or b"")
            except UserError as error:
                await self._outbox.put(refused_message(error.message, error.hint))

    def _take(self, message: Say | AudioStart | AudioEnd | Cancel | Tap) -> None:
        match message:
            case Say():
                said = Utterance(message.text, message.language)
                self._ask(_Ask(message.turn, said, message.aloud))
            case AudioStart():
                self._hush_reply()
                self._recording = _Recording(message)
            case AudioEnd():
                if self._recording is None:
                    raise UserError("no recording to end", hint="send audio_start first")
                recording, self._recording = self._recording, None
                self._ask(recording.ask())
            case Cancel():
                self._cancel()
            case Tap():
                if self._taps.full():
                    self._refuse("too many taps at once", "wait a moment", ref=message.ref)
                else:
                    self._taps.put_nowait(message)

    def _take_sound(self, pcm: bytes) -> None:
        # Pieces may still be on their way when a recording has just been cancelled.
        if self._recording is None or self._recording.add(pcm):
            return
        turn, self._recording = self._recording.start.turn, None
        most = f"{MAX_AUDIO_SECONDS:.0f} seconds"
        self._refuse(f"the recording is longer than {most}", "say it in shorter pieces", turn=turn)

    def _ask(self, ask: _Ask) -> None:
        if self._asks.full():
            self._refuse("too many requests are waiting", "wait for the answers", turn=ask.turn)
            return
        self._hush_reply()
        self._asks.put_nowait(ask)

    def _refuse(
        self, message: str, hint: str, *, turn: str | None = None, ref: int | None = None
    ) -> None:
        self._put_now(refused_message(message, hint, turn=turn, ref=ref))

    def _hush_reply(self) -> None:
        """New words silence the reply to old ones, but undo nothing that was asked for."""
        self._hush = True
        if self._turn is not None and self._speaking:
            self._turn.cancel()

    def _cancel(self) -> None:
        self._recording = None
        while not self._asks.empty():
            self._put_now(event_message(_cancelled(self._asks.get_nowait().turn)))
        if self._turn is not None:
            self._turn.cancel()

    async def _run_turns(self, group: asyncio.TaskGroup) -> None:
        while True:
            ask = await self._asks.get()
            self._speaking = False
            self._hush = not self._asks.empty()
            self._turn = group.create_task(self._run_turn(ask))
            await asyncio.wait([self._turn])
            if self._turn.cancelled() or not self._turn.result():
                await self._outbox.put(event_message(_cancelled(ask.turn)))
            self._turn = None

    async def _run_turn(self, ask: _Ask) -> bool:
        """Return whether the turn came to its own end."""
        try:
            async with aclosing(
                self._butler.turn(
                    ask.said, aloud=ask.aloud, turn=ask.turn, conversation=self._conversation
                )
            ) as events:
                async for event in events:
                    await self._outbox.put(event_message(event))
                    self._speaking |= ask.aloud and isinstance(event, Replied)
                    if isinstance(event, Ended):
                        return True
                    if self._speaking and self._hush:
                        return False
        except StewardError as error:
            _log.warning("a turn failed: %s", error.message)
            ended = Ended(ask.turn, time.time(), "failed", error.message, error.hint)
            await self._outbox.put(event_message(ended))
            return True
        return False

    async def _run_taps(self) -> None:
        while True:
            tap = await self._taps.get()
            try:
                outcome = await self._butler.perform(tap.capability, tap.arguments)
                answer = tapped_message(tap.ref, outcome)
            except StewardError as error:
                _log.warning("a tap failed: %s", error.message)
                answer = refused_message(error.message, error.hint, ref=tap.ref)
            await self._outbox.put(answer)

    async def _relay(self, events: AsyncIterator[Event]) -> None:
        async for event in events:
            announced = isinstance(event, Spoke) and event.turn.startswith(ANNOUNCEMENT)
            if announced or isinstance(event, StateChanged | TimerFinished):
                self._put_now(event_message(event))
        raise _Over(TRY_AGAIN_LATER, "the page is too slow")

    def _put_now(self, message: str | bytes) -> None:
        if self._outbox.full():
            raise _Over(TRY_AGAIN_LATER, "the page is too slow")
        self._outbox.put_nowait(message)

    async def _write(self) -> None:
        while True:
            message = await self._outbox.get()
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    if isinstance(message, bytes):
                        await self._socket.send_bytes(message)
                    else:
                        await self._socket.send_text(message)
            except TimeoutError as error:
                raise _Over(TRY_AGAIN_LATER, "the page is too slow") from error
            except WebSocketDisconnect as error:
                raise _Over from error


def _cancelled(turn: str) -> Ended:
    return Ended(turn, time.time(), "cancelled")
