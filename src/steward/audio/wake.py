"""The wake word: a tiny network that always listens, and a larger one that confirms.

Both see the last two seconds as mel features, every 80 ms. The first is small enough to run always.
Only where it finds a candidate does the second look, by Google's speech embedding
(https://tfhub.dev/google/speech_embedding/1, Apache-2.0) and a small head on it; it has four more
looks while the word's echo fades. `steward wake train` makes both for a word of one's own.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import soxr

from steward.audio.mel import BANDS, SILENCE, SPAN, STEP, Mel, MelStream
from steward.audio.pcm import RATE, Samples, from_samples, to_samples
from steward.errors import AudioError, ModelError
from steward.hearing import Wake
from steward.types import AudioChunk

WORDS = Path(__file__).with_name("words")
"""Folder of the wake words that come with Steward, a folder each."""
WINDOW = 196
"""Mel frames that both networks see: 1.96 s."""
HOP = 8
"""Frames from one look to the next: 80 ms."""
SEEN = 76
"""Mel frames that one speech embedding sees; the next one begins `HOP` frames later."""
EMBEDDINGS = 1 + (WINDOW - SEEN) // HOP
"""Speech embeddings of a window."""
_WIDTH = 96
"""Numbers of an embedding."""
LOOKS = 5
"""Looks of the second network at one candidate."""
REST = 1.6
"""Seconds after a wake in which no other is told: so long the word may be in the window."""
KEPT = 3.0
"""Seconds of sound that are kept for what follows the word."""
WEIGHT = 0.4
"""What a recogniser's log likelihood counts beside the second network's log odds: with less, false
wakes come closer to the bound, and with more, words in the babble of others are lost."""
_MOST = 10.0
"""Seconds of a long piece that are worked through at a time, so that memory stays small."""
_HEARD = WINDOW * STEP / RATE
"""Seconds that both networks hear."""
_MARGIN = 0.05
"""Seconds before the estimated end of the word at which what follows it begins."""
_RATES = range(2_000, 192_001)


@dataclass(frozen=True)
class Word:
    """What `word.json` says of a trained word: its phrases and the thresholds of both networks."""

    name: str
    phrases: tuple[str, ...]
    first: float
    second: float
    sure: float | None = None
    """What the second network and the recogniser together must give (`evidence`), where there is a
    recogniser to ask; None asks none."""

    @classmethod
    def parse(cls, text: bytes) -> Word:
        """Read `word.json`. A small device reads it, too: hence by hand.

        Raises:
            ValueError: something in it is missing, or no word has it.
        """
        values = json.loads(text)
        try:
            name, phrases = values["name"], tuple(values["phrases"])
            first, second, sure = (values.get(key) for key in ("first", "second", "sure"))
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"no {error}") from error
        if not isinstance(name, str) or not all(isinstance(one, str) for one in phrases):
            raise ValueError("the name and the phrases are no texts")
        if not (_is_probability(first) and _is_probability(second)):
            raise ValueError("a threshold is not between 0 and 1")
        if sure is not None and not isinstance(sure, float | int):
            raise ValueError("`sure` is no number")
        return cls(name, phrases, first, second, sure)


def _is_probability(value: object) -> bool:
    return isinstance(value, float) and 0 < value < 1


def find(named: str) -> Path:
    """Return the folder of a wake word: one that comes with Steward, by its name or its phrase
    ("jarvis", "hey Jarvis"), else the folder of that name."""
    for folder in sorted(WORDS.iterdir()):
        word = Word.parse((folder / "word.json").read_bytes())
        if named.casefold() in (folder.name, *(phrase.casefold() for phrase in word.phrases)):
            return folder
    return Path(named).expanduser()


class WakeDetector:
    """The networks of one wake word, loaded once; many streams may use it."""

    def __init__(self, folder: Path, embedding: Path) -> None:
        """Load a word.

        Args:
            folder: holds first.onnx, second.onnx and word.json, as `steward wake train` writes.
            embedding: embedding_model.onnx of the set of weights speech-embedding.

        Raises:
            ModelError: a file is missing or damaged.
        """
        try:
            self.word = Word.parse((folder / "word.json").read_bytes())
        except (OSError, ValueError) as error:
            raise ModelError(
                f"{folder} holds no wake word: {error}",
                hint="name a folder that `steward wake train` has written",
            ) from error
        self._first = _load(folder / "first.onnx")
        self._second = _load(folder / "second.onnx")
        self._embedding = _load(embedding, widened)

    def first(self, windows: Mel) -> Samples:
        """Return the first network's probability for each of `windows` (n, `WINDOW`, 32)."""
        found: Samples = self._first.run(None, {"mel": windows})[0]
        return found

    def embed(self, frames: Mel) -> Samples:
        """Return the embeddings (n, 96) of `SEEN` + (n - 1) * `HOP` frames."""
        (folded,) = self._embedding.run(None, {"input_1": frames[None, :, :, None]})
        return unfolded(folded, 1).reshape(-1, _WIDTH)

    def second(self, embeddings: Samples) -> tuple[Samples, Samples]:
        """Return the second network's probabilities, and the seconds since the word's end.

        `embeddings` has shape (n, `EMBEDDINGS`, 96).
        """
        probability, since = self._second.run(None, {"embedding": embeddings})
        return probability, since


@dataclass
class _Candidate:
    """One word's newest candidate: the looks left at it, and its best first score."""

    detector: WakeDetector
    looks: int = 0
    best: float = 0.0

    def see(self, first: float) -> None:
        """Take the first network's probability for the newest look."""
        if first >= self.detector.word.first:
            self.looks, self.best = LOOKS, max(first, self.best)

    def over(self) -> None:
        """Forget the candidate."""
        self.looks, self.best = 0, 0.0


class WakeStream:
    """One source of sound, listened to for wake words; pieces may have any length.

    What both networks of each word see is made once for all of them, and so are the embeddings.
    """

    def __init__(self, *detectors: WakeDetector) -> None:
        self._detectors = detectors
        self._rate = RATE
        self.reset()

    def reset(self, triggered: bool = False) -> None:
        """Forget what came before, as if the source began anew.

        Where something else has told that the word may come (`triggered`: a button, a motion, an
        arm raised), the first networks are not asked: the second ones listen alone.
        """
        self._triggered = triggered
        self._candidates = [_Candidate(detector) for detector in self._detectors]
        self._told = self._candidates[0]
        self._resampler = _resampler(self._rate)
        self._mels = MelStream()
        # A window of silence: a word may be the first that is heard.
        self._seen = np.full((WINDOW, BANDS), SILENCE, np.float32)
        self._frames = 0
        self._kept = np.zeros(0, np.float32)
        self._samples = 0
        self._quiet_until = 0.0
        self._embeddings = np.zeros((0, _WIDTH), np.float32)
        self._embedded_at = -EMBEDDINGS

    def doubt(self) -> None:
        """Take the last wake for none: the next looks may tell more, and are not rested from."""
        self._told.looks, self._quiet_until = LOOKS, 0.0

    def feed(self, chunk: AudioChunk) -> tuple[Wake, ...]:
        """Return the wakes that `chunk` completes, mostly none.

        A chunk at another rate than the one before begins a new stream.

        Raises:
            AudioError: the bytes are not whole 16-bit samples, or the rate is none of a sound.
        """
        samples = to_samples(chunk)
        if chunk.rate not in _RATES:
            raise AudioError(
                f"{chunk.rate} is no sampling rate",
                hint=f"send {_RATES[0]} to {_RATES[-1]} samples a second, best {RATE}",
            )
        if chunk.rate != self._rate:
            self._rate = chunk.rate
            self.reset(self._triggered)
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(samples)
        most = int(_MOST * RATE)
        pieces = (samples[at : at + most] for at in range(0, len(samples), most))
        return tuple(wake for piece in pieces for wake in self._listen(piece))

    def _listen(self, samples: Samples) -> list[Wake]:
        self._samples += len(samples)
        self._kept = np.concatenate([self._kept, samples])[-int((KEPT + _MOST) * RATE) :]
        frames = self._mels.feed(samples)
        if not len(frames):
            return []
        self._seen = np.concatenate([self._seen, frames])
        # Looks come at every `HOP`-th frame of the stream, however it is cut into pieces.
        due = np.arange(len(frames))[(self._frames + np.arange(len(frames)) + 1) % HOP == 0]
        before, self._frames = self._frames, self._frames + len(frames)
        wakes: list[Wake] = []
        if len(due):
            views = np.lib.stride_tricks.sliding_window_view(self._seen, WINDOW, axis=0)
            windows = np.ascontiguousarray(views[due + 1].transpose(0, 2, 1))
            found = self._firsts(windows)
            for index, window, firsts in zip(due, windows, found, strict=True):
                wakes += self._look(window, firsts, before + int(index) + 1)
        self._seen = self._seen[-WINDOW:]
        self._kept = self._kept[-int(KEPT * RATE) :]
        return wakes

    def _firsts(self, windows: Mel) -> Samples:
        """Return the probabilities of each window by the first network of each word, (n, words)."""
        if self._triggered:
            return np.ones((len(windows), len(self._detectors)), np.float32)
        return np.stack([detector.first(windows) for detector in self._detectors], axis=1)

    def _look(self, window: Mel, firsts: Samples, frames: int) -> list[Wake]:
        """Judge the window that ends with the stream's frame number `frames`."""
        # The last frame sees `SPAN` samples.
        at = ((frames - 1) * STEP + SPAN) / RATE
        if at < self._quiet_until:
            return []
        for candidate, first in zip(self._candidates, firsts, strict=True):
            candidate.see(float(first))
            if not candidate.looks:
                continue
            candidate.looks -= 1
            heard = self._embedded(window, frames // HOP)
            word, found = candidate.detector.word, candidate.detector.second(heard[None])
            second, since = (float(values[0]) for values in found)
            if second >= word.second:
                return [self._wake(candidate, second, at, max(0.0, at - since))]
            if not candidate.looks:
                candidate.over()
        return []

    def _wake(self, candidate: _Candidate, second: float, at: float, end: float) -> Wake:
        name, best = candidate.detector.word.name, candidate.best
        heard, after = self._since(at - _HEARD), self._since(end - _MARGIN)
        for each in self._candidates:
            each.over()
        self._told, self._quiet_until = candidate, at + REST
        return Wake(name, end, best, second, heard, after)

    def _embedded(self, window: Mel, look: int) -> Samples:
        """Return the window's embeddings; those that earlier looks had are not made again."""
        missing = min(EMBEDDINGS, look - self._embedded_at)
        if not missing:
            return self._embeddings
        made = self._detectors[0].embed(window[-(SEEN + (missing - 1) * HOP) :])
        self._embeddings = np.concatenate([self._embeddings, made])[-EMBEDDINGS:]
        self._embedded_at = look
        return self._embeddings

    def _since(self, begin: float) -> AudioChunk:
        """Return what was heard since second `begin`, as far as it is kept."""
        oldest = self._samples - len(self._kept)
        first = min(max(round(begin * RATE), oldest), self._samples)
        return from_samples(self._kept[first - oldest :], RATE, first / RATE)


def evidence(second: float, likelihood: float) -> float:
    """Return the weight of a candidate: log odds of the second network's probability and, by
    `WEIGHT`, the log likelihood of the phrase that a recogniser gives the same sound."""
    odds = min(max(second, 1e-6), 1 - 1e-6)
    return math.log(odds / (1 - odds)) + WEIGHT * likelihood


def _resampler(rate: int) -> soxr.ResampleStream | None:
    return None if rate == RATE else soxr.ResampleStream(rate, RATE, 1, dtype="float32")


def widened(embedding: bytes) -> bytes:
    """Return the ONNX file of the speech embedding without its limit of `SEEN` frames.

    The network is convolutional in time: it has an embedding for every `HOP`-th of all frames that
    it is given, and convolves each once instead of in ten overlapping windows. The length is in two
    places of the file: the input's shape, where a dimension without a name is written as long, and
    the shape that it is brought into. What comes out has to be `unfolded`.

    Raises:
        ValueError: it is another network.
    """
    limit, free = bytes((0x08, SEEN)), bytes((0x12, 0))
    around = bytes((0x0A, 2)), bytes((0x0A, 2, 0x08, BANDS))
    old, new = (np.array(each, "<i8").tobytes() for each in ((-1, 1, SEEN, 32), (0, 1, -1, 32)))
    dimension = limit.join(around)
    if (embedding.count(dimension), embedding.count(old)) != (1, 1):
        raise ValueError("it is not the speech embedding")
    return embedding.replace(dimension, free.join(around)).replace(old, new)


def unfolded(found: Samples, windows: int) -> Samples:
    """Return what the `widened` network makes of `windows` windows, as (windows, n, 96)."""
    each: Samples = found.reshape(windows, _WIDTH, -1).swapaxes(1, 2)
    return each


def _load(
    model: Path, changed: Callable[[bytes], bytes] | None = None
) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # What it would keep for the next run is 25 MB, and saves no time.
    options.enable_mem_pattern = options.enable_cpu_mem_arena = False
    hint = "fetch the weights: steward setup; or train the word again: steward wake train"
    if not model.is_file():
        raise ModelError(f"{model} is missing", hint=hint)
    try:
        source = changed(model.read_bytes()) if changed else str(model)
        return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors share no narrower base
        raise ModelError(f"{model} cannot be loaded: {error}", hint=hint) from error
