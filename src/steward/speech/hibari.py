"""The English voice: hibari, a small network that comes within its package (Apache-2.0)."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import AsyncGenerator
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from steward.errors import DeviceError
from steward.speech.activity import Samples
from steward.speech.english import spoken
from steward.speech.visemes import mouth
from steward.speech.worker import Worker
from steward.types import AudioChunk, Mouth

RATE = 24_000
_LENGTHS = b"/Clip_output_0"
"""What the network calls the lengths of its symbols, in frames; without our doing no output."""
_FRAME = 0.025
_SEED = 0
"""The breath in the voice is noise; a fixed seed makes the same text the same sound."""


_LONG_NUMBER = re.compile(r"[0-9]{13,}")
"""Read digit by digit; hibari 0.2.1 has no words for numbers of more than 36 digits."""


_SIGNS = "°€£¥“”‘’—–…"


_KNEE = 0.9
"""Amplitude from which loud sounds are bent: alike in every piece, so that no joint is heard."""


class HibariVoice:
    """A Voice for English, at 24 kHz; loaded when it first speaks."""

    languages = frozenset({"en"})

    def __init__(self) -> None:
        self._worker = Worker("hibari")
        self._loading = threading.Lock()

    async def speak(
        self, text: str, language: str, speed: float = 1.0
    ) -> AsyncGenerator[AudioChunk, None]:
        """Yield the sound of `text`, a sentence at a time, at 0.5 to 2 times the usual speed.

        Raises:
            DeviceError: `language` is not English.
        """
        require(self.languages, language)
        time = 0.0
        sentences = await self._worker.run(lambda: self._engine.split_sentences(spoken(text)))
        for sentence in sentences:
            for piece in await self._worker.run(partial(self.phonemes, sentence)):
                samples, shapes = await self._worker.run(partial(self._say, piece, speed))
                if samples.size:
                    yield replace(sound(samples, RATE, time), mouth=shapes)
                    time += len(samples) / RATE

    def phonemes(self, text: str) -> tuple[str, ...]:
        """Return English `text` in the symbols that Kokoro reads too, a string for a sentence."""
        text = _LONG_NUMBER.sub(lambda m: " ".join(m[0]), _readable(spoken(text)))
        with self._loading:
            return tuple(self._engine.phonemize(text))

    def _say(self, phonemes: str, speed: float) -> tuple[Samples, Mouth]:
        from hibari import dsp

        ids = self._engine.ids(phonemes)
        if len(ids) < 3:
            return np.zeros(0, np.float32), ()
        inputs = {"ids": np.array([ids], np.int64), "speed": np.array([speed], np.float32)}
        *parts, frames = self._engine.sess.run(None, inputs)
        samples: Samples = dsp.synth(*(part[0] for part in parts), np.random.default_rng(_SEED))
        said = [c for c in phonemes if c in self._engine.vocab]
        return samples, mouth(["", *said, ""], [float(n) * _FRAME for n in frames])

    @cached_property
    def _engine(self) -> Any:
        # Lazy: only a spoken answer needs it.
        from hibari import Hibari
        from hibari.voices import DEFAULT, voice_path

        # A protocol buffer is prolonged by what is written behind it: here by one more output.
        network = Path(voice_path(DEFAULT)).read_bytes() + _field(
            7, _field(12, _field(1, _LENGTHS))
        )
        return Hibari(threads=1, model=network)


def _field(number: int, content: bytes) -> bytes:
    """Return a field of a protocol buffer that holds less than 128 bytes."""
    return bytes([number << 3 | 2, len(content)]) + content


def _readable(text: str) -> str:
    """Leave only Latin writing: hibari 0.2.1 fails on digits of other scripts, skips the rest."""
    return "".join(
        c if c.isascii() or c in _SIGNS or unicodedata.name(c, "").startswith("LATIN ") else " "
        for c in unicodedata.normalize("NFKC", text)
    )


def require(languages: frozenset[str], language: str) -> None:
    """Check that a voice speaks `language`.

    Raises:
        DeviceError: it does not; callers should look into `languages` first.
    """
    if language not in languages:
        raise DeviceError(
            f"there is no voice for the language {language!r}",
            hint=f"languages with a voice: {', '.join(sorted(languages))}",
        )


def sound(samples: Samples, rate: int, time: float = 0.0) -> AudioChunk:
    """Return `samples` as a chunk; what comes near full scale is bent, not clipped."""
    size = np.abs(samples)
    bent = _KNEE + (1 - _KNEE) * np.tanh((size - _KNEE) / (1 - _KNEE))
    samples = np.where(size > _KNEE, np.sign(samples) * bent, samples)
    return AudioChunk(np.rint(samples * 32_767).astype("<i2").tobytes(), rate, time)
