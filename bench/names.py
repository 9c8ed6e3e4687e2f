"""Errors in the home's names, with the names told to the recogniser and without; and harm done.

    python bench/names.py [--homes villa_cn,manor] [--names 25]

Each home of tests/golden/homes/dev lends its first names of things and rooms in the language that
it is mostly in. They are said within a command, English by hibari and Kokoro, Chinese by Kokoro,
each by another voice, as they are and in pink noise at 10 dB. A name is missed when it is not in
the text, whatever its letters' case and signs. Then the commands in commands/, in which none of
these names is: how many change when the names are told?
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corpus.spelling import edits, units
from results import publish, table
from sounds import coloured
from steward.audio.pcm import RATE, Samples, from_samples
from steward.config import Config
from steward.home.fixtures import read
from steward.lab.wake.speakers import Speaker, Speakers, draw_cheap
from steward.models.store import Store
from steward.speech.chinese import HAN, phonemes
from steward.speech.hibari import HibariVoice
from steward.speech.hotwords import names
from steward.speech.whisper import WhisperRecognizer

HERE = Path(__file__).parent
HOMES = HERE.parent / "tests" / "golden" / "homes" / "dev"
COMMANDS = {"en": "turn on the {}", "zh": "打开{}"}
NOISE_DB = 10.0
MOST_CHARACTERS = 24


@dataclass(frozen=True)
class Said:
    """A name, and the sound of a command with it."""

    name: str
    language: str
    samples: Samples


def wanted(home: str, count: int) -> tuple[str, list[str]]:
    """Return the language of the home, and some of the names that are written in it."""
    world = read(HOMES / home / "_fixtures.yaml")
    every = names(world)
    chinese = [name for name in every if HAN.search(name)]
    latin = [name for name in every if name.isascii() and re.search("[A-Za-z]{3}", name)]
    language, found = ("zh", chinese) if 2 * len(chinese) > len(every) else ("en", latin)
    fitting = [name for name in found if len(name) <= MOST_CHARACTERS]
    return language, random.Random(1).sample(fitting, min(count, len(fitting)))


class Mouth:
    """Says anything, each time by another voice."""

    def __init__(self, store: Store) -> None:
        self._speakers, self._english = Speakers(store), HibariVoice()
        self._rng = random.Random(2)

    def say(self, text: str, language: str) -> Samples:
        """Return `text` with half a second of silence around it, half as loud as can be."""
        symbols = " ".join(self._english.phonemes(text))
        if language == "zh":
            symbols = phonemes(text, lambda latin: " ".join(self._english.phonemes(latin)))
        pool = [
            name
            for name in self._speakers.names()
            if name[0] in ("z" if language == "zh" else "ab")
        ]
        kokoro = language == "zh" or self._rng.random() < 0.5
        voice = Speaker(((self._rng.choice(pool), 1.0),), self._rng.uniform(0.9, 1.15))
        made = self._speakers.speak(symbols, voice if kokoro else draw_cheap(self._rng))
        return np.pad(made * np.float32(0.5), RATE // 2)


def noisy(samples: Samples, seed: int) -> Samples:
    """Return `samples` in pink noise, `NOISE_DB` below the speech."""
    noise = coloured(seed, 1, len(samples) / RATE + 1)[: len(samples)]
    speech = np.sqrt(np.mean(samples[RATE // 2 : -RATE // 2] ** 2))
    noise *= speech / np.sqrt(np.mean(noise**2)) / 10 ** (NOISE_DB / 20)
    return np.clip(samples + noise, -1, 1).astype(np.float32)


def plain(text: str, language: str) -> str:
    """Return `text` in a form to look for names in."""
    return "".join(units(text, language))


async def measure(homes: Collection[str], count: int) -> dict[str, dict[str, int]]:
    """Hear everything with and without names."""
    store = Store(Config().paths.cache)
    told: list[str] = []
    vad, folder = store.file("silero-vad", "silero_vad.onnx"), store.folder("whisper-base")
    ear, mouth = WhisperRecognizer(folder, vad, 2, names=lambda: told), Mouth(store)
    found: dict[str, dict[str, int]] = {}
    for home in homes:
        language, chosen = wanted(home, count)
        world = read(HOMES / home / "_fixtures.yaml")
        lines = (HERE / "commands" / f"{language}.txt").read_text(encoding="utf-8").splitlines()
        said = [
            Said(n, language, mouth.say(COMMANDS[language].format(n), language)) for n in chosen
        ]
        said += [Said("", language, mouth.say(line, language)) for line in lines]
        for noise in (False, True):
            row = dict.fromkeys(
                (
                    "names",
                    "missed without",
                    "missed with",
                    "edits without",
                    "edits with",
                    "commands",
                    "changed",
                ),
                0,
            )
            for seed, each in enumerate(said):
                sound = from_samples(noisy(each.samples, seed) if noise else each.samples, RATE)
                told[:] = []
                without = (await ear.recognize(sound, language)).text
                told[:] = names(world)
                with_names = (await ear.recognize(sound, language)).text
                changed = plain(without, language) != plain(with_names, language)
                if changed:
                    print(f"{each.name or 'COMMAND'}: {without} -> {with_names}", flush=True)
                if not each.name:
                    row["commands"] += 1
                    row["changed"] += changed
                    continue
                text = units(COMMANDS[language].format(each.name), language)
                row["names"] += 1
                row["missed without"] += plain(each.name, language) not in plain(without, language)
                row["missed with"] += plain(each.name, language) not in plain(with_names, language)
                row["edits without"] += edits(text, units(without, language))
                row["edits with"] += edits(text, units(with_names, language))
            found[f"{home} ({language}){', noise' if noise else ''}"] = row
            print(home, row, flush=True)
    return found


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--homes", default="villa_cn,hutong,manor,orchard")
    parser.add_argument("--names", type=int, default=25, help="names of each home")
    options = parser.parse_args()
    found = asyncio.run(measure(options.homes.split(","), options.names))
    heads = ("home", *next(iter(found.values())))
    body = table(heads, [(home, *row.values()) for home, row in found.items()])
    publish("names", "Names", found, body)


if __name__ == "__main__":
    main()
