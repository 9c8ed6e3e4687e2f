"""Training of the reader: examples are made as they are needed and never seen twice."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import jax
import numpy as np
import optax
from tokenizers import Tokenizer

from steward.lab.reader import network
from steward.lab.reader.corpus import NONE, Template, labels
from steward.lab.reader.encode import Encoded, batch, encode
from steward.lab.reader.examples import Example, compound, example
from steward.lab.reader.homes import generate
from steward.lab.reader.network import Batch, Parameters

BATCH = 32
RATE = 3e-4
WARMUP = 0.06
PER_HOME = 16
"""Examples made of one home before the next is generated."""

COMPOUNDS, NONES = 0.1, 0.2
"""Shares of examples that hold several commands, and that ask nothing."""

AHEAD = 16
"""Batches that are made at once, to be sorted by length."""

HEADS_RATE = 2e-3
"""The label and tag heads begin from nothing and learn faster."""


@dataclass(frozen=True)
class Point:
    """One point of the learning curve: loss on what is trained on, accuracy of label and of label
    with all tags on templates that are never trained on, seconds since the start."""

    examples: int
    loss: float
    label: float
    whole: float
    seconds: float


def parted(templates: Sequence[Template]) -> tuple[tuple[Template, ...], tuple[Template, ...]]:
    """Part the templates into nine tenths to train on and one to validate with, by their sum."""
    kept: tuple[list[Template], list[Template]] = ([], [])
    for each in templates:
        digest = hashlib.sha256("\0".join((each.label, *each.pieces)).encode()).digest()
        kept[digest[0] % 10 == 0].append(each)
    return tuple(kept[0]), tuple(kept[1])


def stream(templates: Sequence[Template], rng: random.Random) -> Iterator[Example]:
    """Yield examples without end; every label that commands or asks is as frequent as another."""
    by_label: dict[tuple[str, str], list[Template]] = {}
    for each in templates:
        by_label.setdefault((each.label, each.language), []).append(each)
    wanted = sorted(key for key in by_label if key[0] != NONE)
    while True:
        home = generate(rng)
        for _ in range(PER_HOME):
            label, language = rng.choice(wanted)
            chance = rng.random()
            if chance < NONES and (NONE, language) in by_label:
                yield example(rng, rng.choice(by_label[NONE, language]), home)
            elif chance < NONES + COMPOUNDS:
                first = rng.choice(by_label[label, language])
                other = rng.choice([key for key in wanted if key[1] == language])
                yield compound(rng, first, rng.choice(by_label[other]), home)
            else:
                yield example(rng, rng.choice(by_label[label, language]), home)


def train(
    start: Parameters,
    templates: Sequence[Template],
    tokenizer: Tokenizer,
    examples: int,
    seed: int,
    report: Callable[[Point], None],
    points: int = 20,
) -> Parameters:
    """Return the parameters after `examples` examples; `report` gets the learning curve.

    The lower layers stay as they are: words that no template has keep their meaning.
    """
    trained, held = parted(templates)
    names = labels(templates)
    steps = examples // BATCH
    layers = network.depth(start)
    free = {name: start[name] for name in start if network.is_trained(name, layers)}
    frozen = {name: start[name] for name in start if name not in free}
    optimizer = _optimizer(examples // BATCH, free)
    state = optimizer.init(free)

    @jax.jit
    def step(
        free: Parameters, state: optax.OptState, data: Batch
    ) -> tuple[Parameters, optax.OptState, jax.Array]:
        value, slopes = jax.value_and_grad(lambda p: network.loss({**p, **frozen}, data))(free)
        updates, state = optimizer.update(slopes, state, free)
        return optax.apply_updates(free, updates), state, value

    rng = random.Random(seed)
    source = batches(stream(trained, rng), tokenizer, names)
    proof = validation(held, tokenizer, names, seed)
    began, losses = time.monotonic(), []
    for number in range(1, steps + 1):
        free, state, value = step(free, state, batch(next(source)))
        losses.append(float(value))
        if number % max(1, steps // points) == 0 or number == steps:
            label, whole = accuracy({**free, **frozen}, proof)
            seconds = time.monotonic() - began
            report(Point(number * BATCH, float(np.mean(losses)), label, whole, seconds))
            losses = []
    return {**free, **frozen}


def _optimizer(steps: int, free: Parameters) -> optax.GradientTransformation:
    """AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101), warmed up, falling as a cosine."""

    def rated(rate: float) -> optax.GradientTransformation:
        warm = max(1, int(steps * WARMUP))
        schedule = optax.warmup_cosine_decay_schedule(0.0, rate, warm, steps, rate / 20)
        return optax.adamw(schedule, weight_decay=0.01)

    parts = {name: "body" if name[0].isdigit() else "head" for name in free}
    rates = {"body": rated(RATE), "head": rated(HEADS_RATE)}
    return optax.chain(optax.clip_by_global_norm(1.0), optax.multi_transform(rates, parts))


def batches(
    source: Iterator[Example], tokenizer: Tokenizer, names: Sequence[str]
) -> Iterator[list[Encoded]]:
    """Yield batches of sentences of like length, for a batch costs as much as its longest."""
    while True:
        made = encode([next(source) for _ in range(BATCH * AHEAD)], tokenizer, names)
        made.sort(key=lambda one: len(one.pieces))
        groups = [made[i : i + BATCH] for i in range(0, len(made), BATCH)]
        # Taken in this order the middle lengths stand between the extremes.
        yield from groups[::2]
        yield from groups[1::2]


def validation(
    templates: Sequence[Template], tokenizer: Tokenizer, names: Sequence[str], seed: int
) -> list[list[Encoded]]:
    """Return 1024 examples of `templates` in batches."""
    source = stream(templates, random.Random(seed + 1))
    made = encode([next(source) for _ in range(1024)], tokenizer, names)
    made.sort(key=lambda one: len(one.pieces))
    return [made[i : i + BATCH] for i in range(0, len(made), BATCH)]


def accuracy(parameters: Parameters, proof: Sequence[Sequence[Encoded]]) -> tuple[float, float]:
    """Return the share of right labels, and of right labels with every tag right."""
    ahead = jax.jit(network.forward)
    right = whole = total = 0
    for group in proof:
        data = batch(group)
        labels_, tags = ahead(parameters, data)
        hit = np.asarray(labels_.argmax(-1) == data["label"])
        wrong = (tags.argmax(-1) != data["tags"]) * data["held"] * data["tagged"][:, None]
        right += int(hit.sum())
        whole += int((hit & (np.asarray(wrong.sum(-1)) == 0)).sum())
        total += len(group)
    return right / total, whole / total
