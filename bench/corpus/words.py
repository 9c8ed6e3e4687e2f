"""What several recognisers hear in recordings whose words are known, and how long it takes them.

Beside Steward's own: the same network always in its full window; Whisper tiny.en as faster-whisper
runs it; PocketSphinx with the model that it brings. No engine that hears Chinese comes from a
package with its weights, but Whisper.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from corpus.peers import pcm, run
from corpus.spelling import edits, error_interval, units
from steward.audio.files import read_audio
from steward.audio.pcm import RATE, Samples, from_samples, to_samples
from steward.config import Config
from steward.models.store import Store
from steward.speech.whisper import WhisperRecognizer

THREADS = 2

Hear = Callable[[Samples], str]
"""Returns what is said in a sound."""


@dataclass(frozen=True)
class Recording:
    """A sound and what is said in it."""

    name: str
    language: str
    text: str
    samples: Samples


@dataclass(frozen=True)
class Engine:
    """A recogniser, and the languages that it hears; None means any."""

    name: str
    languages: frozenset[str] | None
    hear: Hear


@dataclass(frozen=True)
class Heard:
    """One recording, heard once by one engine."""

    engine: str
    recording: str
    language: str
    text: str
    units: int
    errors: int
    seconds: float
    took: float
    core: float


def recordings(folder: Path) -> list[Recording]:
    """Return what `folder`/manifest.json lists, with its sounds."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return [
        Recording(
            entry["file"],
            entry["language"],
            entry["text"],
            to_samples(read_audio(folder / entry["file"])),
        )
        for entry in manifest
    ]


def engines(store: Store) -> list[Engine]:
    """Load every engine that can be had."""
    vad, base = store.file("silero-vad", "silero_vad.onnx"), store.folder("whisper-base")
    preferred = Config().languages
    short = WhisperRecognizer(base, vad, THREADS, preferred)
    full = WhisperRecognizer(base, vad, THREADS, preferred, full_window=True)
    english = frozenset({"en"})
    return [
        Engine("steward: Whisper base, short window and guard", None, _whisper(short)),
        Engine("Whisper base, full window", None, _whisper(full)),
        Engine("PocketSphinx", english, _pocketsphinx()),
    ]


def measure(told: Sequence[Recording], several: Sequence[Engine], python: Path) -> list[Heard]:
    """Let all engines hear each recording, one right after the other, so that all suffer alike
    where the machine is busy; then tiny.en, in its own environment, what is English."""
    found = []
    for engine in several:
        engine.hear(told[0].samples)
    for each in told:
        for engine in several:
            if engine.languages is None or each.language in engine.languages:
                begun, used = time.perf_counter(), time.process_time()
                text = engine.hear(each.samples)
                core, took = time.process_time() - used, time.perf_counter() - begun
                found.append(_heard(engine.name, each, text, core, took))
    english = [each for each in told if each.language == "en"]
    sounds = [each.samples for each in english]
    texts, times = run(python, "tiny", sounds, lambda file: file.with_suffix(".txt").read_text())
    for each, text, (core, took) in zip(english, texts, times, strict=True):
        found.append(_heard("Whisper tiny.en", each, text, core, took))
    return found


def _heard(engine: str, told: Recording, text: str, core: float, took: float) -> Heard:
    wanted = units(told.text, told.language)
    errors = edits(wanted, units(text, told.language))
    seconds = len(told.samples) / RATE
    return Heard(engine, told.name, told.language, text, len(wanted), errors, seconds, took, core)


def summary(heard: Sequence[Heard]) -> list[dict[str, Any]]:
    """Return errors and core-seconds by engine and language."""
    rows: list[dict[str, Any]] = []
    for engine, language in dict.fromkeys((h.engine, h.language) for h in heard):
        some = [h for h in heard if (h.engine, h.language) == (engine, language)]
        errors, lengths = [h.errors for h in some], [h.units for h in some]
        low, high = error_interval(errors, lengths)
        rows.append(
            {
                "engine": engine,
                "language": language,
                "recordings": len(some),
                "units": sum(lengths),
                "errors": sum(errors),
                "percent": round(100 * sum(errors) / sum(lengths), 1),
                "interval": [round(100 * low, 1), round(100 * high, 1)],
                "core_seconds_per_second": round(
                    sum(h.core for h in some) / sum(h.seconds for h in some), 3
                ),
                "took_median_s": round(float(np.median([h.took for h in some])), 3),
            }
        )
    return rows


def plot(rows: Sequence[dict[str, Any]], file: Path) -> None:
    """Draw the errors of each engine, with their intervals."""
    languages = [n for n in ("en", "zh") if any(row["language"] == n for row in rows)]
    figure, several = plt.subplots(
        1, len(languages), figsize=(4.5 * len(languages), 3), squeeze=False
    )
    for axes, language in zip(several[0], languages, strict=True):
        some = [row for row in rows if row["language"] == language]
        at = np.arange(len(some))[::-1]
        values = np.array([row["percent"] for row in some], float)
        ends = np.array([row["interval"] for row in some], float)
        spread = np.abs(ends.T - values)
        axes.barh(at, values, xerr=spread, color="#1d4b40", ecolor="#b5760b", height=0.6)
        axes.set_yticks(at, [str(row["engine"]).replace(": ", ":\n") for row in some], fontsize=8)
        axes.set_xlabel("% character errors" if language == "zh" else "% word errors")
        axes.set_title(language, loc="left", fontsize=11)
        axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    plt.close(figure)


def _whisper(recogniser: WhisperRecognizer) -> Hear:
    def hear(samples: Samples) -> str:
        return asyncio.run(recogniser.recognize(from_samples(samples, RATE))).text

    return hear


def _pocketsphinx() -> Hear:
    from pocketsphinx import Decoder  # type: ignore[import-untyped]

    decoder = Decoder(loglevel="FATAL")

    def hear(samples: Samples) -> str:
        decoder.start_utt()
        decoder.process_raw(pcm(samples).tobytes(), full_utt=True)
        decoder.end_utt()
        found = decoder.hyp()
        return found.hypstr if found else ""

    return hear
