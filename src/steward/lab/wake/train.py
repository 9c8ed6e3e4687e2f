"""From a phrase to a wake word: speech, examples, misfires, two networks, thresholds, files."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from steward.audio.attention import Likelihood
from steward.audio.wake import WakeDetector, Word
from steward.errors import UserError
from steward.lab.wake import mining, network, recordings, validation
from steward.lab.wake.corpus import Clip, Recipe, script, speak, usual
from steward.lab.wake.embedding import Embedding
from steward.lab.wake.examples import COPIES, Examples, examples, joined, stacked
from steward.lab.wake.export import export_first, export_head
from steward.lab.wake.network import Data, Point
from steward.lab.wake.phrases import wake_phrases
from steward.lab.wake.recordings import Example, Recordings
from steward.lab.wake.speakers import KOKORO, VOICES, Speakers
from steward.lab.wake.thresholds import FIRST, Chosen, better, choose
from steward.models.store import Store

EMBEDDING = "speech-embedding"
"""The set of weights that the second pass hears by."""
OnStep = Callable[[str, int, int], None]
"""Told the step's name, how much of it is done, and of how much."""
WANTED = 0.1
"""False wakes an hour that may be."""
NEAR = 0.1
"""Share of the validation's near-phrases that may be taken: a third of them differ from the phrase
by one or two sounds only, which nobody says by chance."""
NOTHING = Recordings()
_STEPS = 1000
"""Steps that a network learns for, in whole epochs: at least the first, at most the second …"""
_FIRST_EPOCHS, _HEAD_EPOCHS = (6, 15), (8, 40)
"""… of these numbers."""
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


@dataclass(frozen=True, slots=True)
class _Set:
    """Examples, their embeddings, and which recording of the word each is of (-1: none)."""

    examples: Examples
    embedded: NDArray[np.float16]
    recording: NDArray[np.intp]

    def __add__(self, other: _Set) -> _Set:
        return _Set(
            joined([self.examples, other.examples]),
            np.concatenate([self.embedded, other.embedded]),
            np.concatenate([self.recording, other.recording]),
        )


class Training:
    """One training: what all of its steps need."""

    def __init__(
        self,
        phrases: Sequence[str],
        out: Path,
        store: Store,
        on_step: OnStep,
        recipe: Recipe | None,
        seed: int,
    ) -> None:
        self.wanted = wake_phrases(phrases)
        self.recipe = recipe or usual(self.wanted)
        self.voices = Speakers(store)
        self.model = store.file(EMBEDDING, "embedding_model.onnx")
        self.embedding = Embedding(self.model)
        self.out, self.on_step, self.seed = out, on_step, seed

    def clips(self) -> list[Clip]:
        """Return the clips of the recipe, made or kept."""
        lines = script(self.wanted, self.recipe, self.voices.names(), self.seed)
        return speak(lines, self.voices, self.out / "speech", self._on("speech"))

    def spoken(self, clips: Sequence[Clip], real: Recordings) -> _Set:
        """Return examples of clips and of other recorded speech."""
        around = recordings.pieces(real.learnt)
        total = sum(COPIES[c.kind] for c in clips)
        made = self._set(examples(clips, around, self.seed), total, "rooms")
        if real.learnt:
            others = recordings.others(real.learnt, around, self.seed)
            made += self._set(others, recordings.count(real.learnt), "recorded speech")
        return made

    def said(self, real: Recordings, head: network.Parameters, clips: Sequence[Clip]) -> _Set:
        """Return examples of the recorded words, which `head` finds in them."""
        until = recordings.ends(real.words, self.embedding, head)
        around = recordings.pieces(real.learnt)
        around += [c.samples for c in clips if c.kind != "wake" and not c.validation]
        words = recordings.words(real.words, until, around, self.seed)
        total = recordings.COPIES * len(real.words)
        made = self._set(words, total, "recorded words")
        which = np.repeat(np.arange(len(real.words)), recordings.COPIES)
        return _Set(made.examples, made.embedded, which)

    def mined(self, head: network.Parameters, clips: Sequence[Clip]) -> _Set:
        """Return examples of what `head` takes for the word: in speech, and near-phrases."""

        def judge(embedded: NDArray[np.float16]) -> network.Floats:
            return network.judge(network.head, head, embedded)

        minutes = self.recipe.minutes
        sounds = mining.running(clips, self.voices, minutes, self.seed + 2)
        on_step = self._on("misfires")
        found, embedded = mining.misfires(
            sounds, judge, self.embedding, self.seed, lambda done: on_step(done, minutes)
        )
        made = _Set(found, embedded, np.full(len(embedded), -1))
        pool, seed = self._on("near-phrases"), self.seed + 3
        lines = mining.near(
            self.wanted, judge, self.embedding, self.voices, self.recipe, seed, pool
        )
        said = speak(lines, self.voices, self.out / "speech", self._on("near-phrases, said"))
        around = [c.samples for c in clips if c.kind == "other" and not c.validation]
        total = sum(COPIES[c.kind] for c in said)
        return made + self._set(examples(said, around, self.seed), total, "near-phrases, rooms")

    def head(self, made: _Set) -> tuple[network.Parameters, tuple[Point, ...]]:
        """Learn the second network, from mixed examples where nobody has recorded the word: of
        recorded ones mixed, more were lost in babble."""
        curve: list[Point] = []

        def on_epoch(point: Point) -> None:
            curve.append(point)
            self.on_step("second network", point.epoch, epochs)

        data, held = _data(made.examples, made.embedded)
        epochs = _epochs(data, *_HEAD_EPOCHS)
        mean = data.inputs.mean((0, 1), dtype=np.float32)
        deviation = data.inputs.std((0, 1), dtype=np.float32) + np.float32(1e-3)
        start = network.head_start(jax.random.key(self.seed), mean, deviation)
        mixed = bool((made.recording < 0).all())
        found = network.learn(network.head, start, data, held, epochs, self.seed, on_epoch, mixed)
        return found, tuple(curve)

    def first(self, made: _Set) -> tuple[network.Parameters, tuple[Point, ...]]:
        """Learn the first network."""
        curve: list[Point] = []

        def on_epoch(point: Point) -> None:
            curve.append(point)
            self.on_step("first network", point.epoch, epochs)

        data, held = _data(made.examples, made.examples.mels)
        epochs = _epochs(data, *_FIRST_EPOCHS)
        start = network.first_start(jax.random.key(self.seed))
        found = network.learn(network.first, start, data, held, epochs, self.seed, on_epoch)
        return found, tuple(curve)

    def chosen(
        self,
        clips: Sequence[Clip],
        real: Recordings,
        likelihood: Likelihood | None,
        wanted: float,
    ) -> Chosen:
        """Return the thresholds of the word in `out`."""
        detector = WakeDetector(self.out, self.model)
        on_step = self._on("thresholds")
        alone, asked = validation.hear(
            detector,
            clips,
            real.held,
            self.voices,
            likelihood,
            self.recipe.minutes,
            self.seed,
            on_step,
        )
        found = choose(alone, False, wanted, NEAR)
        return found if asked is None else better(found, choose(asked, True, wanted, NEAR))

    def _set(self, several: Iterable[Example], total: int, name: str) -> _Set:
        parts, embedded, done = [], [], 0
        rest = iter(several)
        while batch := list(islice(rest, _BATCH)):
            parts.append(stacked(batch))
            embedded.append(self.embedding(parts[-1].mels))
            done += len(batch)
            self.on_step(name, min(done, total), total)
        return _Set(joined(parts), np.concatenate(embedded), np.full(done, -1))

    def _on(self, name: str) -> Callable[[int, int], None]:
        return partial(self.on_step, name)


def train(
    phrases: Sequence[str],
    out: Path,
    store: Store,
    on_step: OnStep,
    seed: int = 1,
    recipe: Recipe | None = None,
    real: Recordings = NOTHING,
    likelihood: Likelihood | None = None,
    wanted: float = WANTED,
    folds: int = 0,
) -> Trained:
    """Train a wake word and write first.onnx, second.onnx and word.json to `out`.

    The same arguments give the same speech and examples. Speech is kept in `out`/speech, so that
    a training that was interrupted, or is done again, need not make it anew.

    Args:
        phrases: what shall wake.
        out: the folder.
        store: where the voices and the embedding are.
        on_step: told how far each step is.
        seed: draws all that is random.
        recipe: how many clips are made; None: as many as the language needs.
        real: recordings that are learnt from, too: other speech at once, the words when a first
            head has found them.
        likelihood: the recogniser, whose evidence is used if it finds more of the wakes.
        wanted: false wakes an hour that may be.
        folds: how many more words are written, to `out`/folds/0 and so on, that differ in the
            second network only, which has not learnt from every so manieth recording of the word:
            these recordings can then be measured with (`bench/wake.py`).

    Raises:
        UserError: there is no phrase, or one is too short.
        ModelError: the weights `KOKORO`, `VOICES` or `EMBEDDING` are not in the store.
    """
    begun = time.monotonic()
    word = Word(name=_name(phrases), phrases=tuple(phrases), first=FIRST, second=0.5)
    work = Training(phrases, out, store, on_step, recipe, seed)
    clips = work.clips()
    spoken = work.spoken(clips, real)
    head, _ = work.head(spoken)
    made = spoken + work.mined(head, clips)
    # The first network shall let pass what may be the word: it learns from all voices alike, and
    # not from the recordings, so that all folds may share it.
    first, first_curve = work.first(made)
    if real.words:
        made += work.said(real, head, clips)
    second, second_curve = work.head(made)
    export_first(network.numpy(first), out / "first.onnx")
    export_head(network.numpy(second), out / "second.onnx")
    _write(word, out)
    chosen = work.chosen(clips, real, likelihood, wanted)
    sure = chosen.bound if chosen.asked else None
    word = replace(word, second=round(chosen.second, 4), sure=sure)
    _write(word, out)
    for fold in range(folds):
        _write_fold(work, made, fold, folds)
    seconds = time.monotonic() - begun
    return Trained(word, chosen, first_curve, second_curve, _counts(clips, real), seconds)


def _counts(clips: Sequence[Clip], real: Recordings) -> dict[str, int]:
    kinds = ("wake", "near", "other")
    counts = {kind: sum(c.kind == kind for c in clips) for kind in kinds}
    return counts | {"recorded words": len(real.words), "recorded others": len(real.others)}


def _write_fold(work: Training, made: _Set, fold: int, folds: int) -> None:
    folder = work.out / "folds" / str(fold)
    folder.mkdir(parents=True, exist_ok=True)
    kept = (made.recording < 0) | (made.recording % folds != fold)
    part = _Set(made.examples.rows(kept), made.embedded[kept], made.recording[kept])
    head, _ = work.head(part)
    export_head(network.numpy(head), folder / "second.onnx")
    for name in ("first.onnx", "word.json"):
        shutil.copy(work.out / name, folder / name)


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


def _epochs(data: Data, least: int, most: int) -> int:
    return min(max(round(_STEPS * network.BATCH / len(data.wake)), least), most)


def _data(made: Examples, inputs: NDArray[np.float16]) -> tuple[Data, Data]:
    """Return what is learnt from, and what is only looked at."""
    weight = np.array([_WEIGHT[str(kind)] for kind in made.kind], np.float32)
    data = Data(inputs, made.wake, made.since, weight)
    return data.rows(~made.validation), data.rows(made.validation)
