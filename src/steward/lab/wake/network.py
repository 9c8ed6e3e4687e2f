"""The two networks of a wake word, and how they learn: JAX on this machine's processor.

The first is five convolutions over time with 32 channels each; the second is a small head on the
speech embeddings of the same two seconds. Both have few numbers, so that a few hundred clips are
enough; `export` writes them as ONNX.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from steward.audio.mel import BANDS
from steward.audio.wake import EMBEDDINGS, WINDOW

Array = jax.Array
Parameters = dict[str, Array]
Floats = NDArray[np.float32]
Apply = Callable[[Parameters, Array, Array | None], Array]
"""Of parameters, inputs (n, …) and a key for dropout (None: nothing is dropped) to (n, 2): the
logit of a wake, and the seconds since its end."""

CHANNELS = 32
LAYERS = ((5, 2), (5, 2), (3, 2), (3, 2), (3, 1))
"""Kernel and stride of the first network's convolutions."""
DEPTH = 5.0
"""What is 50 dB below the loudest is silence to the first network."""
EMBEDDING = 96
HEAD = 64
_DROPPED = 0.3
_COLOURED, _LOST = 0.3, 0.1
BATCH = 128
"""Examples of a step."""
_MIXED = 0.4
"""Parameters of the beta distribution by which two examples are mixed."""
_OFFSET_WEIGHT = 2.0


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the curve: after `epoch` (1 is the first) the mean losses, and the share of the
    validation's wakes missed where one in a hundred of its other examples is let through."""

    epoch: int
    loss: float
    validation_loss: float
    missed: float


def first_start(key: Array) -> Parameters:
    """Return the first network's parameters before training."""
    found: Parameters = {}
    width, length = BANDS, WINDOW
    for index, (kernel, stride) in enumerate(LAYERS):
        key, now = jax.random.split(key)
        scale = (2 / (kernel * width)) ** 0.5
        found[f"w{index}"] = jax.random.normal(now, (CHANNELS, width, kernel)) * scale
        found[f"b{index}"] = jnp.zeros(CHANNELS)
        width, length = CHANNELS, (length - kernel) // stride + 1
    return {**found, **_dense(key, width * length, CHANNELS)}


def first(parameters: Parameters, mels: Array, key: Array | None) -> Array:
    """Apply the first network to mel windows (n, `WINDOW`, 32)."""
    x = jnp.maximum(mels, mels.max((1, 2), keepdims=True) - DEPTH)
    x = (x - x.mean((1, 2), keepdims=True)).transpose(0, 2, 1)
    if key is not None:
        # Another microphone for every round: bands louder, softer, or lost.
        key, one, two = jax.random.split(key, 3)
        shape = (len(x), BANDS, 1)
        x = x + _COLOURED * jax.random.normal(one, shape)
        x = jnp.where(jax.random.bernoulli(two, 1 - _LOST, shape), x, 0)
    for index, (_, stride) in enumerate(LAYERS):
        x = jax.lax.conv_general_dilated(
            x,
            parameters[f"w{index}"],
            (stride,),
            "VALID",
            dimension_numbers=("NCH", "OIH", "NCH"),
        )
        x = jax.nn.relu(x + parameters[f"b{index}"][:, None])
    return _out(parameters, x.reshape(len(x), -1), key)


def head_start(key: Array, mean: Floats, deviation: Floats) -> Parameters:
    """Return the second network's parameters before training; embeddings are brought to mean 0."""
    one, two, three = jax.random.split(key, 3)
    shape = (HEAD, EMBEDDING, 3)
    return {
        "mean": jnp.asarray(mean),
        "deviation": jnp.asarray(deviation),
        "w0": jax.random.normal(one, shape) * (2 / (3 * EMBEDDING)) ** 0.5,
        "b0": jnp.zeros(HEAD),
        "w1": jax.random.normal(two, (HEAD // 2, HEAD, 3)) * (2 / (3 * HEAD)) ** 0.5,
        "b1": jnp.zeros(HEAD // 2),
        **_dense(three, HEAD // 2 * (EMBEDDINGS - 4), 32),
    }


def head(parameters: Parameters, embeddings: Array, key: Array | None) -> Array:
    """Apply the second network to embeddings (n, 16, 96)."""
    fixed = jax.lax.stop_gradient
    x = (embeddings - fixed(parameters["mean"])) / fixed(parameters["deviation"])
    if key is not None:
        key, now = jax.random.split(key)
        x = _drop(x, now, 0.1)
    x = x.transpose(0, 2, 1)
    for index in range(2):
        x = jax.lax.conv_general_dilated(
            x,
            parameters[f"w{index}"],
            (1,),
            "VALID",
            dimension_numbers=("NCH", "OIH", "NCH"),
        )
        x = jax.nn.relu(x + parameters[f"b{index}"][:, None])
    return _out(parameters, x.reshape(len(x), -1), key)


def _dense(key: Array, inside: int, hidden: int) -> Parameters:
    one, two = jax.random.split(key)
    return {
        "wh": jax.random.normal(one, (inside, hidden)) * (2 / inside) ** 0.5,
        "bh": jnp.zeros(hidden),
        "wo": jax.random.normal(two, (hidden, 2)) * hidden**-0.5,
        "bo": jnp.zeros(2),
    }


def _out(parameters: Parameters, x: Array, key: Array | None) -> Array:
    if key is not None:
        key, now = jax.random.split(key)
        x = _drop(x, now, _DROPPED)
    x = jax.nn.relu(x @ parameters["wh"] + parameters["bh"])
    return x @ parameters["wo"] + parameters["bo"]


def _drop(x: Array, key: Array, share: float) -> Array:
    kept = jax.random.bernoulli(key, 1 - share, x.shape)
    return jnp.where(kept, x / (1 - share), 0)


@dataclass(frozen=True, slots=True)
class Data:
    """Inputs, targets (wake 0 or 1, seconds since) and weights of examples, row by row."""

    inputs: NDArray[np.float16]
    wake: Floats
    since: Floats
    weight: Floats

    def rows(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> Data:
        """Return the chosen rows."""
        return Data(self.inputs[chosen], self.wake[chosen], self.since[chosen], self.weight[chosen])


def learn(
    apply: Apply,
    start: Parameters,
    data: Data,
    held: Data,
    epochs: int,
    seed: int,
    on_epoch: Callable[[Point], None],
    mixed: bool = False,
) -> Parameters:
    """Return the parameters after `epochs` rounds over `data`; `held` is only looked at.

    Where the examples are `mixed`, every other batch is of sums of two (Zhang et al., mixup, 2018):
    then real voices, which no generated one is quite like, are missed less.
    """
    steps = epochs * (len(data.wake) // BATCH)
    rate = optax.warmup_cosine_decay_schedule(0, 2e-3, max(1, steps // 20), max(2, steps))
    optimizer = optax.adamw(rate, weight_decay=0.02)
    state = optimizer.init(start)
    rng, key = np.random.default_rng(seed), jax.random.key(seed)

    @jax.jit
    def step(
        parameters: Parameters, state: optax.OptState, batch: tuple[Array, ...], key: Array
    ) -> tuple[Parameters, optax.OptState, Array]:
        loss, slopes = jax.value_and_grad(partial(_loss, apply))(parameters, batch, key)
        updates, after = optimizer.update(slopes, state, parameters)
        return optax.apply_updates(parameters, updates), after, loss

    parameters = start
    for epoch in range(1, epochs + 1):
        order = rng.permutation(len(data.wake))
        losses = []
        for begin in range(0, len(order) - BATCH + 1, BATCH):
            key, now = jax.random.split(key)
            rows = data.rows(order[begin : begin + BATCH])
            if mixed and rng.random() < 0.5:
                rows = _mixed(rows, rng)
            batch = (rows.inputs.astype(np.float32), rows.wake, rows.since, rows.weight)
            parameters, state, loss = step(parameters, state, batch, now)
            losses.append(loss)
        on_epoch(_point(epoch, float(np.mean(losses)), judge(apply, parameters, held.inputs), held))
    return parameters


def _mixed(rows: Data, rng: np.random.Generator) -> Data:
    share, other = rng.beta(_MIXED, _MIXED), rng.permutation(len(rows.wake))

    def sums(values: NDArray[Any]) -> NDArray[Any]:
        return (share * values + (1 - share) * values[other]).astype(values.dtype)

    return Data(sums(rows.inputs), sums(rows.wake), sums(rows.since), rows.weight)


def judge(apply: Apply, parameters: Parameters, inputs: NDArray[np.float16]) -> Floats:
    """Return (n, 2): logits and seconds since, without dropout."""
    run = jax.jit(lambda p, x: apply(p, x, None))
    parts = [
        run(parameters, inputs[i : i + 512].astype(np.float32)) for i in range(0, len(inputs), 512)
    ]
    found: Floats = np.concatenate([np.asarray(p, np.float32) for p in parts])
    return found


def _loss(apply: Apply, parameters: Parameters, batch: tuple[Array, ...], key: Array) -> Array:
    inputs, wake, since, weight = batch
    found = apply(parameters, inputs, key)
    target = 0.02 + 0.96 * wake
    entropy = optax.sigmoid_binary_cross_entropy(found[:, 0], target)
    # A sum of a wake and something else ends at no one time.
    away = (wake == 1) * (found[:, 1] - since) ** 2
    return jnp.mean(weight * (entropy + _OFFSET_WEIGHT * away))


def _point(epoch: int, loss: float, found: Floats, held: Data) -> Point:
    logit = found[:, 0]
    entropy = np.logaddexp(0, logit) - logit * held.wake
    others = logit[held.wake == 0]
    limit = np.quantile(others, 0.99) if len(others) else 0.0
    missed = float(np.mean(logit[held.wake == 1] < limit)) if held.wake.any() else 0.0
    return Point(epoch, loss, float(np.mean(held.weight * entropy)), missed)


def sigmoid(logits: Floats) -> Floats:
    """Return probabilities."""
    found: Floats = (1 / (1 + np.exp(-logits))).astype(np.float32)
    return found


def numpy(parameters: Parameters) -> Mapping[str, Floats]:
    """Return `parameters` as arrays that need no JAX."""
    return {name: np.asarray(value, np.float32) for name, value in parameters.items()}
