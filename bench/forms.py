"""Numbers, units, dates, names and the like: said by our voices and heard again by Whisper base.

    python bench/forms.py [--cases 40]

The cases are those of tests/data/spoken, evenly spread over the longer ones; told is how much of
the sounds that are heard differs from those of the words that a case stands for.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

import psutil

from corpus.spelling import edits
from results import publish, table
from speak import say
from steward.config import Config
from steward.models.store import Store
from steward.speech.numerals import spoken
from steward.speech.pronounce import Pronouncer
from steward.speech.voices import Voices
from steward.speech.whisper import WhisperRecognizer

CASES = Path(__file__).parent.parent / "tests" / "data" / "spoken"
LONG = 12
"""Sounds; of less the recogniser makes anything."""
FAR = 0.25
"""Share of its sounds from which on a case counts as misheard."""


async def measure(count: int) -> dict[str, dict[str, object]]:
    """Say and hear `count` cases of each language."""
    store = Store(Config().paths.cache)
    threads = psutil.cpu_count(logical=False) or 1
    voices, sounds = Voices(store.root, threads), Pronouncer().sound
    ear = WhisperRecognizer(
        store.folder("whisper-base"), store.file("silero-vad", "silero_vad.onnx"), threads
    )
    found: dict[str, dict[str, object]] = {}
    for language in ("en", "zh"):
        lines = (CASES / f"{language}.txt").read_text(encoding="utf-8").splitlines()
        cases = [line.split(" | ") for line in lines if " | " in line]
        long = [case for case in cases if len(sounds(case[1])) >= LONG]
        chosen = long[:: max(1, len(long) // count)][:count]
        wrong, total = 0, 0
        misheard: list[tuple[str, str]] = []
        for written, said in chosen:
            _, _, whole = await say(voices, written, language)
            heard = (await ear.recognize(whole, language)).text
            wanted, got = sounds(said), sounds(spoken(heard) if language == "zh" else heard)
            away = edits(list(wanted), list(got))
            wrong, total = wrong + away, total + len(wanted)
            if away > FAR * len(wanted):
                misheard.append((written, heard))
        share = round(100 * wrong / total, 1)
        found[language] = {"cases": len(chosen), "differ %": share, "misheard": misheard}
    return found


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=40)
    found = asyncio.run(measure(parser.parse_args().cases))
    rows = []
    for language, row in found.items():
        misheard = row["misheard"]
        assert isinstance(misheard, list)
        rows.append((language, row["cases"], row["differ %"], len(misheard)))
    heads = ("language", "cases", "sounds that differ %", "cases more than a quarter away")
    publish("forms", "Numbers, units and names, said and heard again", found, table(heads, rows))


if __name__ == "__main__":
    main()
