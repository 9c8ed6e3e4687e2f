"""How a model is to be run: what a prediction depends on beside the model and the device."""

from __future__ import annotations

from dataclasses import dataclass

from steward.models.shape import Shape

VOICE = 0.25
"""Seconds from the first clause's text to its first sound (bench/results/speak.json, English)."""


@dataclass(frozen=True)
class Settings:
    """How a model is run.

    `context` is the room in tokens, for which the cache is made; `prompt` and `answer` are the
    tokens of one question and its answer, at most `context` together. `clause` tokens are enough
    for the voice to begin. `batch` is the tokens of a prompt computed at once, `parallel` the
    answers made at a time, which share the context. `cache` is the tensor type of the KV cache;
    `threads` 0 means the physical cores. `gpu` is the share (0 to 1) of the layers on a graphics
    card; None lets as many be there as fit. A `draft` model proposes `proposed` tokens at a time,
    of which the share `accepted` is right. `electricity` is USD/kWh; the device's price is spread
    over `years` of use around the clock.
    """

    context: int = 2048
    prompt: int = 512
    answer: int = 128
    clause: int = 10
    batch: int = 128
    parallel: int = 1
    cache: str = "F16"
    threads: int = 0
    gpu: float | None = None
    draft: Shape | None = None
    proposed: int = 4
    accepted: float = 0.7
    electricity: float = 0.30
    years: float = 3.0
