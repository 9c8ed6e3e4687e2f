"""One open page: its WebSocket, its microphone, its turns.

Turns are heard while others run: whoever speaks over the butler silences him at once, and what he
says is the next turn. "Stop" ends what runs, and no stage is asked about it.

Everything is bounded, so that no page can hurt the server or another page: messages wait in queues
of fixed length, sound has a longest length, and a page that does not take what it is sent is
closed. The tasks of a page end with it, whatever ends first.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace

from starlette.websockets import WebSocket

from steward.butler import ANNOUNCEMENT
from steward.errors import StewardError, UserError
from steward.events import (
    Asked,
    Asking,
    Brought,
    Ended,
    Event,
    Heard,
    Hearing,
    Planned,
    Replied,
    Spoke,
    StateChanged,
    TimerFinished,
    Woken,
)
from steward.hearing import ANSWER, TRIGGERED, Stream, until
from steward.plan.hush import hushes
from steward.serve.asks import Ask, cancelled
from steward.serve.butler import Butler
from steward.serve.messages import (
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
from steward.serve.microphone import TOO_MUCH, Microphone
from steward.serve.outbox import TRY_AGAIN_LATER, Outbox, Over
from steward.serve.tokens import Grant, Scope
from steward.types import Origin, Utterance

WAITING_TURNS = 4
WAITING_TAPS = 32

_log = logging.getLogger(__name__)


class Session:
    """Serves one accepted WebSocket until it closes."""

    def __init__(self, butler: Butler, socket: WebSocket, grant: Grant) -> None:
        self._butler = butler
        self._grant = grant
        self._origin = Origin("page", grant.who)
        self._socket = socket
        self._conversation = uuid.uuid4().hex
        self._outbox = Outbox(socket)
        self._asks: asyncio.Queue[Ask] = asyncio.Queue(WAITING_TURNS)
        self._taps: asyncio.Queue[Tap] = asyncio.Queue(WAITING_TAPS)
        self._microphone: Microphone | None = None
        self._ears: dict[Microphone, asyncio.Task[None]] = {}
        self._turn: asyncio.Task[bool] | None = None
        self._own: deque[str] = deque(maxlen=WAITING_TURNS)
        self._speaking = False
        self._audible_until = 0.0
        self._hush = self._asked = False

    async def run(self) -> None:
        """Run the session; returns when the page is gone, with no task of it left."""
        code, reason = None, ""
        try:
            async with self._butler.subscribe() as events, asyncio.TaskGroup() as group:
                await self._show_world()
                group.create_task(self._outbox.write())
                group.create_task(self._relay(events))
                group.create_task(self._run_turns(group))
                group.create_task(self._run_taps())
                group.create_task(self._read(group))
        except* Over as over:
            ends = [end for end in over.exceptions if isinstance(end, Over)]
            code = next((end.code for end in ends if end.code), None)
            reason = str(ends[0]) if ends else ""
        if code is not None:
            _log.info("closing a page: %s", reason)
            await self._socket.close(code, reason)

    async def _show_world(self) -> None:
        try:
            self._outbox.put_now(world_message(await self._butler.world()))
        except StewardError as error:
            _log.warning("the home cannot be shown: %s", error.message)
            raise Over(TRY_AGAIN_LATER, "the home cannot be read") from error

    async def _read(self, group: asyncio.TaskGroup) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                raise Over
            try:
                if message.get("text") is not None:
                    await self._take(read(message["text"]), group)
                else:
                    self._take_sound(message.get("bytes") or b"")
            except UserError as error:
                await self._outbox.put(refused_message(error.message, error.hint))

    async def _take(
        self, message: Say | AudioStart | AudioEnd | Cancel | Tap, group: asyncio.TaskGroup
    ) -> None:
        match message:
            case Say():
                await self._say(message)
            case AudioStart():
                self._open(message, group)
            case AudioEnd():
                if self._microphone is None:
                    raise UserError("no recording to end", hint="send audio_start first")
                self._close()
            case Cancel():
                await self._cancel()
            case Tap():
                if not self._grant.scope.includes(Scope.CONTROL):
                    hint = "sign in with a token of the scope control"
                    self._refuse("this token may only talk", hint, ref=message.ref)
                elif self._taps.full():
                    self._refuse("too many taps at once", "wait a moment", ref=message.ref)
                else:
                    self._taps.put_nowait(message)

    async def _say(self, say: Say) -> None:
        if hushes(say.text) and self._busy():
            await self._quiet(say.turn)
            return
        said = Utterance(say.text, say.language)
        await self._ask(Ask(say.turn, self._events(said, say.turn, say.aloud), say.aloud))

    def _events(
        self, said: Utterance | Stream, turn: str, aloud: bool
    ) -> AsyncGenerator[Event, None]:
        return self._butler.turn(
            said, aloud=aloud, turn=turn, conversation=self._conversation, origin=self._origin
        )

    def _open(self, start: AudioStart, group: asyncio.TaskGroup) -> None:
        self._close()
        if len(self._ears) >= WAITING_TURNS:
            self._refuse("too many recordings are waiting", "wait for the answers", turn=start.turn)
            return
        microphone, over = Microphone(start), self._busy()
        self._hush_reply()
        self._ears[microphone] = group.create_task(self._listen(microphone, over))
        self._microphone = microphone

    def _close(self) -> None:
        if self._microphone is not None:
            self._microphone.close()
            self._microphone = None

    def _take_sound(self, pcm: bytes) -> None:
        # Pieces may still be on their way when the microphone has just been closed.
        microphone = self._microphone
        if microphone is None or microphone.add(pcm):
            return
        self._microphone = None
        self._ears.pop(microphone).cancel()
        self._refuse(TOO_MUCH, "say it in shorter pieces", turn=microphone.turn)

    async def _listen(self, microphone: Microphone, over: bool) -> None:
        """Hear the turns of `microphone`; `over`: it was opened while the butler was busy."""
        try:
            if microphone.start.wake:
                await self._attend(microphone)
                return
            more = await self._hear(microphone, microphone.stream(), over)
            while more and not microphone.start.held and not microphone.closed:
                microphone.next(uuid.uuid4().hex)
                more = await self._hear(microphone, microphone.stream(), False)
        finally:
            self._ears.pop(microphone, None)

    async def _attend(self, microphone: Microphone) -> None:
        """Hear what follows the wake word, each time that it is said."""
        try:
            while True:
                await self._wakes(microphone)
                if not self._answer_due():
                    break
                self._asked = False
                microphone.next(uuid.uuid4().hex)
                answer = Stream(microphone, nobody=ANSWER, answer=True)
                await self._hear(microphone, answer, False)
            if self._microphone is microphone:
                self._close()
        except StewardError as error:
            self._refuse(error.message, error.hint, turn=microphone.start.turn)

    def _answer_due(self) -> bool:
        """Tell whether he has asked something, and nothing of it can be heard any more."""
        heard = any(ear.speaking for ear in self._ears)
        return self._asked and not heard and not self._busy()

    async def _wakes(self, microphone: Microphone) -> None:
        """Hear what follows each wake word, until an answer needs none or the sound has ended."""
        within = TRIGGERED if microphone.start.triggered else None
        attention = await self._butler.attend(until(microphone, self._answer_due))
        while (wake := await attention.woken(within)) is not None:
            over, self._asked = self._busy(), False
            self._hush_reply()
            microphone.next(uuid.uuid4().hex)
            woken = Woken(microphone.turn, time.time(), wake.word, wake.second)
            await self._outbox.put(event_message(woken))
            await self._hear(microphone, Stream(attention.following(wake), after_word=True), over)

    async def _hear(self, microphone: Microphone, stream: Stream, over: bool) -> bool:
        """Hear one turn; return whether another can follow."""
        turn, aloud = microphone.turn, microphone.start.aloud
        ask = Ask(turn, self._events(stream, turn, aloud), aloud)
        async for event in ask.events:
            match event:
                case Hearing(text=""):
                    over |= self._busy()
                    microphone.speaking = True
                    self._hush_reply()
                case Hearing() if stream.answer and event.text:
                    continue
                case Heard():
                    microphone.speaking = False
                    ask = replace(ask, withheld=event if stream.answer else None)
                    await self._heard(event, ask, over, microphone.following)
                    return True
                case _:
                    pass
            await self._outbox.put(event_message(event))
            if isinstance(event, Ended):
                _log.warning("a turn failed: %s", event.message)
                break
        await ask.events.aclose()
        return False

    async def _heard(self, heard: Heard, ask: Ask, over: bool, following: bool) -> None:
        text = heard.utterance.text
        if (over or following) and not text.strip():
            # A cough, or the door: it may have silenced him, and wants no answer.
            await ask.events.aclose()
            await self._outbox.put(event_message(cancelled(ask.turn)))
            return
        if ask.withheld is None:
            await self._outbox.put(event_message(heard))
        if (over or ask.withheld) and hushes(text):
            await ask.events.aclose()
            await self._quiet(ask.turn)
        else:
            await self._ask(ask)

    async def _ask(self, ask: Ask) -> None:
        if self._asks.full():
            self._refuse("too many requests are waiting", "wait for the answers", turn=ask.turn)
            await ask.events.aclose()
            return
        self._hush_reply()
        self._asks.put_nowait(ask)

    def _refuse(
        self, message: str, hint: str, *, turn: str | None = None, ref: int | None = None
    ) -> None:
        self._outbox.put_now(refused_message(message, hint, turn=turn, ref=ref))

    def _busy(self) -> bool:
        """Tell whether a turn runs or waits, or its reply can still be heard."""
        sounds = time.monotonic() < self._audible_until
        return self._turn is not None or not self._asks.empty() or sounds

    def _hush_reply(self) -> None:
        """New words silence the reply to old ones, but undo nothing that was asked for."""
        self._hush, self._audible_until = True, 0.0
        if self._turn is not None and self._speaking:
            self._turn.cancel()

    async def _quiet(self, turn: str) -> None:
        """End what runs, for in `turn` somebody bade him be quiet."""
        await self._stop()
        self._butler.hush(self._conversation)
        await self._outbox.put(event_message(cancelled(turn)))

    async def _cancel(self) -> None:
        self._microphone = None
        for microphone, listening in tuple(self._ears.items()):
            listening.cancel()
            await self._outbox.put(event_message(cancelled(microphone.turn)))
        await self._stop()

    async def _stop(self) -> None:
        self._audible_until = 0.0
        if self._turn is not None:
            self._turn.cancel()
        while not self._asks.empty():
            ask = self._asks.get_nowait()
            await ask.events.aclose()
            await self._outbox.put(event_message(cancelled(ask.turn)))

    async def _run_turns(self, group: asyncio.TaskGroup) -> None:
        while True:
            ask = await self._asks.get()
            self._speaking = False
            self._hush = not self._asks.empty() or any(ear.speaking for ear in self._ears)
            self._turn = group.create_task(self._run_turn(ask))
            await asyncio.wait([self._turn])
            if self._turn.cancelled() or not self._turn.result():
                await self._outbox.put(event_message(cancelled(ask.turn)))
            self._turn = None

    async def _run_turn(self, ask: Ask) -> bool:
        """Return whether the turn came to its own end."""
        withheld = ask.withheld
        self._own.append(ask.turn)
        try:
            async with aclosing(ask.events) as events:
                async for event in events:
                    if isinstance(event, Planned):
                        self._asked = event.plan.body.kind == "question"
                        if withheld is not None:
                            await self._outbox.put(event_message(withheld))
                            withheld = None
                    if isinstance(event, Ended) and withheld is not None and event.how == "done":
                        return False
                    await self._outbox.put(event_message(event))
                    self._speaking |= ask.aloud and isinstance(event, Replied)
                    if isinstance(event, Spoke):
                        self._sounds(event)
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

    def _sounds(self, spoke: Spoke) -> None:
        begin = max(self._audible_until, time.monotonic())
        self._audible_until = begin + spoke.audio.seconds

    async def _run_taps(self) -> None:
        while True:
            tap = await self._taps.get()
            try:
                outcome = await self._butler.perform(
                    tap.capability, tap.arguments, origin=self._origin
                )
                answer = tapped_message(tap.ref, outcome)
            except StewardError as error:
                _log.warning("a tap failed: %s", error.message)
                answer = refused_message(error.message, error.hint, ref=tap.ref)
            await self._outbox.put(answer)

    async def _relay(self, events: AsyncIterator[Event]) -> None:
        async for event in events:
            if isinstance(event, Spoke) and event.turn.startswith(ANNOUNCEMENT):
                self._sounds(event)
                self._outbox.put_now(event_message(event))
            elif isinstance(event, StateChanged | TimerFinished | Brought) or (
                isinstance(event, Asking | Asked) and event.turn in self._own
            ):
                self._outbox.put_now(event_message(event))
        raise Over(TRY_AGAIN_LATER, "the page is too slow")
