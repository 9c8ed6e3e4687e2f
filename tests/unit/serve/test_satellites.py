"""The hub's side of satellites, with satellites that the protocol's own library makes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event, async_read_event, async_write_event
from wyoming.info import Attribution, Info, Satellite
from wyoming.ping import Pong
from wyoming.pipeline import PipelineStage, RunPipeline
from wyoming.snd import Played

from steward import events, types
from steward.butler import ANNOUNCEMENT
from steward.config import SatelliteConfig
from steward.errors import StateError
from steward.hearing import Stream
from steward.serve.wyoming import room, satellites
from steward.serve.wyoming.satellites import Link

SILENCE, PLEASE, STOP, HELLO, WORD = 0, 1, 2, 3, 9
"""Pieces of sound as the scripted butler hears them."""


class ScriptedSatellite:
    """Waits for a hub and says to it what the test wants."""

    def __init__(self) -> None:
        self.port = 0
        self.events: asyncio.Queue[Event] = asyncio.Queue()
        self.connected = 0
        self.tasks: list[asyncio.Task[None]] = []
        self.info = Info(
            satellite=Satellite("kitchen", Attribution("", ""), True, "", "1", area="hall")
        )
        self._writer: asyncio.StreamWriter | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.connected += 1
        if (task := asyncio.current_task()) is not None:
            self.tasks.append(task)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while (event := await async_read_event(reader)) is not None:
                if event.type == "describe":
                    await self.send(self.info)
                elif event.type == "ping":
                    await self.send(Pong())
                else:
                    self.events.put_nowait(event)
        writer.transport.abort()

    async def send(self, *messages: Any) -> None:
        assert self._writer is not None
        for message in messages:
            await async_write_event(message.event(), self._writer)

    async def sound(self, *words: int) -> None:
        for word in words:
            await self.send(AudioChunk(16_000, 2, 1, bytes([word, 0]) * 160))

    async def run(self, stage: PipelineStage, *words: int) -> None:
        await self.send(RunPipeline(stage, PipelineStage.TTS), AudioStart(16_000, 2, 1))
        await self.sound(*words)

    async def until(self, *kinds: str) -> list[Event]:
        got: list[Event] = []
        async with asyncio.timeout(20):
            while not got or got[-1].type not in kinds:
                got.append(await self.events.get())
        return got

    def hang_up(self) -> None:
        assert self._writer is not None
        self._writer.transport.abort()


@pytest.fixture
async def satellite(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ScriptedSatellite]:
    monkeypatch.setattr(satellites, "FIRST_PAUSE", 0.01)
    made = ScriptedSatellite()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()
    if made.tasks:
        await asyncio.wait(made.tasks, timeout=10)


@pytest.fixture
async def link(butler: Any, satellite: ScriptedSatellite) -> AsyncIterator[Link]:
    made = Link(butler, "kitchen", SatelliteConfig(host="127.0.0.1", port=satellite.port))
    running = asyncio.create_task(made.run())
    await satellite.until("run-satellite")
    yield made
    running.cancel()
    await asyncio.wait([running])


def kinds(got: list[Event]) -> list[str]:
    return [event.type for event in got]


ANSWER = ["synthesize", "audio-start", "audio-chunk", "audio-chunk", "audio-stop"]


@pytest.mark.usefixtures("link")
async def test_a_command_after_the_satellites_own_word(satellite: ScriptedSatellite) -> None:
    await satellite.run(PipelineStage.ASR, PLEASE, HELLO, SILENCE)
    got = await satellite.until("audio-stop")
    assert kinds(got) == ["voice-started", "voice-stopped", "transcript", *ANSWER]
    assert got[2].data == {"text": "please hello", "language": "en"}
    assert got[3].data["text"] == "echo: please hello"


@pytest.mark.usefixtures("link")
async def test_ten_commands_in_a_row_and_the_word_is_heard_here(
    satellite: ScriptedSatellite, butler: Any
) -> None:
    await satellite.run(PipelineStage.WAKE, SILENCE, HELLO)
    for _ in range(10):
        await satellite.sound(WORD, PLEASE, SILENCE)
        got = await satellite.until("audio-stop")
        assert kinds(got) == ["detection", "voice-started", "voice-stopped", "transcript", *ANSWER]
    assert len(butler.heard) == 10


async def test_here_is_where_the_satellite_stands(
    satellite: ScriptedSatellite, butler: Any, link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    streams: list[Stream] = []

    async def turn(said: Stream, **_: Any) -> AsyncGenerator[events.Event, None]:
        streams.append(said)
        yield events.Ended("t", 0.0, "done")

    monkeypatch.setattr(butler, "turn", turn)
    await satellite.run(PipelineStage.ASR)
    await satellite.until("transcript")
    assert streams[0].area == "hall"
    assert streams[0].after_word


def test_an_area_is_known_by_any_of_its_names() -> None:
    world = types.World((), (types.Area("kitchen_2", "Big Kitchen", None, ("厨房",)),))
    for named in ("kitchen_2", "big kitchen ", "厨房"):
        assert satellites.area_id(world, named) == "kitchen_2"
    assert satellites.area_id(world, "cellar") is None
    assert satellites.area_id(world, "") is None


@pytest.mark.usefixtures("link")
async def test_nobody_speaks_and_the_satellite_sleeps_again(satellite: ScriptedSatellite) -> None:
    await satellite.run(PipelineStage.ASR, SILENCE)
    await satellite.send(AudioStop())
    assert (await satellite.until("transcript"))[-1].data["text"] == ""
    await satellite.run(PipelineStage.ASR, HELLO, SILENCE)
    assert (await satellite.until("transcript"))[-1].data["text"] == "hello"


@pytest.mark.usefixtures("link")
async def test_sound_that_stops_coming_is_nobodys_command(
    satellite: ScriptedSatellite, butler: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "STALLED", 0.05)
    await satellite.run(PipelineStage.ASR, HELLO)
    got = await satellite.until("transcript")
    assert "error" in kinds(got)
    assert got[-1].data["text"] == ""
    assert butler.heard == []
    await satellite.run(PipelineStage.ASR, HELLO, SILENCE)
    assert (await satellite.until("transcript"))[-1].data["text"] == "hello"


@pytest.mark.usefixtures("link")
async def test_a_satellite_that_dies_in_a_command_has_asked_nothing(
    satellite: ScriptedSatellite, butler: Any, until: Any
) -> None:
    await satellite.run(PipelineStage.ASR, HELLO)
    await satellite.until("voice-started")
    satellite.hang_up()
    await satellite.until("run-satellite")
    assert satellite.connected == 2
    assert butler.heard == []
    await satellite.run(PipelineStage.ASR, HELLO, SILENCE)
    await satellite.until("transcript")
    assert len(butler.heard) == 1


@pytest.mark.usefixtures("link")
async def test_what_was_asked_is_done_once_though_the_satellite_dies(
    satellite: ScriptedSatellite, butler: Any, until: Any
) -> None:
    butler.gate.clear()
    await satellite.run(PipelineStage.ASR, HELLO, SILENCE)
    await satellite.until("transcript")
    satellite.hang_up()
    await asyncio.sleep(0.05)
    assert butler.running == 1
    butler.gate.set()
    await satellite.until("run-satellite")
    await until(lambda: butler.running == 0)
    assert len(butler.heard) == 1


@pytest.mark.usefixtures("link")
async def test_a_satellite_that_dies_in_its_answer_is_served_again(
    satellite: ScriptedSatellite, butler: Any, until: Any
) -> None:
    butler.voice_gate.clear()
    await satellite.run(PipelineStage.ASR, HELLO, SILENCE)
    await satellite.until("audio-chunk")
    satellite.hang_up()
    butler.voice_gate.set()
    await satellite.until("run-satellite")
    await satellite.run(PipelineStage.ASR, HELLO, SILENCE)
    await satellite.until("audio-stop")
    await until(lambda: butler.running == 0)


@pytest.mark.usefixtures("link")
async def test_the_word_ends_an_answer_and_the_new_words_count(
    satellite: ScriptedSatellite, butler: Any, until: Any
) -> None:
    butler.voice_gate.clear()
    await satellite.run(PipelineStage.WAKE, WORD, PLEASE, SILENCE)
    await satellite.until("audio-chunk")
    await satellite.sound(WORD, PLEASE, SILENCE)
    got = await satellite.until("transcript")
    assert "audio-stop" in kinds(got)
    butler.voice_gate.set()
    assert kinds(await satellite.until("audio-stop")) == ANSWER
    await until(lambda: butler.running == 0)


@pytest.mark.usefixtures("link")
async def test_a_command_that_is_being_done_is_done_though_new_words_come(
    satellite: ScriptedSatellite, butler: Any, until: Any
) -> None:
    butler.gate.clear()
    await satellite.run(PipelineStage.WAKE, WORD, SILENCE)
    await satellite.until("transcript")
    await satellite.sound(WORD, PLEASE, SILENCE)
    await satellite.until("transcript")
    butler.gate.set()
    got = await satellite.until("audio-stop")
    assert [e.data["text"] for e in got if e.type == "synthesize"] == ["echo: hello please"]
    await until(lambda: butler.running == 0)
    assert len(butler.heard) == 2


@pytest.mark.usefixtures("link")
async def test_be_quiet_is_no_question_to_answer(satellite: ScriptedSatellite) -> None:
    await satellite.run(PipelineStage.ASR, STOP, SILENCE)
    assert kinds(await satellite.until("audio-stop"))[-3:] == [
        "transcript",
        "audio-start",
        "audio-stop",
    ]


@pytest.mark.usefixtures("link")
async def test_a_turn_that_fails_is_told(satellite: ScriptedSatellite, butler: Any) -> None:
    butler.failure = StateError("the disk is full", hint="make room")
    await satellite.run(PipelineStage.ASR, HELLO, SILENCE)
    got = await satellite.until("error")
    assert got[-1].data["text"] == "the disk is full"
    butler.failure = None
    await satellite.run(PipelineStage.ASR, HELLO, SILENCE)
    await satellite.until("transcript")


@pytest.mark.usefixtures("link")
@pytest.mark.parametrize("triggers", [False, True])
async def test_he_listens_on_after_a_question(
    satellite: ScriptedSatellite, butler: Any, monkeypatch: pytest.MonkeyPatch, triggers: bool
) -> None:
    assert satellite.info.satellite is not None
    satellite.info.satellite.supports_trigger = triggers
    await satellite.send(satellite.info)

    async def turn(said: Any, **_: Any) -> AsyncGenerator[events.Event, None]:
        async for _piece in said.pieces:
            break
        yield events.Heard("t", 0.0, types.Utterance("unlock the door", "en"), 1.0)
        plan = types.Plan(types.Question("Shall I?"), "en", "script", 1.0)
        yield events.Planned("t", 0.0, plan, 1.0)
        yield events.Spoke("t", 0.0, types.AudioChunk(b"ab" * 8, 22050), 1.0)
        yield events.Ended("t", 0.0, "done")

    monkeypatch.setattr(butler, "turn", turn)
    if triggers:
        # Its sound has ended when he has answered, so it is asked for more.
        monkeypatch.setattr(room, "FLOWING", 0.0)
    await satellite.run(PipelineStage.ASR, HELLO)
    await satellite.until("audio-stop")
    if triggers:
        await satellite.send(Played())
        assert (await satellite.until("run-pipeline"))[-1].data["start_stage"] == "asr"
    else:
        # It always sends sound, of which the next is the answer.
        await satellite.send(Played())
        for _ in range(100):
            await satellite.sound(HELLO)
            await asyncio.sleep(0.01)
            if not satellite.events.empty():
                break
        assert (await satellite.until("transcript"))[-1].data["text"] == "unlock the door"


@pytest.mark.usefixtures("link")
async def test_what_nobody_asked_for_is_said_there_too(
    satellite: ScriptedSatellite, butler: Any
) -> None:
    ring = types.AudioChunk(b"ab" * 8, 22050)
    butler.hub.emit(events.Spoke(ANNOUNCEMENT + "1", 0.0, ring, 1.0))
    got = await satellite.until("audio-stop")
    assert kinds(got) == ["audio-start", "audio-chunk", "audio-stop"]
    assert got[1].payload == ring.pcm


@pytest.mark.usefixtures("link")
async def test_a_satellite_that_breaks_the_protocol_is_connected_anew(
    satellite: ScriptedSatellite,
) -> None:
    await satellite.run(PipelineStage.ASR)
    await satellite.send(AudioChunk(16_000, 3, 1, b"abc"))
    await satellite.until("run-satellite")
    await satellite.run(PipelineStage.ASR, HELLO, SILENCE)
    await satellite.until("transcript")


async def test_a_satellite_that_is_silent_is_taken_for_gone(
    butler: Any, satellite: ScriptedSatellite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(satellites, "PING", 0.02)
    monkeypatch.setattr(satellites, "SILENT", 0.3)
    config = SatelliteConfig(host="127.0.0.1", port=satellite.port)
    running = asyncio.create_task(Link(butler, "kitchen", config).run())
    await satellite.until("run-satellite")
    await asyncio.sleep(0.1)

    async def dead(*_: Any) -> None:
        """Answer nothing more."""

    monkeypatch.setattr(satellite, "send", dead)
    await satellite.until("run-satellite")
    assert satellite.connected >= 2
    running.cancel()
    await asyncio.wait([running])
