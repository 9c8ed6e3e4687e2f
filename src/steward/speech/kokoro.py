"""The voice for Chinese and what is mixed with it: Kokoro-82M v1.0 in 8 bits (https://huggingface.co/hexgrad/Kokoro-82M).

Two graphs stand in `graphs/`, made by `steward.lab.voice`, and take their weights from Kokoro's
file. The first is quick and sees a whole clause; the second makes the sound, nine tenths of the
work, and sees a tenth of a second around it, so that it goes from window to window and the first
sound does not wait for the last.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from steward.errors import ModelError
from steward.speech.activity import Samples, load_session
from steward.speech.chinese import Latin, phonemes
from steward.speech.hibari import require, sound
from steward.speech.phrases import Phrases
from steward.speech.sentences import clauses
from steward.speech.symbols import MAX_SYMBOLS, SYMBOLS
from steward.speech.visemes import joined, mouth, part
from steward.speech.worker import Worker
from steward.types import AudioChunk, Mouth

RATE = 24_000
GRAPHS = Path(__file__).with_name("graphs")
DECODED = 128
"""The first half of a style vector is how the voice sounds, the other how it moves."""
_STYLE = 256
_TYPICAL = 30
"""Kokoro has a style for each length of text. How the voice sounds is always taken from this one,
for which the graph of a voice is made; how it moves, from the right one."""
_QUIET = 0.01
"""Amplitude below which the ends of a clause are silence."""
_BEFORE, _AFTER = 0.03, 0.18
"""Seconds of that silence that are kept: what is cut is heard earlier."""
_FRAME = RATE // 80
"""Samples that one frame of the second graph's input stands for; a duration counts two of them."""
_HOPS = 60
"""Frames of the harmonics to each of these."""
_MARGIN = 4
"""Frames made before and after the symbols: a sound may begin before its symbol does."""
_CONTEXT, _LEAD = 9, 4
"""Frames on either side that a sample depends on, and those that the silence before a clause needs:
with none the first milliseconds crack."""
_FIRST, _LONGEST = 32, 160
"""Frames of the first window, 0.4 s; each is twice the one before, up to 2 s."""


@dataclass(frozen=True, slots=True)
class Clause:
    """What the first graph makes of a clause; it sounds from frame `begin` to `end`.

    The times of `mouth` begin with frame 0.
    """

    x: Samples
    harmonics: Samples
    begin: int
    end: int
    mouth: Mouth


class KokoroVoice:
    """A Voice for Chinese, and for English with Chinese in it, at 24 kHz; loaded at first use."""

    languages = frozenset({"zh", "en"})

    def __init__(
        self, weights: Path, voice: str, threads: int, latin: Latin, phrases: Path | None = None
    ) -> None:
        """Name the parts.

        Args:
            weights: folder with the weight sets kokoro-82m and kokoro-voices.
            voice: a file of kokoro-voices that has a graph.
            threads: threads of one synthesis, 1 or more.
            latin: turns a run of Latin words into Kokoro's symbols.
            phrases: folder for what is rehearsed; None for a voice that does not rehearse.
        """
        self._weights, self._voice = weights, voice
        self._threads, self._latin = threads, latin
        self._worker = Worker("kokoro")
        self._folder = phrases

    async def speak(
        self, text: str, language: str, speed: float = 1.0
    ) -> AsyncGenerator[AudioChunk, None]:
        """Yield the sound of `text`, the first two fifths of a second as soon as can be.

        A clause that was rehearsed at this `speed`, 0.5 to 2, is there at once.

        Raises:
            DeviceError: `language` is neither Chinese nor English.
            ModelError: a file of the voice is missing or damaged.
        """
        require(self.languages, language)
        time = 0.0
        async for piece in self._pieces(text, language):
            async with aclosing(self._said(piece, speed)) as chunks:
                async for chunk in chunks:
                    yield replace(chunk, time=time)
                    time += chunk.seconds

    async def rehearse(self, text: str, language: str, speed: float = 1.0) -> None:
        """Make the clauses of `text` that are not kept yet, and keep them.

        Raises:
            ModelError: a file of the voice is missing or damaged.
        """
        async for piece in self._pieces(text, language):
            said = _said_at(speed, piece)
            if self._phrases is not None and self._phrases.get(said) is None:
                made = [chunk async for chunk in self._made(piece, speed)]
                self._phrases.put(said, b"".join(chunk.pcm for chunk in made), joined(made))

    async def _pieces(self, text: str, language: str) -> AsyncGenerator[str, None]:
        """Yield the symbols of `text`, as many as can be said at once."""
        for clause in clauses(text):
            symbols = await self._worker.run(partial(phonemes, clause, self._latin, language))
            for piece in within(symbols, MAX_SYMBOLS):
                yield piece

    async def _said(self, symbols: str, speed: float) -> AsyncGenerator[AudioChunk, None]:
        known = self._phrases.get(_said_at(speed, symbols)) if self._phrases else None
        if known is not None:
            pcm, shapes = known
            yield AudioChunk(pcm, RATE, mouth=shapes)
            return
        async with aclosing(self._made(symbols, speed)) as made:
            async for chunk in made:
                yield chunk

    async def _made(self, symbols: str, speed: float) -> AsyncGenerator[AudioChunk, None]:
        options = _options()
        stop = partial(_terminate, options)
        prepared = await self._worker.run(partial(self._prepare, symbols, speed, options), stop)
        for begin, end in windows(prepared.begin, prepared.end):
            window = partial(self._generate, prepared, begin, end, options)
            samples, cut = await self._worker.run(window, stop)
            if samples.size:
                first = begin * _FRAME / RATE + cut
                shapes = part(prepared.mouth, first, first + len(samples) / RATE)
                yield replace(sound(samples, RATE), mouth=shapes)

    def _prepare(self, symbols: str, speed: float, options: onnxruntime.RunOptions) -> Clause:
        numbers = [SYMBOLS[c] for c in symbols]
        inputs = {
            "tokens": np.array([[0, *numbers, 0]], np.int64),
            "style": timbre(self._styles, len(numbers)),
            "speed": np.array([speed], np.float32),
        }
        names = ["durations", "x", "harmonics"]
        durations, x, harmonics = self._front.run(names, inputs, options)
        begin, end = spoken(durations.ravel())
        lengths = [2 * int(d) * _FRAME / RATE for d in durations.ravel()]
        return Clause(x, harmonics, begin, end, mouth(["", *symbols, ""], lengths))

    def _generate(
        self, clause: Clause, begin: int, end: int, options: onnxruntime.RunOptions
    ) -> tuple[Samples, float]:
        """Return the sound from frame `begin` to `end`, and seconds of it that were cut first."""
        first = max(0, begin - (_CONTEXT if begin > clause.begin else _LEAD))
        last = min(clause.x.shape[2], end + _CONTEXT)
        inputs = {
            "x": np.ascontiguousarray(clause.x[:, :, first:last]),
            "harmonics": np.ascontiguousarray(
                clause.harmonics[:, :, first * _HOPS : last * _HOPS + 1]
            ),
        }
        made: Samples = self._generator.run(None, inputs, options)[0].ravel()
        samples = made[(begin - first) * _FRAME : (end - first) * _FRAME]
        return _trim(samples, begin == clause.begin, end == clause.end)

    @cached_property
    def _front(self) -> onnxruntime.InferenceSession:
        return self._load("front")

    @cached_property
    def _generator(self) -> onnxruntime.InferenceSession:
        return self._load(self._voice)

    def _load(self, graph: str) -> onnxruntime.InferenceSession:
        folder = self._weights / "kokoro-82m"
        if not (folder / "model.onnx").is_file():
            raise ModelError(f"{folder / 'model.onnx'} is missing", hint=_FETCH)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = self._threads, 1
        options.log_severity_level = 3
        # Lengths rarely repeat, so that plans of the memory for each would only pile up.
        options.enable_mem_pattern = False
        # Spinning threads take the cores that the rest of the turn needs.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # The graph names its weights by their places in the file model.onnx of this folder.
        options.add_session_config_entry(
            "session.model_external_initializers_file_folder_path", str(folder)
        )
        return load_session(GRAPHS / f"{graph}.onnx", options)

    @cached_property
    def _phrases(self) -> Phrases | None:
        graphs = b"".join((GRAPHS / f"{name}.onnx").read_bytes() for name in ("front", self._voice))
        made_by = f"{self._voice} {hashlib.sha256(graphs).hexdigest()}"
        return None if self._folder is None else Phrases(self._folder, made_by)

    @cached_property
    def _styles(self) -> Samples:
        return read_styles(self._weights / "kokoro-voices" / f"{self._voice}.bin")


_FETCH = "fetch the weights again: steward setup"


def read_styles(file: Path) -> Samples:
    """Read the style vectors of a voice, one a row, from Kokoro's .bin file.

    Raises:
        ModelError: the file is missing or damaged.
    """
    try:
        data = np.fromfile(file, np.float32)
    except OSError as error:
        raise ModelError(f"{file}: {error.strerror}", hint=_FETCH) from error
    if data.size != MAX_SYMBOLS * _STYLE:
        raise ModelError(f"{file} is no voice: {data.size} numbers", hint=_FETCH)
    return data.reshape(MAX_SYMBOLS, _STYLE)


def timbre(styles: Samples, symbols: int) -> Samples:
    """Return the style of a text of so many symbols."""
    return np.concatenate([styles[_TYPICAL, :DECODED], styles[symbols - 1, DECODED:]])[None]


def spoken(durations: NDArray[np.float32]) -> tuple[int, int]:
    """Return from which frame to which it sounds; the first and the last symbol are pauses."""
    frames = [2 * int(d) for d in durations]
    begin = max(0, frames[0] - _MARGIN)
    # Of the last frame the inverse Fourier transform knows only a part.
    pause = max(1, frames[-1] - _MARGIN - int(_AFTER * RATE) // _FRAME)
    return begin, sum(frames) - pause


def windows(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield windows of frames that follow each other, the first short; none has a short rest."""
    size = _FIRST
    while begin < end:
        until = end if end - begin < 3 * size // 2 else begin + size
        yield begin, until
        begin, size = until, min(2 * size, _LONGEST)


def within(symbols: str, most: int) -> list[str]:
    """Cut `symbols` into pieces of at most `most`, between words where there are any."""
    pieces, rest = [], symbols
    while len(rest) > most:
        at = rest.rfind(" ", 1, most)
        at = at if at > 0 else most
        pieces.append(rest[:at])
        rest = rest[at:].strip()
    # Signs alone would be read as a breath or a click.
    return [p for p in (*pieces, rest) if re.search(r"\w", p)]


def _said_at(speed: float, symbols: str) -> str:
    return f"{speed:.3f} {symbols}"


def _options() -> onnxruntime.RunOptions:
    options = onnxruntime.RunOptions()
    # Gives back what a long clause took.
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options


def _terminate(options: onnxruntime.RunOptions) -> None:
    options.terminate = True


def _trim(samples: Samples, first: bool, last: bool) -> tuple[Samples, float]:
    """Cut silence from the first and the last window of a clause; tell the seconds at its front."""
    loud = np.flatnonzero(np.abs(samples) > _QUIET)
    if not loud.size:
        left = samples[:0] if first else samples[: int(_AFTER * RATE)] if last else samples
        return left, 0.0
    begin = max(0, int(loud[0]) - int(_BEFORE * RATE)) if first else 0
    end = int(loud[-1]) + int(_AFTER * RATE) if last else len(samples)
    return samples[begin:end], begin / RATE
