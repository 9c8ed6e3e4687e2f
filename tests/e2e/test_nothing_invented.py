"""Ten minutes in which nobody speaks: no words may come of them."""

from __future__ import annotations

import numpy as np
import pytest

from sounds import RATE, everything
from steward.audio.pcm import from_samples
from steward.models.store import Store
from steward.speech.whisper import WhisperRecognizer

PIECE = 30


@pytest.fixture(scope="module")
def recognizer(store: Store) -> WhisperRecognizer:
    vad = store.file("silero-vad", "silero_vad.onnx")
    names = ("Bertie's Speaker", "Mabel", "堂屋")
    return WhisperRecognizer(store.folder("whisper-base"), vad, 2, names=lambda: names)


SOUNDS = dict(everything(PIECE))
LEVELS = (0.5, 0.05)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", SOUNDS)
async def test_noise_and_music_are_no_words(
    recognizer: WhisperRecognizer, name: str, level: float
) -> None:
    sound = (level * SOUNDS[name]).astype(np.float32)
    assert (await recognizer.recognize(from_samples(sound, RATE))).text == ""


def test_it_is_ten_minutes() -> None:
    assert len(SOUNDS) * len(LEVELS) * PIECE >= 600
