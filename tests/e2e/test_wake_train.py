"""A wake word made from text by the real voices, in a recipe of a minute, then listened for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from steward.audio.pcm import RATE, from_samples
from steward.audio.wake import WakeDetector, WakeStream
from steward.lab.wake import report
from steward.lab.wake.corpus import Recipe
from steward.lab.wake.phrases import readings
from steward.lab.wake.speakers import Speaker, Speakers
from steward.lab.wake.train import EMBEDDING, Trained, fetch, train
from steward.models.store import Store
from steward.types import AudioChunk

SMALL = Recipe(
    wake_kokoro=18,
    wake_hibari=30,
    near_kokoro=12,
    near_hibari=80,
    other_kokoro=6,
    other_hibari=60,
    pool=30,
    mined=4,
    minutes=3,
)


@pytest.fixture(scope="module")
def made(store: Store, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Trained]:
    out = tmp_path_factory.mktemp("word")
    fetch(store, lambda _name, _done, _total: None)
    steps: dict[str, tuple[int, int]] = {}

    def on_step(name: str, done: int, total: int) -> None:
        assert done == steps.get(name, (0, 0))[0] + 1 or done <= total
        steps[name] = (done, total)

    asked: list[float] = []

    async def likelihood(sound: AudioChunk, phrases: Sequence[str]) -> float:
        assert tuple(phrases) == ("okay computer",)
        asked.append(sound.seconds)
        # A recogniser that hears it nowhere is of no help.
        return -20.0

    trained = train(
        ["okay computer"],
        out,
        store,
        on_step,
        seed=3,
        recipe=SMALL,
        likelihood=likelihood,
        wanted=100,
    )
    assert 0 < max(asked) <= 2
    assert trained.word.sure is None
    assert all(done == total for done, total in steps.values())
    return out, trained


def test_the_word_wakes_and_another_does_not(made: tuple[Path, Trained], store: Store) -> None:
    out, trained = made
    assert trained.word.name == "okay_computer"
    detector = WakeDetector(out, store.file(EMBEDDING, "embedding_model.onnx"))
    voices = Speakers(store)

    def wakes(text: str) -> int:
        # A voice that no training hears.
        speaker = Speaker((("af_bella", 1.0),), 1.0)
        said = voices.speak(readings(text)[0], speaker) * np.float32(0.3)
        return len(WakeStream(detector).feed(from_samples(np.pad(said, RATE), RATE)))

    assert wakes("okay computer") == 1
    assert wakes("the weather is lovely today") == 0


def test_the_report_says_what_was_measured(made: tuple[Path, Trained]) -> None:
    out, trained = made
    report.write(trained, out)
    text = (out / "report.md").read_text(encoding="utf-8")
    assert "okay computer" in text
    assert f"{trained.chosen.trial.missed:.1%}" in text
    assert (out / "curve.svg").read_text().count("<polyline") == 6
    whole = json.loads((out / "report.json").read_text())
    assert whole["word"]["second"] == trained.word.second
