"""Shrinking Gemma 3 270M by a searched mixture of types: `python bench/shrink.py [WORK FOLDER]`.

There is no package with its original weights, only one with a Q4_K_M file. So a stand-in for the
original is drawn: each weight from the interval of numbers that its packed value stands for, all
equally likely, with a fixed seed. From it are made the same Q4_K_M (the type of each tensor as in
the package's file, without an importance matrix, as that was made) and the searched mixture.
"""

from __future__ import annotations

import numpy as np

from steward.lab.shrink import model
from steward.lab.shrink.ggml import Array
from steward.lab.shrink.sensitivity import matrices

PARTS = 4
SUM = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
_WIDTHS = {"Q6_K": 16}
"""Numbers that share a scale, where these are not 32."""


def drawn(weights: model.Weights, seed: int) -> model.Weights:
    """Return the weights as they may have been before they were packed."""
    found: dict[str, Array] = {}
    random = np.random.default_rng(seed)
    for name in matrices(weights):
        values = weights.array(name)
        steps = step(values, _WIDTHS.get(weights.kind(name).name, 32))
        found[name] = values + steps * random.uniform(-0.5, 0.5, values.shape).astype(np.float32)
    return weights.with_tensors(found)


def step(values: Array, width: int) -> Array:
    """Return, for each number, how far apart the numbers are that its block could hold."""
    blocks = np.sort(values.reshape(-1, width), axis=1)
    gaps = np.diff(blocks, axis=1)
    scale = np.abs(blocks).max(axis=1, keepdims=True)
    gaps[gaps <= scale * 1e-4] = np.inf
    least = gaps.min(axis=1, keepdims=True)
    least[~np.isfinite(least)] = 0.0
    return np.broadcast_to(least, (len(blocks), width)).reshape(values.shape)
