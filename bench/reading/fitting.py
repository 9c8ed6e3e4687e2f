"""Training within a budget of work: what is compiled and judged meanwhile costs nothing."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import jax
import numpy as np
import optax

from reading.candidates import HEADS, Candidate
from reading.decoder import Batch, Parameters

T = TypeVar("T")

WARMUP = 0.06
TRIED = 0.125
"""Share of the budget after which a learning rate is judged."""

QUICK = 2
"""Points before the last are scored on one of so many batches."""


@dataclass(frozen=True)
class Point:
    """One point of a curve: the mean loss since the last, shares of right labels and right wholes
    on templates never trained on."""

    seconds: float
    examples: int
    loss: float
    label: float
    whole: float


@dataclass(frozen=True)
class Fitted:
    """The trained parameters, the learning `rate` they were trained with, the loss of each step,
    the `curve`, and the `seconds` by the clock on the wall, scoring included."""

    free: Parameters
    rate: float
    losses: tuple[float, ...]
    curve: tuple[Point, ...]
    seconds: float

    @property
    def late(self) -> float:
        """The mean loss of the last third of the steps; no example is ever seen twice."""
        return float(np.mean(self.losses[-max(1, len(self.losses) // 3) :]))


class Clock:
    """Seconds of all cores that this process used, less what was excused.

    Work is counted, not waiting: other programs on the machine make nobody's budget shorter.
    """

    def __init__(self) -> None:
        self._cores = os.cpu_count() or 1
        self._began = self._used()

    def _used(self) -> float:
        return time.process_time() / self._cores

    def seconds(self) -> float:
        """Return the seconds that count."""
        return self._used() - self._began

    def excuse(self, work: Callable[..., T], *arguments: Any) -> T:
        """Return what `work` returns; its time does not count."""
        begin = self._used()
        made = work(*arguments)
        self._began += self._used() - begin
        return made


class Compiled:
    """A function that is compiled once for each shape of its batch, ahead of its call."""

    def __init__(self, work: Callable[..., Any]) -> None:
        self._jitted = jax.jit(work)
        self._ready: dict[tuple[tuple[int, ...], ...], Callable[..., Any]] = {}

    def ready(self, batch: Batch, *others: Any) -> Callable[..., Any]:
        """Return the function for arguments like these."""
        shape = tuple(value.shape for value in batch.values())
        if shape not in self._ready:
            self._ready[shape] = self._jitted.lower(batch, *others).compile()
        return self._ready[shape]


def chosen(
    candidate: Candidate, budget: float, report: Callable[[Point], None], points: int = 3
) -> Fitted:
    """Return `candidate` trained for `budget` seconds with the better of its learning rates."""
    step, test = Compiled(_step(candidate)), Compiled(_test(candidate))
    tries = [
        fit(candidate, step, test, rate, TRIED * budget, 0, report) for rate in candidate.rates
    ]
    best = min(tries, key=lambda one: one.late)
    return fit(candidate, step, test, best.rate, budget, points, report)


def fit(
    candidate: Candidate,
    step: Compiled,
    test: Compiled,
    rate: float,
    budget: float,
    points: int,
    report: Callable[[Point], None],
) -> Fitted:
    """Train for `budget` seconds; `report` gets `points` points of the curve."""
    free, frozen = candidate.free, candidate.frozen
    state = _optimizer().init(free)
    source, clock, began = candidate.source(), Clock(), time.monotonic()
    losses: list[float] = []
    curve: list[Point] = []
    examples = since = 0
    while (share := clock.seconds() / budget) < 1:
        data, now = next(source), np.float32(rate * schedule(share))
        work = clock.excuse(step.ready, data, free, frozen, state, now)
        free, state, value = work(data, free, frozen, state, now)
        losses.append(float(value))
        examples += len(data["pieces"])
        if len(curve) < points and clock.seconds() >= budget * (len(curve) + 1) / points:
            proof = candidate.proof[:: 1 if len(curve) == points - 1 else QUICK]
            label, whole = clock.excuse(proved, test, free, frozen, proof)
            mean = float(np.mean(losses[since:]))
            curve.append(Point(clock.seconds(), examples, mean, label, whole))
            report(curve[-1])
            since = len(losses)
    return Fitted(free, rate, tuple(losses), tuple(curve), time.monotonic() - began)


def schedule(share: float) -> float:
    """Return the part of the learning rate at a `share` of the budget: up, then down by a cosine
    to a twentieth."""
    if share < WARMUP:
        return max(share, WARMUP / 10) / WARMUP
    along = min(1.0, (share - WARMUP) / (1 - WARMUP))
    return 0.05 + 0.95 * (1 + math.cos(math.pi * along)) / 2


def proved(
    test: Compiled, free: Parameters, frozen: Parameters, proof: Sequence[Batch]
) -> tuple[float, float]:
    """Return the shares of right labels and of right wholes."""
    named: list[bool] = []
    right: list[bool] = []
    for data in proof:
        label, whole = test.ready(data, free, frozen)(data, free, frozen)
        named.extend(np.asarray(label))
        right.extend(np.asarray(whole))
    return float(np.mean(named)), float(np.mean(right))


def _optimizer() -> optax.GradientTransformation:
    return optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(1.0, weight_decay=0.01))


def _step(candidate: Candidate) -> Callable[..., tuple[Parameters, optax.OptState, jax.Array]]:
    def step(
        data: Batch, free: Parameters, frozen: Parameters, state: optax.OptState, rate: jax.Array
    ) -> tuple[Parameters, optax.OptState, jax.Array]:
        def loss(free: Parameters) -> jax.Array:
            return candidate.loss(candidate.joined(frozen, free), data)

        value, slopes = jax.value_and_grad(loss)(free)
        updates, state = _optimizer().update(slopes, state, free)
        scaled = {
            name: update * rate * (candidate.quick if name.startswith(HEADS) else 1.0)
            for name, update in updates.items()
        }
        return optax.apply_updates(free, scaled), state, value

    return step


def _test(candidate: Candidate) -> Callable[..., tuple[jax.Array, jax.Array]]:
    def test(data: Batch, free: Parameters, frozen: Parameters) -> tuple[jax.Array, jax.Array]:
        return candidate.judge(candidate.joined(frozen, free), data)

    return test
