"""Whether a model has room in this machine's memory, told by its header before it is loaded."""

from __future__ import annotations

import psutil

from steward.errors import ModelError
from steward.models.formats import BY_NAME
from steward.models.shape import Shape
from steward.thinking import CacheType

_OVERHEAD = 150 << 20
"""Bytes of llama.cpp itself and what it computes in, at the least."""


def needed(shape: Shape, context: int, cache: CacheType = "f16") -> int:
    """Return the bytes of memory that a model takes at least with `context` tokens.

    `cache` is what keys and values are kept in.
    """
    cached = shape.cached_values(context) * BY_NAME[cache.upper()].bits / 8
    return shape.bytes + round(cached) + _OVERHEAD


def check_room(shape: Shape, context: int, cache: CacheType = "f16") -> None:
    """Refuse a model that cannot be held.

    Raises:
        ModelError: this machine has less memory free than the model takes.
    """
    free = psutil.virtual_memory().available
    wanted = needed(shape, context, cache)
    if wanted > free:
        raise ModelError(
            f"{shape.name} takes {wanted / 1e9:.1f} GB of memory, and {free / 1e9:.1f} GB are free",
            hint="choose a smaller model or quantisation (steward fit shows what this machine "
            "carries), or a smaller `context` under [model]",
        )
