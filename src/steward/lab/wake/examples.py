"""Clips become examples: two seconds of sound each, as a microphone in some room hears them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steward.audio.mel import SPAN, STEP, mel
from steward.audio.pcm import RATE, Samples
from steward.audio.wake import WINDOW
from steward.lab.wake import rooms
from steward.lab.wake.corpus import Clip, Kind
from steward.lab.wake.rooms import Random

LENGTH = (WINDOW - 1) * STEP + SPAN
"""Samples of an example."""
LATEST = 0.45
"""Seconds that may have passed since the end of the wake phrase."""
COPIES: dict[Kind, int] = {"wake": 12, "near": 4, "other": 4}
"""Examples made of one clip, each in another room."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Mel windows (n, `WINDOW`, 32), whether each is a wake (1 or 0), and the seconds since its
    end (0 where there is none). `kind` is that of the clip, `validation` says whose it is."""

    mels: NDArray[np.float16]
    wake: NDArray[np.float32]
    since: NDArray[np.float32]
    kind: NDArray[np.str_]
    validation: NDArray[np.bool_]

    def rows(self, chosen: NDArray[np.bool_]) -> Examples:
        """Return the chosen rows."""
        return Examples(
            self.mels[chosen],
            self.wake[chosen],
            self.since[chosen],
            self.kind[chosen],
            self.validation[chosen],
        )


def examples(
    clips: Sequence[Clip], recorded: Sequence[Samples], seed: int
) -> Iterator[tuple[Clip, Samples, float]]:
    """Yield clip, sound and seconds since the clip's end; the same seed gives the same ones.

    Pieces of `recorded` speech are among what is said before, after and beside a clip.
    """
    rng = np.random.default_rng(seed)
    for held in (False, True):
        own = [c for c in clips if c.validation == held]
        around = [c.samples for c in own if c.kind != "wake"] + list(recorded)
        for clip in own:
            for _ in range(COPIES[clip.kind]):
                samples, since = _placed(clip, around, rng)
                yield clip, heard(samples, around, rng, room=0.6), since


def stacked(made: Sequence[tuple[Clip, Samples, float]]) -> Examples:
    """Return examples as arrays."""
    return Examples(
        np.stack([mel(samples).astype(np.float16) for _, samples, _ in made]),
        np.array([clip.kind == "wake" for clip, _, _ in made], np.float32),
        np.array([since if clip.kind == "wake" else 0 for clip, _, since in made], np.float32),
        np.array([clip.kind for clip, _, _ in made]),
        np.array([clip.validation for clip, _, _ in made]),
    )


def joined(parts: Sequence[Examples]) -> Examples:
    """Return all examples of `parts` as one."""
    return Examples(
        np.concatenate([p.mels for p in parts]),
        np.concatenate([p.wake for p in parts]),
        np.concatenate([p.since for p in parts]),
        np.concatenate([p.kind for p in parts]),
        np.concatenate([p.validation for p in parts]),
    )


def _placed(clip: Clip, around: Sequence[Samples], rng: Random) -> tuple[Samples, float]:
    """Put a clip near the end of the window, at times with others before and after it."""
    said = rooms.shifted(clip.samples, rng.uniform(0.88, 1.14))
    latest = LATEST if clip.kind == "wake" else 2 * LATEST
    since = rng.uniform(0.0, latest)
    end = LENGTH - int(since * RATE)
    window = np.zeros(LENGTH, np.float32)
    part = said[-end:]
    window[end - len(part) : end] = part
    if rng.random() < 0.5:
        before = _any(around, rng) * np.float32(rng.uniform(0.3, 1.2))
        until = end - len(part) - int(rng.uniform(0.05, 0.5) * RATE)
        if until > 0:
            window[max(0, until - len(before)) : until] += before[-until:]
    if rng.random() < 0.6:
        after = _any(around, rng) * np.float32(rng.uniform(0.5, 1.2))
        begin = end + int(rng.uniform(0.0, 0.3) * RATE)
        if begin < LENGTH:
            window[begin : begin + len(after)] += after[: LENGTH - begin]
    return window, since


def heard(samples: Samples, around: Sequence[Samples], rng: Random, room: float) -> Samples:
    """Return what a microphone hears of it, with the probability `room` in a room."""
    if rng.random() < room:
        samples = rooms.reverberated(samples, rng)
    if around and rng.random() < 0.45:
        samples = rooms.mixed(samples, babble(around, LENGTH, rng), rng.uniform(3, 20))
    if rng.random() < 0.6:
        samples = rooms.mixed(samples, rooms.noise(LENGTH, rng), rng.uniform(3, 40))
    if rng.random() < 0.6:
        samples = rooms.microphone(samples, rng)
    peak = np.abs(samples).max() + 1e-6
    # One in ten is so loud that it clips.
    level = rng.uniform(-40, 3) if rng.random() < 0.9 else rng.uniform(3, 15)
    loud = samples * np.float32(10 ** (level / 20) / peak)
    heard: Samples = np.clip(loud, -1, 1).astype(np.float32)
    return heard


def _any(several: Sequence[Samples], rng: Random) -> Samples:
    return several[int(rng.integers(len(several)))]


def babble(around: Sequence[Samples], length: int, rng: Random) -> Samples:
    """Return three to seven voices at once."""
    made = np.zeros(length, np.float32)
    for _ in range(rng.integers(3, 8)):
        at = 0
        while at < length:
            said = _any(around, rng)
            begin = rng.integers(max(1, len(said) - 800)) if not at else 0
            piece = said[begin : begin + length - at] / np.float32(rooms.power(said))
            made[at : at + len(piece)] += piece
            at += len(piece) + int(rng.uniform(0, 0.2) * RATE)
    return made
