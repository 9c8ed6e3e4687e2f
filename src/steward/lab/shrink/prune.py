"""Structured pruning: layers, heads of attention and neurons are left out, and a smaller model of
the same kind remains, which every runtime computes faster."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from steward.errors import UserError
from steward.lab.shrink.form import Form, each, form, is_global, period
from steward.lab.shrink.ggml import Array
from steward.lab.shrink.metadata import Entry, number, numbers
from steward.lab.shrink.model import Weights
from steward.lab.shrink.seen import Seen

NEURONS = 32
"""Neurons stay in whole blocks of the packed types."""
_LAYER = re.compile(r"blk\.(\d+)\.(.+)")
_HINT = "leave out less"


def layers(weights: Weights, seen: Seen, count: int) -> Weights:
    """Leave out the `count` layers with the least influence.

    In a model with sliding windows, those that stay must alternate in turns of equal length.

    Raises:
        UserError: not one layer would be left, or no such turns.
    """
    kept = kept_layers(seen.influence, count, period(weights))
    found = with_layers(weights, kept[1])
    if kept[0]:
        own = f"{weights.architecture}.attention.sliding_window_pattern"
        found = found.with_entries({own: number(kept[0])})
    return _as_sharp(weights, found)


def kept_layers(influence: Sequence[float], count: int, turn: int) -> tuple[int, tuple[int, ...]]:
    """Return the length of a turn of windows (0: none) and the layers that stay.

    Raises:
        UserError: as `layers`.
    """
    total = len(influence)
    if not 0 <= count < total:
        raise UserError(f"{count} of {total} layers cannot be left out", hint=_HINT)
    if not turn:
        order = np.argsort(influence, kind="stable")
        return 0, tuple(sorted(int(layer) for layer in order[count:]))
    kinds = [is_global(layer, turn) for layer in range(total)]
    options = []
    for new in range(2, turn + 1):
        wanted = [is_global(layer, new) for layer in range(total - count)]
        found = _subsequence(influence, kinds, wanted)
        if found is not None:
            options.append((found[0], new, found[1]))
    if not options:
        raise UserError(
            f"{count} of {total} layers cannot be left out: those with and without a window would "
            "no longer take turns",
            hint=f"leave out {turn}, or another number",
        )
    _, new, kept = max(options)
    return new, kept


def _subsequence(
    influence: Sequence[float], kinds: Sequence[bool], wanted: Sequence[bool]
) -> tuple[float, tuple[int, ...]] | None:
    """Return the layers of the `wanted` kinds, in order, with the most influence together."""
    best: list[tuple[float, tuple[int, ...]] | None] = [(0.0, ())] + [None] * len(wanted)
    for layer, (worth, kind) in enumerate(zip(influence, kinds, strict=True)):
        for place in range(len(wanted), 0, -1):
            before = best[place - 1]
            if before is None or wanted[place - 1] != kind:
                continue
            here = (before[0] + worth, (*before[1], layer))
            now = best[place]
            best[place] = here if now is None or here > now else now
    return best[-1]


def with_layers(weights: Weights, kept: Sequence[int]) -> Weights:
    """Return a model of these layers alone."""
    count = len(form(weights).blocks)
    places = {old: new for new, old in enumerate(kept)}
    tensors = {}
    for name, value in weights.tensors.items():
        found = _LAYER.fullmatch(name)
        if not found:
            tensors[name] = value
        elif int(found[1]) in places:
            tensors[f"blk.{places[int(found[1])]}.{found[2]}"] = value
    entries = {f"{weights.architecture}.block_count": number(len(kept))}
    for key in ("attention.head_count", "attention.head_count_kv", "feed_forward_length"):
        entry = weights.own(key)
        if entry is not None and isinstance(entry.value, tuple):
            values = each(weights, key, count)
            stay = tuple(values[layer] for layer in kept)
            entries[f"{weights.architecture}.{key}"] = replace(entry, value=stay)
    return replace(weights, tensors=tensors).with_entries(entries)


def groups(weights: Weights, seen: Seen, count: int) -> Weights:
    """Leave out so many groups of attention in each layer: a key and value head, and the query
    heads that use it. Those go that give the least to the stream.

    Raises:
        UserError: not one group would be left in a layer, or llama.cpp could not run the rest.
    """
    kind = _with_free_heads(weights)
    fewest = min(block.groups for block in kind.blocks)
    if not 0 <= count < fewest:
        raise UserError(f"{count} of {fewest} groups cannot be left out", hint=_HINT)

    def kept(layer: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        block = kind.blocks[layer]
        worth = _heads_worth(weights, seen, kind, layer).reshape(block.groups, -1)
        stay = _best(worth.sum(1), block.groups - count)
        per = block.heads // block.groups
        return (stay[:, None] * per + np.arange(per)).ravel(), stay

    return _with_heads(weights, kind, kept)


def heads(weights: Weights, seen: Seen, count: int) -> Weights:
    """Leave out so many query heads of each group in each layer, those that give the least.

    Raises:
        UserError: not one head would be left in a group, or llama.cpp could not run the rest.
    """
    kind = _with_free_heads(weights)
    fewest = min(block.heads // block.groups for block in kind.blocks)
    if not 0 <= count < fewest:
        raise UserError(
            f"{count} of {fewest} query heads of a group cannot be left out",
            hint=f"{_HINT}, or leave out whole groups",
        )

    def kept(layer: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        block = kind.blocks[layer]
        worth = _heads_worth(weights, seen, kind, layer).reshape(block.groups, -1)
        per = worth.shape[1]
        stay = [_best(row, per - count) + group * per for group, row in enumerate(worth)]
        return np.concatenate(stay), np.arange(block.groups)

    return _with_heads(weights, kind, kept)


def neurons(weights: Weights, seen: Seen, share: float) -> Weights:
    """Leave out a share (0 to 1) of each layer's neurons, those that give the least to the stream;
    so many stay that they make whole blocks of `NEURONS`.

    Raises:
        UserError: the share is none, or no block would be left.
    """
    tensors: dict[str, Array] = {}
    sizes = []
    for layer in range(len(form(weights).blocks)):
        prefix = f"blk.{layer}.ffn_"
        down = weights.array(f"{prefix}down.weight")
        stay = int(down.shape[1] * (1 - share)) // NEURONS * NEURONS
        if not 0 <= share < 1 or not stay:
            raise UserError(f"{share:.0%} of the neurons cannot be left out", hint=_HINT)
        kept = _best(_worth(down, seen.squares[f"{prefix}down.weight"]), stay)
        tensors[f"{prefix}down.weight"] = down[:, kept]
        for name in ("gate.weight", "up.weight", "gate.bias", "up.bias"):
            if prefix + name in weights.tensors:
                tensors[prefix + name] = weights.array(prefix + name)[kept]
        sizes.append(stay)
    key = f"{weights.architecture}.feed_forward_length"
    return weights.with_tensors(tensors).with_entries({key: _per_layer(sizes)})


def _with_free_heads(weights: Weights) -> Form:
    if weights.architecture == "qwen2":
        raise UserError(
            "llama.cpp runs no Qwen2 whose heads are not as wide together as the model",
            hint="leave out layers or neurons instead",
        )
    return form(weights)


def _per_layer(values: Sequence[int]) -> Entry:
    return number(values[0]) if len(set(values)) == 1 else numbers(values)


def _with_heads(
    weights: Weights,
    kind: Form,
    kept: Callable[[int], tuple[NDArray[np.intp], NDArray[np.intp]]],
) -> Weights:
    """Return the model with the query heads and groups that `kept` tells of each layer."""
    tensors: dict[str, Array] = {}
    counts, group_counts = [], []
    for layer in range(len(kind.blocks)):
        queries, stay = kept(layer)
        counts.append(len(queries))
        group_counts.append(len(stay))
        for part, which in (("q", queries), ("k", stay), ("v", stay)):
            for end in ("weight", "bias"):
                name = f"blk.{layer}.attn_{part}.{end}"
                if name in weights.tensors:
                    values = weights.array(name)
                    by_head = values.reshape(-1, kind.head, *values.shape[1:])
                    tensors[name] = by_head[which].reshape(-1, *values.shape[1:])
        name = f"blk.{layer}.attn_output.weight"
        values = weights.array(name)
        by_head = values.reshape(values.shape[0], -1, kind.head)
        tensors[name] = by_head[:, queries].reshape(values.shape[0], -1)
    own = {
        "attention.head_count": _per_layer(counts),
        "attention.head_count_kv": _per_layer(group_counts),
        "attention.key_length": number(kind.head),
        "attention.value_length": number(kind.head),
        "rope.dimension_count": number(kind.rotated),
    }
    entries = {f"{weights.architecture}.{key}": entry for key, entry in own.items()}
    return _as_sharp(weights, weights.with_tensors(tensors).with_entries(entries))


def _heads_worth(weights: Weights, seen: Seen, kind: Form, layer: int) -> NDArray[np.float64]:
    name = f"blk.{layer}.attn_output.weight"
    columns = _worth(weights.array(name), seen.squares[name])
    found: NDArray[np.float64] = columns.reshape(-1, kind.head).sum(1)
    return found


def _worth(matrix: Array, squares: Array) -> NDArray[np.float64]:
    """Return the mean square of what each column of a matrix gives to its result."""
    found: NDArray[np.float64] = np.square(matrix, dtype=np.float64).sum(0) * squares
    return found


def _best(worth: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    """Return the places of the `count` largest, in their order."""
    return np.sort(np.argsort(-worth, kind="stable")[:count])


def _as_sharp(before: Weights, after: Weights) -> Weights:
    """Let attention be as sharp as before: in the largest Gemma 3, llama.cpp makes that depend on
    the number of heads and layers."""
    ratio = form(before).sharpness / form(after).sharpness
    if ratio == 1:
        return after
    names = [name for name in after.tensors if name.endswith("attn_q_norm.weight")]
    return after.with_tensors({name: after.array(name) * np.float32(ratio) for name in names})
