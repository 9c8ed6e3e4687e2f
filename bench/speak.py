"""First sound and clearness of the voices: Kokoro in windows next to Kokoro by the clause.

    python bench/speak.py [--replies 40]

Every reply is spoken by both, one right after the other, so that a busy machine slows both, and
heard by Whisper base: errors are edits a Chinese character or an English word.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path

import numpy as np
import onnxruntime
import psutil

from corpus.spelling import edits, units
from results import percentiles, publish, table
from steward.audio.pcm import join
from steward.config import Config
from steward.models.store import Store
from steward.speech.activity import load_session
from steward.speech.chinese import phonemes
from steward.speech.hibari import HibariVoice, sound
from steward.speech.kokoro import RATE, read_styles
from steward.speech.sentences import clauses
from steward.speech.symbols import SYMBOLS
from steward.speech.voices import CHINESE, Voices
from steward.speech.whisper import WhisperRecognizer
from steward.types import AudioChunk, Voice

REPLIES = Path(__file__).with_name("replies")
QUIET = 0.01


class ByClause:
    """The former path: Kokoro's file as it came, a whole clause at a time."""

    languages = frozenset({"zh"})

    def __init__(self, store: Store, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level, options.enable_mem_pattern = 3, False
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = load_session(store.file("kokoro-82m", "model.onnx"), options)
        self._styles = read_styles(store.file("kokoro-voices", f"{CHINESE}.bin"))
        self._english = HibariVoice()

    async def speak(self, text: str, language: str) -> AsyncGenerator[AudioChunk, None]:
        """Yield the sound of `text`, a clause at a time."""
        assert language == "zh"
        for clause in clauses(text):
            yield await asyncio.to_thread(partial(self._say, clause))

    def _say(self, clause: str) -> AudioChunk:
        symbols = phonemes(clause, lambda text: " ".join(self._english.phonemes(text)))
        numbers = [SYMBOLS[c] for c in symbols]
        inputs = {
            "tokens": np.array([[0, *numbers, 0]], np.int64),
            "style": self._styles[len(numbers) - 1][None],
            "speed": np.ones(1, np.float32),
        }
        samples = self._session.run(None, inputs)[0]
        loud = np.flatnonzero(np.abs(samples) > QUIET)
        return sound(samples[max(0, loud[0] - 720) : loud[-1] + 4320], RATE, 0.0)


async def say(voice: Voice, text: str, language: str) -> tuple[float, float, AudioChunk]:
    """Return milliseconds to the first sound, core-seconds for a second of it, and all of it."""
    begun, used, first = time.perf_counter(), time.process_time(), 0.0
    chunks: list[AudioChunk] = []
    async for chunk in voice.speak(text, language):
        first = first or (time.perf_counter() - begun) * 1000
        chunks.append(chunk)
    used = time.process_time() - used
    whole = join(chunks)
    return first, used / whole.seconds, whole


async def measure(count: int) -> dict[str, dict[str, object]]:
    """Speak and hear the first `count` replies of each language."""
    store = Store(Config().paths.cache)
    threads = psutil.cpu_count(logical=False) or 1
    voices, former = Voices(store.root, threads), ByClause(store, threads)
    ear = WhisperRecognizer(
        store.folder("whisper-base"), store.file("silero-vad", "silero_vad.onnx"), threads
    )
    found: dict[str, dict[str, object]] = {}
    compared: dict[str, dict[str, Voice]] = {
        "en": {"en": voices},
        "zh": {"zh": voices, "zh former": former},
    }
    for language, makers in compared.items():
        lines = (REPLIES / f"{language}.txt").read_text(encoding="utf-8").splitlines()[:count]
        taken = {name: list[tuple[float, float, int]]() for name in makers}
        for number, line in enumerate([lines[0], *lines]):
            for name, voice in makers.items():
                first, cost, whole = await say(voice, line, language)
                if not number:
                    continue
                heard = (await ear.recognize(whole, language)).text
                wanted = units(line, language)
                got = units(heard, language)
                taken[name].append((first, cost, edits(wanted, got)))
        total = sum(len(units(x, language)) for x in lines)
        for name, rows in taken.items():
            found[name] = {
                "first sound ms": percentiles([first for first, _, _ in rows]),
                "core-s/s": round(float(np.median([cost for _, cost, _ in rows])), 3),
                "errors": sum(wrong for _, _, wrong in rows),
                "of": total,
            }
    return found


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replies", type=int, default=40)
    found = asyncio.run(measure(parser.parse_args().replies))
    heads = ("voice", "first sound p50 ms", "p90 ms", "core-s a second of sound", "misheard", "of")
    rows = []
    for name, row in found.items():
        first = row["first sound ms"]
        assert isinstance(first, dict)
        rows.append((name, first["p50"], first["p90"], row["core-s/s"], row["errors"], row["of"]))
    publish("speak", "Speaking", found, table(heads, rows))


if __name__ == "__main__":
    main()
