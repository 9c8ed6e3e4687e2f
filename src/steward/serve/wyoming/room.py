"""What is said at one satellite, and what becomes of it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from dataclasses import replace

from wyoming.asr import Transcript
from wyoming.error import Error
from wyoming.pipeline import PipelineStage, RunPipeline
from wyoming.vad import VoiceStarted, VoiceStopped
from wyoming.wake import Detection

from steward.butler import ANNOUNCEMENT
from steward.errors import PeerError, StewardError
from steward.events import Event, Heard, Hearing, Spoke
from steward.hearing import Stream
from steward.plan.hush import hushes
from steward.serve.butler import Butler
from steward.serve.wyoming.answer import Answer, Mouth, silence, tell
from steward.types import AudioChunk, Origin
from steward.wyoming.sound import Sound
from steward.wyoming.wire import Peer

NOBODY = 4.0
"""Seconds after the word in which somebody begins to speak, or has not meant it."""
BACKLOG = 5.0
"""Seconds of sound that may wait to be heard."""
STALLED = 3.0
"""Seconds without sound in the middle of a turn after which it is nobody's."""
FLOWING = 0.5
"""Seconds since the last sound in which a satellite is one that always sends."""

_log = logging.getLogger(__name__)


class Room:
    """Hears turns at a satellite and answers there. The wake word, or new words, end an answer.

    `area` is the id of the area it stands in; it `follows` where it listens on when it is asked to.
    """

    def __init__(self, butler: Butler, name: str, peer: Peer) -> None:
        self._butler = butler
        self._name = name
        self._peer = peer
        self.area: str | None = None
        self.follows = False
        self.mouth = Mouth(peer)
        self._sound: Sound | None = None
        self._last = 0.0
        self._listening: asyncio.Task[None] | None = None
        self._answer: Answer | None = None

    async def begin(self, *, awake: bool) -> None:
        """Hear a turn in the sound that comes now, if its word was said; else wait for the word."""
        await self._end()
        self._sound = sound = Sound(BACKLOG)
        self._listening = asyncio.create_task(self._listen(sound, awake))

    async def hear(self, chunk: AudioChunk) -> None:
        """Take sound from the satellite; it is dropped where nobody listens."""
        self._last = time.monotonic()
        if self._sound is not None:
            await self._sound.put(chunk)

    def still(self) -> None:
        """The satellite sends no more: what was said is whole."""
        if self._sound is not None:
            self._sound.close()

    async def leave(self) -> None:
        """The satellite is gone: what it had not finished saying is nobody's, the rest is done."""
        await self._end()
        if self._answer is not None:
            await self._answer.over()

    async def announce(self) -> None:
        """Say here what nobody asked for: that a timer ran out.

        Raises:
            PeerError: the satellite is gone, or too slow for what happens.
        """
        async with self._butler.subscribe() as events:
            async for event in events:
                if isinstance(event, Spoke) and event.turn.startswith(ANNOUNCEMENT):
                    await self.mouth.say(event.audio)
        raise PeerError(f"{self._peer.who} is too slow", hint="it is connected anew")

    async def _end(self) -> None:
        """End the listening, and drop what was heard so far."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait([self._listening])
        self.still()

    async def _listen(self, sound: Sound, awake: bool) -> None:
        try:
            if awake:
                await self._hear(sound, Stream(sound))
            while not sound.closed:
                attention = await self._butler.attend(sound)
                if (wake := await attention.woken()) is not None:
                    await self._peer.write(Detection(wake.word))
                    await self._hear(sound, Stream(attention.following(wake)))
        except PeerError as error:
            _log.info("%s", error.message)
        except StewardError as error:
            _log.warning("%s cannot wait for the word: %s", self._peer.who, error.message)
            await tell(self._peer, Error(error.message, type(error).__name__))
        finally:
            sound.close()

    async def _hear(self, sound: Sound, stream: Stream) -> None:
        """Hear one turn in `sound`; its answer goes on behind."""
        if self._answer is not None:
            await self._answer.hush()
        stream = replace(stream, nobody=NOBODY, after_word=True, area=self.area)
        events = self._butler.turn(
            stream,
            aloud=True,
            conversation=f"satellite {self._name}",
            origin=Origin("satellite", self._name),
        )
        sound.patience = STALLED
        try:
            text = await self._words(events)
        except BaseException:
            await events.aclose()
            raise
        finally:
            sound.patience = None
        if text and not hushes(text):
            self._answer = Answer(self.mouth, events, self._follow)
        else:
            await events.aclose()
            if text:
                await self._peer.write(*silence())

    async def _words(self, events: AsyncGenerator[Event, None]) -> str:
        """Return what was said, nothing if that fails; the satellite is told either."""
        text, language = "", None
        try:
            async for event in events:
                if isinstance(event, Hearing) and not event.text:
                    await self._peer.write(VoiceStarted())
                elif isinstance(event, Heard):
                    text, language = event.utterance.text.strip(), event.utterance.language
                    break
        except StewardError as error:
            _log.warning("a turn at %s failed: %s", self._peer.who, error.message)
            await self._peer.write(Error(error.message, type(error).__name__))
        await self._peer.write(VoiceStopped(), Transcript(text, language=language))
        return text

    async def _follow(self) -> None:
        """Listen on without the word, for he has asked something."""
        if time.monotonic() - self._last < FLOWING:
            await self.begin(awake=True)
        elif self.follows:
            await self._peer.write(RunPipeline(PipelineStage.ASR, PipelineStage.TTS))
