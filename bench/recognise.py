"""Word errors and time of the recogniser: the short window, with and without names, and the full.

    python bench/recognise.py FOLDER [--threads 2]

FOLDER holds manifest.json, a list of {"file", "text", "language", "names"?}, and those files. Each
sound is heard by all three, one right after the other, so that a busy machine slows all; the second
knows the names of the whole manifest. JSON goes to stdout, a
table to stderr. Errors are edits per reference word (Chinese: per character), without case and
punctuation, numbers in digits as words and American spellings counted as errors.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import statistics
import sys
import time
import unicodedata
from dataclasses import asdict, dataclass
from pathlib import Path

import opencc
import psutil
from rich.console import Console
from rich.table import Table

from steward.audio.files import read_audio
from steward.config import Config
from steward.models.store import Store
from steward.speech.whisper import WhisperRecognizer

SIMPLIFY = opencc.OpenCC("t2s").convert


@dataclass(frozen=True)
class Result:
    """One sound, heard once."""

    file: str
    window: str
    language: str
    detected: str | None
    seconds: float
    took: float
    core: float
    units: int
    errors: int
    names: int
    names_missed: int
    confidence: float
    text: str


def units(text: str, language: str) -> list[str]:
    """Return the words of `text`, or its characters in Chinese, in a form to compare."""
    text = SIMPLIFY(unicodedata.normalize("NFKC", text)).casefold()
    text = re.sub(r"[^\w\s']", " ", text)
    return [c for c in text if not c.isspace()] if language == "zh" else text.split()


def edits(wanted: list[str], heard: list[str]) -> int:
    """Return the Levenshtein distance."""
    row = list(range(len(heard) + 1))
    for i, a in enumerate(wanted, 1):
        corner, row[0] = row[0], i
        for j, b in enumerate(heard, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (a != b))
    return row[-1]


async def measure(folder: Path, threads: int) -> list[Result]:
    """Hear every sound of the manifest with both windows."""
    store = Store(Config().paths.cache)
    vad, whisper = store.file("silero-vad", "silero_vad.onnx"), store.folder("whisper-base")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    listed = tuple(sorted({name for entry in manifest for name in entry.get("names", ())}))
    ears = {
        "short": WhisperRecognizer(whisper, vad, threads),
        "names": WhisperRecognizer(whisper, vad, threads, names=lambda: listed),
        "full": WhisperRecognizer(whisper, vad, threads, full_window=True),
    }
    found: list[Result] = []
    for ear in ears.values():
        await ear.recognize(read_audio(folder / manifest[0]["file"]))
    for entry in manifest:
        sound = read_audio(folder / entry["file"])
        wanted, names = units(entry["text"], entry["language"]), entry.get("names", ())
        for name, ear in ears.items():
            begun, core = time.perf_counter(), time.process_time()
            heard = await ear.recognize(sound)
            core = time.process_time() - core
            said = "".join(units(heard.text, entry["language"]))
            missed = sum("".join(units(n, entry["language"])) not in said for n in names)
            found.append(
                Result(
                    entry["file"],
                    name,
                    entry["language"],
                    heard.language,
                    round(sound.seconds, 2),
                    round(time.perf_counter() - begun, 3),
                    round(core, 3),
                    len(wanted),
                    edits(wanted, units(heard.text, entry["language"])),
                    len(names),
                    missed,
                    round(heard.confidence, 3),
                    heard.text,
                )
            )
    return found


def summary(results: list[Result]) -> dict[str, dict[str, float]]:
    """Return errors and time by window and language."""
    table: dict[str, dict[str, float]] = {}
    for window in ("short", "names", "full"):
        for language in ("all", *sorted({r.language for r in results})):
            some = [r for r in results if r.window == window and language in ("all", r.language)]
            table[f"{window} {language}"] = {
                "sounds": len(some),
                "units": sum(r.units for r in some),
                "error_percent": round(
                    100 * sum(r.errors for r in some) / sum(r.units for r in some), 1
                ),
                "names": sum(r.names for r in some),
                "names_missed": sum(r.names_missed for r in some),
                "core_s_a_second": round(
                    sum(r.core for r in some) / sum(r.seconds for r in some), 3
                ),
                "language_right": sum(r.language == r.detected for r in some),
                "median_s": round(statistics.median(r.took for r in some), 3),
                "total_s": round(sum(r.took for r in some), 2),
            }
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--threads", type=int, default=psutil.cpu_count(logical=False) or 1)
    options = parser.parse_args()
    results = asyncio.run(measure(options.folder, options.threads))
    table, rows = Table(title="recognition"), summary(results)
    short = sum(r.took for r in results if r.window == "short")
    full = sum(r.took for r in results if r.window == "full")
    table.add_column("window, language")
    for heading in rows["short all"]:
        table.add_column(heading, justify="right")
    for name, row in rows.items():
        table.add_row(name, *(str(value) for value in row.values()))
    Console(stderr=True).print(table, f"full / short time: {full / short:.2f}")
    report = {
        "threads": options.threads,
        "full_over_short_time": round(full / short, 2),
        "summary": rows,
        "results": [asdict(r) for r in results],
    }
    json.dump(report, sys.stdout, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()
