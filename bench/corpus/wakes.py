"""Several wake word engines on the same recordings: misses, false wakes, near-phrases, cost.

openWakeWord and microWakeWord, whose nets were made for "hey Jarvis" and not for the word alone,
run in an environment of their own, at the same time as the others. PocketSphinx spots the word by
its dictionary.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import NDArray

from corpus.peers import pcm, run
from steward.audio.pcm import RATE, Samples
from steward.audio.wake import REST, WakeDetector
from steward.lab.wake.score import interval, looks, rate_interval
from wake import Detect, Sounds

LOOK = 1280
"""Samples between two scores: 80 ms."""
KINDS = {
    "real": "missed, real clips",
    "babble": "missed in 10 dB babble",
    "said": "missed, generated phrases",
    "near": "near-phrases taken, generated",
}
SPHINX_LOWEST = 1e-30
"""PocketSphinx's own threshold."""

Scores = NDArray[np.float32]
T = TypeVar("T")


@dataclass(frozen=True)
class Engine:
    """What an engine made of the sounds.

    `scores` are those of each sound of a kind, every 80 ms; `threshold` is what it is used with.
    An engine that only wakes or does not has the scores 1 and 0. `core` is in core-seconds a
    second of speech without the word, None where it was not measured alone.
    """

    name: str
    scores: Mapping[str, Sequence[Scores]]
    threshold: float
    core: float | None


def by_kind(sounds: Sounds) -> dict[str, list[Samples]]:
    """Return the sounds by their KINDS, and "other": all speech in which the word is not."""
    near = [sound for several in sounds.near.values() for sound in several]
    return {
        "real": sounds.real,
        "babble": sounds.babble,
        "said": sounds.said,
        "near": near,
        "other": sounds.other,
    }


def measure(
    sounds: Sounds,
    detector: WakeDetector,
    folds: Sequence[WakeDetector],
    streamed: Callable[[WakeDetector], Detect],
    python: Path,
) -> list[Engine]:
    """Let every engine hear all sounds; the peers run beside the others.

    Recordings of the word are heard by `folds`, one of them each, all else by `detector`.
    """
    kinds = by_kind(sounds)
    with ThreadPoolExecutor(1) as beside:
        others = beside.submit(_peers, kinds, python)
        wholes = streamed(detector), [streamed(fold) for fold in folds]
        found = [_whole(*wholes, kinds), *_networks(detector, folds, kinds)]
        found.append(_sphinx(detector.word.name, kinds))
        return [*found, *others.result()]


def summary(engines: Sequence[Engine], hours: float) -> list[dict[str, Any]]:
    """Return the figures of each engine at its own threshold."""
    rows: list[dict[str, Any]] = []
    for engine in engines:
        row: dict[str, Any] = {"engine": engine.name, "threshold": engine.threshold}
        for kind in KINDS:
            several = engine.scores[kind]
            hit = sum(_peak(s) >= engine.threshold for s in several)
            count = hit if kind == "near" else len(several) - hit
            low, high = interval(count, len(several))
            row[kind] = {
                "count": count,
                "of": len(several),
                "percent": round(100 * count / max(1, len(several)), 1),
                "interval": [round(100 * low, 1), round(100 * high, 1)],
            }
        false = sum(_wakes(s, engine.threshold) for s in engine.scores["other"])
        low, high = rate_interval(false, hours)
        row["false"] = {"count": false, "hours": round(hours, 3)}
        row["false_an_hour"] = [round(low, 2), round(high, 2)]
        row["core_seconds_per_second"] = engine.core
        rows.append(row)
    return rows


def cell(share: Mapping[str, Any]) -> str:
    """Return a share in words."""
    return "{percent}% of {of} ({} to {})".format(*share["interval"], **share)


def curve(engine: Engine, hours: float) -> list[tuple[float, float]]:
    """Return false wakes an hour and the share of real clips missed, threshold by threshold."""
    peaks = np.array([_peak(s) for s in engine.scores["real"]])
    grid = np.unique(np.concatenate([peaks, np.linspace(0.01, 0.99, 50)]))
    found = []
    for threshold in grid[grid > 0]:
        false = sum(_wakes(s, threshold) for s in engine.scores["other"]) / hours
        found.append((float(false), float(np.mean(peaks < threshold))))
    return found


def plot(engines: Sequence[Engine], hours: float, file: Path) -> None:
    """Draw misses over false wakes, with each engine's own threshold as a point."""
    figure, axes = plt.subplots(figsize=(7, 4))
    colours = ("#1d4b40", "#4f9d86", "#9fcfbf", "#b5760b", "#7a3b8f", "#b03a2e")
    for engine, colour in zip(engines, colours, strict=True):
        points = curve(engine, hours)
        xs, ys = [x for x, _ in points], [100 * y for _, y in points]
        axes.step(xs, ys, where="post", color=colour, linewidth=1, alpha=0.7)
        false = sum(_wakes(s, engine.threshold) for s in engine.scores["other"]) / hours
        peaks = [_peak(s) for s in engine.scores["real"]]
        missed = 100 * float(np.mean(np.array(peaks) < engine.threshold))
        axes.plot([false], [missed], "o", color=colour, label=engine.name)
    axes.set_xscale("symlog", linthresh=1)
    axes.set(xlabel="false wakes an hour", ylabel="% of real clips missed", ylim=(0, 100))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8)
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    plt.close(figure)


def _peak(scores: Scores) -> float:
    return float(scores.max(initial=0.0))


def _wakes(scores: Scores, threshold: float) -> int:
    """Return how often a sound wakes, with the same rest after each wake for all engines."""
    count, until = 0, 0
    for at in np.flatnonzero(scores >= threshold):
        if at >= until:
            count, until = count + 1, int(at) + int(REST * RATE / LOOK)
    return count


def _each(kinds: Mapping[str, Sequence[Samples]]) -> Iterator[tuple[str, Samples]]:
    return ((kind, sound) for kind, several in kinds.items() for sound in several)


def _grouped(
    kinds: Mapping[str, Sequence[Samples]], scores: Sequence[Scores]
) -> dict[str, list[Scores]]:
    found: dict[str, list[Scores]] = {kind: [] for kind in kinds}
    for (kind, _), each in zip(_each(kinds), scores, strict=True):
        found[kind].append(each)
    return found


def _seconds(sounds: Sequence[Samples]) -> float:
    return sum(map(len, sounds)) / RATE


def _by(own: T, folds: Sequence[T], kind: str, index: int) -> T:
    """Return what hears a sound: recordings of the word are heard by what has not learnt them."""
    return folds[index % len(folds)] if kind in ("real", "babble") else own


def _whole(own: Detect, folds: Sequence[Detect], kinds: Mapping[str, Sequence[Samples]]) -> Engine:
    """Steward as he runs, sound by sound: as many wakes are as many scores of 1, a rest apart."""
    gap = int(REST * RATE / LOOK)

    def track(kind: str, index: int, sound: Samples) -> Scores:
        scores = np.zeros(gap * (len(sound) // (gap * LOOK) + 2), np.float32)
        scores[: gap * _by(own, folds, kind, index)(sound) : gap] = 1.0
        return scores

    return _timed("steward: both passes and the recogniser", kinds, track, 1.0)


def _timed(
    name: str,
    kinds: Mapping[str, Sequence[Samples]],
    track: Callable[[str, int, Samples], Scores],
    own: float,
) -> Engine:
    found: dict[str, list[Scores]] = {kind: [] for kind in kinds}
    used = 0.0
    for kind, several in kinds.items():
        begun = time.process_time()
        found[kind] = [track(kind, index, sound) for index, sound in enumerate(several)]
        used = time.process_time() - begun if kind == "other" else used
    return Engine(name, found, own, round(used / _seconds(kinds["other"]), 4))


def _networks(
    own: WakeDetector, folds: Sequence[WakeDetector], kinds: Mapping[str, Sequence[Samples]]
) -> tuple[Engine, Engine]:
    word = own.word
    seen = {
        kind: [looks(_by(own, folds, kind, i), s, word.first) for i, s in enumerate(several)]
        for kind, several in kinds.items()
    }
    second = {kind: [each.second for each in several] for kind, several in seen.items()}
    first = {kind: [each.first for each in several] for kind, several in seen.items()}
    return (
        Engine("steward: both passes", second, word.second, None),
        Engine("steward: first pass", first, word.first, None),
    )


def _sphinx(word: str, kinds: Mapping[str, Sequence[Samples]]) -> Engine:
    from pocketsphinx import Decoder  # type: ignore[import-untyped]

    decoder = Decoder(keyphrase=word, kws_threshold=SPHINX_LOWEST, lm=None, loglevel="FATAL")

    def track(_kind: str, _index: int, sound: Samples) -> Scores:
        samples = pcm(sound)
        scores = np.zeros(len(samples) // LOOK + 1, np.float32)
        decoder.start_utt()
        for look, at in enumerate(range(0, len(samples), LOOK)):
            decoder.process_raw(samples[at : at + LOOK].tobytes())
            if decoder.hyp():
                scores[look] = max(segment.prob for segment in decoder.seg())
                decoder.end_utt()
                decoder.start_utt()
        decoder.end_utt()
        return scores

    lowest = float(np.finfo(np.float32).tiny)
    return _timed(f"PocketSphinx, “{word}”", kinds, track, lowest)


def _peers(kinds: Mapping[str, Sequence[Samples]], python: Path) -> list[Engine]:
    sounds, found = [sound for _, sound in _each(kinds)], []
    for engine, name, threshold in (
        ("openwakeword", "openWakeWord, “hey Jarvis”", 0.5),
        ("microwakeword", "microWakeWord, “hey Jarvis”", 0.97),
    ):
        scores, took = run(python, engine, sounds, _scores)
        others = [
            used for (kind, _), (used, _) in zip(_each(kinds), took, strict=True) if kind == "other"
        ]
        core = round(sum(others) / _seconds(kinds["other"]), 4)
        found.append(Engine(name, _grouped(kinds, scores), threshold, core))
    return found


def _scores(file: Path) -> Scores:
    found: Scores = np.load(file.with_suffix(".scores.npy"))
    return found
