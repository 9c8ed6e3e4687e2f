"""The reader's network: the encoder, with one label for the sentence and a tag for each piece.

A transformer encoder with post-layer normalisation (Devlin et al. 2019, arXiv:1810.04805). Its
lower layers stay as they are: they know what words mean in both languages. Before the upper ones,
which are trained, an embedding of the home's marks is added; the joint reading of intent and slots
from one encoder follows Chen et al. 2019, "BERT for Joint Intent Classification and Slot Filling",
arXiv:1902.10909.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

from steward.models.checkpoint import Checkpoint
from steward.plan.reader.marks import COUNT

Parameters: TypeAlias = dict[str, jax.Array]
Batch: TypeAlias = Mapping[str, jax.Array]

HEADS = 12
TAGS = 4
EPSILON = 1e-12
LAYER = ("q", "k", "v", "ao", "fi", "fo")
_HIDDEN = -1e9


UPPER = 4
"""Layers that are trained."""


def start(checkpoint: Checkpoint, kept: Sequence[int], labels: int, seed: int) -> Parameters:
    """Return the parameters before training: those of the encoder, and fresh heads."""
    tensors, width = checkpoint.tensors, checkpoint.width
    rng = np.random.default_rng(seed)
    found = {
        "word": checkpoint.words[np.array(kept)],
        "place": tensors["emb.pos"][:96] + tensors["emb.type"][:width],
        "mark": np.zeros((COUNT, width), np.float32),
        "ln.w": tensors["emb.ln.w"],
        "ln.b": tensors["emb.ln.b"],
        "label.w": rng.normal(0, 0.02, (width, labels)).astype(np.float32),
        "label.b": np.zeros(labels, np.float32),
        "tag.w": rng.normal(0, 0.02, (width, TAGS)).astype(np.float32),
        "tag.b": np.zeros(TAGS, np.float32),
    }
    for layer in range(checkpoint.layers):
        for name in LAYER:
            found[f"{layer}.{name}.w"] = tensors[f"l{layer}.{name}.w"].T
            found[f"{layer}.{name}.b"] = tensors[f"l{layer}.{name}.b"]
        for name in ("aln", "oln"):
            found[f"{layer}.{name}.w"] = tensors[f"l{layer}.{name}.w"]
            found[f"{layer}.{name}.b"] = tensors[f"l{layer}.{name}.b"]
    return {name: jnp.asarray(value) for name, value in found.items()}


def is_trained(name: str, layers: int) -> bool:
    """Tell whether the parameter `name` of a network of so many `layers` is trained."""
    if name.startswith(("label.", "tag.")) or name == "mark":
        return True
    layer = name.partition(".")[0]
    return layer.isdigit() and int(layer) >= layers - UPPER


def depth(parameters: Parameters) -> int:
    """Return the number of layers."""
    return sum(1 for name in parameters if name.endswith(".q.w"))


def _norm(x: jax.Array, weight: jax.Array, bias: jax.Array) -> jax.Array:
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) / jnp.sqrt(variance + EPSILON) * weight + bias


def forward(parameters: Parameters, batch: Batch) -> tuple[jax.Array, jax.Array]:
    """Return the scores of labels (batch, labels) and of tags (batch, length, tags).

    `batch` has "pieces" and "marks" (batch, length; int32), and "held": 1 where there is a piece.
    """
    pieces, held = batch["pieces"], batch["held"]
    length = pieces.shape[1]
    x = parameters["word"][pieces] + parameters["place"][:length]
    x = _norm(x, parameters["ln.w"], parameters["ln.b"])
    hidden = (1.0 - held[:, None, None, :]) * _HIDDEN
    layers = depth(parameters)
    for layer in range(layers):
        if layer == max(0, layers - UPPER):
            x = x + parameters["mark"][batch["marks"]]
        x = _block({name: parameters[f"{layer}.{name}"] for name in _NAMES}, x, hidden)
    # The encoder was trained for the mean of its outputs, not for its first one.
    mean = (x * held[..., None]).sum(1) / held.sum(1, keepdims=True)
    labels = mean @ parameters["label.w"] + parameters["label.b"]
    return labels, x @ parameters["tag.w"] + parameters["tag.b"]


_NAMES = tuple(f"{name}.{part}" for name in (*LAYER, "aln", "oln") for part in "wb")


def _block(p: Mapping[str, jax.Array], x: jax.Array, hidden: jax.Array) -> jax.Array:
    size, length, width = x.shape

    def heads(name: str) -> jax.Array:
        made = x @ p[f"{name}.w"] + p[f"{name}.b"]
        return made.reshape(size, length, HEADS, width // HEADS).transpose(0, 2, 1, 3)

    scores = heads("q") @ heads("k").transpose(0, 1, 3, 2) / np.sqrt(width // HEADS)
    seen = jax.nn.softmax(scores + hidden, axis=-1) @ heads("v")
    seen = seen.transpose(0, 2, 1, 3).reshape(size, length, width)
    x = _norm(x + seen @ p["ao.w"] + p["ao.b"], p["aln.w"], p["aln.b"])
    inner = jax.nn.gelu(x @ p["fi.w"] + p["fi.b"], approximate=False)
    return _norm(x + inner @ p["fo.w"] + p["fo.b"], p["oln.w"], p["oln.b"])


def loss(parameters: Parameters, batch: Batch) -> jax.Array:
    """Return the mean loss of labels plus that of tags, where "tagged" says they count.

    Labels are smoothed (Szegedy et al. 2016, arXiv:1512.00567) so that confidence keeps meaning.
    """
    labels, tags = forward(parameters, batch)
    wanted = jax.nn.one_hot(batch["label"], labels.shape[-1])
    smooth = wanted * (1 - SMOOTHING) + SMOOTHING / labels.shape[-1]
    named = -(smooth * jax.nn.log_softmax(labels)).sum(-1).mean()
    each = -jnp.take_along_axis(jax.nn.log_softmax(tags), batch["tags"][..., None], -1)[..., 0]
    counted = batch["held"] * batch["tagged"][:, None]
    return named + (each * counted).sum() / jnp.maximum(counted.sum(), 1)


SMOOTHING = 0.05
