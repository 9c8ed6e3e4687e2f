"""The training of heads on a model's own answers (Medusa and EAGLE call it self-distillation)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import optax

from steward.lab.heads.collect import Answer
from steward.lab.shrink.model import load
from steward.models.ahead import heads
from steward.models.ahead.network import Network

Parameters = dict[str, jax.Array]
Floats = npt.NDArray[np.float32]

DEPTH, RANK, INNER = 256, 128, 512
WORDS = 4096
"""Tokens that the heads know, at most: the most frequent of the answers."""
STEPS = 5
"""Tokens ahead that they learn to guess."""
BATCH = 128
RATE = 2e-3
_HELD = 8
"""Every eighth round is not learned from: it tells which epoch guesses best."""
_TIED = "token_embd.weight"
"""Most small models have one matrix for what they read and what they say."""


@dataclass(frozen=True)
class Windows:
    """Places to learn from: the state, the words from there on, and which of them count."""

    states: npt.NDArray[np.float16]
    words: npt.NDArray[np.int32]
    counted: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Point:
    """After `epoch`: losses, and the share of right guesses by how far ahead (1 is the first)."""

    epoch: int
    loss: float
    held_loss: float
    right: tuple[float, ...]
    seconds: float


def learn(
    rounds: Sequence[Sequence[Answer]],
    network: Network,
    epochs: int,
    seed: int,
    report: Callable[[Point], None],
) -> tuple[Parameters, npt.NDArray[np.int32]]:
    """Train heads for `network` on `rounds` of its answers; return them, and what they know.

    Raises:
        ModelError: the weights of the network cannot be read.
    """
    taught = [each for at, part in enumerate(rounds) if at % _HELD for each in part]
    held = [each for part in rounds[::_HELD] for each in part]
    tokens = known(taught)
    data, proof = (windows(part, tokens, network.size) for part in (taught, held))
    rows = table(network.path)
    words = np.concatenate([rows[tokens], rows.mean(0, keepdims=True)])
    begun = start(network.width, words, float(data.states.astype(np.float32).std()), seed)
    return train(begun, data, proof, epochs, seed, report), tokens


def known(answers: Sequence[Answer]) -> npt.NDArray[np.int32]:
    """Return the tokens that are frequent enough to be guessed."""
    counts = Counter(int(token) for each in answers for token in each.tokens)
    found = [token for token, count in counts.most_common(WORDS) if count > 1]
    return np.array(sorted(found), np.int32)


def windows(answers: Sequence[Answer], tokens: npt.NDArray[np.int32], size: int) -> Windows:
    """Cut `answers` into windows; `size` is the model's vocabulary."""
    number = np.full(size, len(tokens), np.int32)
    number[tokens] = np.arange(len(tokens))
    states, words, counted = [], [], []
    for each in answers:
        padded = np.concatenate([number[each.tokens], np.zeros(STEPS, np.int32)])
        free = np.concatenate([each.free, np.zeros(STEPS, np.bool_)])
        for at in range(len(each.tokens) - 1):
            words.append(padded[at : at + STEPS + 1])
            counted.append(free[at + 1 : at + STEPS + 1])
            states.append(each.states[at])
    return Windows(np.array(states), np.array(words), np.array(counted))


def table(path: Path) -> Floats:
    """Return the output matrix of a GGUF model, a row for each token.

    Raises:
        ModelError: the file is damaged, or of a type that this llama.cpp cannot read.
    """
    weights = load(path)
    rows: Floats = weights.array("output.weight" if "output.weight" in weights.tensors else _TIED)
    return rows


def start(width: int, table: Floats, scale: float, seed: int) -> Parameters:
    """Return parameters before training.

    `table` holds the model's own output rows for the words, a row more for any other token; their
    main directions are what the heads begin with. `scale` is the usual size of a state's numbers.
    """
    keys = jax.random.split(jax.random.key(seed), 5)
    _, _, turned = np.linalg.svd(table - table.mean(0), full_matrices=False)
    axes = turned[:RANK].T
    words = table @ axes
    words /= words.std()

    def random(key: jax.Array, rows: int, columns: int) -> jax.Array:
        found: jax.Array = jax.random.normal(key, (rows, columns)) / np.sqrt(rows)
        return found

    rank = words.shape[1]
    return {
        "enter": random(keys[0], width, DEPTH) / scale,
        "words": jnp.asarray(words, jnp.float32) * 0.5,
        "bias": jnp.zeros(len(table)),
        "mix": random(keys[1], DEPTH + rank, INNER),
        "lift": jnp.zeros(INNER),
        "back": random(keys[2], INNER, DEPTH) * 0.5,
        "leave": random(keys[3], DEPTH, rank) * 0.3,
    }


def losses(parameters: Parameters, data: tuple[jax.Array, ...]) -> tuple[jax.Array, jax.Array]:
    """Return the mean loss of what counts, and by step how many are right."""
    states, words, counted = data
    own = heads.begin(parameters, states.astype(jnp.float32))
    total, right = jnp.zeros(()), []
    for ahead in range(STEPS):
        own = heads.step(jnp, parameters, own, words[:, ahead])
        scores = heads.logits(jnp, parameters, own)
        wanted, mask = words[:, ahead + 1], counted[:, ahead]
        cost = optax.softmax_cross_entropy_with_integer_labels(scores, wanted)
        total += jnp.where(mask, cost, 0).sum()
        right.append(jnp.where(mask, scores.argmax(-1) == wanted, False).sum())
    return total / jnp.maximum(counted.sum(), 1), jnp.stack(right)


def train(
    parameters: Parameters,
    data: Windows,
    held: Windows,
    epochs: int,
    seed: int,
    report: Callable[[Point], None],
) -> Parameters:
    """Return the parameters of the epoch that guessed best on `held`."""
    count = max(1, len(data.states) // BATCH)
    total = count * epochs
    schedule = optax.warmup_cosine_decay_schedule(0.0, RATE, total // 20, total, RATE / 50)
    optimizer = optax.chain(
        optax.clip_by_global_norm(1.0), optax.adamw(schedule, weight_decay=0.05)
    )

    @jax.jit
    def update(
        parameters: Parameters, memory: optax.OptState, part: tuple[jax.Array, ...]
    ) -> tuple[Parameters, optax.OptState, jax.Array]:
        (loss, _), slopes = jax.value_and_grad(losses, has_aux=True)(parameters, part)
        changes, memory = optimizer.update(slopes, memory, parameters)
        return optax.apply_updates(parameters, changes), memory, loss

    memory = optimizer.init(parameters)
    order = np.random.default_rng(seed)
    best, lowest, began = parameters, np.inf, time.monotonic()
    for epoch in range(1, epochs + 1):
        seen = []
        for part in np.array_split(order.permutation(len(data.states))[: count * BATCH], count):
            parameters, memory, loss = update(parameters, memory, _part(data, part))
            seen.append(float(loss))
        loss, right = measured(parameters, held)
        report(Point(epoch, float(np.mean(seen)), loss, right, time.monotonic() - began))
        if loss < lowest:
            best, lowest = parameters, loss
    return best


def measured(parameters: Parameters, held: Windows) -> tuple[float, tuple[float, ...]]:
    """Return the loss on `held`, and the share of right guesses by how far ahead."""
    proof = jax.jit(losses)
    parts = np.array_split(np.arange(len(held.states)), max(1, len(held.states) // BATCH))
    found = [proof(parameters, _part(held, part)) for part in parts]
    sizes = [held.counted[part].sum() for part in parts]
    loss = float(np.average([float(each) for each, _ in found], weights=sizes))
    right = np.sum([np.asarray(each) for _, each in found], 0) / held.counted.sum(0)
    return loss, tuple(float(share) for share in right)


def _part(data: Windows, part: npt.NDArray[np.int64]) -> tuple[jax.Array, ...]:
    chosen = data.states[part], data.words[part], data.counted[part]
    return tuple(jnp.asarray(each) for each in chosen)
