"""Rounding to four and eight bits while a model learns, exactly as the file will have it.

The forward pass sees what llama.cpp will unpack from the packed weights, bit for bit; the gradient
passes as if nothing were rounded (Bengio et al. 2013, arXiv:1308.3432). Source of the rounding:
`quantize_row_q4_0_ref` and `quantize_row_q8_0_ref` of ggml-quants.c
(https://github.com/ggml-org/ggml/blob/master/src/ggml-quants.c), without an importance matrix.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Literal, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

from steward.lab.shrink.model import Weights

Kind: TypeAlias = Literal["Q4_0", "Q8_0"]
KINDS: tuple[Kind, ...] = ("Q4_0", "Q8_0")
BLOCK = 32


@partial(jax.custom_vjp, nondiff_argnums=(1,))
def rounded(x: jax.Array, kind: Kind) -> jax.Array:
    """Return what is unpacked from a matrix that was packed as `kind`; its rows are whole blocks.

    Numbers so small that a block's scale is none of 16 bits become zero, as in the file.
    """
    blocks = x.reshape(-1, BLOCK)
    largest = jnp.abs(blocks).max(-1, keepdims=True)
    if kind == "Q8_0":
        # A constant divisor would become a factor of 1/127, which rounds otherwise.
        scale = largest / jnp.where(largest > 0, 127, 1)
        steps = _round(blocks * _inverse(scale))
    else:
        # The first of the largest numbers, with its sign, becomes -8.
        first = jnp.argmax(jnp.abs(blocks), -1, keepdims=True)
        scale = jnp.take_along_axis(blocks, first, -1) / -8
        # Nothing is below -9; but a product is not added to in one instruction, without rounding.
        steps = jnp.minimum(jnp.trunc(jnp.maximum(blocks * _inverse(scale), -9) + 8.5), 15) - 8
    return (steps * _half(scale)).reshape(x.shape)


def _forward(x: jax.Array, kind: Kind) -> tuple[jax.Array, None]:
    return rounded(x, kind), None


def _backward(_kind: Kind, _: None, gradient: jax.Array) -> tuple[jax.Array]:
    return (gradient,)


rounded.defvjp(_forward, _backward)


def _inverse(scale: jax.Array) -> jax.Array:
    return jnp.where(scale == 0, 0, 1 / jnp.where(scale == 0, 1, scale))


def _half(scale: jax.Array) -> jax.Array:
    return scale.astype(jnp.float16).astype(jnp.float32)


def _round(x: jax.Array) -> jax.Array:
    """Round halves away from zero, as C does."""
    whole = jnp.trunc(x)
    return whole + jnp.sign(x) * (jnp.abs(x - whole) >= 0.5)


def as_packed(tensors: Mapping[str, jax.Array], kinds: Mapping[str, Kind]) -> dict[str, jax.Array]:
    """Return the tensors with those named in `kinds` as they are unpacked."""
    return {
        name: rounded(value, kinds[name]) if name in kinds else value
        for name, value in tensors.items()
    }


def as_filed(weights: Weights, kinds: Mapping[str, Kind]) -> Weights:
    """Return the model as a file with matrices of these types has it."""
    return weights.with_tensors(
        {name: np.asarray(rounded(weights.array(name), kind)) for name, kind in kinds.items()}
    )
