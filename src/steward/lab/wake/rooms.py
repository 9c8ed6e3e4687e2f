"""Rooms, noises and microphones: what lies between a mouth and the networks, drawn at random."""

from __future__ import annotations

import numpy as np
import soxr

from steward.audio.pcm import RATE, Samples

Random = np.random.Generator


def shifted(samples: Samples, factor: float) -> Samples:
    """Return `samples` as played `factor` times as fast: quicker and higher, as a child's voice."""
    made: Samples = soxr.resample(samples, RATE * factor, RATE, quality="LQ")
    return made


def reverberated(samples: Samples, rng: Random) -> Samples:
    """Return `samples` in a random room, of the same length.

    The room is the direct sound and a tail of noise that fades by 60 dB within 0.1 to 0.8 s, 0 to
    20 dB below it: the statistical part of a room's response (Polack, 1988).
    """
    fade = rng.uniform(0.1, 0.8)
    length = int(RATE * min(fade, 0.5))
    time = np.arange(length, dtype=np.float32) / RATE
    tail = rng.standard_normal(length, np.float32) * np.exp(-6.9 / fade * time).astype(np.float32)
    tail[: int(RATE * rng.uniform(0.001, 0.02))] = 0
    level = 10 ** (-rng.uniform(0, 20) / 20)
    tail *= np.float32(level / (np.sqrt(np.sum(tail**2)) + 1e-9))
    tail[0] = 1
    return filtered(samples, tail)


def filtered(samples: Samples, response: Samples) -> Samples:
    """Return `samples` through a filter's impulse `response`, of the same length."""
    size = _quick(len(samples) + len(response))
    spectrum = np.fft.rfft(samples, size) * np.fft.rfft(response, size)
    return np.fft.irfft(spectrum, size)[: len(samples)].astype(np.float32)


def microphone(samples: Samples, rng: Random) -> Samples:
    """Return `samples` through a random microphone: a bent response, at times a narrow one."""
    size = _quick(len(samples))
    spectrum = np.fft.rfft(samples, size)
    hertz = np.fft.rfftfreq(size, 1 / RATE).astype(np.float32)
    points = np.array([0, 100, 300, 1_000, 2_000, 4_000, 8_000])
    gains = rng.normal(0, 4, len(points)) + rng.normal(0, 3) * np.log2((points + 100) / 1_000)
    if rng.random() < 0.25:
        gains -= 30 * ((points < rng.uniform(80, 350)) | (points > rng.uniform(3_000, 7_900)))
    spectrum *= np.exp(np.log(10) / 20 * np.interp(hertz, points, gains)).astype(np.float32)
    return np.fft.irfft(spectrum, size)[: len(samples)].astype(np.float32)


def noise(length: int, rng: Random) -> Samples:
    """Return noise of a random colour, white to brown, at times with a hum or slow swells."""
    size = _quick(length)
    spectrum = np.fft.rfft(rng.standard_normal(size, np.float32))
    hertz = np.maximum(np.fft.rfftfreq(size, 1 / RATE), 20).astype(np.float32)
    made = np.fft.irfft(spectrum * hertz ** np.float32(-rng.uniform(0, 1.2)), size)[:length]
    made /= np.std(made) + np.float32(1e-9)
    time = np.arange(length, dtype=np.float32) / RATE
    if rng.random() < 0.3:
        pitch = rng.choice((50, 60, 100, 120)) * rng.uniform(0.98, 1.02)
        made += sum(rng.uniform(0, 1) * np.sin(2 * np.pi * pitch * k * time) for k in (1, 2, 3, 5))
    if rng.random() < 0.3:
        made *= 1 + 0.8 * np.sin(2 * np.pi * rng.uniform(0.2, 4) * time + rng.uniform(0, 6))
    return made.astype(np.float32)


def mixed(samples: Samples, other: Samples, decibels: float) -> Samples:
    """Return `samples` with `other` so many decibels below the loud parts of `samples`."""
    return samples + other * np.float32(power(samples) / power(other) * 10 ** (-decibels / 20))


def power(samples: Samples) -> float:
    """Return the root mean square of the loud parts of `samples`: where somebody speaks."""
    frames = samples[: len(samples) // 320 * 320].reshape(-1, 320)
    levels = np.sqrt(np.mean(frames**2, axis=1)) if len(frames) else np.zeros(1)
    loud = levels[levels > 0.1 * levels.max(initial=0)]
    return float(np.sqrt(np.mean(loud**2))) if len(loud) else 1e-6


def _quick(length: int) -> int:
    """Return a length, no shorter, whose Fourier transform is quick: a power of two."""
    return 1 << (length - 1).bit_length()
