"""A smaller vocabulary: tokens that the owner's texts never use are left out.

A text that used only tokens which stay is read as before, token by token: with each token stay all
that are merged on the way to it. Any other text can still be read, in more and smaller tokens.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from steward.errors import ModelError
from steward.lab.shrink.metadata import Entry, number
from steward.lab.shrink.model import Weights

_PREFIX = "tokenizer.ggml."
_TABLES = ("token_embd.weight", "output.weight", "output.bias")
_NORMAL, _UNUSED = 1, 5
_NUMBER = re.compile(r"tokenizer\.ggml\.\w+_token_id")
_KINDS = ("gpt2", "llama")
"""Tokenizers by what is merged first: the pair that is listed first, the token with the highest
score."""


def trim(weights: Weights, used: Collection[int]) -> Weights:
    """Return a model of the tokens `used` by texts, with those needed to read them: single bytes
    and characters, control tokens, and what is merged on the way.

    Raises:
        ModelError: its tokenizer is of a kind that is not known here.
    """
    return with_tokens(weights, needed(weights, used))


def needed(weights: Weights, used: Collection[int]) -> tuple[int, ...]:
    """Return the numbers of the tokens that must stay, in their order. Raises ModelError."""
    kind = weights.entries.get(f"{_PREFIX}model")
    if kind is None or kind.value not in _KINDS:
        raise ModelError(
            f"{weights.name} has a tokenizer of a kind that cannot be made smaller here",
            hint=f"there are {' and '.join(_KINDS)}; leave the vocabulary as it is",
        )
    tokens = [str(token) for token in _items(weights, "tokens")]
    numbers = {token: at for at, token in enumerate(tokens)}
    kinds = _items(weights, "token_type") or [_NORMAL] * len(tokens)
    spm = kind.value == "llama"
    stay = {at for at, each in enumerate(kinds) if each not in (_NORMAL, _UNUSED)}
    if not spm:
        stay |= {at for at, token in enumerate(tokens) if len(token) == 1}
    stay |= set(_special(weights).values())
    ranks = _scores(weights, tokens) if spm else _merges(weights)
    for token in used:
        stay.add(token)
        if kinds[token] == _NORMAL:
            steps = (*tokens[token], *merged(tokens[token], ranks, pairs=not spm))
            stay |= {numbers[step] for step in steps if step in numbers}
    return tuple(sorted(stay))


def merged(token: str, ranks: Mapping[str, float], *, pairs: bool) -> Iterator[str]:
    """Yield what is merged, step by step, when `token` is read by itself.

    `ranks` tell what comes first, the lowest: of a pair "left right", or of what it becomes.
    """
    parts = list(token)
    while len(parts) > 1:
        joined = [f"{left} {right}" if pairs else left + right for left, right in pairwise(parts)]
        at = min(range(len(joined)), key=lambda place: ranks.get(joined[place], np.inf))
        if joined[at] not in ranks:
            return
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
        yield parts[at]


def with_tokens(weights: Weights, kept: Sequence[int]) -> Weights:
    """Return a model of these tokens alone, with merges among them."""
    tokens = [str(token) for token in _items(weights, "tokens")]
    places = {old: new for new, old in enumerate(kept)}
    stay = {tokens[at] for at in kept}
    entries: dict[str, Entry] = {}
    for name in ("tokens", "token_type", "scores"):
        entry = weights.entries.get(_PREFIX + name)
        if entry is not None and isinstance(entry.value, tuple):
            values = entry.value
            entries[_PREFIX + name] = replace(entry, value=tuple(values[at] for at in kept))
    merges = weights.entries.get(f"{_PREFIX}merges")
    if merges is not None and isinstance(merges.value, tuple):
        found = tuple(merge for merge in merges.value if _among(str(merge), stay))
        entries[f"{_PREFIX}merges"] = replace(merges, value=found)
    for key, value in _special(weights).items():
        entries[key] = number(places[value])
    if weights.own("vocab_size") is not None:
        entries[f"{weights.architecture}.vocab_size"] = number(len(kept))
    rows = np.array(kept)
    tensors = {name: weights.array(name)[rows] for name in _TABLES if name in weights.tensors}
    return weights.with_tensors(tensors).with_entries(entries)


def _among(merge: str, stay: Collection[str]) -> bool:
    left, _, right = merge.partition(" ")
    return left in stay and right in stay and left + right in stay


def _special(weights: Weights) -> dict[str, int]:
    """Return the entries that name a token by its number."""
    count = len(_items(weights, "tokens"))
    return {
        key: entry.value
        for key, entry in weights.entries.items()
        if _NUMBER.fullmatch(key) and isinstance(entry.value, int) and entry.value < count
    }


def _items(weights: Weights, name: str) -> tuple[object, ...]:
    entry = weights.entries.get(_PREFIX + name)
    return entry.value if entry is not None and isinstance(entry.value, tuple) else ()


def _merges(weights: Weights) -> dict[str, float]:
    return {str(merge): rank for rank, merge in enumerate(_items(weights, "merges"))}


def _scores(weights: Weights, tokens: Sequence[str]) -> dict[str, float]:
    scores = _items(weights, "scores")
    if len(scores) != len(tokens):
        raise ModelError(
            f"{weights.name} has {len(tokens)} tokens in its tokenizer and {len(scores)} scores",
            hint="fetch it again; if it stays so, leave the vocabulary as it is",
        )
    return {token: -float(str(score)) for token, score in zip(tokens, scores, strict=True)}
