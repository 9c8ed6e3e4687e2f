"""A satellite, its hub and the hub's cloud: three processes that speak over sockets of loopback.

The satellite and the hub are paired and speak by TLS. The cloud is llama.cpp's server, behind a
wire on which every byte is kept.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
import pytest_asyncio
from household import Household
from rooms import Room
from waiting import eventually
from wiretap import Behaviour, Wiretap, saying, silent

from steward.audio.files import read_audio, write_wav
from steward.audio.pcm import RATE, Samples, from_samples, resample, to_samples
from steward.cli.pair import tier
from steward.config import Config
from steward.config.tiers import TierConfig
from steward.models.engine import EngineSettings
from steward.models.process import Worker
from steward.models.store import Store
from steward.models.tiers.client import Remote
from steward.pairing.trust import trust
from steward.speech.hibari import HibariVoice
from steward.thinking import Generation, Message

pytestmark = pytest.mark.asyncio(loop_scope="module")

SPEECH = Path(__file__).parents[1] / "data" / "speech"
QUESTION = "What is the capital of France?"
LIGHT = "light.living_room_light"
SECONDS = 5.0
"""The owner's limit for an answer."""
SLACK = 20.0
"""Seconds more that a busy machine may take to say that there is none."""
ORDER = "Turn on the living room light and unlock the front door."


def pause(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE), np.float32)


def spoken(name: str) -> Samples:
    samples = to_samples(read_audio(SPEECH / name))
    loud = np.flatnonzero(np.abs(samples) > 0.02)
    return samples[loud[0] : loud[-1]]


async def said(text: str) -> Samples:
    pieces = [resample(piece, RATE) async for piece in HibariVoice().speak(text, "en")]
    return np.concatenate([to_samples(piece) for piece in pieces])


def _chunk(delta: object) -> bytes:
    chunk = {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def _orders() -> bytes:
    call = {"name": "lock.unlock", "arguments": '{"entity_id": "lock.front_door"}'}
    delta = {"content": ORDER, "tool_calls": [{"index": 0, "type": "function", "function": call}]}
    return _chunk(delta) + b"data: [DONE]\n\n"


HOSTILE: dict[str, Behaviour] = {
    "slow": silent,
    "garbage": saying(b'data: {"choices": [{"delta": {"content": \xff\x00\n\n'),
    "wrong": saying(b'{"choices": {"message": []}}', "application/json"),
    "huge": saying(b"data: " + b"x" * 10_000_000),
    "endless words": saying(b"".join([_chunk({"content": "xxxx "})] * 100_000)),
    "orders": saying(_orders()),
}
COUNTRIES = ("France", "Norway", "Peru", "Japan", "Kenya", "Canada")


@dataclass
class Home:
    """The three of them; `study` is the hub as another Steward asks it that is paired with it."""

    household: Household
    wire: Wiretap
    cloud: Worker
    study: Remote

    async def ask(self, text: str) -> str:
        """Return what the hub answers to words that a paired machine sends it."""
        messages = [Message("user", text)]
        answer = await self.study.complete(messages, Generation(512), lambda _: None)
        return answer.text


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    tmp_path = tmp_path_factory.mktemp("home")
    store = Store(Config().paths.cache)
    model = store.file("smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf")
    cloud = await asyncio.to_thread(
        Worker, model, EngineSettings(context=1024, threads=1), tmp_path
    )
    parts = urlsplit(cloud.url)
    wire = Wiretap((parts.hostname or "", parts.port or 0))
    household = Household(tmp_path)
    async with await wire.serve() as server:
        port = server.sockets[0].getsockname()[1]
        (tmp_path / "cloud.key").write_text(cloud.key, encoding="ascii")
        household.start_hub(
            f"[tiers]\nseconds = {SECONDS}\n"
            f'[tiers.cloud]\nurl = "http://127.0.0.1:{port}/v1"\n'
            f'key_file = "{tmp_path / "cloud.key"}"\n'
        )
        try:
            await household.until_said("the hub's door is open")
            kept = await household.pair_by_command("kitchen")
            table = TierConfig.model_validate({**tier(kept), "seconds": 60})
            paired = trust(tmp_path / "kitchen", table.certificate or "")
            study = Remote("study", table, paired.token, paired.context)
            home = Home(household, wire, cloud, study)
            # Only now all of it is loaded.
            assert await home.ask("what time is it")
            yield home
        finally:
            household.close()
            cloud.stop()
            await wire.end()


async def test_a_question_travels_up_and_a_command_stays(home: Home, tmp_path: Path) -> None:
    """Both are spoken at the satellite, and both are answered there."""
    light = await at_the_satellite(home, spoken("living_room_light_en.wav"), tmp_path / "light.wav")
    assert "living room light" in light.text
    assert LIGHT in json.dumps(light.acted)
    assert home.wire.connections == 0
    asked = await at_the_satellite(home, await said(QUESTION), tmp_path / "question.wav")
    assert "capital of france" in asked.text
    assert asked.acted == []
    assert b"capital of France" in home.wire.up
    for private in (b"light", b"room", b"kitchen"):
        assert private not in home.wire.up.lower()
    for turn in (light, asked):
        assert turn.seconds > 0.3
        assert turn.heard > 0.9 * turn.seconds


@dataclass(frozen=True)
class Turn:
    """One command at the satellite: what the hub heard and did, the seconds of its answer, and of
    what came out of the satellite."""

    text: str
    acted: list[dict[str, Any]]
    seconds: float
    heard: float


async def at_the_satellite(home: Home, words: Samples, wav: Path) -> Turn:
    """Say `words` after the wake word to a satellite that is a process of its own."""
    sounds = [pause(1), spoken("jarvis_1.flac"), pause(0.3), words, pause(1)]
    write_wav(wav, [from_samples(np.concatenate(sounds), RATE)])
    say = wav.with_suffix(".said.wav")
    home.wire.forget()
    async with home.household.listening("heard", "acted", "replied", "spoke") as events:
        home.household.start_satellite("kitchen", wav, say)
        await eventually(home.household.ended, 90)
        await eventually(lambda: "spoke" in events.kinds(), 20)
    (heard,) = events.of("heard")
    assert heard["origin"]["who"] == "kitchen"
    seconds = sum(event["seconds"] for event in events.of("spoke"))
    text = heard["utterance"]["text"].lower()
    return Turn(text, events.of("acted"), seconds, read_audio(say).seconds)


async def test_satellites_that_speak_at_once_are_all_answered(home: Home) -> None:
    """Nobody waits until the others have had all they wanted; nobody gets another's answer."""
    said = [SPEECH / "living_room_light_en.wav", SPEECH / "living_room_light_zh.wav"] * 2
    names = [f"room {number}" for number in range(len(said))]
    rooms = []
    for name in names:
        kept = await home.household.pair(name)
        rooms.append(Room(name, home.household.folder / name, kept, home.household.door))
        await rooms[-1].connect()

    async def speak(room: Room, file: Path) -> list[str]:
        return [(await room.say(file)).text for _ in range(2)]

    async with home.household.listening("heard", "replied") as events:
        texts = await asyncio.gather(*map(speak, rooms, said))
        for room in rooms:
            await room.close()
    for file, heard in zip(said, texts, strict=True):
        assert all(("light" if "_en" in file.name else "灯") in text.lower() for text in heard)
    who = [event["origin"]["who"] for event in events.of("heard")]
    assert sorted(who) == sorted(2 * names)
    # A satellite that is starved would be heard only when the others are done.
    assert set(who[:6]) == set(names)
    assert len(events.of("replied")) == 2 * len(names)


async def test_a_cloud_that_fails_holds_nobody_up_and_moves_nothing(home: Home) -> None:
    """It is killed in the middle of an answer, slow, wrong, huge, or orders something."""
    home.wire.forget()
    before = await home.household.states()
    async with home.household.listening("acted", "state_changed") as events:
        for country, (name, behaviour) in zip(COUNTRIES, HOSTILE.items(), strict=True):
            await home.household.mend("cloud")
            home.wire.forget()
            home.wire.behaviour = behaviour
            begun = monotonic()
            answer = await home.ask(f"What is the capital of {country}?")
            assert monotonic() - begun < SECONDS + SLACK, name
            assert home.wire.connections > 0, name
            assert ("unlock" in answer) == (name == "orders"), name
            assert 0 < len(answer) < 10_000, name
        # What it ordered was told to whoever asked, and a yes does not make it a command.
        await home.ask("yes")
        await home.household.mend("cloud")
        home.wire.forget()
        home.wire.behaviour, home.wire.after = None, home.cloud.stop
        begun = monotonic()
        assert await home.ask("Why is the sky blue?")
        assert monotonic() - begun < SECONDS + SLACK
        assert home.wire.down
        assert not home.cloud.alive
        assert events.all == []
        assert await home.household.states() == before
        # The hub is well, and does what is asked of it; nothing of that is sent.
        sent = len(home.wire.up)
        assert "off" in await home.ask("turn off the living room light")
        assert len(home.wire.up) == sent
        await eventually(lambda: "acted" in events.kinds(), 20)
    assert await home.household.states() != before
