"""Speech without end, generated: what is listened to for misfires, and for thresholds."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import numpy as np

from steward.audio.pcm import RATE, Samples
from steward.lab.wake import rooms
from steward.lab.wake.phrases import salad
from steward.lab.wake.speakers import Speakers, draw_cheap


def speech(voices: Speakers, minutes: int, seed: int) -> Iterator[Samples]:
    """Yield minutes of hibari's random English words, which hold no wake phrase."""
    rng, noises = random.Random(seed), np.random.default_rng(seed)
    for _ in range(minutes):
        made: list[Samples] = []
        while sum(map(len, made)) < 60 * RATE:
            said = voices.speak(salad("en", rng.randint(4, 12), rng), draw_cheap(rng))
            made.append(np.pad(said, (0, int(RATE * rng.uniform(0, 0.4)))))
        yield _in_a_room(np.concatenate(made)[: 60 * RATE], noises)


def crossed(clips: Sequence[Samples], minutes: int, seed: int) -> Iterator[Samples]:
    """Yield minutes of clips one after another, each at a pitch of its own: running speech in
    whatever language they are in."""
    rng = np.random.default_rng(seed)
    for _ in range(minutes if clips else 0):
        made: list[Samples] = []
        while sum(map(len, made)) < 60 * RATE:
            said = rooms.shifted(clips[int(rng.integers(len(clips)))], rng.uniform(0.85, 1.18))
            made.append(np.pad(said, (0, int(RATE * rng.uniform(0, 0.3)))))
        yield _in_a_room(np.concatenate(made)[: 60 * RATE], rng)


def _in_a_room(sound: Samples, rng: rooms.Random) -> Samples:
    if rng.random() < 0.3:
        sound = rooms.reverberated(sound, rng)
    if rng.random() < 0.5:
        sound = rooms.mixed(sound, rooms.noise(len(sound), rng), rng.uniform(5, 30))
    return (sound * np.float32(10 ** (-rng.uniform(3, 25) / 20))).astype(np.float32)
