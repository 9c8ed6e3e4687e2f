"""Recordings and voices over a butler who speaks: real ears, a real mouth, a real server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pages import page
from websockets.asyncio.client import ClientConnection

from steward.audio.files import read_audio
from steward.audio.pcm import from_samples, join, resample, to_samples
from steward.models.store import Store
from steward.speech.voices import Voices

SPEECH = Path(__file__).parents[1] / "data" / "speech"
RATE = 16_000
PIECE = RATE // 50
Sound = NDArray[np.float32]


@pytest.fixture(scope="module")
def url(server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    running = server(tmp_path_factory.mktemp("spoken_over"), warm=True)
    running.start()
    yield running.url
    running.stop()


@asynccontextmanager
async def speaking(url: str) -> AsyncIterator[ClientConnection]:
    """A page with an open microphone, while he tells what he can do."""
    async with page(url) as socket:
        start = {"type": "audio_start", "rate": RATE, "held": False, "turn": "over"}
        await socket.send(json.dumps(start))
        say = {"type": "say", "text": "What can you do?", "turn": "asked", "aloud": True}
        await socket.send(json.dumps(say))
        async with asyncio.timeout(60):
            while not isinstance(await socket.recv(), bytes):
                pass
        yield socket


async def say(socket: ClientConnection, sound: Sound) -> None:
    """Send `sound` as fast as it was spoken, then a quiet room."""
    room = np.random.default_rng(1).standard_normal(30 * RATE).astype(np.float32)
    whole = np.concatenate([sound, room * np.float32(1e-4)])
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for at in range(0, len(whole), PIECE):
        await asyncio.sleep(max(0.0, begun + at / RATE - loop.time()))
        await socket.send(from_samples(whole[at : at + PIECE], RATE).pcm)


async def follow(socket: ClientConnection, sound: Sound) -> list[dict[str, Any]]:
    """Speak over him; return what the page is told until the new turn has ended."""
    found: list[dict[str, Any]] = []
    task = asyncio.create_task(say(socket, sound))
    try:
        async with asyncio.timeout(60):
            while not (found and found[-1]["kind"] == "ended" and found[-1]["turn"] == "over"):
                message = await socket.recv()
                if isinstance(message, str):
                    found.append(json.loads(message))
    finally:
        task.cancel()
    return found


def of(events: list[dict[str, Any]], turn: str) -> list[str]:
    return [event["kind"] for event in events if event.get("turn") == turn]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("living_room_light_en.wav", "Turn on the living room light."),
        ("living_room_light_zh.wav", "打开客厅的灯"),
    ],
)
async def test_what_is_said_over_him_is_the_next_turn(url: str, name: str, words: str) -> None:
    async with speaking(url) as socket:
        events = await follow(socket, to_samples(read_audio(SPEECH / name)))
    old = next(e for e in events if e["kind"] == "ended" and e["turn"] == "asked")
    order = [event["kind"] for event in events if event.get("turn") in {"asked", "over"}]
    # He is still before there are words; if he had sent all of his answer, the page stops it.
    assert order.index("stirring") < order.index("hearing") < order.index("heard")
    if old["how"] == "cancelled":
        assert order.index("ended") < order.index("heard")
    heard = next(e for e in events if e["kind"] == "heard" and e["turn"] == "over")
    assert heard["utterance"]["text"] == words
    assert "acted" in of(events, "over")


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Stop."), ("en", "Be quiet!"), ("zh", "停。"), ("zh", "闭嘴。"), ("zh", "别说了。")],
)
async def test_stop_is_asked_of_no_stage(url: str, store: Store, language: str, words: str) -> None:
    said = join([piece async for piece in Voices(store.root, 2).speak(words, language)])
    async with speaking(url) as socket:
        events = await follow(socket, to_samples(resample(said, RATE)))
    # One short syllable may be no word to the ear; he is still all the same.
    heard = [e["utterance"]["text"] for e in events if e["kind"] == "heard" and e["turn"] == "over"]
    assert "planned" not in of(events, "over"), heard
    assert of(events, "over")[0] == "stirring"
    assert "hearing" in of(events, "over")
    assert events[-1]["how"] == "cancelled"
