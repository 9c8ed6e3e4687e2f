"""What a trained word makes of speakers it has not learnt from: what its thresholds rest on."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence

import numpy as np

from steward.audio.attention import Likelihood
from steward.audio.pcm import RATE, Samples, from_samples
from steward.audio.wake import WakeDetector, evidence
from steward.lab.wake import rooms
from steward.lab.wake.corpus import Clip
from steward.lab.wake.examples import babble
from steward.lab.wake.running import crossed, speech
from steward.lab.wake.score import ends, looks, peaks
from steward.lab.wake.speakers import Speakers
from steward.lab.wake.thresholds import ASKED, FIRST, LOWEST, Heard

_SOUNDS = 3

Pair = tuple[float, float]
"""What a candidate got: the second network's log odds, and these with the recogniser's share."""


def hear(
    detector: WakeDetector,
    clips: Sequence[Clip],
    recorded: Sequence[Samples],
    voices: Speakers,
    likelihood: Likelihood | None,
    minutes: int,
    seed: int,
    on_step: Callable[[int, int], None],
) -> tuple[Heard, Heard | None]:
    """Return what the validation's clips, `minutes` of generated speech and `recorded` other speech
    get: by the networks alone and, where there is a recogniser, with its evidence."""
    rng = np.random.default_rng(seed)
    held = [c for c in clips if c.validation]
    around = [c.samples for c in held if c.kind != "wake"]
    several = {
        kind: [_sound(c, around, rng) for c in held if c.kind == kind for _ in range(_SOUNDS)]
        for kind in ("wake", "near")
    }
    others = [c.samples for c in held if c.kind == "other"]
    several["other"] = [
        *crossed(others, minutes // 3, seed),
        *speech(voices, minutes - minutes // 3, seed + 1),
        *recorded,
    ]
    found: dict[str, list[list[Pair]]] = {kind: [] for kind in several}
    total, done = sum(map(len, several.values())), 0
    for kind, sounds in several.items():
        for sound in sounds:
            found[kind].append(_candidates(detector, sound, likelihood))
            done += 1
            on_step(done, total)
    hours = sum(map(len, several["other"])) / RATE / 3600
    alone = _heard(found, hours, 0)
    return alone, _heard(found, hours, 1) if likelihood is not None else None


def _candidates(
    detector: WakeDetector, sound: Samples, likelihood: Likelihood | None
) -> list[Pair]:
    found = looks(detector, sound, FIRST)
    pairs = []
    for index in peaks(found, FIRST):
        odds = evidence(float(found.second[index]), 0.0)
        if odds < LOWEST:
            continue
        both = -math.inf
        if likelihood is not None and odds >= ASKED:
            until = ends(index)
            piece = sound[max(0, until - 2 * RATE) : until]
            asked = likelihood(from_samples(piece, RATE), detector.word.phrases)
            both = evidence(float(found.second[index]), asyncio.run(_value(asked)))
        pairs.append((odds, both))
    return pairs


async def _value(asked: Awaitable[float]) -> float:
    return await asked


def _heard(found: dict[str, list[list[Pair]]], hours: float, which: int) -> Heard:
    def highest(kind: str) -> tuple[float, ...]:
        return tuple(max((p[which] for p in pairs), default=-math.inf) for pairs in found[kind])

    others = (pair[which] for pairs in found["other"] for pair in pairs)
    finite = tuple(score for score in others if score > -math.inf)
    return Heard(highest("wake"), highest("near"), finite, hours)


def _sound(clip: Clip, around: Sequence[Samples], rng: rooms.Random) -> Samples:
    """Return a clip with a second around it, in a room with noise or babble."""
    samples = np.pad(clip.samples, (RATE, RATE // 2))
    if rng.random() < 0.5:
        samples = rooms.reverberated(samples, rng)
    kind = rng.random()
    if kind < 0.3:
        samples = rooms.mixed(samples, babble(around, len(samples), rng), rng.uniform(8, 20))
    elif kind < 0.7:
        samples = rooms.mixed(samples, rooms.noise(len(samples), rng), rng.uniform(8, 40))
    level = 10 ** (rng.uniform(-30, 0) / 20) / (np.abs(samples).max() + 1e-6)
    return (samples * np.float32(level)).astype(np.float32)
