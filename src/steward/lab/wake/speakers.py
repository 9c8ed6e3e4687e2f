"""Everybody who can speak here: Kokoro's voices, alone and blended, and hibari's at any pitch."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import onnxruntime
import soxr

from steward.audio.pcm import RATE, Samples
from steward.models.store import Store
from steward.speech.kokoro import read_styles
from steward.speech.symbols import MAX_SYMBOLS, SYMBOLS

KOKORO = "kokoro-82m"
VOICES = "kokoro-speakers"
"""The set of weights with a style for each of Kokoro's 54 speakers."""
RESERVED = frozenset(
    (
        "af_bella",
        "am_michael",
        "bf_emma",
        "bm_george",
        "zf_xiaoxiao",
        "zm_yunxi",
        "if_sara",
        "em_alex",
    )
)
"""Speakers that no training hears: measurements are made with them."""
VALIDATION = frozenset(
    ("af_nova", "am_liam", "bf_lily", "bm_fable", "zf_xiaoni", "zm_yunyang", "hf_alpha")
)
"""Speakers by whom thresholds are chosen; nothing else is learnt from them."""
_ENGLISH, _CHINESE = ("a", "b"), ("z",)
_NATIVE = 0.7
"""Share of clips by speakers of the language; the others say it with an accent."""
_KOKORO_RATE = 24_000
_SILENT = 0.01


@dataclass(frozen=True, slots=True)
class Speaker:
    """How a clip is spoken: the voices that are blended, the `speed`, and hibari's `pitch`."""

    voices: tuple[tuple[str, float], ...]
    speed: float
    pitch: float = 1.0
    size: float = 1.0
    """Length of the throat: above 1 a larger body, its sounds lower."""


def draw(language: str, rng: random.Random, among: Sequence[str], blend: bool) -> Speaker:
    """Return a speaker made of one or, where `blend`, at times two of the voices `among`."""
    native = _CHINESE if language == "zh" else _ENGLISH
    own = [v for v in among if v[0] in native]
    pool = own if own and rng.random() < _NATIVE else list(among)
    speed = rng.uniform(0.8, 1.35)
    if blend and rng.random() < 0.6:
        share = rng.uniform(0.25, 0.75)
        return Speaker(((rng.choice(pool), share), (rng.choice(pool), 1 - share)), speed)
    return Speaker(((rng.choice(pool), 1.0),), speed)


def draw_cheap(rng: random.Random) -> Speaker:
    """Return a speaker of hibari's voice: another pitch, another throat."""
    size = rng.uniform(0.82, 1.25)
    return Speaker((), rng.uniform(0.75, 1.3), rng.uniform(0.5, 1.25), size)


class Speakers:
    """All voices. A clip of a second takes Kokoro 0.6 s of one core, hibari 0.01 s."""

    def __init__(self, store: Store) -> None:
        """Name the store; `KOKORO` and `VOICES` must be in it, or the first clip raises."""
        self._store = store
        self._styles: dict[str, Samples] = {}

    def names(self) -> tuple[str, ...]:
        """Return Kokoro's voices, sorted."""
        return tuple(sorted(f.name[:-4] for f in self._store.listed.sets[VOICES].files))

    def speak(self, symbols: str, speaker: Speaker) -> Samples:
        """Return `symbols` as `speaker` says them, at 16 kHz, without silence around.

        Raises:
            ModelError: the weights are not in the store.
        """
        if not speaker.voices:
            return self._hibari_speak(symbols, speaker)
        numbers = [SYMBOLS[c] for c in symbols if c in SYMBOLS][:MAX_SYMBOLS]
        style = sum(w * self._style(v)[len(numbers) - 1] for v, w in speaker.voices)
        inputs = {
            "tokens": np.array([[0, *numbers, 0]], np.int64),
            "style": np.asarray(style, np.float32)[None],
            "speed": np.array([speaker.speed], np.float32),
        }
        made: Samples = self._kokoro.run(None, inputs)[0].ravel()
        return _trimmed(soxr.resample(made, _KOKORO_RATE, RATE))

    def _hibari_speak(self, symbols: str, speaker: Speaker) -> Samples:
        from hibari import dsp

        voice, rng = self._hibari, np.random.default_rng(len(symbols))
        # Resampling by `size` makes all slower and lower; speed and pitch allow for it.
        inputs = {
            "ids": np.array([voice.ids(symbols)], np.int64),
            "speed": np.array([speaker.speed * speaker.size], np.float32),
        }
        *shape, f0 = (o[0] for o in voice.sess.run(None, inputs))
        made = dsp.synth(*shape, f0 * np.float32(speaker.pitch * speaker.size), rng)
        return _trimmed(soxr.resample(made, voice.sample_rate, round(RATE * speaker.size)))

    def _style(self, voice: str) -> Samples:
        if voice not in self._styles:
            self._styles[voice] = read_styles(self._store.file(VOICES, f"{voice}.bin"))
        return self._styles[voice]

    @cached_property
    def _kokoro(self) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.log_severity_level, options.enable_mem_pattern = 3, False
        # All cores, which do not wait busily: training gives way to everything else.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        model = self._store.file(KOKORO, "model.onnx")
        return onnxruntime.InferenceSession(str(model), options, ["CPUExecutionProvider"])

    @cached_property
    def _hibari(self) -> Any:
        # Lazy: loading its dictionary takes a second.
        from hibari import Hibari

        return Hibari(threads=1)


def _trimmed(samples: Samples) -> Samples:
    """Cut the silence before and after; bring the rest to full scale."""
    peak = float(np.abs(samples).max(initial=1e-6))
    loud = np.flatnonzero(np.abs(samples) > _SILENT * peak * 3)
    if not loud.size:
        return samples[:0]
    cut: Samples = samples[loud[0] : loud[-1] + 1] / np.float32(peak)
    return cut.astype(np.float32)
