"""What a model does with the owner's texts: how much each layer changes, what each matrix meets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from steward.lab.shrink import network
from steward.lab.shrink.form import form
from steward.lab.shrink.ggml import Array
from steward.lab.shrink.model import Weights

Rows: TypeAlias = NDArray[np.int32]
"""Texts in tokens, all of one length: (texts, tokens)."""
OnDone: TypeAlias = Callable[[int, int], None]
_BATCH = 4


@dataclass(frozen=True)
class Seen:
    """`influence` of each layer: 1 less the cosine of what goes in and what comes out, on average
    (Men et al. 2024, arXiv:2403.03853). `squares`: by the name of a matrix, the mean square of
    what each of its columns is multiplied with."""

    influence: tuple[float, ...]
    squares: Mapping[str, Array]


def seen(weights: Weights, rows: Rows, on: OnDone) -> Seen:
    """Let the model read the rows; `on` is told how many of them are done.

    Raises:
        ModelError: the network here cannot compute the model.
    """
    kind = form(weights)
    tensors = network.tensors(weights)

    @jax.jit
    def read(tensors: network.Tensors, tokens: jax.Array) -> dict[str, jax.Array]:
        found: dict[str, jax.Array] = {}
        last: list[jax.Array] = []

        def see(name: str, x: jax.Array) -> None:
            if name.endswith(".weight"):
                found[name] = (x * x).sum((0, 1))
                return
            if last:
                product = (x * last[-1]).sum(-1)
                lengths = jnp.linalg.norm(x, axis=-1) * jnp.linalg.norm(last[-1], axis=-1)
                found[name] = (1 - product / lengths).sum()
            last.append(x)

        network.logits(kind, tensors, tokens, see)
        return found

    sums: dict[str, NDArray[np.float64]] = {}
    for at in range(0, len(rows), _BATCH):
        for name, value in read(tensors, jnp.asarray(rows[at : at + _BATCH])).items():
            sums[name] = sums.get(name, 0.0) + np.asarray(value, np.float64)
        on(min(at + _BATCH, len(rows)), len(rows))
    means = {name: value / rows.size for name, value in sums.items()}
    return Seen(
        tuple(float(means[f"blk.{layer}"]) for layer in range(len(kind.blocks))),
        {
            name: value.astype(np.float32)
            for name, value in means.items()
            if name.endswith(".weight")
        },
    )


def rows_of(windows: Sequence[Sequence[int]], length: int) -> Rows:
    """Return those of the windows that have the full length."""
    whole = [window for window in windows if len(window) == length]
    return np.array(whole, np.int32).reshape(len(whole), length)
