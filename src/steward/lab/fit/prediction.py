"""What is said of a model on a device."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Range:
    """A figure, and between what it lies nine times of ten."""

    likely: float
    low: float
    high: float


@dataclass(frozen=True)
class Memory:
    """Bytes: of the weights, the KV cache, the runtime's compute buffers, and the process."""

    weights: int
    cache: int
    buffers: int
    overhead: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.cache + self.buffers + self.overhead


@dataclass(frozen=True)
class Prediction:
    """A model on a device.

    `decode` and `prefill` are tokens/s: the first of one answer, halfway through it. `first_token`
    and `spoken` are seconds until the first token and until the first sound of a spoken answer, for
    the prompt of the settings. `joules` and `cost` (USD) are for a thousand answers, `battery` is
    hours of answering without a pause; None where the device's power, price or battery is unknown.
    Of the memory, `needed` bytes cannot be done without: the pages of a file beside weights that
    were put into another order can be dropped. Where it does not `fit` in `room` bytes, speeds are
    those of a model read from disk each token.
    """

    memory: Memory
    needed: int
    room: int
    fits: bool
    decode: Range
    prefill: Range
    first_token: Range
    spoken: Range
    joules: float | None
    cost: float | None
    battery: float | None
