"""One connection of the Wyoming door: it asks for one service after the other.

What is asked for is read within limits, and done by one task at a time; whoever sends the next
request before that is over waits. A recording that the peer breaks off is nobody's command. One
that has come whole is carried out once, whether its peer is still there to hear of it or not.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import aclosing
from typing import Any

import soxr
from wyoming.asr import Transcript, TranscriptChunk, TranscriptStart, TranscriptStop
from wyoming.audio import AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.handle import Handled, NotHandled
from wyoming.intent import Entity, Intent, IntentsStart, IntentsStop, NotRecognized
from wyoming.ping import Pong
from wyoming.tts import SynthesizeStopped
from wyoming.wake import Detection, NotDetected

from steward.audio.pcm import from_samples, to_samples
from steward.errors import PeerError, StewardError
from steward.events import Planned, Replied
from steward.hearing import Completeness, Stream
from steward.serve.wyoming.services import Services, language_for, primary
from steward.serve.wyoming.streams import more, sayable
from steward.types import GUEST, AudioChunk, Calls, Origin, Unknown, Utterance
from steward.wyoming.sound import Incoming, Sound, piece, start
from steward.wyoming.wire import NAME, Peer, inner, text

IDLE = 300.0
"""Seconds without an event after which a connection is closed."""
RECORDING = 60.0
"""Seconds of the longest recording that is read."""
BACKLOG = 5.0
"""Seconds of sound that may wait; beyond that its sender waits."""
STREAMED = 20_000
"""Characters of the longest text that comes in pieces."""

_log = logging.getLogger(__name__)


class Session:
    """Serves one peer until it closes."""

    def __init__(self, services: Services, peer: Peer) -> None:
        self._services = services
        self._peer = peer
        self._language = ""
        self._waking = False
        self._sound: Sound | None = None
        self._words: asyncio.Queue[str | None] | None = None
        self._streamed = 0
        self._incoming = Incoming()
        self._job: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Serve the peer; returns when it is gone or was sent away, with no task left."""
        try:
            try:
                while (event := await self._peer.read(IDLE)) is not None:
                    await self._take(event)
            except PeerError as error:
                _log.info("%s was sent away: %s", self._peer.who, error.message)
                await self._excuse(error)
            # What has come whole is done all the same; what has not is nobody's.
            if self._sound is None and self._words is None:
                await self._over()
        finally:
            if self._job is not None:
                self._job.cancel()
                await asyncio.wait([self._job])

    async def _take(self, event: Event) -> None:
        """Do what `event` asks for; events that are unknown here are meant for others."""
        match event.type:
            case "describe":
                await self._peer.write(self._services.info())
            case "ping":
                await self._peer.write(Pong(text(event, "text", NAME)))
            case "transcribe":
                self._waking, self._language = False, primary(text(event, "language", NAME))
            case "detect":
                self._waking = True
            case "audio-start":
                self._incoming.begin()
                await self._open()
            case "audio-chunk":
                await self._bring(self._incoming.received(event))
            case "audio-stop":
                self._close()
            case "transcript":
                await self._begin(self._handle(_utterance(event), _conversation(self._peer, event)))
            case "recognize":
                await self._begin(self._recognize(_utterance(event)))
            case "synthesize" if self._words is None:
                voice = (inner(event, "voice", "name"), inner(event, "voice", "language"))
                await self._begin(self._say(text(event, "text"), voice))
            case "synthesize-start":
                voice = (inner(event, "voice", "name"), inner(event, "voice", "language"))
                words: asyncio.Queue[str | None] = asyncio.Queue()
                await self._begin(self._say_stream(words, voice))
                self._words, self._streamed = words, 0
            case "synthesize-chunk" if self._words is not None:
                self._stream(self._words, text(event, "text"))
            case "synthesize-stop" if self._words is not None:
                self._close()
            case _:
                pass

    async def _open(self) -> None:
        sound = Sound(BACKLOG if self._waking else RECORDING)
        job = self._wait_for_word(sound) if self._waking else self._transcribe(sound)
        await self._begin(job)
        self._sound = sound

    async def _bring(self, chunk: AudioChunk) -> None:
        sound = self._sound
        if sound is None:
            return
        if not self._waking and sound.brought > RECORDING:
            raise PeerError(
                f"the recording is longer than {RECORDING:.0f} seconds", hint="send shorter ones"
            )
        await sound.put(chunk)

    def _close(self) -> None:
        """Let what was coming in pieces be over."""
        if self._sound is not None:
            self._sound.close()
            self._sound = None
        if self._words is not None:
            self._words.put_nowait(None)
            self._words = None

    def _stream(self, words: asyncio.Queue[str | None], part: str) -> None:
        self._streamed += len(part)
        if self._streamed > STREAMED:
            raise PeerError(
                f"the text is longer than {STREAMED} characters", hint="have it said in parts"
            )
        words.put_nowait(part)

    async def _begin(self, job: Coroutine[Any, Any, None]) -> None:
        """Start `job` when the one before is over; that waits for no more pieces."""
        self._close()
        try:
            await self._over()
        except asyncio.CancelledError:
            job.close()
            raise
        self._job = asyncio.create_task(self._guarded(job))

    async def _over(self) -> None:
        if self._job is not None:
            await asyncio.wait([self._job])

    async def _guarded(self, job: Coroutine[Any, Any, None]) -> None:
        try:
            await job
        except StewardError as error:
            _log.warning("%s: a request failed: %s", self._peer.who, error.message)
            self._close()
            await self._excuse(error)

    async def _excuse(self, error: StewardError) -> None:
        """Say what is wrong, and end the connection: nobody shall wait for an answer."""
        try:
            await self._peer.write(Error(error.message, type(error).__name__))
            await self._peer.finish()
        except PeerError:
            self._peer.close()

    async def _transcribe(self, sound: Sound) -> None:
        """Read a recording; the words that stay are told while it comes."""
        ear, stream = await self._services.ear(), Stream(sound, held=True)
        await self._peer.write(TranscriptStart(language=self._language or None))
        sent = ""
        async with aclosing(ear.listen(stream, _Anything(), self._language or None)) as words:
            async for heard in words:
                if heard.kind == "partial" and (part := more(sent, heard.stable)):
                    sent += part
                    await self._peer.write(TranscriptChunk(part))
                elif heard.kind == "final":
                    said = heard.utterance
                    if part := more(sent, said.text):
                        await self._peer.write(TranscriptChunk(part))
                    transcript = Transcript(said.text, language=said.language)
                    await self._peer.write(transcript, TranscriptStop())

    async def _wait_for_word(self, sound: Sound) -> None:
        """Tell of each wake word in `sound`."""
        attention, found = await self._services.butler.attend(sound), False
        while (wake := await attention.woken()) is not None:
            found = True
            await self._peer.write(Detection(wake.word, round(sound.brought * 1000)))
        if not found:
            await self._peer.write(NotDetected())

    async def _handle(self, said: Utterance, conversation: str) -> None:
        """Let the butler do what was said."""
        understood, reply = True, ""
        origin = Origin("wyoming", self._peer.who)
        turn = self._services.butler.turn(said, conversation=conversation, origin=origin)
        async with aclosing(turn) as events:
            async for event in events:
                if isinstance(event, Planned):
                    understood = not isinstance(event.plan.body, Unknown)
                elif isinstance(event, Replied):
                    reply = event.reply.text
        await self._peer.write(Handled(reply) if understood else NotHandled(reply))

    async def _recognize(self, said: Utterance) -> None:
        """Tell what was meant, in Home Assistant's intents, and do nothing of it."""
        plan = await self._services.read(said)
        calls = plan.body.calls if isinstance(plan.body, Calls) else ()
        intents = [
            Intent(call.meaning.intent, [Entity(*slot) for slot in call.meaning.slots.items()])
            for call in calls
        ]
        if not intents:
            await self._peer.write(NotRecognized())
        elif len(intents) == 1:
            await self._peer.write(*intents)
        else:
            await self._peer.write(IntentsStart(), *intents, IntentsStop())

    async def _say(self, said: str, voice: tuple[str, str]) -> None:
        """Say a text that has come whole."""
        speaker = _Speaker(self._services, self._peer, voice)
        await speaker.say(said)
        await speaker.end()

    async def _say_stream(self, words: asyncio.Queue[str | None], voice: tuple[str, str]) -> None:
        """Say a text that comes in pieces, each sentence as soon as it is whole."""
        speaker, rest = _Speaker(self._services, self._peer, voice), ""
        while (part := await words.get()) is not None:
            whole, rest = sayable(rest + part)
            await speaker.say(whole)
        await speaker.say(rest)
        await speaker.end()
        await self._peer.write(SynthesizeStopped())


class _Speaker:
    """Sends speech to a peer, all of it at the rate of its beginning."""

    def __init__(self, services: Services, peer: Peer, voice: tuple[str, str]) -> None:
        self._services = services
        self._peer = peer
        self._voice = voice
        self._rate = 0

    async def say(self, text: str) -> None:
        """Say `text`."""
        if not any(c.isalnum() for c in text):
            return
        voice = self._services.voice
        async with aclosing(
            voice.speak(text, language_for(text, *self._voice, voice.languages))
        ) as sounds:
            async for sound in sounds:
                if not self._rate:
                    self._rate = sound.rate
                    await self._peer.write(start(self._rate))
                await self._peer.write(piece(_at_rate(sound, self._rate)))

    async def end(self) -> None:
        """Let the speech be over; one without a sound has a beginning and an end, too."""
        if not self._rate:
            await self._peer.write(start(16_000))
        await self._peer.write(AudioStop())


def _at_rate(sound: AudioChunk, rate: int) -> AudioChunk:
    if sound.rate == rate:
        return sound
    return from_samples(soxr.resample(to_samples(sound), sound.rate, rate), rate, sound.time)


def _utterance(event: Event) -> Utterance:
    language = primary(text(event, "language", NAME))
    # Home Assistant does not tell who spoke, so it may have been anybody.
    return Utterance(text(event, "text"), language or None, speaker=GUEST)


def _conversation(peer: Peer, event: Event) -> str:
    named = inner(event, "context", "conversation_id")
    return f"wyoming {peer.who.rpartition(':')[0]} {named}"


class _Anything:
    """A Sense for recordings whose end the peer tells: whether they are whole is not asked."""

    async def completeness(self, text: str, language: str | None) -> Completeness:  # noqa: ARG002
        """Tell nothing."""
        return Completeness.UNSURE
