"""What every Voice must do: real engines, and the real recogniser to listen to them."""

from __future__ import annotations

import asyncio
import shutil
import time
from pathlib import Path

import cn2an
import numpy as np
import pytest

from steward.audio.pcm import Samples, join, to_samples
from steward.errors import DeviceError, ModelError
from steward.models.store import Store
from steward.speech import kokoro
from steward.speech.hibari import HibariVoice
from steward.speech.kokoro import KokoroVoice
from steward.speech.voices import CHINESE, Voices
from steward.speech.whisper import WhisperRecognizer
from steward.types import AudioChunk, Voice

TEXTS = {
    "en": ("The living room light is on.", "It is 22.5 degrees in the kitchen."),
    "zh": ("客厅灯已打开。", "已经为您设置了十分钟的计时器。"),
}
LONG = {
    "en": "The kitchen light is on. The bedroom light is off. The front door is locked.",
    "zh": "厨房的灯开着，卧室的灯关着，前门已经上锁。",
}


@pytest.fixture(scope="module")
def ear(store: Store) -> WhisperRecognizer:
    vad = store.file("silero-vad", "silero_vad.onnx")
    return WhisperRecognizer(store.folder("whisper-base"), vad, 2)


@pytest.fixture(scope="module")
def engines(store: Store) -> dict[str, Voice]:
    english = HibariVoice()
    chinese = KokoroVoice(store.root, CHINESE, 2, lambda text: " ".join(english.phonemes(text)))
    return {"hibari": english, "kokoro": chinese, "voices": Voices(store.root, 2)}


@pytest.fixture(params=[("hibari", "en"), ("kokoro", "zh"), ("voices", "en"), ("voices", "zh")])
def speaking(engines: dict[str, Voice], request: pytest.FixtureRequest) -> tuple[Voice, str]:
    name, language = request.param
    return engines[name], language


async def spoken(voice: Voice, text: str, language: str) -> list[AudioChunk]:
    return [chunk async for chunk in voice.speak(text, language)]


def distance(wanted: str, heard: str) -> int:
    row = list(range(len(heard) + 1))
    for i, a in enumerate(wanted, 1):
        corner, row[0] = row[0], i
        for j, b in enumerate(heard, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (a != b))
    return row[-1]


def letters(text: str, language: str) -> str:
    if language == "zh":
        text = cn2an.transform(text, "an2cn")
    return "".join(c for c in text.casefold() if c.isalnum())


async def test_what_is_said_is_heard(speaking: tuple[Voice, str], ear: WhisperRecognizer) -> None:
    voice, language = speaking
    for text in TEXTS[language]:
        heard = await ear.recognize(join(await spoken(voice, text, language)), language)
        wanted = letters(text, language)
        errors = distance(wanted, letters(heard.text, language))
        allowed = 0.2 if language == "zh" else 0.05
        assert errors <= allowed * len(wanted), heard.text


async def test_the_sound_is_whole(speaking: tuple[Voice, str]) -> None:
    voice, language = speaking
    chunks = await spoken(voice, LONG[language], language)
    assert len(chunks) >= 3
    assert {chunk.rate for chunk in chunks} == {24_000}
    ends = np.cumsum([chunk.seconds for chunk in chunks])
    assert [chunk.time for chunk in chunks] == pytest.approx([0, *ends[:-1]])
    samples = to_samples(join(chunks))
    assert 2 < len(samples) / 24_000 < 12
    assert 0.1 < np.abs(samples).max() <= 1
    clipped = np.abs(samples) > 0.999
    assert not (clipped[1:] & clipped[:-1]).any()
    # A crack at the edge of a piece is louder than what it belongs to.
    quiet = [np.abs(to_samples(chunk)[:480]).max() for chunk in chunks]
    assert max(quiet) < 0.9


async def test_the_first_piece_comes_before_the_rest(speaking: tuple[Voice, str]) -> None:
    voice, language = speaking
    await spoken(voice, "OK 好", language)
    begun = time.monotonic()
    first = 0.0
    async for _ in voice.speak(LONG[language], language):
        first = first or time.monotonic() - begun
    assert first < 0.7 * (time.monotonic() - begun)


async def test_closing_stops_it_and_the_voice_lives(speaking: tuple[Voice, str]) -> None:
    voice, language = speaking
    sounds = voice.speak(LONG[language] * 40, language)
    await anext(sounds)
    begun = time.monotonic()
    await sounds.aclose()
    assert time.monotonic() - begun < 1
    assert await spoken(voice, TEXTS[language][0], language)


async def test_cancelling_does_not_wait_for_the_engine(speaking: tuple[Voice, str]) -> None:
    voice, language = speaking
    task = asyncio.create_task(spoken(voice, LONG[language] * 40, language))
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 1)
    assert await spoken(voice, TEXTS[language][0], language)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "。，！",
        "😀",
        "-5.5°C，07:05",
        "Kitchen 的灯 WiFi abc123 naïve",
        "㐂𠀀",
        "A",
        "1" * 14,
    ],
)
async def test_any_text_is_spoken_or_skipped(engines: dict[str, Voice], text: str) -> None:
    for language in ("en", "zh"):
        for chunk in await spoken(engines["voices"], text, language):
            assert chunk.pcm


async def test_an_english_reply_says_chinese_names(engines: dict[str, Voice]) -> None:
    bare = await spoken(engines["voices"], "The speaker is at 15 percent.", "en")
    named = await spoken(engines["voices"], "The 公共区域音箱 is at 15 percent.", "en")
    assert len(join(named).pcm) > 1.2 * len(join(bare).pcm)


async def test_no_seam_is_heard_between_windows(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def samples() -> Samples:
        voice = KokoroVoice(store.root, CHINESE, 2, str)
        return to_samples(join(await spoken(voice, "窗帘正在关闭", "zh")))

    pieces = await samples()
    monkeypatch.setattr(kokoro, "_FIRST", 10_000)
    whole = await samples()
    assert np.abs(whole).max() > 0.1
    # How much silence is left at the end depends on where the last window begins.
    size = min(len(pieces), len(whole))
    assert size > 0.9 * len(whole)
    assert np.abs(pieces[:size] - whole[:size]).max() < 0.01


async def test_another_language_is_refused(speaking: tuple[Voice, str]) -> None:
    voice, language = speaking
    assert language in voice.languages
    assert "de" not in voice.languages
    with pytest.raises(DeviceError, match="'de'"):
        await spoken(voice, "Hallo", "de")


async def test_missing_and_damaged_weights_are_named(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="missing"):
        await spoken(Voices(tmp_path, 1), "你好", "zh")
    for name in ("kokoro-82m/model.onnx", f"kokoro-voices/{CHINESE}.bin"):
        whole, damaged = store.root / name, tmp_path / name
        damaged.parent.mkdir()
        damaged.write_bytes(whole.read_bytes()[:1000])
    with pytest.raises(ModelError, match="no voice"):
        await spoken(Voices(tmp_path, 1), "你好", "zh")
    shutil.copy(store.file("kokoro-voices", f"{CHINESE}.bin"), tmp_path / "kokoro-voices")
    with pytest.raises(ModelError, match="cannot be loaded"):
        await spoken(Voices(tmp_path, 1), "你好", "zh")
