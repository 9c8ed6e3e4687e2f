"""Who speaks: how often two people are taken for one, and one for two.

    python bench/who.py READ SPEAKERS

READ holds a clip each of many people, SPEAKERS a folder each of some people's clips; the name of a
clip begins with the speaker's number. Silence is cut out, and what is left cut in pieces. Half of
the people, every other one, are scored; by the others `people.py` was calibrated (`--calibrate`).
Intervals: 95% of 500 draws of people, with replacement.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import psutil
from numpy.typing import NDArray

from results import HERE, publish, table
from steward.audio.files import read_audio
from steward.audio.pcm import RATE, to_samples
from steward.config import Config
from steward.models.store import Store
from steward.speech.activity import Samples, SpeechDetector
from steward.speech.known import sentence
from steward.speech.people import LIKELY, score
from steward.speech.speaker import WEIGHTS_SET, SpeakerEncoder, elsewhere, spoken, unit

PIECES = (1.5, 3.0)
ENROLLED = 3
"""Sentences of 3 s that a person is enrolled with."""
MOST = 8
"""Pieces of one person, so that none counts for more than others."""
DRAWS = 500
NOTE = (
    "Each person was recorded once, in one room, so that all of it is easier than a home is; in "
    "the other rooms there are echo, white noise at 10-30 dB and two other people at 5-20 dB. An "
    "error of 0.00 among 27 people bears out no more than 11% of people (95%)."
)
PLOT = HERE.parent / "docs" / "images" / "who.png"

Change = Callable[[Samples], Samples]
Voices = dict[str, list[Samples]]
Scores = NDArray[np.float64]


def read(folders: Sequence[Path], detector: SpeechDetector) -> Voices:
    """Return the speech of each person, a clip an array."""
    found: defaultdict[str, list[Samples]] = defaultdict(list)
    for file in sorted(file for folder in folders for file in folder.rglob("*.flac")):
        samples = to_samples(read_audio(file))
        speech = spoken(samples, detector.spans(samples))
        found[file.name.partition("-")[0]].append(speech)
    return dict(found)


def pieces(clips: Sequence[Samples], seconds: float) -> list[Samples]:
    """Return at most MOST pieces, in turn from each clip."""
    size = int(seconds * RATE)
    cut = [[c[i : i + size] for i in range(0, len(c) - size + 1, size)] for c in clips]
    turns = max(map(len, cut))
    return [clip[turn] for turn in range(turns) for clip in cut if turn < len(clip)][:MOST]


def anywhere(rng: np.random.Generator, others: Sequence[Samples]) -> Change:
    """Return what puts a piece into a room, with two other people talking 5 to 20 dB below.

    The product enrols with white noise, so that this noise is none that it has made itself.
    """

    def put(speech: Samples) -> Samples:
        dry = elsewhere(speech, rng)
        babble = np.zeros_like(dry)
        for number in rng.integers(len(others), size=2):
            babble += np.resize(others[number], len(dry))
        level = dry.std() / max(float(babble.std()), 1e-6) * 10 ** (-rng.uniform(5, 20) / 20)
        found: Samples = (dry + babble * np.float32(level)) * np.float32(
            10 ** (-rng.uniform(0, 25) / 20)
        )
        return found

    return put


def same(speech: Samples) -> Samples:
    """Return a piece as it is."""
    return speech


def compare(
    people: Mapping[str, Samples], templates: Mapping[str, Sequence[Samples]] | None = None
) -> list[tuple[str, Scores, Scores]]:
    """Return for each person how alike his pieces are to his own, and to others'.

    `templates` has for each piece of a person what it is compared with among his own.
    """
    found = []
    for name, own in people.items():
        if templates is None:
            alike = (own @ own.T)[np.triu_indices(len(own), 1)]
            others = [own @ theirs.T for other, theirs in people.items() if other > name]
        else:
            pairs = zip(own, templates[name], strict=True)
            alike = np.array([(template @ piece).max() for piece, template in pairs])
            others = [(ts[0] @ own.T).max(axis=0) for n, ts in templates.items() if n != name]
        differ = np.concatenate([each.ravel() for each in others]) if others else np.zeros(0)
        found.append((name, alike.astype(np.float64), differ.astype(np.float64)))
    return found


def equal_error(alike: Scores, differ: Scores) -> tuple[float, float]:
    """Return the error, in per cent, where both kinds are as frequent, and at which likeness."""
    at = np.unique(np.concatenate([alike, differ]))
    missed = np.searchsorted(np.sort(alike), at) / len(alike)
    taken = 1 - np.searchsorted(np.sort(differ), at) / len(differ)
    best = int(np.argmin(np.abs(missed - taken)))
    return float(missed[best] + taken[best]) * 50, float(at[best])


def joined(found: Sequence[tuple[str, Scores, Scores]]) -> tuple[Scores, Scores]:
    """Return the likenesses of all people together."""
    return np.concatenate([a for _, a, _ in found]), np.concatenate([d for _, _, d in found])


def interval(found: Sequence[tuple[str, Scores, Scores]]) -> tuple[float, float]:
    """Return between what the equal error lies, by drawing people anew."""
    rng = np.random.default_rng(0)
    drawn = [
        equal_error(*joined([found[i] for i in rng.integers(len(found), size=len(found))]))[0]
        for _ in range(DRAWS)
    ]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


class Experiment:
    """The pieces of some people, heard by the network."""

    def __init__(self, voices: Voices, encoder: SpeakerEncoder) -> None:
        self._voices = voices
        self._encoder = encoder
        self.core_seconds = self.seconds = 0.0

    def pieces(self, seconds: float, change: Change, least: int) -> dict[str, Samples]:
        """Return the vectors of everybody who has at least so many pieces."""
        found = {}
        for name, clips in self._voices.items():
            cut = [change(piece) for piece in pieces(clips, seconds)]
            if len(cut) >= least:
                used = time.process_time()
                found[name] = np.stack([self._encoder.encode(piece) for piece in cut])
                self.core_seconds += time.process_time() - used
                self.seconds += seconds * len(cut)
        return found

    def enrolled(self) -> dict[str, list[Samples]]:
        """Return for each piece of 3 s what three others of the same person are kept as."""
        found = {}
        for name, clips in self._voices.items():
            said = [sentence(piece, self._encoder) for piece in pieces(clips, 3.0)]
            if len(said) > ENROLLED:
                rest = [[s for s in said if s is not out][:ENROLLED] for out in said]
                found[name] = [
                    np.stack(
                        [
                            unit(np.sum([s.near for s in three], 0)),
                            unit(np.sum([s.far for s in three], 0)),
                        ]
                    )
                    for three in rest
                ]
        return found

    def run(self) -> dict[str, list[tuple[str, Scores, Scores]]]:
        """Return the likenesses in each kind of trial."""
        found = {}
        known = self.enrolled()
        babble = [clips[0] for clips in self._voices.values()]
        rooms = anywhere(np.random.default_rng(1), babble)
        for place, change in (("", same), (", other rooms", rooms)):
            for seconds in PIECES:
                heard = self.pieces(seconds, change, 2)
                found[f"two of {seconds:g} s{place}"] = compare(heard)
            for seconds in PIECES:
                # A piece of 1.5 s is a half of the piece of 3 s that is left out.
                tried = self._tried(set(known), seconds, change)
                paired = {n: [known[n][i] for i in range(len(t))] for n, t in tried.items()}
                found[f"enrolled, {seconds:g} s{place}"] = compare(tried, paired)
        return found

    def _tried(self, names: set[str], seconds: float, change: Change) -> dict[str, Samples]:
        size = int(seconds * RATE)
        return {
            name: np.stack([self._encoder.encode(change(p[:size])) for p in pieces(clips, 3.0)])
            for name, clips in self._voices.items()
            if name in names
        }


def calibrate(found: Mapping[str, list[tuple[str, Scores, Scores]]]) -> tuple[float, float]:
    """Return the slope and the middle of the logistic curve over likeness that fits best.

    Fitted to the trials of enrolled people, as recorded and in rooms, both kinds weighing alike.
    """
    pairs = [joined(each) for name, each in found.items() if name.startswith("enrolled")]
    alike, differ = (np.concatenate([pair[i] for pair in pairs]) for i in (0, 1))
    slope, middle = 10.0, 0.7
    for _ in range(200):
        gradient, curvature = np.zeros(2), np.eye(2) * 1e-6
        for values, wanted in ((alike, 1.0), (differ, 0.0)):
            p = 1 / (1 + np.exp(-(slope * values - slope * middle)))
            rows = np.stack([values, np.ones_like(values)])
            gradient += rows @ (p - wanted) / len(values)
            curvature += (rows * (p * (1 - p))) @ rows.T / len(values)
        step = np.linalg.solve(curvature, gradient)
        a, b = slope - step[0], -slope * middle - step[1]
        slope, middle = float(a), float(-b / a)
    return slope, middle


def draw(found: Mapping[str, list[tuple[str, Scores, Scores]]]) -> None:
    """Draw misses over false acceptances."""
    figure, axes = plt.subplots(figsize=(6, 4))
    for name, each in found.items():
        alike, differ = joined(each)
        at = np.linspace(0.3, 1.0, 400)
        missed = 100 * np.searchsorted(np.sort(alike), at) / len(alike)
        taken = 100 * (1 - np.searchsorted(np.sort(differ), at) / len(differ))
        axes.plot(taken, missed, label=name, linestyle="--" if "room" in name else "-")
    axes.set(xlabel="strangers taken for somebody %", ylabel="own voice not known %")
    axes.set(xscale="symlog", yscale="symlog", xlim=(0, 30), ylim=(0, 30))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(PLOT, dpi=120)


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--calibrate", action="store_true")
    arguments = parser.parse_args()
    store = Store(Config().paths.cache)
    voices = read(arguments.folders, SpeechDetector(store.file("silero-vad", "silero_vad.onnx")))
    before = psutil.Process().memory_info().rss
    encoder = SpeakerEncoder(store.folder(WEIGHTS_SET))
    encoder.encode(np.ones(3 * RATE, np.float32))
    memory = (psutil.Process().memory_info().rss - before) / 1e6
    chosen = sorted(voices)[0 if arguments.calibrate else 1 :: 2]
    experiment = Experiment({name: voices[name] for name in chosen}, encoder)
    found = experiment.run()
    if arguments.calibrate:
        print("slope {:.2f}, middle {:.4f}".format(*calibrate(found)))
        return
    rows: list[Sequence[object]] = []
    for name, each in found.items():
        alike, differ = joined(each)
        error, _ = equal_error(alike, differ)
        low, high = interval(each)
        likely = [np.array([score(float(x)) >= LIKELY for x in xs]) for xs in (alike, differ)]
        missed, taken = 100 * (1 - likely[0].mean()), 100 * likely[1].mean()
        counts = (len(each), len(alike), len(differ))
        rows.append(
            (
                name,
                *counts,
                f"{error:.2f}",
                f"{low:.2f}-{high:.2f}",
                f"{missed:.1f}",
                f"{taken:.2f}",
            )
        )
    cost = experiment.core_seconds / experiment.seconds
    heads = ("trial", "people", "own", "others'", "equal error %", "95%", "not known %")
    data = {
        "trials": {str(row[0]): row[1:] for row in rows},
        "core-s a second of speech": round(cost, 4),
        "MB": round(memory),
    }
    text = table((*heads, "stranger taken for him %"), rows)
    text += f"\n\n{NOTE}\n\n{cost:.3f} core-s a second of speech; "
    text += f"{memory:.0f} MB once somebody is enrolled"
    draw(found)
    publish("who", "Who speaks", data, f"![Misses](../docs/images/who.png)\n\n{text}")


if __name__ == "__main__":
    main()
