"""What every Recognizer must do, on real recordings and the real weights."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from numpy.typing import NDArray

from steward.audio.files import read_audio
from steward.audio.pcm import from_samples, join, to_samples
from steward.errors import AudioError, ModelError
from steward.models.store import Store
from steward.speech.whisper import WhisperRecognizer
from steward.types import AudioChunk, Recognizer

SPEECH = Path(__file__).parents[1] / "data" / "speech"
SAID = {
    "en": "turn on the living room light",
    "zh": "打开客厅的灯",
    "de": "schalte das wohnzimmerlicht ein",
    "es": "enciende la luz del salón",
}


@pytest.fixture(scope="module")
def recognizer(store: Store) -> Recognizer:
    vad = store.file("silero-vad", "silero_vad.onnx")
    return WhisperRecognizer(store.folder("whisper-base"), vad, 2)


def plain(text: str) -> str:
    return re.sub(r"[^\w\s]", "", text).casefold().strip()


def noise(kind: str, seconds: float) -> NDArray[np.float32]:
    generator, count = np.random.default_rng(7), int(seconds * 16_000)
    white: NDArray[np.float32] = generator.standard_normal(count).astype(np.float32)
    if kind == "white":
        return white * np.float32(0.05)
    if kind == "loud":
        return white.clip(-2, 2) * np.float32(0.5)
    if kind == "brown":
        brown = np.cumsum(white) - np.cumsum(white).mean()
        return np.asarray(0.3 * brown / np.abs(brown).max(), np.float32)
    if kind == "hum":
        return np.asarray(0.3 * np.sin(2 * np.pi * 50 * np.arange(count) / 16_000), np.float32)
    return np.zeros(count, np.float32)


@pytest.mark.parametrize("language", SAID)
async def test_it_hears_the_sentence_and_its_language(
    recognizer: Recognizer, language: str
) -> None:
    heard = await recognizer.recognize(read_audio(SPEECH / f"living_room_light_{language}.wav"))
    assert plain(heard.text) == SAID[language]
    assert heard.language == language
    assert 0.3 < heard.confidence <= 1
    words = [word for word, _ in heard.words]
    assert plain(("" if language == "zh" else " ").join(words)) == SAID[language]
    assert all(0 <= likely <= 1 for _, likely in heard.words)


async def test_a_word_that_noise_hides_is_less_sure(recognizer: Recognizer) -> None:
    said = to_samples(read_audio(SPEECH / "living_room_light_en.wav"))
    clear = await recognizer.recognize(from_samples(said, 16_000), "en")
    hidden = said + noise("white", len(said) / 16_000)[: len(said)]
    unclear = await recognizer.recognize(from_samples(hidden, 16_000), "en")
    assert min(p for _, p in unclear.words) < min(p for _, p in clear.words)


@pytest.mark.parametrize("kind", ["silence", "white", "loud", "brown", "hum"])
@pytest.mark.parametrize("seconds", [0.5, 4.0])
async def test_silence_and_noise_are_no_words(
    recognizer: Recognizer, kind: str, seconds: float
) -> None:
    heard = await recognizer.recognize(from_samples(noise(kind, seconds), 16_000))
    assert heard.text == ""
    assert heard.confidence <= 0.5


async def test_a_sound_of_no_length_is_no_words(recognizer: Recognizer) -> None:
    assert (await recognizer.recognize(AudioChunk(b"", 16_000))).text == ""


async def test_noise_and_silence_around_a_sentence_add_no_words(recognizer: Recognizer) -> None:
    said = to_samples(read_audio(SPEECH / "living_room_light_en.wav"))
    quiet = np.zeros(16_000 * 3, np.float32)
    mixed = np.concatenate([quiet, said, quiet])
    mixed += noise("white", len(mixed) / 16_000)[: len(mixed)] * np.float32(0.1)
    heard = await recognizer.recognize(from_samples(mixed, 16_000))
    assert plain(heard.text) == SAID["en"]


@pytest.mark.parametrize(
    ("rate", "channels", "subtype"),
    [(16_000, 1, "PCM_U8"), (48_000, 2, "PCM_24"), (44_100, 2, "FLOAT"), (48_000, 1, "PCM_32")],
)
async def test_the_form_of_the_file_does_not_matter(
    recognizer: Recognizer, tmp_path: Path, rate: int, channels: int, subtype: str
) -> None:
    said = to_samples(read_audio(SPEECH / "living_room_light_en.wav"))
    samples = np.repeat(soxr.resample(said, 16_000, rate)[:, None], channels, axis=1)
    soundfile.write(tmp_path / "said.wav", samples, rate, subtype)
    heard = await recognizer.recognize(read_audio(tmp_path / "said.wav"))
    assert plain(heard.text) == SAID["en"]


async def test_it_takes_other_rates(recognizer: Recognizer) -> None:
    said = read_audio(SPEECH / "living_room_light_en.wav")
    samples = soxr.resample(to_samples(said), 16_000, 48_000)
    heard = await recognizer.recognize(from_samples(samples, 48_000))
    assert plain(heard.text) == SAID["en"]


async def test_a_fixed_language_is_kept(recognizer: Recognizer) -> None:
    said = read_audio(SPEECH / "living_room_light_de.wav")
    assert (await recognizer.recognize(said, "de")).language == "de"
    with pytest.raises(AudioError, match="klingon"):
        await recognizer.recognize(said, "klingon")


async def test_half_a_sample_is_refused(recognizer: Recognizer) -> None:
    with pytest.raises(AudioError):
        await recognizer.recognize(AudioChunk(b"\0\0\0", 16_000))


async def test_two_at_once_do_not_mix(recognizer: Recognizer) -> None:
    names = ("en", "zh", "en", "de")
    sounds = [read_audio(SPEECH / f"living_room_light_{name}.wav") for name in names]
    heard = await asyncio.gather(*(recognizer.recognize(sound) for sound in sounds))
    assert [plain(h.text) for h in heard] == [SAID[name] for name in names]


async def test_a_cancelled_one_frees_the_loop_and_the_recogniser(recognizer: Recognizer) -> None:
    said = read_audio(SPEECH / "living_room_light_en.wav")
    long = join([said] * 30)
    tasks = [asyncio.create_task(recognizer.recognize(long)) for _ in range(20)]
    await asyncio.sleep(0.05)
    for task in tasks:
        task.cancel()
    begun = time.monotonic()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError) for end in ends)
    assert time.monotonic() - begun < 1
    # Twenty times a minute of sound would take far longer than this, if they still ran.
    heard = await asyncio.wait_for(recognizer.recognize(said), 30)
    assert plain(heard.text) == SAID["en"]


async def test_longer_than_a_window(recognizer: Recognizer) -> None:
    said = read_audio(SPEECH / "living_room_light_en.wav")
    pause = AudioChunk(b"\0\0" * 16_000 * 4, 16_000)
    heard = await recognizer.recognize(join([said, pause] * 6))
    assert 5 <= plain(heard.text).count("living room light") <= 6


async def test_the_full_window_hears_the_same(store: Store) -> None:
    vad = store.file("silero-vad", "silero_vad.onnx")
    full = WhisperRecognizer(store.folder("whisper-base"), vad, 2, full_window=True)
    heard = await full.recognize(read_audio(SPEECH / "living_room_light_en.wav"))
    assert plain(heard.text) == SAID["en"]


async def test_a_guest_may_speak_another_language_than_the_household(store: Store) -> None:
    vad = store.file("silero-vad", "silero_vad.onnx")
    ears = WhisperRecognizer(store.folder("whisper-base"), vad, 2, preferred=("en", "zh"))
    for language in SAID:
        heard = await ears.recognize(read_audio(SPEECH / f"living_room_light_{language}.wav"))
        assert heard.language == language


def test_missing_and_damaged_weights_are_named(store: Store, tmp_path: Path) -> None:
    vad = store.file("silero-vad", "silero_vad.onnx")
    with pytest.raises(ModelError, match=r"model\.bin"):
        WhisperRecognizer(tmp_path, vad, 1)
    with pytest.raises(ModelError, match="missing"):
        WhisperRecognizer(store.folder("whisper-base"), tmp_path / "none.onnx", 1)
    broken = tmp_path / "vad.onnx"
    broken.write_bytes(vad.read_bytes()[:5000])
    with pytest.raises(ModelError, match="loaded"):
        WhisperRecognizer(store.folder("whisper-base"), broken, 1)
    for file in store.folder("whisper-base").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes()[:100_000])
    with pytest.raises(ModelError, match="loaded"):
        WhisperRecognizer(tmp_path, vad, 1)
