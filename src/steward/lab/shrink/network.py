"""A decoder in JAX, on the tensors of a GGUF file by their names there.

It computes what llama.cpp computes for the Llama family (SmolLM too), Qwen2, Qwen3 and Gemma 3
(https://github.com/ggml-org/llama.cpp, src/models), in 32-bit numbers, for a text as a whole. What
a layer has is told by its tensors: biases, norms of queries and keys, norms behind its parts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import jax
import jax.numpy as jnp

from steward.lab.shrink.form import Block, Form
from steward.lab.shrink.model import Weights

Tensors: TypeAlias = Mapping[str, jax.Array]
See: TypeAlias = Callable[[str, jax.Array], None]
"""Is told what goes into each matrix, by the matrix's name, and what comes out of each layer, as
"blk.3" (and "blk.-1", what goes into the first)."""

_FAR = -1e30


def logits(form: Form, tensors: Tensors, tokens: jax.Array, see: See | None = None) -> jax.Array:
    """Return the logits of what follows each token: (texts, tokens) -> (texts, tokens, words)."""
    x = residual(form, tensors, tokens, see)
    return head(form, tensors, x, see)


def residual(form: Form, tensors: Tensors, tokens: jax.Array, see: See | None = None) -> jax.Array:
    """Return what comes out of the last layer: (texts, tokens, width)."""
    x = tensors["token_embd.weight"][tokens] * form.amplified
    if see:
        see("blk.-1", x)
    for number, block in enumerate(form.blocks):
        x = layer(form, block, tensors, f"blk.{number}.", x, see)
        if see:
            see(f"blk.{number}", x)
    return x


def layer(
    form: Form, block: Block, tensors: Tensors, prefix: str, x: jax.Array, see: See | None = None
) -> jax.Array:
    """Return what one layer makes of the stream `x`."""
    x = x + _attention(form, block, tensors, prefix, x, see)
    return x + _feed_forward(form, tensors, prefix, x, see)


def head(form: Form, tensors: Tensors, x: jax.Array, see: See | None = None) -> jax.Array:
    """Return the logits of what came out of the last layer."""
    x = norm(x, tensors["output_norm.weight"], form.epsilon)
    name = "output.weight" if "output.weight" in tensors else "token_embd.weight"
    if see:
        see(name, x)
    found = x @ tensors[name].T
    if "output.bias" in tensors:
        found = found + tensors["output.bias"]
    return jnp.tanh(found / form.cap) * form.cap if form.cap else found


def norm(x: jax.Array, weight: jax.Array, epsilon: float) -> jax.Array:
    """Return `x` by the root of its mean square (Zhang & Sennrich 2019, arXiv:1910.07467)."""
    return x * jax.lax.rsqrt((x * x).mean(-1, keepdims=True) + epsilon) * weight


def _linear(tensors: Tensors, name: str, x: jax.Array, see: See | None) -> jax.Array:
    if see:
        see(f"{name}.weight", x)
    found = x @ tensors[f"{name}.weight"].T
    bias = tensors.get(f"{name}.bias")
    return found if bias is None else found + bias


def _attention(
    form: Form, block: Block, tensors: Tensors, prefix: str, x: jax.Array, see: See | None
) -> jax.Array:
    texts, length, _ = x.shape
    inner = norm(x, tensors[f"{prefix}attn_norm.weight"], form.epsilon)

    def heads(name: str, count: int) -> jax.Array:
        found = _linear(tensors, f"{prefix}{name}", inner, see)
        found = found.reshape(texts, length, count, -1)
        weight = tensors.get(f"{prefix}{name}_norm.weight")
        return found if weight is None else norm(found, weight, form.epsilon)

    turns = _turns(form, block, tensors, length)
    query = _turned(form, heads("attn_q", block.heads), turns)
    key = _turned(form, heads("attn_k", block.groups), turns)
    value = heads("attn_v", block.groups)
    query = query.reshape(texts, length, block.groups, block.heads // block.groups, -1)
    found = jnp.einsum("bqghd,bkgd->bghqk", query, key) * form.sharpness
    shares = jax.nn.softmax(jnp.where(_seen(length, block.window), found, _FAR), -1)
    mixed = jnp.einsum("bghqk,bkgd->bqghd", shares, value).reshape(texts, length, -1)
    mixed = _linear(tensors, f"{prefix}attn_output", mixed, see)
    after = tensors.get(f"{prefix}post_attention_norm.weight")
    return mixed if after is None else norm(mixed, after, form.epsilon)


def _feed_forward(
    form: Form, tensors: Tensors, prefix: str, x: jax.Array, see: See | None
) -> jax.Array:
    inner = norm(x, tensors[f"{prefix}ffn_norm.weight"], form.epsilon)
    gate = _linear(tensors, f"{prefix}ffn_gate", inner, see)
    gate = jax.nn.gelu(gate, approximate=True) if form.gelu else jax.nn.silu(gate)
    up = gate * _linear(tensors, f"{prefix}ffn_up", inner, see)
    found = _linear(tensors, f"{prefix}ffn_down", up, see)
    after = tensors.get(f"{prefix}post_ffw_norm.weight")
    return found if after is None else norm(found, after, form.epsilon)


def _seen(length: int, window: int | None) -> jax.Array:
    """Tell which token (column) each token (row) sees: none after it, none before its window."""
    ago = jnp.arange(length)[:, None] - jnp.arange(length)[None, :]
    return (ago >= 0) & (ago < (window or length))


def _turns(form: Form, block: Block, tensors: Tensors, length: int) -> jax.Array:
    """Return the angles of rotation: (tokens, pairs) (Su et al. 2021, arXiv:2104.09864)."""
    pairs = jnp.arange(0, form.rotated, 2) / form.rotated
    speeds = block.scale / block.base**pairs
    if "rope_freqs.weight" in tensors:
        speeds = speeds / tensors["rope_freqs.weight"]
    return jnp.arange(length)[:, None] * speeds[None, :]


def _turned(form: Form, x: jax.Array, turns: jax.Array) -> jax.Array:
    cos, sin = jnp.cos(turns)[:, None, :], jnp.sin(turns)[:, None, :]
    part, rest = x[..., : form.rotated], x[..., form.rotated :]
    if form.interleaved:
        a, b = part[..., 0::2], part[..., 1::2]
    else:
        a, b = jnp.split(part, 2, -1)
    c, d = a * cos - b * sin, a * sin + b * cos
    if form.interleaved:
        part = jnp.stack((c, d), -1).reshape(part.shape)
    else:
        part = jnp.concatenate((c, d), -1)
    return jnp.concatenate((part, rest), -1) if rest.shape[-1] else part


def tensors(weights: Weights) -> dict[str, jax.Array]:
    """Return the tensors of a model for the functions here, in 32-bit numbers."""
    return {name: jnp.asarray(weights.array(name)) for name in weights.tensors}
