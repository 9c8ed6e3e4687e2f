"""Voice activity: where in a sound somebody speaks, by Silero's network.

Network and its streaming interface: Silero VAD 6.2 (https://github.com/snakers4/silero-vad, MIT):
windows of 512 samples at 16 kHz, each with the last 64 samples of the one before, and a state.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from steward.errors import ModelError
from steward.types import AudioChunk

RATE = 16_000
WINDOW = 512
"""Samples that one probability stands for: 32 ms."""
_CONTEXT = 64
ENTER, LEAVE = 0.5, 0.35
"""Speech begins above the first probability and ends below the second (Silero's own choice)."""
SHORTEST_SPEECH = 0.1
"""Seconds; what is shorter is a click. Half of Silero's 0.25 s, because "no" is a whole answer."""
SHORTEST_PAUSE = 0.3
"""Seconds; what is shorter is within a sentence."""

_SAMPLE_RATE = np.array(RATE, np.int64)

Samples = NDArray[np.float32]
Span = tuple[float, float]
"""Begin and end in seconds."""


class SpeechDetector:
    """Silero's network, loaded once. Safe to use from several threads: a sound keeps its state."""

    def __init__(self, model: Path) -> None:
        """Load the network.

        Raises:
            ModelError: `model` is missing or damaged.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_mem_pattern = options.enable_cpu_mem_arena = False
        self._session = load_session(model, options)

    def probabilities(self, samples: Samples) -> Samples:
        """Return the probability of speech for each window of 512 samples at 16 kHz."""
        rest = np.zeros(-len(samples) % WINDOW, np.float32)
        return ActivityStream(self).feed(np.concatenate([samples, rest]))

    def spans(self, samples: Samples) -> tuple[Span, ...]:
        """Return where in 16 kHz `samples` somebody speaks; empty when nobody does."""
        return speech_spans(self.probabilities(samples), len(samples) / RATE)

    def judge(self, window: Samples, state: Samples) -> tuple[float, Samples]:
        """Return the probability of speech in a window with the context before it, and the state.

        `state` is what the last call returned, zeros of shape (2, 1, 128) at first.
        """
        inputs = {"input": window[None], "state": state, "sr": _SAMPLE_RATE}
        output, after = self._session.run(None, inputs)
        return float(output[0, 0]), after


class ActivityStream:
    """Voice activity of one source of sound, in pieces of any length; each sample is read once."""

    def __init__(self, detector: SpeechDetector) -> None:
        self._detector = detector
        self.reset()

    def reset(self) -> None:
        """Forget what came before, as if the source began anew."""
        self._state = np.zeros((2, 1, 128), np.float32)
        # The context of the next window, then the samples that do not fill it yet.
        self._held = np.zeros(_CONTEXT, np.float32)

    def feed(self, samples: Samples) -> Samples:
        """Return the probability of speech for each window that 16 kHz `samples` complete."""
        held = np.concatenate([self._held, samples.astype(np.float32, copy=False)])
        count = (len(held) - _CONTEXT) // WINDOW
        found = np.zeros(count, np.float32)
        for index in range(count):
            begin = index * WINDOW
            window = held[begin : begin + _CONTEXT + WINDOW]
            found[index], self._state = self._detector.judge(window, self._state)
        self._held = held[count * WINDOW :].copy()
        return found


def speech_spans(probabilities: Samples, seconds: float) -> tuple[Span, ...]:
    """Return the stretches of speech that the windows' `probabilities` show, within `seconds`."""
    step = WINDOW / RATE
    spans: list[Span] = []
    begin: float | None = None
    for index, probability in enumerate(probabilities):
        at = index * step
        if begin is None and probability >= ENTER:
            begin = at
        elif begin is not None and probability < LEAVE:
            spans.append((begin, at))
            begin = None
    if begin is not None:
        spans.append((begin, seconds))
    merged: list[Span] = []
    for start, end in spans:
        if merged and start - merged[-1][1] < SHORTEST_PAUSE:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return tuple((a, min(b, seconds)) for a, b in merged if b - a >= SHORTEST_SPEECH)


def speech_span(detector: SpeechDetector, chunk: AudioChunk) -> Span | None:
    """Return from where to where somebody speaks in 16 kHz `chunk`; None when nobody does."""
    samples = np.frombuffer(chunk.pcm, "<i2").astype(np.float32) / np.float32(32_768)
    spans = detector.spans(samples)
    return (spans[0][0], spans[-1][1]) if spans else None


def load_session(model: Path, options: onnxruntime.SessionOptions) -> onnxruntime.InferenceSession:
    """Load an ONNX network for the CPU.

    Raises:
        ModelError: `model` is missing or damaged.
    """
    if not model.is_file():
        raise ModelError(f"{model} is missing", hint="fetch the weights: steward setup")
    try:
        return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors share no narrower base
        raise ModelError(
            f"{model} cannot be loaded: {error}", hint="fetch the weights again: steward setup"
        ) from error
