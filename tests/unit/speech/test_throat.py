"""Size, loudness and whisper, on the real voice."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import numpy as np
import pytest

from steward.audio.pcm import Samples, join, resample, to_samples
from steward.models.store import Store
from steward.speech.breath import Whisper
from steward.speech.delivery import Delivery
from steward.speech.hibari import HibariVoice
from steward.speech.throat import delivered
from steward.speech.voices import Voices
from steward.speech.whisper import WhisperRecognizer
from steward.types import AudioChunk

TEXT = "The living room light is on."


async def speak(how: Delivery) -> list[AudioChunk]:
    voice = HibariVoice()
    return [chunk async for chunk in delivered(voice.speak(TEXT, "en", how.pace), how)]


def pitch(samples: Samples, rate: int = 24_000) -> tuple[float, float]:
    """Median of the pitch in Hz of the frames that have one, and how periodic the middle one is."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, 1200)[::600]
    frames = frames[(frames**2).mean(axis=1) > 0.1 * (samples**2).mean()]
    found = []
    for frame in frames - frames.mean(axis=1, keepdims=True):
        spectrum = np.abs(np.fft.rfft(frame * np.hanning(1200), 4096)) ** 2
        correlation = np.fft.irfft(spectrum)[: rate // 70]
        at = rate // 400 + int(correlation[rate // 400 :].argmax())
        found.append((rate / at, correlation[at] / correlation[0]))
    strengths = np.array([strength for _, strength in found])
    pitches = np.array([hertz for hertz, _ in found])[strengths >= np.median(strengths)]
    return float(np.median(pitches)), float(np.median(strengths))


async def test_a_longer_throat_is_deeper_and_as_quick() -> None:
    usual, deep = await speak(Delivery()), await speak(Delivery(size=1.15))
    high, low = pitch(to_samples(join(usual)))[0], pitch(to_samples(join(deep)))[0]
    assert low / high == pytest.approx(1 / 1.15, rel=0.06)
    assert join(deep).seconds == pytest.approx(join(usual).seconds, rel=0.1)


@pytest.mark.parametrize("speed", [0.5, 2.0])
async def test_speed(speed: float) -> None:
    usual, changed = join(await speak(Delivery())), join(await speak(Delivery(speed=speed)))
    assert changed.seconds == pytest.approx(usual.seconds / speed, rel=0.2)


async def test_loudness() -> None:
    usual = to_samples(join(await speak(Delivery())))
    soft = to_samples(join(await speak(Delivery(loudness=0.25))))
    loud = to_samples(join(await speak(Delivery(loudness=2.0))))
    assert soft.std() == pytest.approx(usual.std() / 4, rel=0.01)
    assert loud.std() > 1.8 * usual.std()
    assert np.abs(loud).max() <= 1


async def test_a_whisper_has_no_pitch_and_can_be_understood(store: Store) -> None:
    usual, whisper = join(await speak(Delivery())), join(await speak(Delivery(whisper=True)))
    assert pitch(to_samples(usual))[1] > 0.6
    assert pitch(to_samples(whisper))[1] < 0.4
    assert whisper.seconds == pytest.approx(usual.seconds, abs=0.1)
    assert 0.02 < to_samples(whisper).std() / to_samples(usual).std() < 0.6
    vad = store.file("silero-vad", "silero_vad.onnx")
    ear = WhisperRecognizer(store.folder("whisper-base"), vad, 2)
    heard = await ear.recognize(resample(whisper, 16_000), "en")
    assert heard.text == TEXT


@pytest.mark.parametrize("cut", [1, 255, 256, 5000, 100_000])
def test_a_whisper_does_not_depend_on_the_pieces(cut: int) -> None:
    voice = np.random.default_rng(1).standard_normal(20_000).astype(np.float32) * np.float32(0.1)
    whole = Whisper(24_000).breathe(voice, last=True)
    whisper = Whisper(24_000)
    pieces = [voice[at : at + cut] for at in range(0, min(len(voice), 50 * cut), cut)]
    pieces.append(voice[sum(map(len, pieces)) :])
    made = [whisper.breathe(piece, last=False) for piece in pieces]
    made.append(whisper.breathe(voice[:0], last=True))
    assert np.allclose(np.concatenate(made), whole)
    assert 0 <= len(whole) - len(voice) < 256


async def test_the_mouth_keeps_up_with_a_longer_throat() -> None:
    async def beeps() -> AsyncGenerator[AudioChunk, None]:
        for second in range(3):
            samples = np.zeros(24_000, "<i2")
            samples[12_000:13_000] = 20_000
            yield AudioChunk(samples.tobytes(), 24_000, float(second), ((0.5, "open"),))

    for how in (Delivery(size=1.2), Delivery(whisper=True), Delivery(size=0.85, whisper=True)):
        chunks = [chunk async for chunk in delivered(beeps(), how)]
        begins = np.cumsum([0.0, *(chunk.seconds for chunk in chunks)])
        shown = [begins[i] + at for i, chunk in enumerate(chunks) for at, _ in chunk.mouth]
        assert shown == pytest.approx([how.size * (k + 0.5) for k in range(3)], abs=0.01)
        level = np.abs(to_samples(join(chunks)))
        heard = np.flatnonzero(level > 0.3 * level.max())[0] / 24_000
        assert heard == pytest.approx(shown[0], abs=0.06)


async def test_the_voices_ask_how_for_each_reply(store: Store) -> None:
    how = Delivery()
    voices = Voices(store.root, 2, how=lambda: how)
    usual = join([chunk async for chunk in voices.speak(TEXT, "en")])
    how = Delivery(speed=0.5, loudness=0.5)
    changed = join([chunk async for chunk in voices.speak(TEXT, "en")])
    assert changed.seconds > 1.6 * usual.seconds
    assert to_samples(changed).std() < 0.7 * to_samples(usual).std()
