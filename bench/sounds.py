"""Sounds in which nobody speaks: noises, music, silence. Each has its loudest sample at 1."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
Sound = NDArray[np.float64]


def coloured(seed: int, power: float, seconds: float) -> Sound:
    """Return noise whose power falls with frequency^`power`: 0 is white, 1 pink, 2 brown."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(int(seconds * RATE)))
    spectrum[1:] /= np.arange(1, len(spectrum)) ** (power / 2)
    spectrum[0] = 0
    return loudest_at_one(np.fft.irfft(spectrum))


def note(pitch: float, seconds: float, overtones: int) -> Sound:
    """Return a plucked note."""
    time = np.arange(int(seconds * RATE)) / RATE
    fade = np.minimum(1, time * 50) * np.exp(-2 * time / seconds)
    tones = [np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, overtones + 1)]
    return np.asarray(fade * np.sum(tones, axis=0))


def tune(seed: int, beat: float, overtones: int, seconds: float) -> Sound:
    """Return chords and a melody over them, with a drum on each beat."""
    generator, sound = np.random.default_rng(seed), np.zeros(int(seconds * RATE))
    scale = 220 * 2 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
    for index in range(int(seconds / beat) - 2):
        begin, root = int(index * beat * RATE), generator.integers(0, 4)
        chord = sum(note(scale[root + k], 2 * beat, overtones) for k in (0, 2, 4))
        melody = note(2 * generator.choice(scale), beat, overtones)
        drum = generator.standard_normal(800) * np.exp(-np.arange(800) / 150)
        for part, level in ((np.asarray(chord), 0.3), (melody, 0.5), (drum, 0.4)):
            sound[begin : begin + len(part)] += level * part
    return loudest_at_one(sound)


def pulses(seed: int, rate: float, seconds: float) -> Sound:
    """Return steps, knocks, a keyboard: `rate` of them a second."""
    generator, sound = np.random.default_rng(seed), np.zeros(int(seconds * RATE))
    for begin in generator.uniform(0, seconds - 1, int(seconds * rate)):
        length = int(generator.integers(200, 2000))
        knock = generator.standard_normal(length) * np.exp(-np.arange(length) / (length / 5))
        sound[int(begin * RATE) :][:length] += knock
    return loudest_at_one(sound)


def siren(low: float, high: float, turns: float, seconds: float) -> Sound:
    """Return a tone that goes up and down so many `turns` a second."""
    time = np.arange(int(seconds * RATE)) / RATE
    pitch = low + (high - low) * (0.5 + 0.5 * np.sin(2 * np.pi * turns * time))
    return np.asarray(np.sin(2 * np.pi * np.cumsum(pitch) / RATE))


def mains(frequency: float, seconds: float) -> Sound:
    """Return the hum of a transformer over the hiss of a microphone."""
    time = np.arange(int(seconds * RATE)) / RATE
    tones = [np.sin(2 * np.pi * frequency * k * time + k) / k for k in (1, 2, 3, 4, 6, 8)]
    hiss = np.random.default_rng(0).standard_normal(len(time))
    return loudest_at_one(np.sum(tones, axis=0) + 0.1 * hiss)


def humming(seed: int, seconds: float) -> Sound:
    """Return a voice's sound without words: pulses of a throat through the rooms of vowels."""
    generator, sound = np.random.default_rng(seed), np.zeros(int(seconds * RATE))
    scale = 140 * 2 ** (np.array([0, 2, 4, 5, 7, 9]) / 12)
    begin = 0
    while begin < len(sound) - 2 * RATE:
        time = np.arange(int(generator.uniform(0.4, 1.2) * RATE)) / RATE
        pitch = generator.choice(scale) * (1 + 0.01 * np.sin(2 * np.pi * 5 * time))
        phase = np.cumsum(pitch) / RATE
        formants = generator.choice([(700, 1200, 2600), (350, 2000, 2800), (400, 800, 2500)])
        tones = np.zeros(len(time))
        for overtone in range(1, 25):
            frequency = overtone * float(pitch.mean())
            gain = sum(np.exp(-(((frequency - f) / 120) ** 2)) for f in formants) + 0.02
            tones += gain / overtone * np.sin(2 * np.pi * overtone * phase)
        fade = np.minimum(1, np.minimum(time, time[::-1]) * 20)
        sound[begin : begin + len(time)] += fade * tones
        begin += len(time) + int(generator.choice([0, 0, 0.5]) * RATE)
    return loudest_at_one(sound)


def loudest_at_one(sound: Sound) -> Sound:
    """Return `sound` as loud as can be."""
    return np.asarray(sound / np.abs(sound).max())


def everything(seconds: float) -> Iterator[tuple[str, Sound]]:
    """Yield one sound of each kind, so long, by name."""
    for seed, power in enumerate((0, 0.5, 1, 1.5, 2)):
        yield f"noise {power}", coloured(seed, power, seconds)
    for seed, beat in enumerate((0.3, 0.4, 0.5, 0.7)):
        yield f"tune {seed}", tune(seed, beat, 1 + seed, seconds)
    for rate in (1.0, 4.0, 12.0):
        yield f"pulses {rate}", pulses(int(rate), rate, seconds)
    yield "siren", siren(500, 1500, 0.3, seconds)
    yield "whistle", siren(1800, 2400, 2.0, seconds)
    for frequency in (50, 60):
        yield f"mains {frequency}", mains(frequency, seconds)
    yield "silence", np.zeros(int(seconds * RATE))
