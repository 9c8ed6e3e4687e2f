"""Everything about hearing on one folder of recordings, beside other engines, in one run.

    python bench/voice.py FOLDER [--word jarvis] [--folds DIR] [--cache DIR]
        [--only wakes|words|turns]

FOLDER holds manifest.json, a list of {"file", "text", "language"}, those recordings, and
wake/WORD/ with one wake word a clip; every other recording in it counts as speech in which the word
is not said. The three parts: the wake word (`corpus/wakes.py`; DIR of --folds as in `wake.py`),
words (`corpus/words.py`), and from the end of speech to the first sound of the reply, in real time
(`corpus/turns.py`, for quiet cores). Each is a section of RESULTS.md, and --only measures one. What
is needed of other engines is fetched from PyPI into DIR, where the spoken near-phrases are kept,
too. On two quiet cores it takes about a quarter of an hour for an hour of sound, and the first time
some minutes more: near-phrases are spoken, and replies rehearsed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib

from corpus import peers, turns, wakes, words
from results import HERE, publish, table
from steward.audio.wake import WORDS, WakeDetector
from steward.config import Config, load
from steward.models.store import Store
from wake import gather, recogniser, streamed

IMAGES = HERE.parent / "docs" / "images"

Part = tuple[dict[str, Any], str]
"""Data, and Markdown."""


def heard_words(folder: Path, python: Path) -> Part:
    """Measure the recognisers."""
    several = words.engines(Store(load().paths.cache))
    heard = words.measure(words.recordings(folder), several, python)
    rows = words.summary(heard)
    words.plot(rows, IMAGES / "voice_words.png")
    body = table(
        ("engine", "language", "recordings", "errors of words (zh: signs)", "%", "95%", "core-s/s"),
        [
            (r["engine"], r["language"], r["recordings"], f"{r['errors']} of {r['units']}",
             r["percent"], "{} to {}".format(*r["interval"]), r["core_seconds_per_second"])
            for r in rows
        ],
    )  # fmt: skip
    data = {"engines": rows, "texts": [vars(each) for each in heard]}
    return data, f"{body}\n\n![Errors](../docs/images/voice_words.png)"


def woken(folder: Path, word: str, folds: Path | None, cache: Path, python: Path) -> Part:
    """Measure the wake word engines."""
    store = Store(load().paths.cache)
    embedding = store.file("speech-embedding", "embedding_model.onnx")
    detector = WakeDetector(WORDS / word, embedding)
    others = [WakeDetector(each, embedding) for each in sorted(folds.iterdir())] if folds else []
    sounds = gather(folder, word, detector.word.phrases, cache / "spoken")
    ours = partial(streamed, likelihood=recogniser(store))
    engines = wakes.measure(sounds, detector, others or [detector], ours, python)
    rows = wakes.summary(engines, sounds.hours)
    wakes.plot(engines, sounds.hours, IMAGES / "voice_wakes.png")
    body = table(
        ("engine", *wakes.KINDS.values(), "false wakes", "core-s/s"),
        [
            (r["engine"], *(wakes.cell(r[kind]) for kind in wakes.KINDS),
             "{count} in {hours} h".format(**r["false"])
             + " ({} to {} an hour)".format(*r["false_an_hour"]),
             r["core_seconds_per_second"] or "")
            for r in rows
        ],
    )  # fmt: skip
    if others:
        body += (
            f"\n\nReal clips are heard by {len(others)} networks of Steward's, each of which has "
            "not learnt what it hears."
        )
    curves = {each.name: wakes.curve(each, sounds.hours) for each in engines}
    data = {"word": word, "folds": len(others), "engines": rows, "curves": curves}
    return data, f"{body}\n\n![Wakes](../docs/images/voice_wakes.png)"


def answered(folder: Path) -> Part:
    """Measure turns in real time."""
    with tempfile.TemporaryDirectory() as state:
        config = Config.model_validate({"paths": {"state": state}})
        results = asyncio.run(turns.measure(folder, config))
    turns.plot(results, IMAGES / "voice_turns.png")
    rows = {name: turns.summary(some) for name, some in turns.groups(results).items()}
    within = f"words within {turns.SOON * 1000:.0f} ms"
    body = table(
        ("said", "sounds", "cut off", "words p50/p90/p99", within, "first sound p50/p90/p99",
         "core-s/s"),
        [
            (name, r["sounds"], r["cut off"], _three(r["words ms"]), r[within],
             _three(r["first sound ms"]), r["core-s/s"])
            for name, r in rows.items()
        ],
    )  # fmt: skip
    return {"turns": rows}, f"{body}\n\n![Latency](../docs/images/voice_turns.png)"


def main() -> None:
    """Measure, and write the results of each part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--word", default="jarvis", help="a word that comes with Steward")
    parser.add_argument("--folds", type=Path, help="folders of words that have not heard a part")
    parser.add_argument("--cache", type=Path, default=Path("/tmp/steward-bench-voice"))
    parser.add_argument("--only", choices=("wakes", "words", "turns"))
    given = parser.parse_args()
    matplotlib.use("Agg")
    python = peers.environment(given.cache / "peers")
    parts: dict[str, tuple[str, Callable[[], Part]]] = {
        "turns": ("From the end of speech to an answer", lambda: answered(given.folder)),
        "words": ("Words, beside other engines", lambda: heard_words(given.folder, python)),
        "wakes": (
            "The wake word, beside other engines",
            lambda: woken(given.folder, given.word, given.folds, given.cache, python),
        ),
    }
    for name, (title, run) in parts.items():
        if given.only in (None, name):
            before = os.getloadavg()[0]
            data, body = run()
            averages = [round(before, 1), round(os.getloadavg()[0], 1)]
            body += "\n\nLoad average of the machine: {} at first, {} at last.".format(*averages)
            command = f"bench/voice.py FOLDER --only {name}"
            publish(f"voice-{name}", title, {"load": averages, **data}, body, command)


def _three(points: dict[str, float]) -> str:
    return " / ".join(f"{value:.0f}" for value in points.values()) or "-"


if __name__ == "__main__":
    main()
