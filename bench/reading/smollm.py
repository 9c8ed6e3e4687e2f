"""SmolLM2 out of its GGUF file: shape, parameters and tokenizer.

Allal et al. 2025, "SmolLM2", arXiv:2502.02737 (Apache-2.0). The package `gguf` (MIT) undoes the
quantisation.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
from tokenizers import Tokenizer, models, pre_tokenizers

from reading.decoder import Parameters, Shape
from reading.texts import Vocabulary
from steward.errors import ModelError
from steward.plan.reader.marks import COUNT

_NAMES = {
    "q": "attn_q",
    "k": "attn_k",
    "v": "attn_v",
    "o": "attn_output",
    "gate": "ffn_gate",
    "up": "ffn_up",
    "down": "ffn_down",
    "attention_norm": "attn_norm",
    "inner_norm": "ffn_norm",
}


def read(path: Path) -> tuple[Shape, Parameters, Vocabulary]:
    """Read the model at `path`.

    Raises:
        ModelError: the package that reads GGUF files is not installed.
    """
    try:
        gguf = importlib.import_module("gguf")
    except ImportError as error:
        raise ModelError("reading a GGUF file needs gguf", hint="pip install gguf") from error
    reader = gguf.GGUFReader(path)

    def field(name: str) -> Any:
        return reader.fields[name].contents()

    def number(name: str) -> Any:
        return field(f"llama.{name}")

    tensors = {
        tensor.name: np.asarray(gguf.dequantize(tensor.data, tensor.tensor_type), np.float32)
        for tensor in reader.tensors
    }
    shape = Shape(
        layers=number("block_count"),
        width=number("embedding_length"),
        heads=number("attention.head_count"),
        groups=number("attention.head_count_kv"),
        inner=number("feed_forward_length"),
        vocabulary=len(field("tokenizer.ggml.tokens")),
        base=number("rope.freq_base"),
        epsilon=number("attention.layer_norm_rms_epsilon"),
    )
    vocabulary = Vocabulary(
        _tokenizer(field("tokenizer.ggml.tokens"), field("tokenizer.ggml.merges")),
        field("tokenizer.ggml.bos_token_id"),
        field("tokenizer.ggml.eos_token_id"),
    )
    return shape, _parameters(shape, tensors), vocabulary


def _parameters(shape: Shape, tensors: dict[str, np.ndarray]) -> Parameters:
    found = {
        "word": tensors["token_embd.weight"],
        "norm": tensors["output_norm.weight"],
        "mark": np.zeros((COUNT, shape.width), np.float32),
    }
    for ours, theirs in _NAMES.items():
        each = [tensors[f"blk.{layer}.{theirs}.weight"].T for layer in range(shape.layers)]
        found[f"layer.{ours}"] = np.stack(each)
    return {name: jnp.asarray(value) for name, value in found.items()}


def _tokenizer(pieces: list[str], merges: list[str]) -> Tokenizer:
    ranked = [(left, right) for left, _, right in (merge.partition(" ") for merge in merges)]
    vocabulary = {piece: index for index, piece in enumerate(pieces)}
    made = Tokenizer(models.BPE(vocab=vocabulary, merges=ranked))
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    return made
