"""What a word that is being trained takes for itself, and should not: its own misfires."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from steward.audio.mel import mel
from steward.audio.pcm import RATE, Samples
from steward.audio.wake import EMBEDDINGS, HOP, WINDOW
from steward.lab.wake import network, speakers
from steward.lab.wake.corpus import Clip, Line, Recipe
from steward.lab.wake.embedding import Embedding
from steward.lab.wake.examples import Examples
from steward.lab.wake.phrases import Phrase, language_of, near_phrases
from steward.lab.wake.running import crossed, speech
from steward.lab.wake.speakers import RESERVED, VALIDATION, Speakers

TAKEN = -1.0
"""Log odds from which a look is a misfire, or nearly one."""
_VOICES = 2
_SHARE = 0.02
"""Share of all looks that is learnt from whatever they got, so that the rest is not forgotten."""

Judge = Callable[[NDArray[np.float16]], network.Floats]
"""Of embeddings (n, 16, 96): log odds and seconds since the word, (n, 2)."""
OnStep = Callable[[int, int], None]


def running(clips: Sequence[Clip], voices: Speakers, minutes: int, seed: int) -> Iterator[Samples]:
    """Yield `minutes` of speech to mine: random English words, and, a third of it, clips that are
    learnt from, one after another."""
    said = [c.samples for c in clips if not c.validation and c.kind != "wake"]
    yield from speech(voices, minutes - minutes // 3, seed)
    yield from crossed(said, minutes // 3, seed)


def misfires(
    sounds: Iterable[Samples],
    judge: Judge,
    embedding: Embedding,
    seed: int,
    on_step: Callable[[int], None],
) -> tuple[Examples, NDArray[np.float16]]:
    """Return the looks at `sounds` that are taken for the word, or nearly, as examples of what it
    is not, and their embeddings."""
    rng = np.random.default_rng(seed)
    mels: list[NDArray[np.float16]] = []
    parts: list[NDArray[np.float16]] = []
    for done, sound in enumerate(sounds, 1):
        frames = mel(sound).astype(np.float16)
        whole = embedding(frames[None])[0]
        seen = np.lib.stride_tricks.sliding_window_view(whole, EMBEDDINGS, axis=0)
        looks = np.ascontiguousarray(seen.transpose(0, 2, 1))
        kept = judge(looks)[:, 0] > TAKEN
        kept |= rng.random(len(looks)) < _SHARE
        chosen = np.flatnonzero(kept)
        mels += [frames[i * HOP : i * HOP + WINDOW] for i in chosen]
        parts.append(looks[chosen])
        on_step(done)
    count = len(mels)
    zeros = np.zeros(count, np.float32)
    kind, held = np.full(count, "other"), np.zeros(count, bool)
    return Examples(np.stack(mels), zeros, zeros, kind, held), np.concatenate(parts)


def near(
    wanted: Sequence[Phrase],
    judge: Judge,
    embedding: Embedding,
    voices: Speakers,
    recipe: Recipe,
    seed: int,
    on_step: OnStep,
) -> list[Line]:
    """Return lines with the near-phrases that are most taken for the word, for other voices."""
    rng = random.Random(seed)
    language = language_of(wanted[0].text)
    pool = near_phrases(wanted, recipe.pool, seed)
    among = [n for n in voices.names() if n not in RESERVED | VALIDATION]
    scored = []
    for done, phrase in enumerate(pool, 1):
        speaker = (
            speakers.draw_cheap(rng)
            if language == "en"
            else speakers.draw(language, rng, among, blend=True)
        )
        sound = voices.speak(phrase.symbols, speaker) * np.float32(0.3)
        frames = mel(np.pad(sound, (2 * RATE, RATE // 2))).astype(np.float16)
        whole = embedding(frames[None])[0]
        looks = np.lib.stride_tricks.sliding_window_view(whole, EMBEDDINGS, axis=0)
        scored.append((float(judge(looks.transpose(0, 2, 1))[:, 0].max()), phrase))
        on_step(done, len(pool))
    worst = sorted(scored, key=lambda s: -s[0])[: recipe.mined // _VOICES]
    return [
        Line("near", phrase, speakers.draw(language, rng, among, blend=True), False)
        for _, phrase in worst
        for _ in range(_VOICES)
    ]
