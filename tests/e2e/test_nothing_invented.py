"""Ten minutes in which nobody speaks: no words may come of them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from steward.audio.pcm import from_samples
from steward.models.store import Store
from steward.speech.whisper import WhisperRecognizer

RATE = 16_000
PIECE = 30
Sound = NDArray[np.float64]


@pytest.fixture(scope="module")
def recognizer(store: Store) -> WhisperRecognizer:
    vad = store.file("silero-vad", "silero_vad.onnx")
    names = ("Bertie's Speaker", "Mabel", "堂屋")
    return WhisperRecognizer(store.folder("whisper-base"), vad, 2, names=lambda: names)


def coloured(seed: int, power: float) -> Sound:
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(PIECE * RATE))
    spectrum[1:] /= np.arange(1, len(spectrum)) ** (power / 2)
    spectrum[0] = 0
    noise = np.fft.irfft(spectrum)
    return np.asarray(noise / np.abs(noise).max())


def note(pitch: float, seconds: float, overtones: int) -> Sound:
    time = np.arange(int(seconds * RATE)) / RATE
    fade = np.minimum(1, time * 50) * np.exp(-2 * time / seconds)
    tones = [np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, overtones + 1)]
    return np.asarray(fade * np.sum(tones, axis=0))


def tune(seed: int, beat: float, overtones: int) -> Sound:
    """Chords and a melody over them, with a drum on each beat."""
    generator, sound = np.random.default_rng(seed), np.zeros(PIECE * RATE)
    scale = 220 * 2 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
    for index in range(int(PIECE / beat) - 2):
        begin, root = int(index * beat * RATE), generator.integers(0, 4)
        chord = sum(note(scale[root + k], 2 * beat, overtones) for k in (0, 2, 4))
        melody = note(2 * generator.choice(scale), beat, overtones)
        drum = generator.standard_normal(800) * np.exp(-np.arange(800) / 150)
        for part, level in ((np.asarray(chord), 0.3), (melody, 0.5), (drum, 0.4)):
            sound[begin : begin + len(part)] += level * part
    return np.asarray(sound / np.abs(sound).max())


def pulses(seed: int, rate: float) -> Sound:
    """Steps, knocks, a keyboard."""
    generator, sound = np.random.default_rng(seed), np.zeros(PIECE * RATE)
    for begin in generator.uniform(0, PIECE - 1, int(PIECE * rate)):
        length = int(generator.integers(200, 2000))
        knock = generator.standard_normal(length) * np.exp(-np.arange(length) / (length / 5))
        sound[int(begin * RATE) :][:length] += knock
    return np.asarray(sound / np.abs(sound).max())


def siren(low: float, high: float, turns: float) -> Sound:
    time = np.arange(PIECE * RATE) / RATE
    pitch = low + (high - low) * (0.5 + 0.5 * np.sin(2 * np.pi * turns * time))
    return np.asarray(np.sin(2 * np.pi * np.cumsum(pitch) / RATE))


SOUNDS: dict[str, Sound] = {
    **{f"noise {power}": coloured(seed, power) for seed, power in enumerate((0, 0.5, 1, 1.5, 2))},
    **{
        f"tune {seed}": tune(seed, beat, 1 + seed) for seed, beat in enumerate((0.3, 0.4, 0.5, 0.7))
    },
    **{f"pulses {rate}": pulses(int(rate), rate) for rate in (1.0, 4.0, 12.0)},
    "siren": siren(500, 1500, 0.3),
    "whistle": siren(1800, 2400, 2.0),
    "hum": siren(50, 50, 1.0),
}
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
