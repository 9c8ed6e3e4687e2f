"""Where the memory of a running model goes.

The constants were measured of llama.cpp as Steward runs it (`python bench/fit.py --memory`).
"""

from __future__ import annotations

from steward.lab.fit.prediction import Memory
from steward.lab.fit.settings import Settings
from steward.models.formats import BY_NAME
from steward.models.shape import Shape

REPACKED = frozenset({"Q4_0", "Q4_K", "IQ4_NL"})
"""Tensor types that llama.cpp keeps a second time on a processor, in an order its fast kernels
want (ggml/src/ggml-cpu/repack.cpp); the file's own pages stay in memory beside it."""
PROCESS = 45_000_000
"""Bytes of a process with the runtime in it, before any model."""
_PIECES = 221
_MERGES = 478
"""Bytes of the tokenizer for each entry of the vocabulary: of pieces with scores, as Gemma's is,
and of pairs that are merged, as nearly all others are."""
_ROWS = 1.2
"""Rows of activations, as wide as the model and its widest matrix, alive at a time."""
_PAD = 256
"""The cache grows in steps of so many tokens."""


def memory(shape: Shape, settings: Settings, *, repacking: bool = False) -> Memory:
    """Return the bytes of each part; `repacking` where the runtime is on a processor."""
    weights = shape.bytes
    if repacking:
        weights += sum(
            tensor.bytes
            for tensor in shape.tensors
            if tensor.type.name in REPACKED and not tensor.looked_up and len(tensor.shape) == 2
        )
    widest = shape.width + max(shape.feed_forward * max(shape.experts_used, 1), shape.width)
    rows = settings.batch * (widest * _ROWS + settings.context)
    word = _PIECES if shape.architecture.startswith("gemma") else _MERGES
    return Memory(
        weights=weights,
        cache=cached(shape, settings),
        buffers=round(4 * (rows + settings.parallel * shape.vocabulary)),
        overhead=PROCESS + word * shape.vocabulary,
    )


def cached(shape: Shape, settings: Settings) -> int:
    """Return the bytes of the KV cache: a layer with a window keeps that and one batch."""
    total = 0
    for layer in shape.attention:
        tokens = settings.context
        if layer.window:
            kept = layer.window * settings.parallel + settings.batch
            tokens = min(tokens, -(-kept // _PAD) * _PAD)
        total += tokens * layer.kv_heads * (layer.key_width + layer.value_width)
    return round(total * BY_NAME[settings.cache].bits / 8)


def attended(shape: Shape, depth: float) -> float:
    """Return the numbers of the cache that one token reads when `depth` tokens are before it."""
    return sum(
        min(depth, layer.window or depth) * layer.kv_heads * (layer.key_width + layer.value_width)
        for layer in shape.attention
    )
