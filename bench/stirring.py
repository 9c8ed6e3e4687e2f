"""Speaking over him, window by window: the same on every machine, for there is no clock in it.

    python bench/stirring.py FOLDER

FOLDER holds recordings of people and read/, as for over.py. Each of them, and the voices' "stop"
and "停", begins in its own room at eight places against the windows of the voice activity. Counted
is from the first sound of speech until the piece of 20 ms in which he is told to halt, and until
the one in which he is silenced; what a machine adds to that, over.py measures by the clock. Beside
it: how often sounds in which nobody speaks (sounds.py) would have halted him.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from corpus.turns import AFTER, PIECE, room
from over import BEFORE, HALT, NEVER, OVER_TARGET, STOPS, speech_begins
from results import percentiles, publish, table
from sounds import everything
from steward.audio.files import read_audio
from steward.audio.pcm import RATE, Samples, from_samples, join, resample, to_samples
from steward.config import Config
from steward.models.store import Store
from steward.speech.activity import WINDOW, ActivityStream, SpeechDetector
from steward.speech.ending import Turn, step
from steward.speech.stirring import Stirring, hearken, level
from steward.speech.voices import Voices

PLACES = 8


def heard(detector: SpeechDetector, samples: Samples) -> Iterator[tuple[float, bool, bool]]:
    """Yield for each window when it is known, in ms, whether it stirs anew, and if one speaks."""
    # What a microphone gives has 16 bits.
    sound = to_samples(from_samples(samples, RATE))
    stirring, turn, activity = Stirring(), Turn(), ActivityStream(detector)
    for at in range(0, len(sound) - WINDOW + 1, WINDOW):
        window = sound[at : at + WINDOW]
        probability = float(activity.feed(window)[0])
        before, stirring = stirring, hearken(stirring, level(window), probability)
        turn = step(turn, probability)
        known = np.ceil((at + WINDOW) / PIECE) * PIECE / RATE * 1000
        yield float(known), stirring.now and not before.now, turn.begun


def over(detector: SpeechDetector, samples: Samples, place: int) -> tuple[float, float]:
    """Return the milliseconds until he halts, and until he is silenced."""
    before = room(samples, BEFORE + place * WINDOW / PLACES / RATE)
    onset = 1000 * (len(before) / RATE + speech_begins(samples))
    after = np.zeros(int(AFTER * RATE), np.float32)
    halted, stirred = NEVER, -NEVER
    for now, stirs, speaks in heard(detector, np.concatenate([before, samples, after])):
        if stirs or speaks:
            if now > stirred + HALT:
                # He had gone on.
                halted = now - onset
            stirred = now
        if speaks:
            return halted, now - onset
    return halted, NEVER


async def sounds(files: Sequence[Path], config: Config) -> dict[str, Samples]:
    """Return what is said over him."""
    voices = Voices(config.paths.cache / "weights", 2)
    found = {}
    for words, language in STOPS:
        said = join([piece async for piece in voices.speak(words, language)])
        found[words] = to_samples(resample(said, RATE))
    for file in files:
        found[file.name] = to_samples(read_audio(file))[: 3 * RATE]
    return found


def row(name: str, times: Sequence[float]) -> tuple[str, int, str, str, int]:
    """Return a row of the table: how many are in time, percentiles, and the latest."""
    points = " / ".join(f"{ms:.0f}" for ms in percentiles(times).values())
    within = sum(ms <= OVER_TARGET for ms in times)
    return name, within, f"{100 * within / len(times):.1f}", points, round(max(times))


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    files = sorted([*folder.glob("*.wav"), *(folder / "read").glob("*")])
    config = Config()
    detector = SpeechDetector(Store(config.paths.cache).file("silero-vad", "silero_vad.onnx"))
    said = asyncio.run(sounds(files, config))
    times = [over(detector, samples, place) for samples in said.values() for place in range(PLACES)]
    halted, silenced = zip(*times, strict=True)
    noises = [
        noise.astype(np.float32) * loud for _, noise in everything(30) for loud in (0.5, 0.05)
    ]
    minutes = sum(map(len, noises)) / RATE / 60
    halts = sum(stirs for noise in noises for _, stirs, _ in heard(detector, noise))
    rows = [row("halts", halted), row("is silenced", silenced)]
    for one in rows:
        print(*one)
    headings = ("he", f"within {OVER_TARGET} ms", "%", "ms p50/p90/p99", "latest ms")
    lines = (
        f"{table(headings, rows)}\n\n{len(said)} sounds at {PLACES} places each. "
        f"{minutes:.0f} minutes in which nobody speaks halt him {halts} times."
    )
    data = {
        "sounds": len(said),
        "times": len(times),
        "halted": {"within 200 ms": rows[0][1], "latest ms": rows[0][4], **percentiles(halted)},
        "silenced": {"within 200 ms": rows[1][1], "latest ms": rows[1][4], **percentiles(silenced)},
        "noise": {"minutes": round(minutes, 1), "halts": halts},
    }
    publish("stirring", "Speaking over him, without a clock", data, lines)


if __name__ == "__main__":
    main()
