from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from steward.audio.files import read_audio
from steward.audio.pcm import from_samples, to_samples
from steward.models.store import Store
from steward.speech.activity import ActivityStream, SpeechDetector, speech_span, speech_spans

SPEECH = Path(__file__).parents[2] / "data" / "speech"


@pytest.fixture(scope="module")
def detector(store: Store) -> SpeechDetector:
    return SpeechDetector(store.file("silero-vad", "silero_vad.onnx"))


def windows(*runs: tuple[float, int]) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.concatenate([np.full(count, p, np.float32) for p, count in runs])


def test_spans_are_merged_over_short_pauses_and_clicks_are_dropped() -> None:
    found = speech_spans(
        windows((0, 10), (0.9, 20), (0, 5), (0.9, 20), (0, 20), (0.9, 2), (0, 9)), 3
    )
    assert len(found) == 1
    assert found[0] == pytest.approx((0.32, 1.76))


def test_speech_goes_on_while_it_is_likely_enough() -> None:
    assert speech_spans(windows((0.45, 10)), 1) == ()
    assert len(speech_spans(windows((0.6, 5), (0.45, 10), (0.1, 5)), 1)) == 1


def test_speech_to_the_end() -> None:
    (span,) = speech_spans(windows((0, 10), (0.9, 10)), 0.63)
    assert span == pytest.approx((0.32, 0.63))


def test_a_sentence_is_found_where_it_is(detector: SpeechDetector) -> None:
    said = to_samples(read_audio(SPEECH / "living_room_light_en.wav"))
    alone = speech_span(detector, from_samples(said, 16_000))
    quiet = np.zeros(32_000, np.float32)
    later = speech_span(detector, from_samples(np.concatenate([quiet, said, quiet]), 16_000))
    assert alone is not None
    assert later is not None
    assert later[0] - alone[0] == pytest.approx(2, abs=0.2)
    assert later[1] - alone[1] == pytest.approx(2, abs=0.2)


def test_nobody_speaks_in_silence_and_noise(detector: SpeechDetector) -> None:
    noise = np.random.default_rng(3).standard_normal(48_000).astype(np.float32)
    assert speech_span(detector, from_samples(noise * np.float32(0.1), 16_000)) is None
    assert speech_span(detector, from_samples(noise * np.float32(0), 16_000)) is None
    assert speech_span(detector, from_samples(noise[:0], 16_000)) is None


def test_a_stream_in_pieces_of_any_length_is_judged_as_the_whole(detector: SpeechDetector) -> None:
    said = to_samples(read_audio(SPEECH / "living_room_light_en.wav"))
    whole = detector.probabilities(said)[: len(said) // 512]
    sizes = np.random.default_rng(5).choice([0, 1, 63, 511, 512, 513, 1600, 4096], 500)
    stream = ActivityStream(detector)
    pieces = np.split(said, np.cumsum(sizes)[np.cumsum(sizes) < len(said)])
    streamed = np.concatenate([stream.feed(piece) for piece in pieces])
    assert streamed == pytest.approx(whole, abs=1e-6)
    stream.reset()
    assert stream.feed(said) == pytest.approx(whole, abs=1e-6)
