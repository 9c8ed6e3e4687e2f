"""A butler whose answers are written in advance, and the real server around him."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from steward.config import Config, Paths, Server
from steward.config.models import ModelsConfig
from steward.errors import AudioError, StewardError
from steward.events import (
    Ended,
    Event,
    Heard,
    Hearing,
    Hub,
    Planned,
    Replied,
    Spoke,
    StateChanged,
)
from steward.hearing import Attention, Stream, Wake
from steward.lazy import Lazy
from steward.models.scripted import Scripted, saying
from steward.serve.device import Now, Running
from steward.serve.run import serve
from steward.thinking import LanguageModel
from steward.types import (
    UNASKED,
    Area,
    AudioChunk,
    Done,
    Entity,
    Failed,
    Json,
    Origin,
    Outcome,
    Plan,
    Question,
    Recognizer,
    Reply,
    Unknown,
    Utterance,
    World,
)

LAMP = Entity("light.lamp", "Lamp", "off", "hall", ("台灯",), attributes={"brightness": 10})


class ScriptedAttention:
    """Wakes at each piece that begins with `WORD`; its first following piece says "hello"."""

    WORD = 9

    def __init__(self, pieces: AsyncIterator[AudioChunk]) -> None:
        self.pieces = pieces

    async def woken(self, within: float | None = None) -> Wake | None:
        seconds = 0.0
        async for piece in self.pieces:
            seconds += piece.seconds
            if within is not None and seconds > within:
                return None
            if piece.pcm[0] == self.WORD:
                after = AudioChunk(b"\x03\x00" * 8, piece.rate)
                return Wake("jarvis", 1.0, 0.5, 0.9, piece, after)
        return None

    async def idle(self, trigger: Awaitable[object]) -> bool:
        raise AssertionError("a page does not wait for triggers")

    async def following(self, wake: Wake) -> AsyncIterator[AudioChunk]:
        yield wake.after
        async for piece in self.pieces:
            yield piece


class ScriptedAcquaintance:
    """Knows whoever says at least a second."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    async def people(self) -> Mapping[str, str]:
        return self.known

    async def enrol(self, name: str, since: str, sentences: Mapping[str, AudioChunk]) -> None:
        if sum(sound.seconds for sound in sentences.values()) < 1:
            raise AudioError("that is too little speech", hint="say more")
        self.known[name] = since

    async def forget(self, name: str) -> bool:
        return self.known.pop(name, None) is not None


class ScriptedVoice:
    """Says one sample for each letter."""

    languages = frozenset({"en", "zh"})

    async def speak(self, text: str, language: str) -> AsyncGenerator[AudioChunk, None]:
        self.language = language
        yield AudioChunk(b"\x10\x00" * 2400 * len(text), 24000)


class ScriptedRecognizer:
    """Hears how long a sound is."""

    async def recognize(
        self, audio: AudioChunk, language: str | None = None, *, draft: bool = False
    ) -> Utterance:
        return Utterance(f"{audio.seconds:.1f} seconds", language or "en", 0.9)


class ScriptedEngines:
    """Models that say what they are told to say."""

    def __init__(self) -> None:
        self.voice = ScriptedVoice()
        self.says = Scripted(saying("It is a fine day"))

    @property
    def model(self) -> Lazy[LanguageModel]:
        return Lazy(lambda: self.says)

    @property
    def models(self) -> Mapping[str, Lazy[LanguageModel]]:
        return {"big": Lazy(lambda: Scripted(saying("I am the big one")))}

    @property
    def recognizer(self) -> Lazy[Recognizer]:
        return Lazy(ScriptedRecognizer)


class ScriptedButler:
    """Hears, answers "echo: …" and speaks two pieces; stops at `gate` before he answers.

    In a stream each piece of sound is a word, by its first sample; a silent one ends the turn
    unless it is held. To "unlock" it asks back; the answer to that is "yes".
    """

    words = ("", "please", "stop", "hello", "unlock", "yes")

    def __init__(self) -> None:
        self.hub = Hub()
        self.lamp = LAMP
        self.gate = asyncio.Event()
        self.gate.set()
        self.voice_gate = asyncio.Event()
        self.voice_gate.set()
        self.failure: StewardError | None = None
        self.heard: list[Utterance | AudioChunk] = []
        self.hushed = 0
        self.origins: list[Origin] = []
        self.conversations: list[str] = []
        self.running = 0
        self.acquainted = ScriptedAcquaintance()
        self.scripted = ScriptedEngines()
        self.begun = asyncio.Event()
        self.watching = False

    async def turn(
        self,
        said: Utterance | AudioChunk | Stream,
        *,
        aloud: bool = False,
        turn: str | None = None,
        conversation: str = "",
        origin: Origin = UNASKED,
    ) -> AsyncGenerator[Event, None]:
        name = turn or "unnamed"
        self.origins.append(origin)
        self.conversations.append(conversation)
        self.running += 1
        self.begun.set()
        try:
            if isinstance(said, Stream):
                pieces: list[AudioChunk] = []
                text: list[str] = []
                async for piece in said.pieces:
                    word = self.words[piece.pcm[0]]
                    if not word and not said.held and text:
                        break
                    pieces.append(piece)
                    if word:
                        if not text:
                            yield Hearing(name, time.time(), "", "", None)
                        text.append(word)
                        yield Hearing(name, time.time(), " ".join(text), "", "en")
                if pieces:
                    self.heard.append(AudioChunk(b"".join(p.pcm for p in pieces), pieces[0].rate))
                words = Utterance(" ".join(text), "en", 0.9)
            else:
                assert isinstance(said, Utterance)
                self.heard.append(said)
                words = said
            yield Heard(name, time.time(), words, 1.0)
            if isinstance(said, Stream) and said.answer and words.text != "yes":
                yield Ended(name, time.time(), "done")
                return
            body = Question("Shall I?") if words.text.endswith("unlock") else Unknown()
            yield Planned(name, time.time(), Plan(body, "en", "script", 0.5), 1.0)
            await self.gate.wait()
            if self.failure:
                yield Ended(name, time.time(), "failed", self.failure.message, self.failure.hint)
                raise self.failure
            yield Replied(name, time.time(), Reply(f"echo: {words.text}", "en"), 1.0)
            for _ in range(2 if aloud else 0):
                yield Spoke(name, time.time(), AudioChunk(b"\x01\x02" * 8, 22050), 1.0)
                await self.voice_gate.wait()
            yield Ended(name, time.time(), "done")
        finally:
            self.running -= 1

    @property
    def engines(self) -> ScriptedEngines:
        return self.scripted

    async def attend(self, pieces: AsyncIterator[AudioChunk]) -> Attention:
        if self.failure:
            raise self.failure
        return ScriptedAttention(pieces)

    def hush(self, conversation: str) -> None:
        self.hushed += 1

    def subscribe(self) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        return self.hub.subscribe()

    async def perform(
        self, capability: str, arguments: Mapping[str, Json], *, origin: Origin = UNASKED
    ) -> Outcome:
        self.origins.append(origin)
        if self.failure:
            raise self.failure
        if capability != "light.turn_on":
            return Failed("tap", "unsupported", f"nothing here can do {capability}")
        self.lamp = replace(self.lamp, state="on")
        self.hub.emit(StateChanged(time.time(), self.lamp))
        return Done("tap")

    def acquaintance(self) -> ScriptedAcquaintance:
        return self.acquainted

    async def world(self) -> World:
        return World((), (Area("hall", "Hall"),), (self.lamp,))

    async def run(self) -> None:
        self.watching = True
        try:
            await asyncio.Event().wait()
        finally:
            self.watching = False


@pytest.fixture
async def butler() -> ScriptedButler:
    return ScriptedButler()


class ABox:
    """A machine with one model."""

    def now(self) -> Now:
        running = Running(part="language", name="tiny", loaded=True, answers=2, rate=20, first=0.5)
        return Now(busy=0.25, memory=4 * 10**9, free=10**9, own=10**8, models=(running,))

    async def report(self, language: str) -> str:
        return {"en": "<main>a box</main>", "zh": "<main>一台设备</main>"}[language]


@asynccontextmanager
async def _serving(butler: ScriptedButler, config: Config) -> AsyncIterator[str]:
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(butler, config, ready.set_result, (), ABox()))
    try:
        either: set[asyncio.Future[Any]] = {task, ready}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        yield await ready
    finally:
        task.cancel()
        await asyncio.wait({task})


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """Folders of this test's own."""
    return Paths(state=tmp_path / "state")


@pytest.fixture
def serving(
    paths: Paths,
) -> Callable[[ScriptedButler, Server], AbstractAsyncContextManager[str]]:
    """Serve a butler as a `Server` section says, for the length of an `async with`."""
    return lambda butler, server: _serving(butler, Config(server=server, paths=paths))


@pytest.fixture
async def address(butler: ScriptedButler, paths: Paths) -> AsyncIterator[str]:
    """The address of a server on loopback, ending in a slash."""
    models = ModelsConfig.model_validate({"big": {}})
    config = Config(server=Server(port=0), paths=paths, models=models)
    async with _serving(butler, config) as url:
        yield url


@pytest.fixture
async def client(address: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on this machine that has opened the page."""
    async with httpx.AsyncClient(base_url=address, trust_env=False) as made:
        assert (await made.get("/")).status_code == 200
        yield made


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    """Wait for something to come true; fail after ten seconds."""

    async def wait(true: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not true():  # noqa: ASYNC110 - what is waited for has no event of its own
                await asyncio.sleep(0.005)

    return wait
