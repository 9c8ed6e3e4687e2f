"""A satellite, its hub and the hub's cloud: three processes that speak over sockets of loopback.

The satellite and the hub are paired and speak by TLS. The cloud is llama.cpp's server, behind a
wire on which every byte is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest
from household import Household
from rooms import Room
from wiretap import Wiretap

from steward.audio.files import read_audio
from steward.audio.pcm import RATE, Samples, resample, to_samples
from steward.config import Config
from steward.models.engine import EngineSettings
from steward.models.process import Worker
from steward.models.store import Store
from steward.pairing.identity import fingerprint
from steward.pairing.trust import Trust, trust
from steward.speech.hibari import HibariVoice

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


@dataclass
class Home:
    """The three of them, and how the guest `kitchen` asks the hub's API."""

    household: Household
    wire: Wiretap
    cloud: Worker
    kitchen: Trust

    async def ask(self, text: str) -> str:
        """Return what the hub answers to words that a paired machine sends it."""
        asked = {"model": "steward", "messages": [{"role": "user", "content": text}]}
        async with httpx.AsyncClient(verify=self.kitchen.context, trust_env=False) as client:
            answer = await client.post(
                f"{self.household.door.url}/chat/completions",
                json=asked,
                headers={"Authorization": f"Bearer {self.kitchen.token}"},
                timeout=60,
            )
        answer.raise_for_status()
        return str(answer.json()["choices"][0]["message"]["content"])


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
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
            kitchen = trust(tmp_path / "kitchen", fingerprint(kept.certificate))
            yield Home(household, wire, cloud, kitchen)
        finally:
            household.close()
            cloud.stop()
            await wire.end()


async def test_satellites_that_speak_at_once_are_all_answered(home: Home, tmp_path: Path) -> None:
    """Nobody waits until the others have had all they wanted; nobody gets another's answer."""
    said = [SPEECH / "living_room_light_en.wav", SPEECH / "living_room_light_zh.wav"] * 2
    names = [f"room {number}" for number in range(len(said))]
    rooms = []
    for name in names:
        kept = await home.household.pair(name)
        rooms.append(Room(name, tmp_path / name, kept, home.household.door))
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
