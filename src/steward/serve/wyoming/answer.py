"""What a satellite says: the answers of turns, sent as fast as they are heard."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from wyoming.audio import AudioStop
from wyoming.error import Error
from wyoming.tts import Synthesize

from steward.audio.pcm import RATE
from steward.errors import PeerError, StewardError
from steward.events import Ended, Event, Planned, Replied, Spoke
from steward.types import AudioChunk, Question
from steward.wyoming.sound import piece, start
from steward.wyoming.wire import Eventable, Peer

AHEAD = 1.0
"""Seconds of an answer that are sent before they can be heard: no more, so that it can be ended."""
PIECE = 0.1
"""Seconds of sound in one message."""

_log = logging.getLogger(__name__)


class Mouth:
    """Speaks at one satellite, one sound after the other."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._turn = asyncio.Lock()
        self.played = asyncio.Event()
        """Set when the satellite says that a sound has been heard."""

    async def say(self, sound: AudioChunk) -> None:
        """Say `sound` when what is being said is over.

        Raises:
            PeerError: the satellite is gone.
        """
        async with self._turn:
            await self._peer.write(start(sound.rate), *map(piece, parts(sound)), AudioStop())

    async def answer(self, events: AsyncGenerator[Event, None], hushed: Callable[[], bool]) -> bool:
        """Carry out the rest of a turn and say its answer, unless it is `hushed` when it is known.

        Returns whether the turn has ended with a question, which has been heard.

        Raises:
            PeerError: the satellite is gone; what was asked for is done.
            StewardError: the turn failed; the satellite has been told.
        """
        async with aclosing(events), self._turn:
            asks, speech = False, _Speech(self._peer)
            try:
                async for event in events:
                    if isinstance(event, Planned):
                        asks = isinstance(event.plan.body, Question)
                    elif isinstance(event, Replied):
                        if hushed():
                            return False
                        await self._peer.write(Synthesize(event.reply.text))
                    elif isinstance(event, Spoke):
                        await speech.send(event.audio)
                    elif isinstance(event, Ended) and event.how == "failed":
                        await self._peer.write(Error(event.message, "failed"))
                self.played.clear()
                if not speech.begun:
                    # An answer is waited for, also one that cannot be heard.
                    await self._peer.write(*silence())
            finally:
                await speech.stop()
            await self._heard(speech.left())
            return asks

    async def _heard(self, seconds: float) -> None:
        """Wait until a sound that lasts for `seconds` more has been heard, said so or not."""
        waiting = asyncio.create_task(self.played.wait())
        try:
            await asyncio.wait([waiting], timeout=seconds)
        finally:
            waiting.cancel()


class _Speech:
    """One sound on its way."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self.begun = self._sent = 0.0
        self._open = False

    async def send(self, sound: AudioChunk) -> None:
        """Send `sound`, not too long before it is heard."""
        for part in parts(sound):
            if not self.begun:
                self.begun, self._open = time.monotonic(), True
                await self._peer.write(start(part.rate))
            await self._peer.write(piece(part))
            self._sent += part.seconds
            await asyncio.sleep(self.left() - AHEAD)

    async def stop(self) -> None:
        """Say that no more comes."""
        if self._open:
            self._open = False
            await self._peer.write(AudioStop())

    def left(self) -> float:
        """Return the seconds until what was sent has been heard."""
        return max(0.0, self.begun + self._sent - time.monotonic()) if self.begun else 0.0


def silence() -> tuple[Eventable, Eventable]:
    """Return the messages of an answer that cannot be heard."""
    return start(RATE), AudioStop()


def parts(sound: AudioChunk) -> list[AudioChunk]:
    """Cut `sound` into messages."""
    step = 2 * int(PIECE * sound.rate)
    return [
        AudioChunk(sound.pcm[at : at + step], sound.rate, sound.time + at / 2 / sound.rate)
        for at in range(0, len(sound.pcm), step)
    ]


class Answer:
    """The answer of one turn, which goes on while the next one is heard."""

    def __init__(
        self,
        mouth: Mouth,
        events: AsyncGenerator[Event, None],
        asked: Callable[[], Awaitable[None]],
    ) -> None:
        """Begin. `asked` is called when the answer was a question and has been heard."""
        self._mouth = mouth
        self._hushed = self._known = False
        self._task = asyncio.create_task(self._run(events, asked))

    async def hush(self) -> None:
        """Silence it. What the turn was asked to do is done all the same."""
        self._hushed = True
        if self._known:
            self._task.cancel()
            await self.over()

    async def over(self) -> None:
        """Wait until it is over."""
        await asyncio.wait([self._task])

    async def _run(
        self, events: AsyncGenerator[Event, None], asked: Callable[[], Awaitable[None]]
    ) -> None:
        try:
            if await self._mouth.answer(events, self._quiet):
                await asked()
        except PeerError as error:
            _log.info("%s", error.message)
        except StewardError as error:
            _log.warning("a turn at a satellite failed: %s", error.message)

    def _quiet(self) -> bool:
        self._known = True
        return self._hushed


async def tell(peer: Peer, *messages: Eventable) -> None:
    """Send `messages`, which a satellite that is gone need not have."""
    try:
        await peer.write(*messages)
    except PeerError as error:
        _log.info("%s", error.message)
