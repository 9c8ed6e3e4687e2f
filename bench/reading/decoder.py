"""A small decoder-only transformer: reads a sentence, writes what it means, piece by piece.

Touvron et al. 2023, "LLaMA", arXiv:2302.13971: RMS normalisation before each half of a layer (Zhang
and Sennrich 2019, arXiv:1910.07467), rotary positions (Su et al. 2021, arXiv:2104.09864), gated
inner layers (Shazeer 2020, arXiv:2002.05202), keys and values shared by groups of heads (Ainslie
et al. 2023, arXiv:2305.13245), output weights tied to the input embedding. An embedding of the
home's marks is added to the input, as in the encoder, so that all candidates know the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

from steward.plan.reader.marks import COUNT

Parameters: TypeAlias = dict[str, jax.Array]
Batch: TypeAlias = Mapping[str, jax.Array]
Cache: TypeAlias = tuple[jax.Array, jax.Array]

RANK = 8
SCALE = 2.0
"""Rank and weight of the low-rank changes of `adapters`."""

_LAYER = "layer."
_HIDDEN = -1e9


@dataclass(frozen=True)
class Shape:
    """`inner` is the width inside a layer, `groups` the number of heads of keys and values, `base`
    that of the rotation."""

    layers: int
    width: int
    heads: int
    groups: int
    inner: int
    vocabulary: int
    base: float = 10_000.0
    epsilon: float = 1e-5

    @property
    def head(self) -> int:
        """The width of one head."""
        return self.width // self.heads


def matrices(shape: Shape) -> dict[str, tuple[int, int]]:
    """Return the matrices of a layer with what they take and give."""
    width, narrow = shape.width, shape.groups * shape.head
    return {
        "q": (width, width),
        "k": (width, narrow),
        "v": (width, narrow),
        "o": (width, width),
        "gate": (width, shape.inner),
        "up": (width, shape.inner),
        "down": (shape.inner, width),
    }


def random_start(shape: Shape, seed: int) -> Parameters:
    """Return parameters that know nothing; the layers' are stacked."""
    rng = np.random.default_rng(seed)
    found = {
        "word": rng.normal(0, 0.02, (shape.vocabulary, shape.width)),
        "mark": np.zeros((COUNT, shape.width)),
        "norm": np.ones(shape.width),
    }
    for name, (into, out) in matrices(shape).items():
        spread = 0.02 / np.sqrt(2 * shape.layers) if name in ("o", "down") else 0.02
        found[_LAYER + name] = rng.normal(0, spread, (shape.layers, into, out))
    for name in ("attention_norm", "inner_norm"):
        found[_LAYER + name] = np.ones((shape.layers, shape.width))
    return {name: jnp.asarray(value, jnp.float32) for name, value in found.items()}


def adapters(shape: Shape, seed: int) -> Parameters:
    """Return low-rank changes of the queries and values, which change nothing as yet.

    Hu et al. 2021, "LoRA", arXiv:2106.09685. The embedding of marks is new, so it is trained too.
    """
    rng = np.random.default_rng(seed)
    found = {"mark": np.zeros((COUNT, shape.width))}
    for name in ("q", "v"):
        into, out = matrices(shape)[name]
        found[f"{name}.a"] = rng.normal(0, into**-0.5, (shape.layers, into, RANK))
        found[f"{name}.b"] = np.zeros((shape.layers, RANK, out))
    return {name: jnp.asarray(value, jnp.float32) for name, value in found.items()}


def adapted(base: Parameters, changes: Parameters) -> Parameters:
    """Return the parameters of `base` with the low-rank `changes`; `base` stays as it is."""
    return {
        **base,
        "mark": changes["mark"],
        **{
            _LAYER + name: base[_LAYER + name] + SCALE * changes[f"{name}.a"] @ changes[f"{name}.b"]
            for name in ("q", "v")
        },
    }


def empty_cache(shape: Shape, size: int, length: int) -> Cache:
    """Return room for the keys and values of `length` pieces."""
    room = (shape.layers, size, length, shape.groups, shape.head)
    return jnp.zeros(room), jnp.zeros(room)


def run(
    parameters: Parameters,
    shape: Shape,
    pieces: jax.Array,
    marks: jax.Array,
    at: jax.Array | int = 0,
    cache: Cache | None = None,
) -> tuple[jax.Array, Cache | None]:
    """Return the hidden states (batch, length, width) of pieces that begin at the place `at`.

    With a `cache` the pieces before `at` are seen too, and the cache comes back with the new ones.
    """
    layers = {
        name.removeprefix(_LAYER): value
        for name, value in parameters.items()
        if name.startswith(_LAYER)
    }
    places = at + jnp.arange(pieces.shape[1])

    def block(
        x: jax.Array, given: tuple[Parameters, Cache | None]
    ) -> tuple[jax.Array, Cache | None]:
        return _block(shape, x, *given, places)

    x = parameters["word"][pieces] + parameters["mark"][marks]
    x, kept = jax.lax.scan(block, x, (layers, cache))
    return _norm(x, parameters["norm"], shape.epsilon), kept


def _block(
    shape: Shape, x: jax.Array, p: Parameters, cache: Cache | None, places: jax.Array
) -> tuple[jax.Array, Cache | None]:
    y = _norm(x, p["attention_norm"], shape.epsilon)
    query = _turned(_heads(y @ p["q"], shape.heads), places, shape.base)
    key = _turned(_heads(y @ p["k"], shape.groups), places, shape.base)
    value = _heads(y @ p["v"], shape.groups)
    kept = None
    if cache is not None:
        begin = (0, places[0], 0, 0)
        key = jax.lax.dynamic_update_slice(cache[0], key, begin)
        value = jax.lax.dynamic_update_slice(cache[1], value, begin)
        kept = (key, value)
    x = x + _attended(query, key, value, places) @ p["o"]
    y = _norm(x, p["inner_norm"], shape.epsilon)
    return x + (jax.nn.silu(y @ p["gate"]) * (y @ p["up"])) @ p["down"], kept


def _attended(query: jax.Array, key: jax.Array, value: jax.Array, places: jax.Array) -> jax.Array:
    size, length, heads, width = query.shape
    groups = key.shape[2]
    grouped = query.reshape(size, length, groups, heads // groups, width)
    scores = jnp.einsum("btghd,bsgd->bghts", grouped, key) / np.sqrt(width)
    ahead = jnp.arange(key.shape[1])[None, :] > places[:, None]
    shares = jax.nn.softmax(scores + ahead * _HIDDEN, axis=-1)
    return jnp.einsum("bghts,bsgd->btghd", shares, value).reshape(size, length, heads * width)


def _heads(x: jax.Array, number: int) -> jax.Array:
    return x.reshape(*x.shape[:2], number, -1)


def _norm(x: jax.Array, weight: jax.Array, epsilon: float) -> jax.Array:
    return x * jax.lax.rsqrt((x**2).mean(-1, keepdims=True) + epsilon) * weight


def _turned(x: jax.Array, places: jax.Array, base: float) -> jax.Array:
    """Rotate neighbouring numbers in pairs, the order in which GGUF files keep them."""
    half = x.shape[-1] // 2
    angle = places[:, None] * base ** (-jnp.arange(half) / half)
    cosine, sine = jnp.cos(angle)[None, :, None], jnp.sin(angle)[None, :, None]
    pairs = x.reshape(*x.shape[:-1], half, 2)
    one, other = pairs[..., 0], pairs[..., 1]
    both = (one * cosine - other * sine, one * sine + other * cosine)
    return jnp.stack(both, -1).reshape(x.shape)


def targets(parameters: Parameters, shape: Shape, batch: Batch) -> jax.Array:
    """Return the scores of all pieces at the places of "target" (batch, length, vocabulary).

    `batch` has "pieces" and "marks" (batch, length), "begin": the place of the last piece before
    the target, and "target".
    """
    x, _ = run(parameters, shape, batch["pieces"], batch["marks"])
    places = batch["begin"][:, None] + jnp.arange(batch["target"].shape[1])
    places = jnp.minimum(places, x.shape[1] - 1)
    return jnp.take_along_axis(x, places[..., None], 1) @ parameters["word"].T


def loss(parameters: Parameters, shape: Shape, batch: Batch) -> jax.Array:
    """Return the mean loss of the target's pieces, where "counted" is 1."""
    chances = jax.nn.log_softmax(targets(parameters, shape, batch))
    each = -jnp.take_along_axis(chances, batch["target"][..., None], -1)[..., 0]
    return (each * batch["counted"]).sum() / batch["counted"].sum()


def judge(parameters: Parameters, shape: Shape, batch: Batch) -> tuple[jax.Array, jax.Array]:
    """Return of each sentence whether its label is right, and whether all of it is.

    All pieces being the likeliest, the right ones given before them, is the same as writing them.
    """
    best = targets(parameters, shape, batch).argmax(-1)
    missed = (best != batch["target"]) * batch["counted"]
    return (missed * batch["named"]).sum(-1) == 0, missed.sum(-1) == 0
