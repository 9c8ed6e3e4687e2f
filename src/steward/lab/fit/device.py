"""What a device is, as far as the speed of a language model on it goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ANY = ""
"""The key of tensor types and kinds of arithmetic that a table does not name."""


@dataclass(frozen=True)
class Efficiency:
    """What a runtime gets out of a device: shares of its figures, and time beside them.

    `decode` is the share of the bandwidth at which matrices of a tensor type ("Q4_0") are read,
    one token at a time; `prefill` the share of the arithmetic throughput at which they are
    multiplied with many. The key `ANY` stands for all others. `cache` and `attention` are such
    shares for reading the KV cache and for the attention of a prompt. `token` is seconds beside
    that for each token of an answer, `layer` seconds per layer, `word` seconds per entry of the
    vocabulary (choosing among them), `batch_layer` seconds per layer for a batch of a prompt. A
    quantised cache takes `packed_cache` times as long to read, number by number, and
    `packed_attention` times in a prompt. `decode_spread` and `prefill_spread` say how far the truth
    may be off: nine of ten lie between figure / (1 + spread) and figure x (1 + spread).
    `source` names where these come from.
    """

    decode: Mapping[str, float]
    prefill: Mapping[str, float]
    source: str
    cache: float = 0.5
    attention: float = 0.2
    token: float = 0.0
    layer: float = 0.0
    word: float = 0.0
    batch_layer: float = 0.0
    packed_cache: float = 1.0
    packed_attention: float = 1.0
    decode_spread: float = 0.4
    prefill_spread: float = 0.8


@dataclass(frozen=True)
class Device:
    """A device: `bandwidth` of its memory in bytes/s, `memory` in bytes for the model and all else.

    `flops` are the highest operations a second by kind of number ("fp32", "fp16", "bf16",
    "int8"). `free` is what of `memory` is not taken by others, where that is known. `kind` is
    "cpu", "gpu" (memory of its own), "unified" (one memory for both) or "npu". `power` is W at
    full work, `price` USD, `battery` Wh; None is unknown. `host` is the bandwidth, in bytes/s, of
    the machine's memory beside a graphics card, for the layers that stay there.
    """

    name: str
    kind: str
    bandwidth: float
    memory: int
    flops: Mapping[str, float]
    source: str
    efficiency: Efficiency
    cores: int = 1
    free: int | None = None
    power: float | None = None
    price: float | None = None
    battery: float | None = None
    host: float | None = None
    aliases: tuple[str, ...] = field(default=())

    @property
    def room(self) -> int:
        """Bytes that a model may take: what is free, or all but a sixteenth."""
        return self.free if self.free is not None else self.memory - self.memory // 16

    def arithmetic(self) -> float:
        """Return the operations a second of the kind that the matrices of a prompt use."""
        for kind in ("int8", "fp16", "bf16", "fp32") if self.kind == "cpu" else ("fp16", "bf16"):
            if kind in self.flops:
                return self.flops[kind]
        return max(self.flops.values())
