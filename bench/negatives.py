"""False wakes of the words that come with Steward, in hours of other sound from Debian packages.

    python bench/negatives.py [--cache DIR] [--packages NAME ...] [--publish]

The packages (`corpus/debian.py`) are fetched by apt into DIR, a gigabyte and a half. Both networks
of each word look at every sound in them that no other has, with half a second of silence between
two, every 80 ms as in a stream. Where a second network has heard its word, the sound is streamed as
a microphone gives it, in pieces of 32 ms, with the recogniser that the words ask; elsewhere no
stream wakes, and streaming all of it would take 1.7 times as long. What was counted, and all that
the recogniser was asked about, is in DIR/counted.json after every five minutes of sound: an ended
run goes on. With --packages, all that was counted before is in the table, too.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from corpus.debian import MUSIC, SPEECH, fetched, sounds
from results import publish, table
from steward.audio.attention import Likelihood
from steward.audio.mel import STEP
from steward.audio.pcm import RATE, Samples, from_samples
from steward.audio.wake import HOP, WORDS, WakeDetector, WakeStream, Word, evidence
from steward.config import load
from steward.lab.wake.score import looks, rate_interval
from steward.models.store import Store
from wake import PIECE, recogniser

PAUSE = np.zeros(RATE // 2, np.float32)


PART = 300 * RATE
"""Samples after which what was counted is written down."""
LOOK = HOP * STEP
"""Samples between two looks."""
BEFORE, AFTER = 3 * RATE // LOOK, RATE // LOOK
"""Looks that are streamed around one in which a word was heard: the networks see two seconds."""


Asked = tuple[str, float, float]
"""A word, the second network's probability for it, and the recogniser's log likelihood."""


async def asked(
    detectors: Sequence[WakeDetector], part: Sequence[Samples], likelihood: Likelihood
) -> list[Asked]:
    """Return what the recogniser is asked about in a part of a package's sounds."""
    words = {detector.word.name: detector.word for detector in detectors}
    whole = np.concatenate([each for sound in part for each in (sound, PAUSE)])
    found: list[Asked] = []
    for begin, end in suspect(detectors, whole):
        stream = WakeStream(*detectors)
        for at in range(begin * LOOK, end * LOOK, PIECE):
            for wake in stream.feed(from_samples(whole[at : at + PIECE], RATE)):
                word = words[wake.word]
                fits = await likelihood(wake.sound, word.phrases)
                found.append((wake.word, round(wake.second, 4), round(fits, 2)))
                if not woken(word, wake.second, fits):
                    stream.doubt()
    return found


def woken(word: Word, second: float, fits: float) -> bool:
    """Tell whether the word is taken for heard."""
    return second >= word.second and (word.sure is None or evidence(second, fits) >= word.sure)


def suspect(detectors: Sequence[WakeDetector], whole: Samples) -> list[tuple[int, int]]:
    """Return where a second network hears its word, in looks and with what is around it."""
    marked: set[int] = set()
    for detector in detectors:
        seen = looks(detector, whole, detector.word.first)
        marked |= set(np.flatnonzero(seen.second >= detector.word.second).tolist())
    spans: list[tuple[int, int]] = []
    for look in sorted(marked):
        begin, end = max(0, look - BEFORE), look + AFTER
        if spans and begin <= spans[-1][1]:
            begin, _ = spans.pop()
        spans.append((begin, end))
    return spans


def parts(several: Iterable[Samples]) -> Iterator[list[Samples]]:
    """Yield sounds, some minutes of them at a time."""
    part: list[Samples] = []
    for sound in several:
        part.append(sound)
        if sum(map(len, part)) >= PART:
            yield part
            part = []
    if part:
        yield part


def summary(counted: dict[str, dict[str, Any]], words: Sequence[Word]) -> list[list[object]]:
    """Return a row for each kind of sound, and one for all."""
    rows: list[list[object]] = []
    kinds = {"speech": SPEECH, "music and sounds of games": MUSIC, "all": SPEECH + MUSIC}
    for kind, packages in kinds.items():
        own = [counted[each] for each in packages if each in counted]
        hours = sum(each["hours"] for each in own)
        if not hours:
            continue
        row: list[object] = [kind, f"{hours:.2f}"]
        for word in words:
            count = sum(woken(word, *heard) for each in own for heard in each[word.name])
            low, high = rate_interval(count, hours)
            row.append(f"{count} ({low:.2f} to {high:.2f} an hour)")
        rows.append(row)
    return rows


def published(counted: dict[str, dict[str, Any]], words: Sequence[Word]) -> dict[str, Any]:
    """Return for each package how often the recogniser was asked about each word, and the highest
    evidence that it gave."""
    return {
        package: {
            "hours": round(found["hours"], 3),
            **{
                word.name: {
                    "asked": len(found[word.name]),
                    "bound": word.sure,
                    "highest": sorted(round(evidence(*e), 2) for e in found[word.name])[-3:],
                }
                for word in words
            },
        }
        for package, found in counted.items()
    }


def main() -> None:
    """Count, print, and with --publish write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path("/tmp/steward-bench-negatives"))
    parser.add_argument("--packages", nargs="+", default=[*SPEECH, *MUSIC])
    parser.add_argument("--publish", action="store_true")
    given = parser.parse_args()
    given.cache.mkdir(parents=True, exist_ok=True)
    store = Store(load().paths.cache)
    embedding = store.file("speech-embedding", "embedding_model.onnx")
    detectors = [WakeDetector(folder, embedding) for folder in sorted(WORDS.iterdir())]
    words = [detector.word for detector in detectors]
    likelihood = recogniser(store)
    record = given.cache / "counted.json"
    counted = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    known: set[bytes] = set()
    for package in given.packages:
        several = sounds(fetched(package, given.cache), known)
        nothing = {"sounds": 0, "hours": 0.0, **{word.name: [] for word in words}}
        total = counted.setdefault(package, nothing)
        for part in parts(itertools.islice(several, int(total["sounds"]), None)):
            found = asyncio.run(asked(detectors, part, likelihood))
            total["sounds"] += len(part)
            total["hours"] += sum(map(len, part)) / RATE / 3600
            for word, *heard in found:
                total[word].append(heard)
            record.write_text(json.dumps(counted, ensure_ascii=False), encoding="utf-8")
        print(package, total, flush=True)
    rows = summary(counted, words)
    body = table(("sound", "hours", *(word.name for word in words)), rows)
    body += "\n\n95% intervals in brackets; nothing was learnt from these sounds."
    if given.publish:
        data = {"packages": published(counted, words)}
        publish("negatives", "False wakes in other sound", data, body)
    else:
        print(body)


if __name__ == "__main__":
    main()
