"""A satellite at work: it waits for its word, sends what follows to its hub, and plays the answer.

It speaks the Wyoming protocol's satellite part, so its hub may be Steward or Home Assistant. The
hub connects to it, unless it is paired with one, to which it connects; of several the last that has
sent `run-satellite` is served.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from wyoming.audio import AudioStop
from wyoming.event import Event
from wyoming.info import Attribution, Info, Satellite, WakeModel, WakeProgram
from wyoming.ping import Pong
from wyoming.pipeline import PipelineStage, RunPipeline
from wyoming.satellite import StreamingStarted, StreamingStopped
from wyoming.snd import Played
from wyoming.wake import Detection

from steward import __version__
from steward.audio.pcm import to_samples
from steward.audio.wake import WakeDetector, WakeStream
from steward.errors import PeerError
from steward.satellite.hub import linked
from steward.satellite.player import Play, Player
from steward.satellite.settings import Settings
from steward.satellite.state import (
    ASLEEP,
    Mode,
    State,
    confirmed,
    given_up,
    heard,
    overdue,
    understood,
    woken,
)
from steward.satellite.tones import TROUBLE
from steward.speech.activity import ENTER, ActivityStream, SpeechDetector
from steward.types import AudioChunk
from steward.wyoming import door
from steward.wyoming.sound import Incoming, piece, start
from steward.wyoming.wire import NAME, Eventable, Peer, text

KEPT = 3.0
"""Seconds of sound before now that are kept: the hub is sent the word, too."""
SILENT = 20.0
"""Seconds without an event after which a hub that has sent pings is taken for gone."""
_ATTRIBUTION = Attribution("Steward", "https://pypi.org/project/steward-edge/")

_log = logging.getLogger(__name__)


class Device:
    """One satellite with its microphone and loudspeaker."""

    def __init__(
        self, settings: Settings, word: WakeDetector, activity: SpeechDetector, play: Play
    ) -> None:
        self._settings = settings
        self._word = word.word
        self._wake = WakeStream(word)
        self._activity = ActivityStream(activity)
        self._player = Player(play, self._played)
        self._incoming = Incoming()
        self._state = ASLEEP
        self._hub: Peer | None = None
        self._confirming: Peer | None = None
        self._pinged: set[Peer] = set()
        self._follows = False
        self._kept: deque[AudioChunk] = deque()
        self._seconds = 0.0

    @property
    def connected(self) -> bool:
        """Whether a hub is there, to whom a command would be sent."""
        return self._hub is not None

    @property
    def busy(self) -> bool:
        """Whether a command is under way or something can be heard."""
        return self._state.mode is not Mode.ASLEEP or self._player.busy

    async def run(self, microphone: AsyncIterator[AudioChunk]) -> None:
        """Work until the microphone ends, or until cancelled.

        Raises:
            PortError: the address cannot be listened on.
            DeviceError: the microphone cannot be used.
        """
        async with self._reached():
            playing = asyncio.create_task(self._player.run())
            try:
                async for chunk in microphone:
                    await self._listen(chunk)
            finally:
                playing.cancel()
                await asyncio.wait([playing])

    @asynccontextmanager
    async def _reached(self) -> AsyncIterator[None]:
        """Have a hub connect to this satellite, or connect to the one that it is paired with."""
        settings = self._settings
        if settings.hub is not None:
            async with linked(settings.hub, self._receive):
                _log.warning("%s uses the hub %s", settings.name, settings.hub.name)
                yield
            return
        opened = door.opened(settings.host, settings.port, settings.allowed, self._receive)
        async with opened as port:
            _log.warning("%s waits at %s:%d", settings.name, settings.host, port)
            yield

    async def _listen(self, chunk: AudioChunk) -> None:
        """Take what the microphone hears now."""
        now = time.monotonic()
        self._keep(chunk)
        wakes = self._wake.feed(chunk)
        if self._state.sends:
            voice = bool((self._activity.feed(to_samples(chunk)) >= ENTER).any())
            self._state = heard(self._state, now, voice=voice)
            await self._send(piece(chunk))
        elif wakes:
            await self._answer_to(now)
        if why := overdue(self._state, now):
            await self._give_up(why)
        if self._follows and not self.busy:
            self._follows = False
            await self._talk(State(Mode.TALKING, now, now), PipelineStage.ASR, ())

    def _keep(self, chunk: AudioChunk) -> None:
        self._kept.append(chunk)
        self._seconds += chunk.seconds
        while self._seconds > KEPT:
            self._seconds -= self._kept.popleft().seconds

    async def _answer_to(self, now: float) -> None:
        """The word was said: whatever is played is over."""
        _log.info("the word was heard")
        self._player.silence()
        self._follows = False
        if self._hub is None:
            _log.warning("the word was heard, but no hub is connected")
            self._player.tone(TROUBLE)
            return
        confirms = self._confirming is self._hub
        stage = PipelineStage.WAKE if confirms else PipelineStage.ASR
        # Another hub would take the end of the word for the beginning of the sentence.
        kept = tuple(self._kept) if confirms else ()
        if not confirms:
            await self._send(Detection(self._word.name))
        await self._talk(woken(now, confirms=confirms), stage, kept)

    async def _talk(self, state: State, stage: PipelineStage, kept: tuple[AudioChunk, ...]) -> None:
        """Send from now on what the microphone hears, `kept` first."""
        self._state = state
        self._activity.reset()
        run = RunPipeline(stage, PipelineStage.TTS, wake_word_name=self._word.name)
        await self._send(run, StreamingStarted(), start(16_000), *map(piece, kept))

    async def _give_up(self, why: str) -> None:
        """End what is under way; that an answer does not come is told."""
        _log.warning("%s", why)
        before, self._state = self._state, given_up(self._state, time.monotonic())
        if before.sends:
            await self._send(AudioStop(), StreamingStopped())
        else:
            self._player.tone(TROUBLE)

    async def _send(self, *messages: Eventable) -> None:
        hub = self._hub
        if hub is None:
            return
        try:
            await hub.write(*messages)
        except PeerError as error:
            _log.warning("%s", error.message)
            # It must notice, too, to come again.
            hub.close()
            self._lose(hub)

    async def _played(self) -> None:
        await self._send(Played())

    async def _receive(self, peer: Peer) -> None:
        """Serve one connection."""
        try:
            while (event := await self._next(peer)) is not None:
                await self._take(event, peer)
        except PeerError as error:
            _log.warning("%s", error.message)
        finally:
            self._pinged.discard(peer)
            self._lose(peer)

    async def _next(self, peer: Peer) -> Event | None:
        return await peer.read(SILENT if peer in self._pinged else None)

    def _lose(self, peer: Peer) -> None:
        """The hub is gone: what was asked of it will not be answered, and that is told."""
        if self._hub is not peer:
            return
        self._hub = None
        self._follows = False
        self._player.end()
        if self._state.mode is not Mode.ASLEEP:
            self._player.tone(TROUBLE)
        self._state = ASLEEP

    async def _take(self, event: Event, peer: Peer) -> None:
        now = time.monotonic()
        if event.type == "describe":
            await peer.write(self._info())
        elif event.type == "ping":
            self._pinged.add(peer)
            await peer.write(Pong(text(event, "text", NAME)))
        elif event.type == "run-satellite":
            self._hub, self._state = peer, ASLEEP
            _log.info("the hub is %s", peer.who)
        elif event.type == "detect":
            self._confirming = peer
        elif peer is self._hub:
            await self._obey(event, peer, now)

    async def _obey(self, event: Event, hub: Peer, now: float) -> None:
        """Do what the hub says."""
        match event.type:
            case "pause-satellite":
                self._lose(hub)
            case "detection":
                self._state = confirmed(self._state, now)
            case "transcript":
                sent = self._state.sends
                self._state = understood(self._state, text(event, "text"), now)
                if sent:
                    await self._send(StreamingStopped())
            case "error":
                _log.warning("the hub reports: %s", text(event, "text"))
                if self._state.mode is not Mode.ASLEEP:
                    self._player.tone(TROUBLE)
                self._state = ASLEEP
            case "audio-start":
                if self._state.mode is Mode.WAITING:
                    self._state = ASLEEP
                self._incoming.begin()
                self._player.begin()
            case "audio-chunk":
                self._player.add(self._incoming.received(event))
            case "audio-stop":
                self._player.end()
            case "run-pipeline":
                self._follows = True
            case _:
                pass

    def _info(self) -> Info:
        shared: dict[str, Any] = {
            "attribution": _ATTRIBUTION,
            "installed": True,
            "version": __version__,
        }
        phrase = self._word.phrases[0] if self._word.phrases else self._word.name
        model = WakeModel(
            name=self._word.name, description=phrase, languages=[], phrase=phrase, **shared
        )
        return Info(
            wake=[WakeProgram(name="steward", description="Steward", models=[model], **shared)],
            satellite=Satellite(
                name=self._settings.name,
                description=f"{self._settings.name}, a satellite of Steward",
                area=self._settings.area or None,
                has_vad=True,
                active_wake_words=[self._word.name],
                max_active_wake_words=1,
                supports_trigger=True,
                **shared,
            ),
        )
