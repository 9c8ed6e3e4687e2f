"""His voices slower, faster, whispering, and as every persona has them: can he be understood?

    python bench/delivery.py [--cases 20]

Sentences of tests/data/spoken, evenly spread over the longer ones, are said so and heard again by
Whisper base; told is how much of the sounds that are heard differs from those that were to be said,
and how loud that is against the voice as it is.
"""

from __future__ import annotations

import argparse
import asyncio
from functools import partial

import numpy as np
import psutil

from corpus.spelling import edits
from forms import CASES, LONG
from results import busy, publish, table
from steward.audio.pcm import RATE, join, resample, to_samples
from steward.config import Config
from steward.models.store import Store
from steward.persona import load_persona, shipped
from steward.speech.delivery import Delivery
from steward.speech.numerals import spoken
from steward.speech.pronounce import Pronouncer
from steward.speech.voices import CHINESE, Voices
from steward.speech.whisper import WhisperRecognizer


def deliveries() -> dict[str, tuple[Delivery, str]]:
    """Return what is measured, with the Chinese voice that speaks so."""
    found = {
        "usual": (Delivery(), CHINESE),
        "half as fast": (Delivery(speed=0.5), CHINESE),
        "1.5 times as fast": (Delivery(speed=1.5), CHINESE),
        "twice as fast": (Delivery(speed=2), CHINESE),
        "half as loud": (Delivery(loudness=0.5), CHINESE),
        "whisper": (Delivery(whisper=True), CHINESE),
    }
    for name in shipped():
        own = load_persona(name).voice
        found[f"persona {name}"] = (Delivery(speed=own.speed, size=own.size), own.chinese)
    return found


def _this(how: Delivery) -> Delivery:
    return how


async def measure(count: int) -> dict[str, dict[str, float]]:
    """Say and hear `count` sentences of each language in every way."""
    store = Store(Config().paths.cache)
    threads = psutil.cpu_count(logical=False) or 1
    ear = WhisperRecognizer(
        store.folder("whisper-base"), store.file("silero-vad", "silero_vad.onnx"), threads
    )
    sounds = Pronouncer().sound
    found: dict[str, dict[str, float]] = {}
    for name, (how, chinese) in deliveries().items():
        voices = Voices(store.root, threads, how=partial(_this, how), chinese=chinese)
        row: dict[str, float] = {}
        for language in ("en", "zh"):
            lines = (CASES / f"{language}.txt").read_text(encoding="utf-8").splitlines()
            cases = [line.split(" | ") for line in lines if " | " in line]
            long = [case for case in cases if len(sounds(case[1])) >= LONG]
            wrong, total, power = 0, 0, []
            for written, said in long[:: max(1, len(long) // count)][:count]:
                whole = join([piece async for piece in voices.speak(written, language)])
                power.append(float((to_samples(whole) ** 2).mean()))
                heard = (await ear.recognize(resample(whole, RATE), language)).text
                wanted, got = sounds(said), sounds(spoken(heard) if language == "zh" else heard)
                wrong, total = wrong + edits(list(wanted), list(got)), total + len(wanted)
            row[f"{language} differ %"] = round(100 * wrong / total, 1)
            row[f"{language} dB"] = round(10 * float(np.log10(np.mean(power))), 1)
        found[name] = row
        print(name, row, flush=True)
    return found


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20, help="sentences of each language")
    count = parser.parse_args().cases
    found = asyncio.run(measure(count))
    rows = [
        (
            name,
            *(row[f"{language} differ %"] for language in ("en", "zh")),
            *(
                f"{row[f'{language} dB'] - found['usual'][f'{language} dB']:+.0f}"
                for language in ("en", "zh")
            ),
        )
        for name, row in found.items()
    ]
    headings = ("how", "English: sounds differ %", "Chinese %", "English: dB", "Chinese: dB")
    lines = f"{table(headings, rows)}\n\n{count} sentences of each language.{busy()}"
    publish("delivery", "His voice, otherwise", {"cases": count, "ways": found}, lines)


if __name__ == "__main__":
    main()
