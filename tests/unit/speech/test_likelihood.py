"""How well a phrase fits a sound, by the real recogniser."""

from __future__ import annotations

from pathlib import Path

import pytest

from steward.audio.files import read_audio
from steward.errors import AudioError
from steward.models.store import Store
from steward.speech.whisper import WhisperRecognizer
from steward.types import AudioChunk

SPEECH = Path(__file__).parents[2] / "data" / "speech"


@pytest.fixture(scope="module")
def ears(store: Store) -> WhisperRecognizer:
    vad = store.file("silero-vad", "silero_vad.onnx")
    return WhisperRecognizer(store.locate("whisper-base"), vad, 2)


@pytest.mark.parametrize("name", ["jarvis_1.flac", "jarvis_2.flac"])
async def test_the_word_fits_better_than_what_is_nearly_it(
    ears: WhisperRecognizer, name: str
) -> None:
    sound = read_audio(SPEECH / name)
    fits = await ears.likelihood(sound, ("Jarvis", "hey Jarvis"))
    assert -8 < fits <= 0
    assert fits > await ears.likelihood(sound, ("Travis",)) + 2
    assert fits == max([await ears.likelihood(sound, (p,)) for p in ("jarvis", "hey Jarvis")])


async def test_other_speech_does_not_fit(ears: WhisperRecognizer) -> None:
    sound = read_audio(SPEECH / "living_room_light_en.wav")
    assert await ears.likelihood(sound, ("Jarvis",)) < -9


async def test_what_is_no_sound_is_refused(ears: WhisperRecognizer) -> None:
    for pcm in (b"", b"\x01"):
        with pytest.raises(AudioError):
            await ears.likelihood(AudioChunk(pcm, 16_000), ("Jarvis",))
