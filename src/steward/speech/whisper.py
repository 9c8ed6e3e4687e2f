"""Whisper on CTranslate2, with a window as long as the sound.

Whisper: Radford et al., Robust Speech Recognition via Large-Scale Weak Supervision (2022). Its
encoder is made for 30 seconds, which costs most of the time on a two-second command. It is given
the sound and 2 s of silence instead, and decodes with time stamps: without them the text loops on
short windows. What looks wrong all the same is decoded again in the full window.
Where words sound like one of this home's names, the decoder tells whether the name fits the sound
nearly as well (`hotwords.py`).
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import CancelledError
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import opencc
import soxr
from tokenizers import Tokenizer

from steward.errors import AudioError, ModelError
from steward.speech.activity import RATE, Samples, Span, SpeechDetector
from steward.speech.hotwords import ROUNDS, better, candidates
from steward.speech.pronounce import Pronouncer
from steward.speech.spectrogram import HOP, spectrogram
from steward.speech.transcript import Fit, Transcript, likeliest, nothing_said, suspicious
from steward.speech.worker import Worker
from steward.types import AudioChunk, Utterance

PADDING = 2.0
"""Seconds of silence after the sound in the short window."""
LONGEST = 28.0
"""Seconds that one window takes; longer sounds are cut at pauses."""
MARGIN = 0.3
"""Seconds kept before and after what the detector calls speech: it is late for soft consonants."""
BEAMS = {"zh": 5}
"""Sentences that are followed at once while a language is decoded; in others than these it is one.
In Chinese, where so much sounds the same, five heard 17% of the characters of generated commands
wrong, and one 24%; in English they cost time and made no difference (bench/LOG.md)."""
_FRAMES_A_SECOND = 100
_FULL = 30 * _FRAMES_A_SECOND
_MAX_TOKENS = 220
_NEEDED = ("model.bin", "config.json", "tokenizer.json")


class WhisperRecognizer:
    """A Recognizer: Whisper in 8 bits on the CPU. One sound at a time; others wait their turn."""

    def __init__(
        self,
        model: Path,
        vad: Path,
        threads: int,
        preferred: Collection[str] = (),
        full_window: bool = False,
        names: Callable[[], Collection[str]] = tuple,
    ) -> None:
        """Load the network from the folder `model` and Silero's from the file `vad`.

        Args:
            model: folder of a CTranslate2 Whisper model with its tokenizer.
            vad: Silero's ONNX file.
            threads: threads of one recognition, 1 or more.
            preferred: languages that are likelier here than others (`transcript.LIKELIER`).
            full_window: always use 30 seconds; slow, what the short window is compared with.
            names: asked at each sound for the names that are likelier here than elsewhere.

        Raises:
            ModelError: a file is missing, damaged, or not a multilingual Whisper model.
        """
        self._detector = SpeechDetector(vad)
        self._whisper, self._tokenizer = _load(model, threads), _tokenizer(model)
        self._preferred, self._full_window = frozenset(preferred), full_window
        self._names, self._pronouncer = names, Pronouncer()
        self._simplify = opencc.OpenCC("t2s").convert
        self._worker = Worker("whisper")

    async def recognize(
        self, audio: AudioChunk, language: str | None = None, *, draft: bool = False
    ) -> Utterance:
        """Return what was said; the text is empty, and the language None, when nothing was.

        A `draft` is what the short window shows, without a second look and without names; what
        looks wrong is left out.
        Cancelling stops after the step of the network that is under way (at most about a second).

        Raises:
            AudioError: `audio` is no whole 16-bit samples, or `language` is unknown to Whisper.
        """
        if len(audio.pcm) % 2 or audio.rate <= 0:
            raise AudioError(
                f"{len(audio.pcm)} bytes at {audio.rate} Hz are not 16-bit samples",
                hint="send signed 16-bit little-endian mono PCM",
            )
        if language is not None and self._tokenizer.token_to_id(f"<|{language}|>") is None:
            raise AudioError(
                f"the recogniser knows no language {language!r}",
                hint="give a primary language subtag such as en or zh, or none to detect it",
            )
        stop = threading.Event()
        job = partial(self._recognize, audio, language, draft, stop)
        return await self._worker.run(job, stop.set)

    async def likelihood(self, audio: AudioChunk, texts: Sequence[str]) -> float:
        """Return how well the likeliest of `texts` fits a sound of a few seconds: the natural
        logarithm of its probability, 0 at most.

        Raises:
            AudioError: `audio` is no whole 16-bit samples, or empty.
        """
        if len(audio.pcm) % 2 or not audio.pcm:
            raise AudioError(
                f"{len(audio.pcm)} bytes are not 16-bit samples", hint="send signed 16-bit mono PCM"
            )
        return await self._worker.run(partial(self._likelihood, audio, texts))

    def _likelihood(self, audio: AudioChunk, texts: Sequence[str]) -> float:
        samples = np.frombuffer(audio.pcm, "<i2").astype(np.float32)
        if audio.rate != RATE:
            samples = soxr.resample(samples, audio.rate, RATE)
        loud = samples / (2 * np.abs(samples).max(initial=1.0))
        frames = min(_FULL, int((len(loud) / RATE + 1) * _FRAMES_A_SECOND) // 2 * 2)
        encoded = self._encode(loud, frames)
        # The first letter of a sentence is a capital one.
        said = [text[:1].upper() + text[1:] for text in texts]
        return max(self._fit(encoded, _written(text), text, frames).score for text in said)

    def _recognize(
        self, audio: AudioChunk, language: str | None, draft: bool, stop: threading.Event
    ) -> Utterance:
        samples = np.frombuffer(audio.pcm, "<i2").astype(np.float32) / np.float32(32_768)
        if audio.rate != RATE and samples.size:
            samples = soxr.resample(samples, audio.rate, RATE)
        spans = self._detector.spans(samples)
        found: list[tuple[Transcript, float]] = []
        for piece, seconds in _pieces(samples, spans):
            _check(stop)
            spoken, transcript = self._decode(piece, seconds, language, draft, stop)
            if nothing_said(transcript, seconds):
                continue
            language = spoken
            found.append((transcript, seconds))
        if not found:
            return Utterance("", None, 0.0)
        joint = "" if language in {"zh", "ja"} else " "
        text = joint.join(transcript.text for transcript, _ in found)
        total = sum(seconds for _, seconds in found)
        confidence = sum(transcript.confidence * seconds for transcript, seconds in found) / total
        words = tuple(word for transcript, _ in found for word in transcript.words)
        return Utterance(text, language, confidence, words=words)

    def _decode(
        self,
        piece: Samples,
        seconds: float,
        language: str | None,
        draft: bool,
        stop: threading.Event,
    ) -> tuple[str, Transcript]:
        short = int((len(piece) / RATE + PADDING) * _FRAMES_A_SECOND) // 2 * 2
        windows = (_FULL,) if self._full_window or short >= _FULL else (short, _FULL)
        spoken, best = language or "", Transcript("", -np.inf, 1.0)
        for frames in windows:
            _check(stop)
            encoded = self._encode(piece, frames)
            _check(stop)
            spoken = language or self._detect(encoded)
            best = self._generate(encoded, spoken, seconds, 1 if draft else BEAMS.get(spoken, 1))
            if draft or not suspicious(best, seconds):
                break
        written = best.text
        if spoken == "zh":
            best = replace(best, text=self._simplify(written))
        if draft:
            return spoken, replace(best, text="") if suspicious(best, seconds) else best
        fit = self._with_names(encoded, spoken, best.text, frames, stop)
        if fit.text == best.text != written and len(written) == len(best.text):
            # Whisper was sure of the traditional signs that it wrote, not of these.
            fit = replace(self._fit(encoded, spoken, written, frames), text=best.text)
        return spoken, replace(best, text=fit.text, words=fit.words)

    def _with_names(
        self, encoded: Any, language: str, text: str, frames: int, stop: threading.Event
    ) -> Fit:
        names = [name for name in self._names() if _written(name) == language]
        best = self._fit(encoded, language, text, frames)
        for _ in range(ROUNDS if names else 0):
            fits = []
            tried = candidates(best.text, names, self._pronouncer.sound)
            for each in tried:
                _check(stop)
                fits.append(self._fit(encoded, language, each.text, frames))
            chosen = better(best.score, [(t, f.score) for t, f in zip(tried, fits, strict=True)])
            if chosen is None:
                break
            best = next(fit for fit in fits if fit.text == chosen)
        return best

    def _fit(self, encoded: Any, language: str, text: str, frames: int) -> Fit:
        """Return how well `text` fits the sound."""
        if not text:
            return Fit("", (), ())
        start = [*self._prompt(language), self._id("<|notimestamps|>") + 1]
        blank = "" if language == "zh" else " "
        tokens = self._tokenizer.encode(f"{blank}{text}", add_special_tokens=False)
        # Two frames of the sound make one of the encoder's.
        found = self._whisper.align(encoded, start, [tokens.ids], [frames // 2])[0]
        spans = [(begin - len(blank), end - len(blank)) for begin, end in tokens.offsets]
        return Fit(text, spans, list(found.text_token_probs))

    def _encode(self, piece: Samples, frames: int) -> Any:
        import ctranslate2

        padded = np.zeros(frames * HOP, np.float32)
        padded[: len(piece)] = piece[: len(padded)]
        heard = np.ascontiguousarray(spectrogram(padded)[np.newaxis])
        return self._whisper.encode(ctranslate2.StorageView.from_array(heard))

    def _detect(self, encoded: Any) -> str:
        ranked = self._whisper.detect_language(encoded)[0]
        return likeliest({token[2:-2]: float(p) for token, p in ranked}, self._preferred)

    def _generate(self, encoded: Any, language: str, seconds: float, beams: int) -> Transcript:
        prompt = self._prompt(language)
        result = self._whisper.generate(
            encoded,
            [prompt],
            beam_size=beams,
            # Three tokens a Chinese character, two time stamps a sentence: a loop ends early.
            max_length=min(_MAX_TOKENS, len(prompt) + 16 + int(20 * seconds)),
            return_scores=True,
            return_no_speech_prob=True,
            max_initial_timestamp_index=50,
        )[0]
        end = self._id("<|endoftext|>")
        text = self._tokenizer.decode([t for t in result.sequences_ids[0] if t < end]).strip()
        return Transcript(text, float(result.scores[0]), float(result.no_speech_prob))

    def _prompt(self, language: str) -> list[int]:
        return [self._id(f"<|{name}|>") for name in ("startoftranscript", language, "transcribe")]

    def _id(self, token: str) -> int:
        found = self._tokenizer.token_to_id(token)
        if found is None:
            raise ModelError(
                f"the recogniser's tokenizer lacks {token}",
                hint="fetch the weights again: steward setup",
            )
        return found


def _load(model: Path, threads: int) -> Any:
    missing = [name for name in _NEEDED if not (model / name).is_file()]
    if missing:
        raise ModelError(
            f"{model} lacks {', '.join(missing)}", hint="fetch the weights: steward setup"
        )
    # Lazy, because it costs time that a typed sentence need not wait for.
    from ctranslate2.models import Whisper

    try:
        whisper = Whisper(str(model), device="cpu", compute_type="int8", intra_threads=threads)
    except (RuntimeError, ValueError) as error:
        raise ModelError(
            f"{model} cannot be loaded: {error}", hint="fetch the weights again: steward setup"
        ) from error
    if not whisper.is_multilingual:
        raise ModelError(f"{model} hears English only", hint="choose a multilingual Whisper model")
    return whisper


def _tokenizer(model: Path) -> Tokenizer:
    """Return the tokenizer with its first rule, which the file leaves out: " the" is one token."""
    file = model / "tokenizer.json"
    try:
        listed = json.loads(file.read_text(encoding="utf-8"))
        merges, first = listed["model"]["merges"], ("Ġ t", ["Ġ", "t"])
        if merges and merges[0] not in first:
            merges.insert(0, first[0] if isinstance(merges[0], str) else first[1])
        return Tokenizer.from_str(json.dumps(listed))
    except Exception as error:  # the tokenizers library raises nothing narrower
        raise ModelError(
            f"{file} cannot be read: {error}", hint="fetch the weights again: steward setup"
        ) from error


def _written(name: str) -> str:
    return "zh" if re.search(r"[㐀-䶿一-鿿]", name) else "en"


def _check(stop: threading.Event) -> None:
    if stop.is_set():
        raise CancelledError


def _pieces(samples: Samples, spans: tuple[Span, ...]) -> list[tuple[Samples, float]]:
    """Cut out what is spoken, at pauses, and give each piece's seconds of speech."""
    total = len(samples) / RATE
    groups: list[list[Span]] = []
    for begin, end in spans:
        while end - begin > LONGEST:
            groups.append([(begin, begin + LONGEST)])
            begin += LONGEST
        if groups and end - groups[-1][0][0] <= LONGEST:
            groups[-1].append((begin, end))
        else:
            groups.append([(begin, end)])
    pieces: list[tuple[Samples, float]] = []
    for group in groups:
        first = max(0.0, group[0][0] - MARGIN)
        last = min(total, group[-1][1] + MARGIN)
        spoken = sum(end - begin for begin, end in group)
        pieces.append((samples[int(first * RATE) : int(last * RATE)], spoken))
    return pieces
