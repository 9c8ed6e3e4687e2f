"""The speech that a wake word is trained on: who says what, and the sound of it."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from steward.audio.pcm import FULL_SCALE, Samples
from steward.lab.wake import speakers
from steward.lab.wake.phrases import Phrase, language_of, near_phrases, salad
from steward.lab.wake.speakers import RESERVED, VALIDATION, Speaker, Speakers

Kind = Literal["wake", "near", "other"]
OnClip = Callable[[int, int], None]
"""Told how many clips there are so far, and how many there will be."""
_LEAST = 0.15
"""Seconds; what is shorter is a click, of which nothing can be learnt."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How many clips of each kind, by Kokoro (`_kokoro`, dear) and by hibari (`_hibari`, cheap).

    A sixth as many more by the validation's speakers come on top. `mined` are those of near-phrases
    that were taken for the word; they are looked for among `pool`, and in `minutes` of speech. The
    thresholds rest on as many minutes of other speech.
    """

    wake_kokoro: int = 320
    wake_hibari: int = 80
    near_kokoro: int = 420
    near_hibari: int = 420
    other_kokoro: int = 90
    other_hibari: int = 500
    pool: int = 900
    mined: int = 80
    minutes: int = 40


_CHINESE = Recipe(180, 0, 180, 0, 40, 500, pool=40, mined=30)


def usual(wanted: Sequence[Phrase]) -> Recipe:
    """Return how many clips `wanted` takes. hibari does not speak Chinese, so that where one of
    them is in Chinese, its share is English speech of any kind, and Kokoro's is smaller."""
    chinese = any(language_of(p.text) == "zh" for p in wanted)
    return _CHINESE if chinese else Recipe()


@dataclass(frozen=True, slots=True)
class Line:
    """One clip to be made."""

    kind: Kind
    phrase: Phrase
    speaker: Speaker
    validation: bool


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip: `samples` at 16 kHz, full scale, without silence around."""

    kind: Kind
    text: str
    validation: bool
    samples: Samples


def script(wanted: Sequence[Phrase], recipe: Recipe, names: Sequence[str], seed: int) -> list[Line]:
    """Return who is to say what; the same arguments give the same lines."""
    rng = random.Random(seed)
    trained = [n for n in names if n not in RESERVED | VALIDATION]
    held = sorted(VALIDATION)
    near = near_phrases(wanted, recipe.near_kokoro, seed)
    languages = sorted({language_of(p.text) for p in wanted})
    lines: list[Line] = []

    def add(kind: Kind, phrase: Phrase, cheap: bool, held_out: bool) -> None:
        language = language_of(phrase.text) if kind == "wake" else rng.choice(languages)
        if cheap:
            speaker = speakers.draw_cheap(rng)
        else:
            among = held if held_out else trained
            speaker = speakers.draw(language, rng, among, blend=not held_out)
        lines.append(Line(kind, phrase, speaker, held_out))

    def other(cheap: bool) -> Phrase:
        # hibari reads English alone.
        language = rng.choice(["en"] if cheap else languages)
        return Phrase("", salad(language, rng.randint(3, 9), rng))

    for count, cheap, held_out in (
        (recipe.wake_kokoro, False, False),
        (recipe.wake_hibari, True, False),
        (recipe.wake_kokoro // 6, False, True),
    ):
        for index in range(count):
            add("wake", wanted[index % len(wanted)], cheap, held_out)
    for count, cheap, held_out in (
        (recipe.near_kokoro, False, False),
        (recipe.near_hibari, True, False),
        (recipe.near_kokoro // 6, False, True),
    ):
        for index in range(count if near else 0):
            add("near", near[index % len(near)], cheap, held_out)
    for count, cheap, held_out in (
        (recipe.other_kokoro, False, False),
        (recipe.other_hibari, True, False),
        (recipe.other_kokoro // 6, False, True),
    ):
        for _ in range(count):
            add("other", other(cheap), cheap, held_out)
    rng.shuffle(lines)
    return lines


def speak(lines: Sequence[Line], voices: Speakers, keep: Path, on_clip: OnClip) -> list[Clip]:
    """Return the sound of `lines`; what was made for the same line before is read from `keep`.

    Raises:
        ModelError: the voices are not in the store.
    """
    keep.mkdir(parents=True, exist_ok=True)
    clips = []
    for done, line in enumerate(lines, 1):
        key = hashlib.sha256(repr((line.phrase.symbols, line.speaker)).encode()).hexdigest()[:24]
        file = keep / f"{key}.npy"
        if file.exists():
            pcm = np.load(file)
        else:
            samples = voices.speak(line.phrase.symbols, line.speaker)
            pcm = np.rint(samples * (FULL_SCALE - 1)).astype(np.int16)
            np.save(file, pcm)
        if len(pcm) >= _LEAST * 16_000:
            samples = pcm.astype(np.float32) / np.float32(FULL_SCALE)
            clips.append(Clip(line.kind, line.phrase.text, line.validation, samples))
        on_clip(done, len(lines))
    return clips
