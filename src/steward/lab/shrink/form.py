"""What a decoder is like beside its weights: heads, rotation, windows, as its metadata says."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from steward.errors import ModelError
from steward.lab.shrink.model import Weights

GEMMA_PERIOD = 6
"""In Gemma 3 every sixth layer sees all of the text, the others a window of it."""
_GEMMA_LOCAL_BASE = 10000.0
_GEMMA_27B_LAYERS = 62
_LAYER = {
    *("attn_norm.weight", "attn_q.weight", "attn_k.weight", "attn_v.weight", "attn_output.weight"),
    *("attn_q.bias", "attn_k.bias", "attn_v.bias", "attn_output.bias"),
    *("attn_q_norm.weight", "attn_k_norm.weight", "post_attention_norm.weight"),
    *("ffn_norm.weight", "ffn_gate.weight", "ffn_up.weight", "ffn_down.weight"),
    *("ffn_gate.bias", "ffn_up.bias", "ffn_down.bias", "post_ffw_norm.weight"),
}
_WHOLE = {
    *("token_embd.weight", "output.weight", "output_norm.weight", "output.bias"),
    "rope_freqs.weight",
}
_AGAIN = "fetch it again; if it stays so, its maker did not say how it is to be run"
_HINT = "choose a model of the Llama family, Qwen2, Qwen3, Gemma 3 or SmolLM"


@dataclass(frozen=True)
class Block:
    """One layer: its query heads, its groups (key and value heads), the `window` of tokens that it
    sees (None: all), and the base and scale of its rotation."""

    heads: int
    groups: int
    window: int | None
    base: float
    scale: float


@dataclass(frozen=True)
class Form:
    """A decoder without its weights.

    `head`: numbers in a query or key head, `rotated` of which are turned; `interleaved`: neighbours
    are turned together, as llama.cpp keeps Llama's weights, else the halves of a head. `gelu`: the
    gate is GELU, else SiLU. `amplified`: what embeddings are multiplied by; `sharpness`: what
    products of queries and keys are; `cap`: where logits are bent to stay within, 0 for nowhere.
    """

    blocks: tuple[Block, ...]
    head: int
    rotated: int
    interleaved: bool
    epsilon: float
    gelu: bool
    amplified: float
    sharpness: float
    cap: float


def form(weights: Weights) -> Form:
    """Read the form of a decoder out of its entries.

    Raises:
        ModelError: it has experts, a kind of rotation or tensors that are not known here.
    """
    kind = _text(weights, "rope.scaling.type")
    if kind not in ("none", "linear") or _number(weights, "expert_count", 0):
        what = "experts" if kind in ("none", "linear") else f"rotation scaled as {kind!r:.20}"
        raise ModelError(f"{weights.name} has {what}, which cannot be trained here", hint=_HINT)
    count = int(_number(weights, "block_count"))
    _known(weights.tensors, count)
    heads = each(weights, "attention.head_count", count)
    width = int(_number(weights, "embedding_length"))
    head = int(_number(weights, "attention.key_length", width // max(1, *heads)))
    gemma = weights.architecture == "gemma3"
    whole = width / heads[0] if gemma and count == _GEMMA_27B_LAYERS else head
    return Form(
        _blocks(weights, heads, each(weights, "attention.head_count_kv", count, heads)),
        head,
        int(_number(weights, "rope.dimension_count", head)),
        weights.architecture == "llama",
        _number(weights, "attention.layer_norm_rms_epsilon"),
        gemma,
        math.sqrt(width) if gemma else 1.0,
        1 / math.sqrt(whole),
        _number(weights, "final_logit_softcapping", 0.0),
    )


def each(
    weights: Weights, key: str, count: int, otherwise: tuple[int, ...] | None = None
) -> tuple[int, ...]:
    """Return an entry that may be one number for all layers or a list, as one for each layer.

    Raises:
        ModelError: it is missing, or is no such thing.
    """
    entry = weights.own(key)
    if entry is None and otherwise is not None:
        return otherwise
    value = None if entry is None else entry.value
    values = value if isinstance(value, tuple) else (value,) * count
    numbers = tuple(each for each in values if isinstance(each, int))
    if len(numbers) != count:
        raise ModelError(f"{weights.name} does not say its {key} for each layer", hint=_AGAIN)
    return numbers


def period(weights: Weights) -> int:
    """Return how many layers make a turn of sliding windows and one without; 0: no windows."""
    if weights.architecture != "gemma3" or not _number(weights, "attention.sliding_window", 0):
        return 0
    return int(_number(weights, "attention.sliding_window_pattern", GEMMA_PERIOD))


def is_global(layer: int, period: int) -> bool:
    """Tell whether a layer of a model with sliding windows sees all of the text."""
    return layer % period == period - 1


def _blocks(weights: Weights, heads: tuple[int, ...], groups: tuple[int, ...]) -> tuple[Block, ...]:
    base = _number(weights, "rope.freq_base", 10000.0)
    scale = 1.0
    if _text(weights, "rope.scaling.type") == "linear":
        scale = 1 / _number(weights, "rope.scaling.factor", 1.0)
    found = [Block(h, g, None, base, scale) for h, g in zip(heads, groups, strict=True)]
    turn = period(weights)
    if turn:
        window = int(_number(weights, "attention.sliding_window"))
        local = _number(weights, "rope.freq_base_swa", _GEMMA_LOCAL_BASE)
        for at, block in enumerate(found):
            if not is_global(at, turn):
                found[at] = Block(block.heads, block.groups, window, local, 1.0)
    return tuple(found)


def _number(weights: Weights, key: str, otherwise: float | None = None) -> float:
    entry = weights.own(key)
    value = otherwise if entry is None else entry.value
    if not isinstance(value, int | float):
        raise ModelError(f"{weights.name} does not say its {key}", hint=_AGAIN)
    return value


def _text(weights: Weights, key: str) -> str:
    entry = weights.own(key)
    return "none" if entry is None else str(entry.value)


def _known(names: Iterable[str], count: int) -> None:
    layers = {f"blk.{layer}.{name}" for layer in range(count) for name in _LAYER}
    strange = sorted(set(names) - layers - _WHOLE)
    if strange:
        raise ModelError(
            f"the model has tensors that nothing here computes with: {', '.join(strange[:4])}",
            hint=_HINT,
        )
