"""`steward prune`: what is left out of a model, one part after the other, and what that costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from steward.errors import UserError
from steward.lab.shrink import prune, vocabulary
from steward.lab.shrink.model import F16, Weights, file_size
from steward.lab.shrink.quantise import OnStep
from steward.lab.shrink.seen import Rows, Seen, rows_of, seen
from steward.lab.shrink.sensitivity import matrices
from steward.lab.shrink.sparse import Scheme, sparse
from steward.lab.shrink.text import divide, windows
from steward.lab.shrink.train import perplexity
from steward.models.ahead.network import Network

LENGTH = 128
"""Tokens of a row of text."""
_LOOKED = 16
"""Rows by which is chosen, and at most as many that are measured on."""


@dataclass(frozen=True)
class Cuts:
    """What to leave out: so many `layers`, `groups` and query `heads` of each group of attention,
    a share of the `neurons`, all `words` that the texts do not use, and a `share` of the single
    connections, by the scheme `zeros`."""

    layers: int = 0
    groups: int = 0
    heads: int = 0
    neurons: float = 0.0
    words: bool = False
    zeros: Scheme | None = None
    share: float = 0.5


@dataclass(frozen=True)
class Told:
    """A model by its `parameters`, `bytes` in F16, and perplexity on texts that chose nothing."""

    parameters: int
    bytes: int
    perplexity: float


@dataclass(frozen=True)
class Cut:
    """The smaller model, and both as they were measured."""

    weights: Weights
    before: Told
    after: Told


def cut(weights: Weights, path: Path, texts: Sequence[str], cuts: Cuts, on: OnStep) -> Cut:
    """Leave out what `cuts` says of the model in `path`, by what it does with the texts.

    Raises:
        UserError: nothing is to be left out, too much, or there is too little text.
        ModelError: the model cannot be computed or cut here.
    """
    if cuts == Cuts(share=cuts.share):
        raise UserError(
            "nothing is to be left out", hint="say what, for instance --layers 2 or --words"
        )
    network = Network(path)
    chosen, held = rows(network, texts)
    chosen, held = chosen[:_LOOKED], held[:_LOOKED]
    before = told(weights, held)
    steps: tuple[tuple[str, object, Callable[[Weights, Seen], Weights]], ...] = (
        ("layers", cuts.layers, lambda each, met: prune.layers(each, met, cuts.layers)),
        ("groups", cuts.groups, lambda each, met: prune.groups(each, met, cuts.groups)),
        ("heads", cuts.heads, lambda each, met: prune.heads(each, met, cuts.heads)),
        ("neurons", cuts.neurons, lambda each, met: prune.neurons(each, met, cuts.neurons)),
        (
            "connections",
            cuts.zeros,
            lambda each, met: sparse(each, met.squares, cuts.zeros or "wanda", cuts.share),
        ),
    )
    for name, wanted, step in steps:
        if wanted:
            what = f"choosing {name}"
            weights = step(weights, seen(weights, chosen, lambda at, of, w=what: on(w, at, of)))  # type: ignore[misc]
    if cuts.words:
        used = {token for text in texts for token in network.tokenize(text.encode())}
        kept = vocabulary.needed(weights, used | set(held.ravel().tolist()))
        weights = vocabulary.with_tokens(weights, kept)
        held = np.searchsorted(np.array(kept), held).astype(np.int32)
    return Cut(weights, before, told(weights, held))


def rows(network: Network, texts: Sequence[str]) -> tuple[Rows, Rows]:
    """Return the texts in rows of tokens: those to learn from, and those to measure on.

    Raises:
        UserError: there are too few of either.
    """
    parted = divide(windows(network, ["\n\n".join(texts)], LENGTH), 1 << 30)
    learnt, held = rows_of(parted.search, LENGTH), rows_of(parted.held, LENGTH)
    if not len(learnt) or not len(held):
        raise UserError(
            "there is too little text", hint=f"give some pages: {10 * LENGTH} words or more"
        )
    return learnt, held


def told(weights: Weights, held: Rows) -> Told:
    """Return a model's figures."""
    count = sum(int(np.prod(value.shape)) for value in weights.tensors.values())
    size = file_size(weights, dict.fromkeys(matrices(weights), F16))
    return Told(count, size, perplexity(weights, held))


def as_json(found: Cut, cuts: Cuts) -> dict[str, object]:
    """Return what is kept beside the model."""
    return {"cuts": asdict(cuts), "before": asdict(found.before), "after": asdict(found.after)}
