"""From a phrase to a wake word: speech, examples, two networks, thresholds, files."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from steward.audio.pcm import RATE, Samples
from steward.audio.wake import WakeDetector, Word
from steward.errors import UserError
from steward.lab.wake import network, recordings, rooms
from steward.lab.wake.corpus import Clip, Recipe, script, speak
from steward.lab.wake.embedding import Embedding
from steward.lab.wake.examples import COPIES, Examples, babble, examples, joined, stacked
from steward.lab.wake.export import export_first, export_head
from steward.lab.wake.network import Data, Point
from steward.lab.wake.phrases import salad, wake_phrases
from steward.lab.wake.recordings import Example, Recordings
from steward.lab.wake.score import Looks, looks
from steward.lab.wake.speakers import KOKORO, VOICES, Speakers, draw_cheap
from steward.lab.wake.thresholds import FIRST, Chosen, choose
from steward.models.store import Store

EMBEDDING = "speech-embedding"
"""The set of weights that the second pass hears by."""
OnStep = Callable[[str, int, int], None]
"""Told the step's name, how much of it is done, and of how much."""
WANTED = 0.5
"""False wakes an hour on the validation's generated speech, a third of an hour of it."""
NEAR = 0.1
"""Share of the validation's near-phrases that may be taken: a third of them differ from the phrase
by one or two sounds only, which nobody says by chance."""
NOTHING = Recordings()
_HOURS = 0.35
_SOUNDS = 4
_FIRST_EPOCHS, _HEAD_EPOCHS = 15, 18
_BATCH = 256
_WEIGHT = {"wake": 1.0, "near": 1.5, "other": 1.0}


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training gave."""

    word: Word
    chosen: Chosen
    first: tuple[Point, ...]
    second: tuple[Point, ...]
    clips: dict[str, int]
    seconds: float


def train(
    phrases: Sequence[str],
    out: Path,
    store: Store,
    on_step: OnStep,
    seed: int = 1,
    recipe: Recipe | None = None,
    real: Recordings = NOTHING,
) -> Trained:
    """Train a wake word and write first.onnx, second.onnx and word.json to `out`.

    The same arguments give the same speech and examples. Speech is kept in `out`/speech, so that
    a training that was interrupted, or is done again, need not make it anew. What is `real` is
    learnt from, too: other speech at once, the words when a first network has found them.

    Raises:
        UserError: there is no phrase, or one is too short.
        ModelError: the weights `KOKORO`, `VOICES` or `EMBEDDING` are not in the store.
    """
    begun = time.monotonic()
    wanted = wake_phrases(phrases)
    voices = Speakers(store)
    lines = script(wanted, recipe or Recipe(), voices.names(), seed)
    clips = speak(lines, voices, out / "speech", lambda i, n: on_step("speech", i, n))
    embedding = Embedding(store.file(EMBEDDING, "embedding_model.onnx"))
    made, embedded = _made(clips, real.learnt, embedding, seed, on_step)
    second, second_curve = _learn_head(made, embedded, seed, on_step)
    if real.words:
        until = recordings.ends(real.words, embedding, second)
        around = recordings.pieces(real.learnt)
        said = recordings.words(real.words, until, around, seed)
        total = recordings.COPIES * len(real.words)
        words = _examples(said, total, "recorded words", on_step)
        made = joined([made, words])
        embedded = np.concatenate([embedded, _embedded(words, embedding, on_step)])
        second, second_curve = _learn_head(made, embedded, seed, on_step)
    first, first_curve = _learn_first(made, seed, on_step)
    export_first(network.numpy(first), out / "first.onnx")
    export_head(network.numpy(second), out / "second.onnx")
    word = Word(name=_name(phrases), phrases=tuple(phrases), first=0.5, second=0.5)
    _write(word, out)
    chosen = _thresholds(out, store, clips, real.held, voices, seed, on_step)
    word = replace(word, first=chosen.first, second=chosen.second)
    _write(word, out)
    kinds = ("wake", "near", "other")
    counts = {kind: sum(c.kind == kind for c in clips) for kind in kinds}
    counts |= {"recorded words": len(real.words), "recorded others": len(real.others)}
    return Trained(word, chosen, first_curve, second_curve, counts, time.monotonic() - begun)


def fetch(store: Store, on_progress: Callable[[str, int, int], None]) -> None:
    """Bring the weights that training needs into the store; raises like `Store.fetch`."""
    for name in (KOKORO, VOICES, EMBEDDING):
        store.fetch(name, on_progress)


def record(trained: Trained) -> dict[str, Any]:
    """Return `trained` as JSON takes it."""
    return asdict(trained)


def _name(phrases: Sequence[str]) -> str:
    shortest = min(phrases, key=len).strip().lower()
    name = "_".join(shortest.split())
    if not name.replace("_", "").isalnum():
        raise UserError(
            f"{shortest!r} has signs that are not spoken", hint="use letters and spaces only"
        )
    return name


def _write(word: Word, out: Path) -> None:
    text = json.dumps(asdict(word), indent=1, ensure_ascii=False)
    (out / "word.json").write_text(text + "\n", encoding="utf-8")


def _made(
    clips: Sequence[Clip],
    others: Sequence[Samples],
    embedding: Embedding,
    seed: int,
    on_step: OnStep,
) -> tuple[Examples, NDArray[np.float16]]:
    """Return the examples of clips and of other speech, and their embeddings."""
    around = recordings.pieces(others)
    total = sum(COPIES[c.kind] for c in clips)
    made = _examples(examples(clips, around, seed), total, "rooms", on_step)
    if others:
        spoken = recordings.others(others, around, seed)
        total = recordings.count(others)
        made = joined([made, _examples(spoken, total, "recorded speech", on_step)])
    return made, _embedded(made, embedding, on_step)


def _examples(several: Iterable[Example], total: int, name: str, on_step: OnStep) -> Examples:
    parts, done = [], 0
    rest = iter(several)
    while batch := list(islice(rest, _BATCH)):
        parts.append(stacked(batch))
        done += len(batch)
        on_step(name, min(done, total), total)
    return joined(parts)


def _embedded(made: Examples, embedding: Embedding, on_step: OnStep) -> NDArray[np.float16]:
    parts, total = [], len(made.mels)
    for begin in range(0, total, _BATCH):
        parts.append(embedding(made.mels[begin : begin + _BATCH]))
        on_step("embeddings", min(begin + _BATCH, total), total)
    return np.concatenate(parts)


def _learn_first(
    made: Examples, seed: int, on_step: OnStep
) -> tuple[network.Parameters, tuple[Point, ...]]:
    curve: list[Point] = []

    def on_epoch(point: Point) -> None:
        curve.append(point)
        on_step("first network", point.epoch, _FIRST_EPOCHS)

    data, held = _data(made, made.mels)
    start = network.first_start(jax.random.key(seed))
    found = network.learn(network.first, start, data, held, _FIRST_EPOCHS, seed, on_epoch)
    return found, tuple(curve)


def _learn_head(
    made: Examples, embedded: NDArray[np.float16], seed: int, on_step: OnStep
) -> tuple[network.Parameters, tuple[Point, ...]]:
    curve: list[Point] = []

    def on_epoch(point: Point) -> None:
        curve.append(point)
        on_step("second network", point.epoch, _HEAD_EPOCHS)

    data, held = _data(made, embedded)
    mean = data.inputs.mean((0, 1), dtype=np.float32)
    deviation = data.inputs.std((0, 1), dtype=np.float32) + np.float32(1e-3)
    start = network.head_start(jax.random.key(seed), mean, deviation)
    found = network.learn(network.head, start, data, held, _HEAD_EPOCHS, seed, on_epoch)
    return found, tuple(curve)


def _data(made: Examples, inputs: NDArray[np.float16]) -> tuple[Data, Data]:
    """Return what is learnt from, and what is only looked at."""
    weight = np.array([_WEIGHT[str(kind)] for kind in made.kind], np.float32)
    data = Data(inputs, made.wake, made.since, weight)
    return data.rows(~made.validation), data.rows(made.validation)


def _thresholds(
    out: Path,
    store: Store,
    clips: Sequence[Clip],
    spoken: Sequence[Samples],
    voices: Speakers,
    seed: int,
    on_step: OnStep,
) -> Chosen:
    """Choose thresholds by the validation's speakers, generated speech and `spoken` recordings."""
    rng = np.random.default_rng(seed)
    detector = WakeDetector(out, store.file(EMBEDDING, "embedding_model.onnx"))
    held = [c for c in clips if c.validation]
    around = [c.samples for c in held if c.kind != "wake"]
    sounds = {
        kind: [_sound(c, around, rng) for c in held if c.kind == kind for _ in range(_SOUNDS)]
        for kind in ("wake", "near")
    }
    sounds["other"] = [*_speech(voices, seed), *spoken]
    found: dict[str, list[Looks]] = {kind: [] for kind in sounds}
    total, done = sum(map(len, sounds.values())), 0
    for kind, several in sounds.items():
        for sound in several:
            found[kind].append(looks(detector, sound, FIRST))
            done += 1
            on_step("thresholds", done, total)
    return choose(found["wake"], found["near"], found["other"], WANTED, NEAR)


def _sound(clip: Clip, around: Sequence[Samples], rng: np.random.Generator) -> Samples:
    """Return a clip with a second around it, in a room with noise or babble."""
    samples = np.pad(clip.samples, (RATE, RATE // 2))
    if rng.random() < 0.5:
        samples = rooms.reverberated(samples, rng)
    kind = rng.random()
    if kind < 0.2:
        samples = rooms.mixed(samples, babble(around, len(samples), rng), rng.uniform(8, 20))
    elif kind < 0.7:
        samples = rooms.mixed(samples, rooms.noise(len(samples), rng), rng.uniform(8, 40))
    level = 10 ** (rng.uniform(-30, 0) / 20) / (np.abs(samples).max() + 1e-6)
    return (samples * np.float32(level)).astype(np.float32)


def _speech(voices: Speakers, seed: int) -> Iterator[Samples]:
    """Yield minutes of speech that hold no wake phrase, `_HOURS` in all."""
    rng, noises = random.Random(seed + 1), np.random.default_rng(seed + 1)
    for _ in range(int(_HOURS * 60)):
        minute: list[Samples] = []
        while sum(map(len, minute)) < 60 * RATE:
            said = voices.speak(salad("en", rng.randint(4, 12), rng), draw_cheap(rng))
            minute.append(np.pad(said, (0, int(RATE * rng.uniform(0, 0.4)))))
        sound = np.concatenate(minute)[: 60 * RATE]
        if rng.random() < 0.5:
            sound = rooms.mixed(sound, rooms.noise(len(sound), noises), rng.uniform(5, 30))
        yield (sound * np.float32(10 ** (-rng.uniform(3, 25) / 20))).astype(np.float32)
