"""What no microphone sends, and what a broken one does: the ear neither fails nor grows."""

from __future__ import annotations

import tracemalloc
from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from steward.hearing import Completeness, Final, Stream
from steward.lazy import Lazy
from steward.models.store import Store
from steward.speech.activity import SpeechDetector
from steward.speech.listener import Listener
from steward.types import AudioChunk, Utterance

SECONDS = 3
RANDOM = np.random.default_rng(1)
Samples = NDArray[np.int16]

SOUNDS: dict[str, Callable[[int], Samples]] = {
    "no sound": lambda count: np.zeros(count, np.int16),
    "stuck at full scale": lambda count: np.full(count, -32_768, np.int16),
    "a square as loud as can be": lambda count: np.resize(
        np.array([32_767, -32_768], np.int16), count
    ),
    "random bytes": lambda count: np.frombuffer(RANDOM.bytes(2 * count), np.int16),
    "bits of floats that are no numbers": lambda count: np.resize(
        np.full(8, np.nan, np.float32).view(np.int16), count
    ),
    "one click in silence": lambda count: np.eye(1, count, count // 2, np.int16)[0] * 32_767,
    "louder and louder": lambda count: (
        np.linspace(0, 32_767, count) * RANDOM.uniform(-1, 1, count)
    ).astype(np.int16),
}


class Deaf:
    """Hears nothing, whatever it is given."""

    async def recognize(
        self, audio: AudioChunk, language: str | None = None, *, draft: bool = False
    ) -> Utterance:
        return Utterance("", None, 0.0)

    async def completeness(self, text: str, language: str | None) -> Completeness:
        return Completeness.UNSURE


@pytest.fixture(scope="module")
def ear(store: Store) -> Listener:
    detector = SpeechDetector(store.file("silero-vad", "silero_vad.onnx"))
    return Listener(Lazy(Deaf).get, detector)


async def pieces(samples: Samples, rate: int, size: int) -> AsyncIterator[AudioChunk]:
    for at in range(0, len(samples), size):
        yield AudioChunk(samples[at : at + size].tobytes(), rate)


async def hear(ear: Listener, stream: Stream) -> Final:
    last = [words async for words in ear.listen(stream, Deaf())][-1]
    assert isinstance(last, Final)
    return last


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 96_000])
@pytest.mark.parametrize("name", SOUNDS)
async def test_any_samples_at_any_rate(ear: Listener, name: str, rate: int) -> None:
    samples = SOUNDS[name](SECONDS * rate)
    # Piece by piece, and all that waited at once.
    for size in (rate // 50, len(samples)):
        final = await hear(ear, Stream(pieces(samples, rate, size)))
        assert final.utterance.text == ""
        assert 0 <= final.spoken_until <= final.known_at <= SECONDS + 0.1
    odd = await hear(ear, Stream(pieces(samples[:300], rate, 1)))
    assert odd.known_at < 0.1


async def test_a_stream_of_nothing(ear: Listener) -> None:
    async def empty() -> AsyncIterator[AudioChunk]:
        yield AudioChunk(b"", 16_000)

    assert (await hear(ear, Stream(empty()))).known_at == 0


async def test_three_minutes_take_no_more_memory_than_one(ear: Listener) -> None:
    noise = (RANDOM.standard_normal(60 * 16_000) * 300).astype(np.int16)

    async def minutes(count: int) -> AsyncIterator[AudioChunk]:
        for _ in range(count):
            async for piece in pieces(noise, 16_000, 8_000):
                yield piece

    held, taken = np.zeros(360), iter(range(360))

    async def watched() -> AsyncIterator[AudioChunk]:
        async for piece in minutes(3):
            yield piece
            held[next(taken)] = tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        await hear(ear, Stream.standing(watched()))
    finally:
        tracemalloc.stop()
    # In the third minute nothing more is held than after the first.
    assert held[240:].max() < 1.05 * held[60:120].max()
