"""A satellite and a hub that does as it likes, by the protocol's own client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from wyoming.asr import Transcript
from wyoming.audio import AudioChunk as Chunk
from wyoming.audio import AudioStart, AudioStop
from wyoming.error import Error
from wyoming.info import Describe, Info
from wyoming.ping import Ping
from wyoming.pipeline import PipelineStage, RunPipeline
from wyoming.satellite import PauseSatellite, RunSatellite
from wyoming.wake import Detect, Detection
from wyoming_peer import Client, connected

from steward.audio.files import read_audio
from steward.audio.pcm import RATE, from_samples, to_samples
from steward.audio.wake import WORDS, WakeDetector
from steward.models.store import Store
from steward.satellite import state
from steward.satellite.device import Device
from steward.satellite.settings import Settings, read
from steward.satellite.tones import TROUBLE
from steward.speech.activity import SpeechDetector
from steward.types import AudioChunk
from steward.wyoming import door

SPEECH = Path(__file__).parents[2] / "data" / "speech"
PIECE = 512


class Bench:
    """A satellite whose microphone and loudspeaker are the test's."""

    def __init__(self, store: Store) -> None:
        embedding = store.file("speech-embedding", "embedding_model.onnx")
        activity = store.file("silero-vad", "silero_vad.onnx")
        word = str(WORDS / "jarvis")
        self.settings = Settings(
            "bench", "Kitchen", "127.0.0.1", 0, (), word, str(embedding), str(activity)
        )
        self.device = Device(
            self.settings, WakeDetector(Path(word), embedding), SpeechDetector(activity), self.play
        )
        self.port, self.open = 0, asyncio.Event()
        self.heard: list[bytes] = []
        self.cut = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self._sound: asyncio.Queue[AudioChunk] = asyncio.Queue()

    async def play(self, chunks: AsyncIterator[AudioChunk]) -> None:
        pcm = b""
        try:
            async for chunk in chunks:
                pcm += chunk.pcm
            await self.gate.wait()
            self.heard.append(pcm)
        except asyncio.CancelledError:
            self.cut += 1
            raise

    async def microphone(self) -> AsyncIterator[AudioChunk]:
        while True:
            yield await self._sound.get()

    def says(self, sound: AudioChunk) -> None:
        """Let the microphone hear `sound`."""
        samples = to_samples(sound)
        for at in range(0, len(samples) - PIECE, PIECE):
            self._sound.put_nowait(from_samples(samples[at : at + PIECE], RATE))

    def word(self) -> None:
        self.says(read_audio(SPEECH / "jarvis_1.flac"))

    def silence(self, seconds: float) -> None:
        self.says(from_samples(np.zeros(int(seconds * RATE), np.float32), RATE))


@pytest.fixture
async def bench(store: Store, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    made = Bench(store)

    @asynccontextmanager
    async def opened(*arguments: Any) -> AsyncIterator[int]:
        async with real(*arguments) as made.port:
            made.open.set()
            yield made.port

    real = door.opened
    monkeypatch.setattr(door, "opened", opened)
    running = asyncio.create_task(made.device.run(made.microphone()))
    await made.open.wait()
    yield made
    running.cancel()
    await asyncio.wait([running])


@asynccontextmanager
async def hub(bench: Bench, *, confirms: bool = False) -> AsyncIterator[Client]:
    async with connected(bench.port) as client:
        if confirms:
            await client.send(Detect())
        await client.send(RunSatellite(), Ping())
        await client.until("pong")
        yield client


Until = Callable[[Callable[[], bool]], Awaitable[None]]


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0.01)


@pytest.fixture
def until() -> Until:
    return _until


async def answer(client: Client, text: str = "it is on") -> None:
    """What a hub sends after a command."""
    await client.send(Transcript(text), AudioStart(22_050, 2, 1))
    await client.send(Chunk(22_050, 2, 1, text.encode().ljust(64, b"\0")), AudioStop())


def test_settings_survive_being_written(store: Store) -> None:
    settings = Bench(store).settings
    assert read(settings.written()) == settings


async def test_it_says_what_it_is(bench: Bench) -> None:
    async with connected(bench.port) as client:
        await client.send(Describe())
        info = Info.from_event((await client.until("info"))[-1])
    assert info.satellite is not None
    assert (info.satellite.name, info.satellite.area) == ("bench", "Kitchen")
    assert info.wake[0].models[0].phrase == "Jarvis"


async def test_ten_commands_in_a_row(bench: Bench, until: Until) -> None:
    async with hub(bench) as client:
        for number in range(10):
            bench.word()
            bench.silence(0.3)
            events = await client.until("audio-chunk")
            assert [e.type for e in events][:2] == ["detection", "run-pipeline"]
            await answer(client, f"answer {number}")
            await client.until("played")
            bench.silence(3)
    assert [sound.rstrip(b"\0").decode() for sound in bench.heard] == [
        f"answer {number}" for number in range(10)
    ]


async def test_a_hub_that_confirms_is_sent_the_word_too(bench: Bench) -> None:
    async with hub(bench, confirms=True) as client:
        bench.word()
        bench.silence(0.2)
        events = await client.until("audio-chunk")
        run = next(e for e in events if e.type == "run-pipeline")
        assert run.data["start_stage"] == "wake"
        sent = sum(len(e.payload or b"") for e in events)
        bench.silence(1)
        while sent < 2 * RATE * 2:
            sent += len((await client.until("audio-chunk"))[-1].payload or b"")
        await client.send(Detection("jarvis"))
        await answer(client)
        await client.until("played")


async def test_a_word_that_the_hub_does_not_confirm_is_forgotten(
    bench: Bench, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "CALL", 0.05)
    async with hub(bench, confirms=True) as client:
        bench.word()
        await client.until("run-pipeline")
        await asyncio.sleep(0.1)
        bench.silence(0.2)
        await client.until("audio-stop")
        assert not bench.device.busy
    assert bench.heard == []


async def test_without_a_hub_the_word_is_answered_by_a_tone(bench: Bench, until: Until) -> None:
    bench.word()
    await until(lambda: bench.heard == [TROUBLE.pcm])


@pytest.mark.parametrize("told", [False, True])
async def test_a_hub_that_dies_in_a_command_is_told_of_and_the_next_one_serves(
    bench: Bench, until: Until, told: bool
) -> None:
    async with hub(bench) as client:
        bench.word()
        bench.silence(0.2)
        await client.until("audio-chunk")
        if told:
            await client.send(Transcript("turn on the light"))
    await until(lambda: bench.heard == [TROUBLE.pcm])
    async with hub(bench) as client:
        bench.silence(2)
        bench.word()
        bench.silence(0.2)
        await client.until("audio-chunk")
        await answer(client)
        await client.until("played")
    assert len(bench.heard) == 2


async def test_a_hub_that_dies_in_its_answer_leaves_what_was_heard(
    bench: Bench, until: Until
) -> None:
    async with hub(bench) as client:
        await client.send(AudioStart(16_000, 2, 1), Chunk(16_000, 2, 1, b"ab" * 8), Ping())
        await client.until("pong")
    await until(lambda: bench.heard == [b"ab" * 8])
    assert not bench.device.busy


async def test_silence_for_ever_ends(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "NOBODY", 0.05)
    async with hub(bench) as client:
        bench.word()
        await client.until("run-pipeline")
        await asyncio.sleep(0.1)
        bench.silence(0.2)
        await client.until("audio-stop")
        await client.send(Transcript(""), Ping())
        await client.until("pong")
        assert not bench.device.busy


async def test_a_hub_that_never_answers_is_told_of(
    bench: Bench, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hub(bench) as client:
        bench.word()
        await client.until("run-pipeline")
        await client.send(Transcript("turn on the light"), Ping())
        await client.until("pong")
        monkeypatch.setattr(state, "ANSWER", 0.01)
        await asyncio.sleep(0.05)
        bench.silence(0.2)
        await until(lambda: bench.heard == [TROUBLE.pcm])
        assert not bench.device.busy


async def test_a_failure_is_told(bench: Bench, until: Until) -> None:
    async with hub(bench) as client:
        bench.word()
        await client.until("run-pipeline")
        await client.send(Error("the disk is full"))
        await until(lambda: bench.heard == [TROUBLE.pcm])


async def test_the_word_ends_an_answer(bench: Bench, until: Until) -> None:
    bench.gate.clear()
    async with hub(bench) as client:
        await answer(client, "a long answer")
        await until(lambda: bench.device.busy)
        bench.word()
        await client.until("run-pipeline")
        await until(lambda: bench.cut == 1)
    assert bench.heard == []


async def test_a_question_is_answered_without_the_word(bench: Bench) -> None:
    async with hub(bench) as client:
        await answer(client, "shall I?")
        await client.until("played")
        await client.send(RunPipeline(PipelineStage.ASR, PipelineStage.TTS), Ping())
        await client.until("pong")
        bench.silence(0.2)
        assert (await client.until("run-pipeline"))[-1].data["start_stage"] == "asr"
        await client.until("audio-chunk")


async def test_only_the_hub_commands_and_a_later_one_takes_over(bench: Bench) -> None:
    async with hub(bench) as first, connected(bench.port) as stranger:
        await answer(stranger, "pay attention")
        await stranger.send(Ping())
        await stranger.until("pong")
        async with hub(bench) as second:
            await answer(second, "mine")
            await second.until("played")
            await second.send(PauseSatellite(), Ping())
            await second.until("pong")
        await first.send(Ping())
        await first.until("pong")
    assert [sound.rstrip(b"\0") for sound in bench.heard] == [b"mine"]


async def test_half_a_message_is_no_message(bench: Bench) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", bench.port)
    writer.write(b'{"type": "run-satellite"}\n{"type": "audio-start", "data_length": 90}\n{"ra')
    writer.close()
    async with hub(bench) as client:
        await answer(client)
        await client.until("played")
