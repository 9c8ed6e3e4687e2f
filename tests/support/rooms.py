"""A paired satellite whose microphone is a recording: it says one command and waits for the answer.

It speaks to the hub as `steward satellite` does after its wake word, over the same TLS.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from wyoming.audio import AudioChunk, AudioStart
from wyoming.event import Event, async_read_event, async_write_event
from wyoming.pipeline import PipelineStage, RunPipeline

from steward.audio.files import read_audio
from steward.audio.pcm import RATE
from steward.pairing.address import Address, connected
from steward.pairing.identity import SATELLITE, client_context, identity
from steward.pairing.pairings import Hub
from steward.wyoming.wire import HEADER

PIECE = 1024
"""Samples in one message."""


@dataclass(frozen=True)
class Turn:
    """What a satellite heard back: the words it was understood by, and the seconds from the end of
    what was said to those words, and to the first of the answer's sound."""

    text: str
    heard: float
    answered: float


class Room:
    """The satellite `name`, whose state is in `state`."""

    def __init__(self, name: str, state: Path, hub: Hub, door: Address) -> None:
        self.name = name
        self._state = state
        self._hub = hub
        self._door = door
        self._events: asyncio.Queue[tuple[Event, float]] = asyncio.Queue()

    async def connect(self) -> None:
        """Connect to the hub."""
        context = client_context(identity(self._state).file, self._hub.certificate)
        context.set_alpn_protocols([SATELLITE])
        self._reader, self._writer = await connected(self._door, context, HEADER)
        self._reading = asyncio.create_task(self._read())

    async def say(self, recording: Path, patience: float = 120) -> Turn:
        """Say what is in `recording` as fast as it was said, then silence, until it is answered."""
        sound = read_audio(recording).pcm
        run = RunPipeline(PipelineStage.ASR, PipelineStage.TTS)
        for message in (run, AudioStart(RATE, 2, 1)):
            await async_write_event(message.event(), self._writer)
        begun = time.monotonic()
        ends = begun + len(sound) / 2 / RATE
        speaking = asyncio.create_task(self._speak(sound, begun))
        try:
            async with asyncio.timeout(patience):
                words, heard = await self._until("transcript")
                speaking.cancel()
                _, answered = await self._until("audio-chunk")
                await self._until("audio-stop")
        finally:
            speaking.cancel()
            await asyncio.wait([speaking])
        return Turn(str(words.data["text"]), heard - ends, answered - ends)

    async def close(self) -> None:
        """Go."""
        self._reading.cancel()
        await asyncio.wait([self._reading])
        self._writer.transport.abort()

    async def _speak(self, sound: bytes, begun: float) -> None:
        number = 0
        while True:
            part = sound[number * 2 * PIECE :][: 2 * PIECE]
            chunk = AudioChunk(RATE, 2, 1, part.ljust(2 * PIECE, b"\0"))
            await async_write_event(chunk.event(), self._writer)
            number += 1
            await asyncio.sleep(begun + number * PIECE / RATE - time.monotonic())

    async def _read(self) -> None:
        while (event := await async_read_event(self._reader)) is not None:
            self._events.put_nowait((event, time.monotonic()))

    async def _until(self, kind: str) -> tuple[Event, float]:
        while True:
            event, when = await self._events.get()
            if event.type == kind:
                return event, when
