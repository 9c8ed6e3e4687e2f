"""The wake word on recordings: missed, false, near-phrases, babble, cost; by folds.

    python bench/wake.py FOLDER [--word jarvis] [--folds DIR] [--cache DIR] [--publish]

FOLDER holds wake/WORD/ (one keyword a clip, any voice) and other speech in any other folder, which
counts as negatives, other words of wake/ too. Every clip is fed to the stream as a microphone does,
in pieces of 32 ms, with a second of faint noise before and after. Near-phrases, and the word's
phrases that nobody recorded ("hey Jarvis"; all of them where there is no wake/WORD/), are spoken by
the eight voices that no training hears (`speakers.RESERVED`) and kept in DIR. Babble is six of the
negatives' voices at once, 10 dB below the word. Other engines hear the same sounds in
`bench/voice.py`, and `bench/negatives.py` counts false wakes in hours of other speech.

A word that has learnt from the recordings themselves would remember them. DIR holds 0/, 1/, …, each
the word trained without every so manieth clip: each clip is then heard by the one that never did.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np

from results import HERE, busy, publish, table
from steward.audio.attention import Likelihood, WordAttention
from steward.audio.files import read_audio
from steward.audio.pcm import RATE, Samples, from_samples, to_samples
from steward.audio.wake import WORDS, WakeDetector
from steward.config import load
from steward.lab.wake import rooms
from steward.lab.wake.corpus import Line, speak
from steward.lab.wake.phrases import Phrase, readings
from steward.lab.wake.score import Looks, best, interval, looks, rate_interval, wakes
from steward.lab.wake.speakers import RESERVED, Speaker, Speakers
from steward.models.store import Store
from steward.speech.whisper import WhisperRecognizer
from steward.types import AudioChunk

NEAR = {
    "jarvis": (
        "hey Jarred",
        "hey Travis",
        "hey Jarrod",
        "hey Davis",
        "hey Charles",
        "hey Marvin",
        "hey Harvey",
        "hey Jenny",
        "hey service",
        "hey garbage",
        "hey Jarvey",
        "Travis",
        "Jarred",
        "Davis",
        "service",
        "harvest",
        "jealous",
        "carving",
        "hey there",
        "nervous",
    ),
    "nihao-guanjia": (
        "你好",
        "管家",
        "你好大家",
        "你好专家",
        "你好玩家",
        "你好国家",
        "你好老家",
        "你好管理",
        "你好冠军",
        "你好感觉",
        "你好晚安",
        "你好搬家",
        "你的管家",
        "你找管家",
        "大家好",
        "你好关键",
        "你回家",
        "李老板",
        "你好李佳",
        "以后管他",
    ),
}
"""Phrases that are nearly the word, chosen by hand. Whether the training's mining finds the same
ones is left to it."""
PIECE = 512
BABBLE = 10.0
SEED = 7
SPEEDS = (0.8, 0.9, 1.0, 1.15, 1.3)
"""How fast the reserved voices say the word."""

Detect = Callable[[Samples], int]
"""How many wakes there are in a sound."""


@dataclass(frozen=True)
class Sounds:
    """What is scored."""

    real: list[Samples]
    babble: list[Samples]
    said: list[Samples]
    near: dict[str, list[Samples]]
    other: list[Samples]

    @property
    def hours(self) -> float:
        """Hours of negatives, without the noise that is put around them."""
        return sum(len(sound) - 2 * RATE for sound in self.other) / RATE / 3600


def gather(folder: Path, name: str, phrases: Sequence[str], cache: Path) -> Sounds:
    """Read and generate all sounds of the word `name`, of which recordings say `phrases[0]`."""
    rng, voices = np.random.default_rng(SEED), Speakers(Store(load().paths.cache))
    files = sorted(p for p in folder.rglob("*") if p.suffix in (".flac", ".wav"))
    real = [samples(p) for p in files if p.parent.name == name]
    other = [samples(p) for p in files if p.parent.name != name]
    spoken = [samples(p) for p in files if p.parent.name == "read"] or other
    unrecorded = phrases[1:] if real else phrases
    own = [s for text in unrecorded for s in said(text, voices, cache, SPEEDS)]
    return Sounds(
        real=[around(s, rng) for s in real],
        babble=[rooms.mixed(s, crowd(spoken, len(s), rng), BABBLE) for s in real or own],
        said=[around(s, rng) for s in own],
        near={n: [around(s, rng) for s in said(n, voices, cache)] for n in NEAR.get(name, ())},
        other=[around(s, rng) for s in other],
    )


def samples(file: Path) -> Samples:
    """Read a file."""
    return to_samples(read_audio(file))


def around(sound: Samples, rng: rooms.Random) -> Samples:
    """Return `sound` with a second of faint noise before and after."""
    padded = np.pad(sound, RATE)
    return padded + np.float32(1e-4) * rng.standard_normal(len(padded), np.float32)


def crowd(spoken: Sequence[Samples], length: int, rng: rooms.Random) -> Samples:
    """Return six voices at once."""
    made = np.zeros(length, np.float32)
    for index in rng.choice(len(spoken), min(6, len(spoken)), replace=False):
        voice = np.resize(spoken[index], length) / np.float32(rooms.power(spoken[index]))
        made += voice
    return made


def said(
    text: str, voices: Speakers, cache: Path, speeds: Sequence[float] = (1.0,)
) -> Iterator[Samples]:
    """Yield `text` by each of the reserved voices, at each of `speeds`."""
    spoken = readings(text)
    lines = [
        Line(
            "near",
            Phrase(text, spoken[-1 if voice[0] == "b" else 0]),
            Speaker(((voice, 1.0),), speed),
            True,
        )
        for voice in sorted(RESERVED)
        for speed in speeds
    ]
    for clip in speak(lines, voices, cache, lambda _done, _all: None):
        yield np.float32(0.3) * clip.samples


def streamed(detector: WakeDetector, likelihood: Likelihood) -> Detect:
    """Return our detector with the recogniser that it asks, fed piece by piece."""

    async def pieces(sound: Samples) -> AsyncIterator[AudioChunk]:
        for at in range(0, len(sound), PIECE):
            yield from_samples(sound[at : at + PIECE], RATE)

    async def wakes(sound: Samples) -> int:
        attention = WordAttention([detector], pieces(sound), lambda _: None, likelihood)
        count = 0
        while await attention.woken() is not None:
            count += 1
        return count

    return lambda sound: asyncio.run(wakes(sound))


def recogniser(store: Store) -> Likelihood:
    """Return what says how well a phrase fits a sound."""
    vad = store.file("silero-vad", "silero_vad.onnx")
    return WhisperRecognizer(store.locate(load().speech.model), vad, 1).likelihood


def measure(detect: Detect, folds: Sequence[Detect], sounds: Sounds) -> dict[str, object]:
    """Return the figures of one detector, of which `folds` hear the recordings of the word."""
    caught = {
        "real": [folds[i % len(folds)](s) > 0 for i, s in enumerate(sounds.real)],
        "babble": [folds[i % len(folds)](s) > 0 for i, s in enumerate(sounds.babble)],
        "said": [detect(s) > 0 for s in sounds.said],
    }
    near = {text: sum(detect(s) > 0 for s in several) for text, several in sounds.near.items()}
    begun = time.process_time()
    false = sum(detect(s) for s in sounds.other)
    core = (time.process_time() - begun) / (sum(map(len, sounds.other)) / RATE)
    nears = sum(len(several) for several in sounds.near.values())
    figures: dict[str, object] = {}
    for name, found in caught.items():
        missed = found.count(False)
        figures[f"{name}_missed"] = share(missed, len(found))
    figures["near_taken"] = share(sum(near.values()), nears)
    figures["near_by_phrase"] = {text: count for text, count in near.items() if count}
    low, high = rate_interval(false, sounds.hours)
    figures["false"] = {"count": false, "hours": round(sounds.hours, 3)}
    figures["false_an_hour"] = {"interval": [round(low, 2), round(high, 2)]}
    figures["core_seconds_per_second"] = round(core, 4)
    return figures


def share(count: int, of: int) -> dict[str, object]:
    """Return a count, a share and its 95% interval in percent."""
    low, high = interval(count, of)
    percent = round(100 * count / max(1, of), 1)
    return {
        "count": count,
        "of": of,
        "percent": percent,
        "interval": [round(100 * low, 1), round(100 * high, 1)],
    }


def curve(
    detector: WakeDetector, folds: Sequence[WakeDetector], sounds: Sounds
) -> dict[str, list[float]]:
    """Return what each threshold of the second network gives, where no recogniser is asked."""
    first = detector.word.first
    near = [s for several in sounds.near.values() for s in several]
    kinds = {
        "clean": (folds, sounds.real or sounds.said),
        "babble": (folds, sounds.babble),
        "near": ([detector], near),
    }
    found = {
        kind: [best(looks(nets[i % len(nets)], s, first), first) for i, s in enumerate(several)]
        for kind, (nets, several) in kinds.items()
    }
    other: list[Looks] = [looks(detector, s, first) for s in sounds.other]
    grid = [round(float(t), 2) for t in np.arange(0.05, 1.0, 0.05)] + [0.97, 0.99]
    return {
        "threshold": grid,
        "missed": [float(np.mean([s < t for s in found["clean"]])) for t in grid],
        "missed_in_babble": [float(np.mean([s < t for s in found["babble"]])) for t in grid],
        "near_taken": [float(np.mean([s >= t for s in found["near"] or [0]])) for t in grid],
        "false_an_hour": [sum(wakes(o, first, t) for o in other) / sounds.hours for t in grid],
        "candidates_an_hour": [sum(wakes(o, first, 0.0) for o in other) / sounds.hours],
    }


def plot(points: dict[str, list[float]], chosen: float, file: Path) -> None:
    """Draw the curve."""
    matplotlib.use("Agg")
    figure, axes = plt.subplots(figsize=(7, 4))
    for key, label in (
        ("missed", "missed"),
        ("missed_in_babble", "missed in 10 dB babble"),
        ("near_taken", "near-phrases taken"),
    ):
        axes.plot(points["threshold"], [100 * v for v in points[key]], label=label)
    right = axes.twinx()
    right.plot(points["threshold"], points["false_an_hour"], "k:", label="false wakes an hour")
    right.set_ylabel("an hour (dotted)")
    axes.axvline(chosen, color="grey", linewidth=0.8)
    axes.set_xlabel("threshold of the second network")
    axes.set_ylabel("%")
    axes.legend()
    figure.tight_layout()
    figure.savefig(file, dpi=110)


def main() -> None:
    """Measure, print, and with --publish write the results and the plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--word", default="jarvis")
    parser.add_argument("--net", type=Path, help="a folder that `steward wake train` wrote")
    parser.add_argument("--folds", type=Path, help="folders of words that have not heard a part")
    parser.add_argument("--cache", type=Path, default=Path("/tmp/steward-bench-wake"))
    parser.add_argument("--publish", action="store_true")
    given = parser.parse_args()
    store = Store(load().paths.cache)
    embedding = store.file("speech-embedding", "embedding_model.onnx")
    detector = WakeDetector(given.net or WORDS / given.word, embedding)
    sounds = gather(given.folder, given.word, detector.word.phrases, given.cache)
    likelihood = recogniser(store)
    folders = sorted(given.folds.iterdir()) if given.folds else ()
    folds = [WakeDetector(folder, embedding) for folder in folders] or [detector]
    ours = streamed(detector, likelihood)
    engines = {"steward": measure(ours, [streamed(f, likelihood) for f in folds], sounds)}
    points = curve(detector, folds, sounds)
    data = {"word": asdict(detector.word), "engines": engines, "curve": points}
    body = summary(engines, len(folders))
    if given.publish:
        name, title = f"wake-{given.word}", f"Wake word, {detector.word.name}"
        plot(points, detector.word.second, HERE.parent / "docs" / "images" / f"{name}.png")
        text = f"{body}\n\n![curve](../docs/images/{name}.png)"
        publish(name, title, data, text, f"bench/wake.py FOLDER --word {given.word}")
    else:
        print(body)
        for key, values in points.items():
            print(key, [round(v, 3) for v in values])
        print(engines)


def summary(engines: dict[str, dict[str, object]], folds: int) -> str:
    """Return the figures as Markdown."""
    rows = []
    for name, found in engines.items():
        cells = [cell(found[key]) for key in KEYS]
        false = found["false"]
        rates = found["false_an_hour"]
        assert isinstance(false, dict)
        assert isinstance(rates, dict)
        low, high = rates["interval"]
        wrong = f"{false['count']} in {false['hours']} h ({low} to {high} an hour)"
        rows.append([name, *cells, wrong, found["core_seconds_per_second"]])
    headings = ("", *KEYS.values(), "false wakes", "core-s/s")
    unseen = (
        f" They are heard by {folds} networks, each of which has not learnt what it hears; the "
        "one that comes with Steward, which the other columns are of, has learnt them all."
    )
    return table(headings, rows) + (
        f"\n\n95% intervals in brackets.{unseen if folds else ''} The curve is of the second "
        "network alone, where no recogniser is asked. The thresholds of the words that come with "
        f"Steward were chosen with these figures known.{busy()}"
    )


KEYS = {
    "real_missed": "missed, real clips",
    "said_missed": "missed, generated phrases",
    "babble_missed": "missed in 10 dB babble",
    "near_taken": "near-phrases taken, generated",
}


def cell(found: object) -> str:
    """Return a share in words."""
    assert isinstance(found, dict)
    if not found["of"]:
        return "-"
    low, high = found["interval"]
    return f"{found['percent']}% of {found['of']} ({low} to {high})"


if __name__ == "__main__":
    main()
