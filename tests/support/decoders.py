"""Tiny language models with random weights, one of each architecture that can be shrunk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tiny

from steward.lab.shrink.ggml import Array
from steward.lab.shrink.metadata import Entry, number, numbers, real, text, texts
from steward.lab.shrink.model import Weights
from steward.models.ahead.network import Network, Past

ARCHITECTURES = ("llama", "qwen2", "qwen3", "gemma3")
WIDTH, HEADS, GROUPS, HEAD, INNER = 64, 4, 2, 32, 96
WINDOW, TURN = 8, 3
CHARACTERS = 256


def vocabulary() -> tuple[str, ...]:
    """Return the tokens: bytes, what the merges make of them, and a control token."""
    merged = (merge.replace(" ", "") for merge in tiny.MERGES)
    return (*tiny.characters(), *merged, "<|im_end|>")


def model(architecture: str, *, layers: int = 4, seed: int = 0) -> Weights:
    """Return a model; the same seed makes the same. A Llama has its own head, the others none."""
    random = np.random.default_rng(seed)
    tensors: dict[str, Array] = {}

    def add(name: str, *shape: int) -> None:
        spread = 0.1 if len(shape) == 1 else 1.2 / np.sqrt(shape[-1])
        values = random.normal(0.0, spread, shape) + name.endswith("norm.weight")
        tensors[name] = values.astype(np.float32)

    head = WIDTH // HEADS if architecture in ("llama", "qwen2") else HEAD
    add("token_embd.weight", len(vocabulary()), WIDTH)
    add("output_norm.weight", WIDTH)
    if architecture == "llama":
        add("output.weight", len(vocabulary()), WIDTH)
    for layer in range(layers):
        for name, *shape in _layer(architecture, head):
            add(f"blk.{layer}.{name}", *shape)
    return Weights(f"tiny-{architecture}", _entries(architecture, layers, head), tensors)


def _layer(architecture: str, head: int) -> list[tuple[str, *tuple[int, ...]]]:
    query, key = HEADS * head, GROUPS * head
    found: list[tuple[str, *tuple[int, ...]]] = [
        ("attn_norm.weight", WIDTH),
        ("attn_q.weight", query, WIDTH),
        ("attn_k.weight", key, WIDTH),
        ("attn_v.weight", key, WIDTH),
        ("attn_output.weight", WIDTH, query),
        ("ffn_norm.weight", WIDTH),
        ("ffn_gate.weight", INNER, WIDTH),
        ("ffn_up.weight", INNER, WIDTH),
        ("ffn_down.weight", WIDTH, INNER),
    ]
    if architecture == "qwen2":
        found += [("attn_q.bias", query), ("attn_k.bias", key), ("attn_v.bias", key)]
    if architecture in ("qwen3", "gemma3"):
        found += [("attn_q_norm.weight", head), ("attn_k_norm.weight", head)]
    if architecture == "gemma3":
        found += [("post_attention_norm.weight", WIDTH), ("post_ffw_norm.weight", WIDTH)]
    return found


def _entries(architecture: str, layers: int, head: int) -> dict[str, Entry]:
    tokens = vocabulary()
    own = {
        "context_length": number(256),
        "embedding_length": number(WIDTH),
        "block_count": number(layers),
        "feed_forward_length": number(INNER),
        "attention.head_count": number(HEADS),
        "attention.head_count_kv": number(GROUPS),
        "attention.layer_norm_rms_epsilon": real(1e-5),
        "rope.freq_base": real(1000.0),
    }
    if architecture in ("qwen3", "gemma3"):
        own |= {"attention.key_length": number(head), "attention.value_length": number(head)}
    if architecture == "gemma3":
        own["attention.sliding_window"] = number(WINDOW)
        own["attention.sliding_window_pattern"] = number(TURN)
    return {
        "general.architecture": text(architecture),
        **{f"{architecture}.{key}": entry for key, entry in own.items()},
        "tokenizer.ggml.model": text("gpt2"),
        "tokenizer.ggml.pre": text("gpt-2"),
        "tokenizer.ggml.tokens": texts(tokens),
        "tokenizer.ggml.token_type": numbers([1] * (len(tokens) - 1) + [3]),
        "tokenizer.ggml.merges": texts(tiny.MERGES),
        "tokenizer.ggml.eos_token_id": number(len(tokens) - 1),
    }


def runtime(path: Path, tokens: list[int]) -> Array:
    """Return the logits that llama.cpp gives after each of the tokens, exactly as it can."""
    past = Past(Network(path), context=128, threads=1, cache="f32", flash=False)
    past.compute(tokens, [True] * len(tokens))
    return np.stack([past.scores(at).copy() for at in range(len(tokens))])
