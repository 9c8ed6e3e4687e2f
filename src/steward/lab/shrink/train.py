"""Training of a model on texts, by a teacher or alone, so that it can be interrupted at any time.

Hinton et al. 2015 (arXiv:1503.02531) for the teacher's shares at a temperature; Jiao et al. 2019
(arXiv:1909.10351) for what comes out of the layers. All that is random comes from the seed and the
number of the step, so that a run that was killed goes on as if it had not been.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias
from zipfile import BadZipFile

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from steward.errors import ModelError, UserError
from steward.lab.shrink import network
from steward.lab.shrink.form import Form, form
from steward.lab.shrink.model import F16, Types, Weights, check_space, write
from steward.lab.shrink.rounding import Kind, as_packed
from steward.lab.shrink.seen import Rows
from steward.lab.shrink.sensitivity import matrices
from steward.models.disk import writing

OnTrained: TypeAlias = Callable[[int, int, float], None]
"""Told how many steps are done, of how many, and the loss of the last one."""
KEPT = 25
"""Steps after which all is written to the disk."""
_WARMUP, _LAST_RATE, _LONGEST_GRADIENT = 0.05, 0.1, 1.0
_STATE = "state.npz"
_FACTORS = "rope_freqs.weight"
"""Of the rotation: no weights, so they stay as they are."""


@dataclass(frozen=True)
class Recipe:
    """How to train: `steps` of `batch` rows; the highest learning `rate`; the `temperature` at
    which shares of student and teacher are compared, and how much (0 to 1) that `soft` loss counts
    against the text itself; how much what comes out of the layers counts beside (`hidden`).
    `kinds`: matrices that are rounded as they learn."""

    steps: int = 300
    batch: int = 8
    rate: float = 3e-4
    temperature: float = 2.0
    soft: float = 0.9
    hidden: float = 0.0
    seed: int = 0
    kinds: Mapping[str, Kind] = field(default_factory=dict)


@dataclass(frozen=True)
class Lesson:
    """Rows of tokens, and how much predicting each token counts (0: it is only read)."""

    rows: Rows
    counts: NDArray[np.float32]

    @staticmethod
    def of(rows: Rows) -> Lesson:
        """Return rows of which every token counts."""
        return Lesson(rows, np.ones(rows.shape, np.float32))


@dataclass(frozen=True)
class Teacher:
    """A model that knows more, and its number for each of the student's tokens."""

    weights: Weights
    tokens: NDArray[np.int32]


Batch: TypeAlias = tuple[jax.Array, jax.Array]
State: TypeAlias = tuple[network.Tensors, Any]


def teacher_of(teacher: Weights, student: Weights) -> Teacher:
    """Return the teacher of a student whose tokens it knows, all or some of them.

    Raises:
        ModelError: the student has tokens that the teacher does not know.
    """
    key = "tokenizer.ggml.tokens"
    numbers = {token: at for at, token in enumerate(_tokens(teacher, key))}
    wanted = _tokens(student, key)
    strange = [token for token in wanted if token not in numbers]
    if strange:
        raise ModelError(
            f"{student.name} has tokens that {teacher.name} does not know: {strange[:3]}",
            hint="take the model that it was made from as a teacher, or one of the same family",
        )
    return Teacher(teacher, np.array([numbers[token] for token in wanted], np.int32))


def _tokens(weights: Weights, key: str) -> Sequence[str]:
    value = weights.entries[key].value
    return [str(each) for each in value] if isinstance(value, tuple) else []


def train(
    weights: Weights,
    lesson: Lesson,
    teacher: Teacher | None,
    recipe: Recipe,
    folder: Path,
    on: OnTrained,
) -> tuple[Weights, tuple[float, ...]]:
    """Return the trained model, and the loss of each step.

    `folder` is this run's own: started again with the same arguments, it goes on.

    Raises:
        UserError: there are fewer rows than a batch has.
        ModelError: the disk is full, or the loss is no number any more.
    """
    if len(lesson.rows) < recipe.batch:
        raise UserError(
            f"there are {len(lesson.rows)} rows of text, and a step takes {recipe.batch}",
            hint="give more text, or train with a smaller --batch",
        )
    names = [name for name in weights.tensors if name != _FACTORS]
    still = {k: v for k, v in network.tensors(weights).items() if k not in names}
    step, optimiser = _step(weights, teacher, recipe, still)
    held = {name: jnp.asarray(weights.array(name)) for name in names}
    begin: State = (held, optimiser.init(held))
    # The weights and two moments of each, and the last state until the new one is whole.
    check_space(folder / _STATE, 6 * sum(value.nbytes for value in held.values()))
    done, curve, state = _resumed(folder / _STATE, begin)
    known = None if teacher is None else network.tensors(teacher.weights)
    while done < recipe.steps:
        state, loss = step(state, known, _batch(lesson, recipe, done))
        curve.append(float(loss))
        done += 1
        if not np.isfinite(curve[-1]):
            raise ModelError(
                f"the loss of step {done} is no number", hint="learn at a lower --rate"
            )
        if done % KEPT == 0 or done == recipe.steps:
            _keep(folder / _STATE, done, curve, state)
        on(done, recipe.steps, curve[-1])
    learnt = {name: np.asarray(value) for name, value in state[0].items()}
    return weights.with_tensors(learnt), tuple(curve)


def _batch(lesson: Lesson, recipe: Recipe, step: int) -> Batch:
    """Return the rows of a step: each row once before any comes again."""
    count = len(lesson.rows)
    places = np.arange(step * recipe.batch, (step + 1) * recipe.batch)
    orders = {
        int(turn): np.random.default_rng((recipe.seed, int(turn))).permutation(count)
        for turn in set(places // count)
    }
    rows = [orders[int(place // count)][place % count] for place in places]
    return jnp.asarray(lesson.rows[rows]), jnp.asarray(lesson.counts[rows])


def _step(
    weights: Weights, teacher: Teacher | None, recipe: Recipe, still: network.Tensors
) -> tuple[Callable[..., tuple[State, jax.Array]], optax.GradientTransformation]:
    schedule = optax.warmup_cosine_decay_schedule(
        0.0,
        recipe.rate,
        max(1, int(recipe.steps * _WARMUP)),
        max(2, recipe.steps),
        recipe.rate * _LAST_RATE,
    )
    optimiser = optax.chain(
        optax.clip_by_global_norm(_LONGEST_GRADIENT), optax.adam(schedule, b2=0.98)
    )
    student = form(weights)

    def loss(held: network.Tensors, known: network.Tensors | None, batch: Batch) -> jax.Array:
        tensors = as_packed({**held, **still}, recipe.kinds)
        return _loss(student, tensors, teacher, known, recipe, batch)

    @jax.jit
    def step(state: State, known: network.Tensors | None, batch: Batch) -> tuple[State, jax.Array]:
        held, moments = state
        value, gradient = jax.value_and_grad(loss)(held, known, batch)
        change, moments = optimiser.update(gradient, moments)
        return (optax.apply_updates(held, change), moments), value

    return step, optimiser


def _loss(
    student: Form,
    tensors: network.Tensors,
    teacher: Teacher | None,
    known: network.Tensors | None,
    recipe: Recipe,
    batch: Batch,
) -> jax.Array:
    rows, counts = batch
    streams: dict[str, jax.Array] = {}
    found = network.logits(student, tensors, rows, streams.__setitem__)[:, :-1]
    counts = counts[:, 1:]
    total = jnp.maximum(counts.sum(), 1)
    shares = jnp.take_along_axis(jax.nn.log_softmax(found), rows[:, 1:, None], -1)[..., 0]
    hard = -(shares * counts).sum() / total
    if teacher is None or known is None:
        return hard
    numbers = jnp.asarray(teacher.tokens)
    theirs: dict[str, jax.Array] = {}
    kind = form(teacher.weights)
    wanted = network.logits(kind, known, numbers[rows], theirs.__setitem__)[:, :-1]
    wanted = jax.nn.log_softmax(wanted[..., numbers] / recipe.temperature)
    ours = jax.nn.log_softmax(found / recipe.temperature)
    apart = (jnp.exp(wanted) * (wanted - ours)).sum(-1)
    soft = (apart * counts).sum() / total * recipe.temperature**2
    value = recipe.soft * soft + (1 - recipe.soft) * hard
    if recipe.hidden:
        value += recipe.hidden * _streams_apart(
            len(student.blocks), len(kind.blocks), streams, theirs, counts
        )
    return value


def _streams_apart(
    own: int,
    others: int,
    streams: Mapping[str, jax.Array],
    theirs: Mapping[str, jax.Array],
    counts: jax.Array,
) -> jax.Array:
    """Return 1 less the cosine of what comes out of each of the student's layers and of the
    teacher's at the same share of its depth, on average."""
    total = jnp.float32(0)
    for layer in range(own):
        one = streams[f"blk.{layer}"][:, :-1]
        two = theirs[f"blk.{round((layer + 1) * others / own) - 1}"][:, :-1]
        lengths = jnp.linalg.norm(one, axis=-1) * jnp.linalg.norm(two, axis=-1)
        alike = (one * two).sum(-1) / jnp.maximum(lengths, 1e-9)
        total += ((1 - alike) * counts).sum() / jnp.maximum(counts.sum(), 1)
    mean: jax.Array = total / own
    return mean


def _keep(path: Path, done: int, curve: Sequence[float], state: State) -> None:
    leaves = {f"leaf{at}": np.asarray(leaf) for at, leaf in enumerate(jax.tree.leaves(state))}
    new = path.with_name(path.name + ".new")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with new.open("wb") as file:
            np.savez(file, about=json.dumps({"done": done, "curve": list(curve)}), **leaves)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)


def _resumed(path: Path, begin: State) -> tuple[int, list[float], State]:
    """Return the steps that are done, their losses, and the state after them."""
    if not path.exists():
        return 0, [], begin
    try:
        with path.open("rb") as raw, np.load(raw) as file:
            about = json.loads(str(file["about"]))
            leaves, tree = jax.tree.flatten(begin)
            kept = [jnp.asarray(file[f"leaf{at}"]) for at in range(len(leaves))]
    except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
        raise ModelError(
            f"{path} is damaged", hint=f"delete it, then start again: {path}"
        ) from error
    return int(about["done"]), list(about["curve"]), jax.tree.unflatten(tree, kept)


def reached(weights: Weights, folder: Path) -> tuple[Weights, tuple[float, ...]]:
    """Return the model as a training in `folder` last kept it, and the losses up to there.

    Raises:
        ModelError: what was kept is damaged, or of another model.
    """
    names = sorted(name for name in weights.tensors if name != _FACTORS)
    held = {name: jnp.zeros(weights.tensors[name].shape) for name in names}
    # The parameters come first among the leaves of a state.
    _, curve, (learnt, _) = _resumed(folder / _STATE, (held, None))
    return weights.with_tensors({k: np.asarray(v) for k, v in learnt.items()}), tuple(curve)


def perplexity(weights: Weights, rows: Rows, batch: int = 8) -> float:
    """Return the perplexity of rows of text for a model."""
    kind, tensors = form(weights), network.tensors(weights)

    @jax.jit
    def read(tensors: network.Tensors, tokens: jax.Array) -> jax.Array:
        shares = jax.nn.log_softmax(network.logits(kind, tensors, tokens)[:, :-1])
        return -jnp.take_along_axis(shares, tokens[:, 1:, None], -1).sum()

    sums = [
        float(read(tensors, jnp.asarray(rows[at : at + batch])))
        for at in range(0, len(rows), batch)
    ]
    return float(np.exp(sum(sums) / (rows.size - len(rows))))


def deliver(weights: Weights, types: Types | None, path: Path) -> None:
    """Write a model whole or not at all; without `types`, its matrices are F16."""
    write(weights, path, types or dict.fromkeys(matrices(weights), F16))
