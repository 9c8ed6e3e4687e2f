from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import soxr

from steward.audio.attention import WordAttention
from steward.audio.files import read_audio
from steward.audio.pcm import RATE, Samples, from_samples, to_samples
from steward.audio.wake import WORDS, WakeDetector
from steward.hearing import Wake
from steward.models.store import Store
from steward.types import AudioChunk

SPEECH = Path(__file__).parents[2] / "data" / "speech"
JARVIS = to_samples(read_audio(SPEECH / "jarvis_1.flac"))
LIGHT = to_samples(read_audio(SPEECH / "living_room_light_en.wav"))
SAID = np.concatenate([np.zeros(RATE, np.float32), JARVIS, LIGHT])


@pytest.fixture(scope="module")
def detector(store: Store) -> WakeDetector:
    embedding = store.file("speech-embedding", "embedding_model.onnx")
    return WakeDetector(WORDS / "jarvis", embedding)


async def certain(sound: AudioChunk, phrases: Sequence[str]) -> float:
    return 0.0


async def pieces(samples: Samples, rate: int = RATE) -> AsyncIterator[AudioChunk]:
    for at in range(0, len(samples), 512):
        yield from_samples(samples[at : at + 512], rate)


async def test_what_follows_the_word_is_whole_and_then_it_waits_again(
    detector: WakeDetector,
) -> None:
    told: list[Wake] = []
    twice = pieces(np.concatenate([SAID, SAID]))
    attention = WordAttention([detector], twice, told.append, certain)
    wake = await attention.woken()
    assert wake is not None
    assert RATE * 0.9 <= wake.end * RATE <= len(SAID) - len(LIGHT)
    assert 1.95 < wake.sound.seconds < 2.0
    heard = b""
    async for piece in attention.following(wake):
        heard += piece.pcm
        # The turn is over somewhere in the pause between the two.
        if len(heard) >= 2 * (len(SAID) - round(wake.after.time * RATE)):
            break
    begin = 2 * round(wake.after.time * RATE)
    assert from_samples(np.concatenate([SAID, SAID]), RATE).pcm[begin:].startswith(heard)
    assert await attention.woken() is not None
    assert await attention.woken() is None
    assert len(told) == 2


async def test_sound_at_any_rate_follows_at_16_khz(detector: WakeDetector) -> None:
    fast = soxr.resample(SAID, RATE, 48_000)
    attention = WordAttention([detector], pieces(fast, 48_000), lambda _: None, certain)
    wake = await attention.woken()
    assert wake is not None
    rest = [piece async for piece in attention.following(wake)]
    assert {piece.rate for piece in rest} == {RATE}
    seconds = sum(piece.seconds for piece in rest)
    assert abs(wake.after.time + seconds - len(SAID) / RATE) < 0.05


async def test_the_recogniser_is_asked_until_it_is_sure(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "word"
    shutil.copytree(WORDS / "jarvis", folder)
    word = json.loads((folder / "word.json").read_bytes())
    (folder / "word.json").write_text(json.dumps({**word, "sure": 0.0}))
    detector = WakeDetector(folder, store.file("speech-embedding", "embedding_model.onnx"))
    asked: list[AudioChunk] = []

    async def doubtful(sound: AudioChunk, phrases: Sequence[str]) -> float:
        assert set(phrases) == {"Jarvis", "hey Jarvis"}
        asked.append(sound)
        return -0.5 if len(asked) == doubts + 1 else -40.0

    doubts = 1
    told: list[Wake] = []
    wake = await WordAttention([detector], pieces(SAID), told.append, doubtful).woken()
    assert wake is not None
    assert told == [wake]
    # Each look is at a sound that is 80 ms later.
    assert asked[1].time == pytest.approx(asked[0].time + 0.08, abs=1e-3)
    doubts = len(asked) + 100
    assert await WordAttention([detector], pieces(SAID), told.append, doubtful).woken() is None
    assert len(told) == 1


@pytest.fixture(scope="module")
def deaf(store: Store, tmp_path_factory: pytest.TempPathFactory) -> WakeDetector:
    """The word with a first network that finds no candidate."""
    folder = tmp_path_factory.mktemp("deaf") / "word"
    shutil.copytree(WORDS / "jarvis", folder)
    word = json.loads((folder / "word.json").read_bytes())
    (folder / "word.json").write_text(json.dumps({**word, "first": 0.999999}))
    return WakeDetector(folder, store.file("speech-embedding", "embedding_model.onnx"))


async def test_behind_a_trigger_the_second_network_listens_alone(deaf: WakeDetector) -> None:
    told: list[Wake] = []
    assert await WordAttention([deaf], pieces(SAID), told.append, certain).woken() is None
    wake = await WordAttention([deaf], pieces(SAID), told.append, certain).woken(5.0)
    assert wake is not None
    assert told == [wake]


async def test_behind_a_trigger_it_does_not_wait_for_ever(detector: WakeDetector) -> None:
    late = np.concatenate([np.zeros(2 * RATE, np.float32), SAID])
    attention = WordAttention([detector], pieces(late), lambda _: None, certain)
    assert await attention.woken(2.0) is None
    # What comes after that is not lost.
    assert await attention.woken(3.0) is not None


async def test_what_comes_before_a_trigger_is_not_heard(detector: WakeDetector) -> None:
    pressed = asyncio.Event()

    async def until_pressed() -> AsyncIterator[AudioChunk]:
        async for piece in pieces(SAID):
            await asyncio.sleep(0)
            yield piece
        pressed.set()
        await asyncio.sleep(0)
        async for piece in pieces(np.zeros(3 * RATE, np.float32)):
            await asyncio.sleep(0)
            yield piece

    attention = WordAttention([detector], until_pressed(), lambda _: None, certain)
    assert await attention.idle(pressed.wait())
    assert await attention.woken(2.0) is None
    assert not await attention.idle(asyncio.Event().wait())
