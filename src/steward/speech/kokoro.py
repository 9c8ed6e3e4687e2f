"""The Chinese voice: Kokoro-82M v1.0 in 8 bits (https://huggingface.co/hexgrad/Kokoro-82M)."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import onnxruntime

from steward.errors import ModelError
from steward.speech.activity import Samples, load_session
from steward.speech.chinese import Latin, phonemes
from steward.speech.hibari import require, sound
from steward.speech.sentences import clauses
from steward.speech.symbols import MAX_SYMBOLS, SYMBOLS
from steward.speech.worker import Worker
from steward.types import AudioChunk

RATE = 24_000
_STYLE = 256
_QUIET = 0.01
"""Amplitude below which the ends of a clause are silence."""
_BEFORE, _AFTER = 0.03, 0.18
"""Seconds of that silence that are kept: what is cut is heard earlier."""


class KokoroVoice:
    """A Voice for Chinese, at 24 kHz; loaded when it first speaks."""

    languages = frozenset({"zh"})

    def __init__(self, model: Path, style: Path, threads: int, latin: Latin) -> None:
        """Name the parts.

        Args:
            model: Kokoro's ONNX file.
            style: one voice, as Kokoro's .bin file of style vectors, 256 floats a text length.
            threads: threads of one synthesis, 1 or more.
            latin: turns a run of Latin words into Kokoro's symbols.
        """
        self._model, self._style_file = model, style
        self._threads, self._latin = threads, latin
        self._worker = Worker("kokoro")

    async def speak(self, text: str, language: str) -> AsyncGenerator[AudioChunk, None]:
        """Yield the sound of `text`, a clause at a time, so that the first comes early.

        Raises:
            DeviceError: `language` is not Chinese.
            ModelError: a file of the voice is missing or damaged.
        """
        require(self.languages, language)
        time = 0.0
        for clause in clauses(text):
            options = onnxruntime.RunOptions()
            # Gives back what a long clause took: 158 MB in all instead of 230, at equal speed.
            options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
            job = partial(self._say, clause, options)
            samples = await self._worker.run(job, partial(_terminate, options))
            if samples.size:
                yield sound(samples, RATE, time)
                time += len(samples) / RATE

    def _say(self, clause: str, options: onnxruntime.RunOptions) -> Samples:
        pieces = [
            self._synthesize(piece, options)
            for piece in _within(phonemes(clause, self._latin), MAX_SYMBOLS)
        ]
        return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)

    def _synthesize(self, symbols: str, options: onnxruntime.RunOptions) -> Samples:
        numbers = [SYMBOLS[c] for c in symbols]
        inputs = {
            "tokens": np.array([[0, *numbers, 0]], np.int64),
            "style": self._style[len(numbers) - 1][None],
            "speed": np.ones(1, np.float32),
        }
        samples: Samples = self._session.run(None, inputs, options)[0]
        return _trim(samples)

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = self._threads, 1
        options.log_severity_level = 3
        # Lengths never repeat, so that plans of the memory for each would only pile up.
        options.enable_mem_pattern = False
        # Spinning threads take the cores that the rest of the turn needs.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return load_session(self._model, options)

    @cached_property
    def _style(self) -> Samples:
        hint = "fetch the weights again: steward setup"
        try:
            data = np.fromfile(self._style_file, np.float32)
        except OSError as error:
            raise ModelError(f"{self._style_file}: {error.strerror}", hint=hint) from error
        if data.size != MAX_SYMBOLS * _STYLE:
            raise ModelError(f"{self._style_file} is no voice: {data.size} numbers", hint=hint)
        return data.reshape(MAX_SYMBOLS, _STYLE)


def _terminate(options: onnxruntime.RunOptions) -> None:
    options.terminate = True


def _within(symbols: str, most: int) -> list[str]:
    """Cut `symbols` into pieces of at most `most`, between words where there are any."""
    pieces, rest = [], symbols
    while len(rest) > most:
        at = rest.rfind(" ", 1, most)
        at = at if at > 0 else most
        pieces.append(rest[:at])
        rest = rest[at:].strip()
    # Signs alone would be read as a breath or a click.
    return [p for p in (*pieces, rest) if re.search(r"\w", p)]


def _trim(samples: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(samples) > _QUIET)
    if not loud.size:
        return samples[:0]
    begin = max(0, int(loud[0]) - int(_BEFORE * RATE))
    return samples[begin : int(loud[-1]) + int(_AFTER * RATE)]
