"""How a voice sounds, as a vector: people are told apart by Resemblyzer's network.

Network: Resemblyzer 0.1.4 (https://github.com/resemble-ai/Resemblyzer, Apache-2.0), after Wan et
al., Generalized End-to-End Loss for Speaker Verification (2018). `graphs/speaker.onnx`, made by
`steward.lab.speaker`, names its weights by their places in the file that PyTorch wrote.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime

from steward.errors import AudioError
from steward.speech.activity import RATE, Samples, Span, load_session

GRAPH = Path(__file__).with_name("graphs") / "speaker.onnx"
WEIGHTS_SET, WEIGHTS = "resemblyzer", "pretrained.pt"
BANDS = 40
FRAME = 400
"""Samples that one frame sees, 25 ms; there is one every 10 ms."""
_HOP = 160
_PIECE, _STEP = 160, 80
"""Frames that the network hears at once, 1.6 s, and from one such piece to the next."""
_MOST_OUTSIDE = _PIECE // 4
"""Frames by which the last piece may reach beyond the sound."""
_LOUDNESS = 10 ** (-22 / 20)
"""The root mean square to which every sound is brought: the bands are no logarithms, so that how
far away somebody stands would be taken for how he sounds (bench/LOG.md)."""
SHORTEST = 0.5
"""Seconds of speech below which nobody is told from anybody."""


class SpeakerEncoder:
    """Resemblyzer's network, loaded once. Safe to use from several threads."""

    def __init__(self, weights: Path) -> None:
        """Load the network; `weights` is the folder of the set resemblyzer.

        Raises:
            ModelError: a file is missing or damaged.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry(
            "session.model_external_initializers_file_folder_path", str(weights)
        )
        self._session = load_session(GRAPH, options)

    def encode(self, speech: Samples) -> Samples:
        """Return the voice in 16 kHz `speech`: 256 numbers, none negative, of length 1.

        Raises:
            AudioError: it is shorter than half a second, or silent.
        """
        loud = float(np.sqrt(np.mean(np.square(speech)))) if speech.size else 0.0
        if len(speech) < SHORTEST * RATE or loud == 0.0:
            raise AudioError(
                "there is too little speech to tell a voice by", hint="say a whole sentence"
            )
        voices = self._session.run(None, {"power": _pieces(_power(speech * (_LOUDNESS / loud)))})[0]
        return unit(voices.mean(axis=0))


def unit(vector: Samples) -> Samples:
    """Return `vector` with a length of 1."""
    found: Samples = vector / np.maximum(np.linalg.norm(vector), np.float32(1e-9))
    return found


def spoken(samples: Samples, spans: tuple[Span, ...]) -> Samples:
    """Return what of 16 kHz `samples` lies in `spans`, one after the other."""
    parts = [samples[int(begin * RATE) : int(end * RATE)] for begin, end in spans]
    return np.concatenate([samples[:0], *parts])


def elsewhere(speech: Samples, rng: np.random.Generator) -> Samples:
    """Return 16 kHz `speech` as it might sound in another room, with noise at 10 to 30 dB."""
    length = int(rng.uniform(0.1, 0.3) * RATE)
    decay = np.exp(-6.9 * np.arange(length) / length)
    room = rng.standard_normal(length) * decay * rng.uniform(0.05, 0.15)
    room[0] = 1.0
    size = len(speech) + length
    wet = np.fft.irfft(np.fft.rfft(speech, size) * np.fft.rfft(room, size), size)[: len(speech)]
    noise = rng.standard_normal(len(wet)) * wet.std() * 10 ** (-rng.uniform(10, 30) / 20)
    return np.asarray(wet + noise, np.float32)


def _power(speech: Samples) -> Samples:
    """Return the power of each frame in 201 bins."""
    padded = np.pad(speech, FRAME // 2, mode="reflect").astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::_HOP]
    spectrum = np.fft.rfft(frames * _hann())
    return (spectrum.real**2 + spectrum.imag**2).astype(np.float32)


def _pieces(power: Samples) -> Samples:
    """Return what the network hears: all of a short sound, else pieces that overlap by half."""
    count = len(power)
    if count <= _PIECE:
        return power[None]
    begins = range(0, count - _PIECE + _MOST_OUTSIDE + 1, _STEP)
    outside = max(0, begins[-1] + _PIECE - count)
    padded = np.pad(power, ((0, outside), (0, 0)))
    return np.stack([padded[begin : begin + _PIECE] for begin in begins])


@cache
def _hann() -> Samples:
    window: Samples = np.hanning(FRAME + 1)[:-1].astype(np.float32)
    return window
