"""How alike two language models are: what each expects after every token of a text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from steward.lab.shrink.ggml import Array
from steward.lab.shrink.text import Window
from steward.models.ahead.network import Network, Past

_BATCH = 64
_RANKED = 3


class Reader:
    """A model that says what it expects after each token, in natural logarithms of shares."""

    def __init__(self, network: Network, longest: int, threads: int) -> None:
        """Make room for windows of `longest` tokens."""
        self.network = network
        # Exact keys and values: the weights shall be compared, and nothing else.
        self._past = Past(
            network, context=longest, threads=threads, batch=_BATCH, cache="f32", flash=False
        )

    def read(self, window: Window) -> Iterator[tuple[int, Array]]:
        """Yield the place of a few tokens in the window, and a row of log shares for each."""
        self._past.keep(0)
        for begin in range(0, len(window), _BATCH):
            tokens = window[begin : begin + _BATCH]
            self._past.compute(tokens, [True] * len(tokens))
            yield begin, log_shares(np.stack([self._past.scores(n) for n in range(len(tokens))]))


def log_shares(logits: Array) -> Array:
    """Return the logarithm of the softmax of each row."""
    shifted: Array = logits - logits.max(axis=1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return shifted


def divergence(original: Array, other: Array) -> NDArray[np.float64]:
    """Return KL(original, other) in nats, row by row of log shares."""
    found: NDArray[np.float64] = (np.exp(original) * (original - other)).sum(axis=1, dtype=float)
    return found


@dataclass(frozen=True)
class Place:
    """A token of a text at which two models differ by `kl` nats.

    `before` is the text up to there, `next` what follows in truth; then what each expects most,
    with its share.
    """

    kl: float
    before: str
    next: str
    original: tuple[tuple[str, float], ...]
    small: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Likeness:
    """What two models make of one text of `tokens`: perplexity of each; divergence in nats on
    average and of the worst hundredth; how often both expect the same token most, 0 to 1."""

    tokens: int
    original: float
    small: float
    kl: float
    worst_kl: float
    agreement: float
    places: tuple[Place, ...]


def compare(
    original: Path,
    small: Path,
    windows: Sequence[Window],
    *,
    threads: int,
    on: Callable[[int, int], None],
    shown: int = 5,
) -> Likeness:
    """Let two models with the same tokens read `windows`; `on` is told how many are done.

    Raises:
        ModelError: one cannot be run, or there is no memory for both.
    """
    longest = max(len(window) for window in windows)
    first = Reader(Network(original), longest, threads)
    second = Reader(Network(small), longest, threads)
    kls: list[NDArray[np.float64]] = []
    same: list[NDArray[np.bool_]] = []
    losses: list[tuple[float, float]] = []
    places: list[Place] = []
    for done, window in enumerate(windows):
        for (begin, one), (_, two) in zip(first.read(window), second.read(window), strict=True):
            each = divergence(one, two)
            kls.append(each)
            same.append(one.argmax(axis=1) == two.argmax(axis=1))
            for row in range(min(len(one), len(window) - begin - 1)):
                follows = window[begin + row + 1]
                losses.append((-float(one[row, follows]), -float(two[row, follows])))
            row = int(each.argmax())
            places.append(_place(first.network, window, begin + row, each[row], one[row], two[row]))
        on(done + 1, len(windows))
    found = np.concatenate(kls)
    means = np.mean(losses, axis=0)
    return Likeness(
        tokens=len(found),
        original=exp(means[0]),
        small=exp(means[1]),
        kl=float(found.mean()),
        worst_kl=float(np.quantile(found, 0.99)),
        agreement=float(np.concatenate(same).mean()),
        places=tuple(sorted(places, key=lambda place: -place.kl)[:shown]),
    )


def _place(
    network: Network, window: Window, at: int, kl: float, original: Array, small: Array
) -> Place:
    def text(tokens: Sequence[int]) -> str:
        return b"".join(network.piece(int(token)) for token in tokens).decode(errors="replace")

    def expected(row: Array) -> tuple[tuple[str, float], ...]:
        best = np.argsort(row)[: -_RANKED - 1 : -1]
        return tuple((text([token]), exp(row[token])) for token in best)

    before = text(window[max(0, at - 30) : at + 1])
    return Place(
        float(kl), before, text(window[at + 1 : at + 2]), expected(original), expected(small)
    )
