"""Models with random weights, of every architecture that can be shrunk, in a millisecond."""

from __future__ import annotations

import numpy as np
import tiny

from steward.lab.shrink.ggml import Array
from steward.lab.shrink.metadata import Entry, flag, number, numbers, real, text, texts
from steward.lab.shrink.model import Weights

WIDTH, HEADS, KV_HEADS, INNER, LAYERS, CONTEXT = 64, 4, 2, 128, 3, 256


def head(architecture: str) -> int:
    """Return the width of a head; not all let it differ from the heads' part of the width."""
    return 32 if architecture in ("qwen3", "gemma3") else WIDTH // HEADS


def weights(architecture: str, seed: int = 0, layers: int = LAYERS) -> Weights:
    """Return a model; the same seed makes the same."""
    entries = _entries(architecture, layers)
    rows = len(entries["tokenizer.ggml.tokens"].value)  # type: ignore[arg-type]
    random = np.random.default_rng(seed)

    def matrix(out: int, width: int) -> Array:
        return random.normal(0, 1.5 / np.sqrt(width), (out, width)).astype(np.float32)

    def vector(width: int, middle: float = 1.0) -> Array:
        return random.normal(middle, 0.1, width).astype(np.float32)

    made: dict[str, Array] = {"token_embd.weight": matrix(rows, WIDTH)}
    if architecture in ("llama", "qwen3"):
        made["output.weight"] = matrix(rows, WIDTH)
    made["output_norm.weight"] = vector(WIDTH)
    wide = head(architecture)
    queries, keys = HEADS * wide, KV_HEADS * wide
    for layer in range(layers):
        at = f"blk.{layer}."
        made[f"{at}attn_norm.weight"] = vector(WIDTH)
        made[f"{at}ffn_norm.weight"] = vector(WIDTH)
        for name, out in (("q", queries), ("k", keys), ("v", keys)):
            made[f"{at}attn_{name}.weight"] = matrix(out, WIDTH)
            if architecture == "qwen2":
                made[f"{at}attn_{name}.bias"] = vector(out, 0.0)
        made[f"{at}attn_output.weight"] = matrix(WIDTH, queries)
        if architecture in ("qwen3", "gemma3"):
            made[f"{at}attn_q_norm.weight"] = vector(wide)
            made[f"{at}attn_k_norm.weight"] = vector(wide)
        if architecture == "gemma3":
            made[f"{at}post_attention_norm.weight"] = vector(WIDTH)
            made[f"{at}post_ffw_norm.weight"] = vector(WIDTH)
        made[f"{at}ffn_gate.weight"] = matrix(INNER, WIDTH)
        made[f"{at}ffn_up.weight"] = matrix(INNER, WIDTH)
        made[f"{at}ffn_down.weight"] = matrix(WIDTH, INNER)
    return Weights(f"tiny {architecture}", entries, made)


def _entries(architecture: str, layers: int) -> dict[str, Entry]:
    tokens = [*tiny.characters(), *(m.replace(" ", "") for m in tiny.MERGES), "<|im_end|>"]
    own = {
        "context_length": number(CONTEXT),
        "embedding_length": number(WIDTH),
        "block_count": number(layers),
        "feed_forward_length": number(INNER),
        "attention.head_count": number(HEADS),
        "attention.head_count_kv": number(KV_HEADS),
        "attention.key_length": number(head(architecture)),
        "attention.value_length": number(head(architecture)),
        "attention.layer_norm_rms_epsilon": real(2.0**-17),
        "rope.freq_base": real(10000.0),
    }
    if architecture == "gemma3":
        own["attention.sliding_window"] = number(8)
    if architecture == "llama":
        own["rope.dimension_count"] = number(head(architecture))
    return {
        "general.architecture": text(architecture),
        "general.name": text(f"tiny {architecture}"),
        "general.license": text("apache-2.0"),
        **{f"{architecture}.{key}": entry for key, entry in own.items()},
        "tokenizer.ggml.model": text("gpt2"),
        "tokenizer.ggml.pre": text("gpt-2"),
        "tokenizer.ggml.tokens": texts(tokens),
        "tokenizer.ggml.token_type": numbers([1] * (len(tokens) - 1) + [3]),
        "tokenizer.ggml.merges": texts(tiny.MERGES),
        "tokenizer.ggml.eos_token_id": number(len(tokens) - 1),
        "tokenizer.ggml.add_bos_token": flag(False),
    }
