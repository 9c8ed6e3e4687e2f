"""GGUF files to measure with: copies in another quantisation, and any shape with random weights.

How fast a model is does not depend on the values of its weights.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
import xllamacpp
from gguf import GGMLQuantizationType as Type
from numpy.typing import NDArray

FALLBACKS = {Type.Q4_K: Type.Q5_0, Type.Q5_K: Type.Q5_1, Type.Q6_K: Type.Q8_0}
"""What llama.cpp takes for rows that do not divide by 256 (llama-quant.cpp)."""
_ROWS = 64
"""Rows of random weights that are quantised, and then repeated."""


@dataclass(frozen=True)
class Plan:
    """A shape to be made: `family` is "llama", "qwen2" or "qwen3"; the output is the embedding."""

    family: str
    layers: int
    width: int
    heads: int
    kv_heads: int
    head_width: int
    inner: int
    vocabulary: int


PLANS = {
    "smollm2-360m": Plan("llama", 32, 960, 15, 5, 64, 2560, 49152),
    "qwen2.5-0.5b": Plan("qwen2", 24, 896, 14, 2, 64, 4864, 151936),
    "qwen3-0.6b": Plan("qwen3", 28, 1024, 16, 8, 128, 3072, 151936),
    "llama3.2-1b": Plan("llama", 16, 2048, 32, 8, 64, 8192, 128256),
    "kernel": Plan("llama", 12, 1024, 16, 4, 64, 4096, 4096),
    "words": Plan("llama", 12, 1024, 16, 4, 64, 4096, 200192),
    "layers": Plan("llama", 64, 256, 4, 2, 64, 512, 4096),
}
"""The shapes of published models (their config.json on Hugging Face), and three that are none: of
one kind of matrix, with a large vocabulary, and with many small layers."""


def quantised(values: NDArray[np.float32], to: Type) -> NDArray[np.uint8]:
    """Return rows of `values` as bytes of `to`, made by llama.cpp's own library."""
    runtime = ctypes.CDLL(str(Path(xllamacpp.__file__).parent / "xllamacpp.abi3.so"))
    block, size = gguf.GGML_QUANT_SIZES[to]
    rows, width = values.shape
    result = np.empty((rows, width // block * size), np.uint8)
    quantise = runtime.ggml_quantize_chunk
    quantise.restype = ctypes.c_size_t
    quantise(
        ctypes.c_int(to),
        np.ascontiguousarray(values).ctypes.data_as(ctypes.c_void_p),
        result.ctypes.data_as(ctypes.c_void_p),
        ctypes.c_int64(0),
        ctypes.c_int64(rows),
        ctypes.c_int64(width),
        None,
    )
    return result


def kind(name: str, width: int, wanted: str) -> Type:
    """Return the type that llama.cpp's quantiser gives matrix `name` for "Q4_0", "Q4_K_M", ..."""
    mixed = {"Q4_K_M": (Type.Q4_K, Type.Q6_K)}.get(wanted)
    best = mixed[1] if mixed else Type.Q8_0 if wanted == "Q4_1" else Type.Q6_K
    if wanted in ("F16", "Q8_0"):
        best = Type[wanted]
    plain = mixed[0] if mixed else Type[wanted]
    high = name.startswith("token_embd") or (mixed and ("ffn_down" in name or "attn_v" in name))
    found = best if high else plain
    return FALLBACKS.get(found, found) if width % 256 else found


def requantised(source: Path, target: Path, wanted: str) -> None:
    """Write a copy of `source` in the quantisation `wanted`."""
    reader = gguf.GGUFReader(source)
    architecture = str(reader.fields["general.architecture"].contents())
    writer = gguf.GGUFWriter(target, architecture)
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name == "general.architecture":
            continue
        sub = field.types[1] if len(field.types) > 1 else None
        writer.add_key_value(name, field.contents(), field.types[0], sub_type=sub)
    for tensor in reader.tensors:
        if len(tensor.shape) == 1:
            writer.add_tensor(tensor.name, tensor.data)
            continue
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        to = kind(tensor.name, values.shape[1], wanted)
        writer.add_tensor(tensor.name, quantised(values, to), raw_dtype=to)
    _finish(writer)


def random(plan: Plan, target: Path, wanted: str, *, pure: bool = False) -> None:
    """Write a model of the shape `plan` with random weights, in the quantisation `wanted`.

    All matrices of a `pure` one are of the same type.
    """
    writer = gguf.GGUFWriter(target, plan.family)
    _describe(writer, plan)
    source = np.random.default_rng(0)

    def matrix(name: str, out: int, width: int) -> None:
        to = Type[wanted] if pure else kind(name, width, wanted)
        values = source.normal(0, 0.02, (_ROWS, width)).astype(np.float32)
        data = np.tile(quantised(values, to), (-(-out // _ROWS), 1))[:out]
        writer.add_tensor(name, np.ascontiguousarray(data), raw_dtype=to)

    def vector(name: str, width: int) -> None:
        writer.add_tensor(name, np.ones(width, np.float32))

    matrix("token_embd.weight", plan.vocabulary, plan.width)
    vector("output_norm.weight", plan.width)
    for layer in range(plan.layers):
        _layer(plan, f"blk.{layer}.", matrix, vector)
    _finish(writer)


def _layer(
    plan: Plan,
    at: str,
    matrix: Callable[[str, int, int], None],
    vector: Callable[[str, int], None],
) -> None:
    queries, keys = plan.heads * plan.head_width, plan.kv_heads * plan.head_width
    vector(f"{at}attn_norm.weight", plan.width)
    vector(f"{at}ffn_norm.weight", plan.width)
    for part, size in (("q", queries), ("k", keys), ("v", keys)):
        matrix(f"{at}attn_{part}.weight", size, plan.width)
        if plan.family == "qwen2":
            vector(f"{at}attn_{part}.bias", size)
        if plan.family == "qwen3" and part != "v":
            vector(f"{at}attn_{part}_norm.weight", plan.head_width)
    matrix(f"{at}attn_output.weight", plan.width, queries)
    matrix(f"{at}ffn_gate.weight", plan.inner, plan.width)
    matrix(f"{at}ffn_up.weight", plan.inner, plan.width)
    matrix(f"{at}ffn_down.weight", plan.width, plan.inner)


def _describe(writer: gguf.GGUFWriter, plan: Plan) -> None:
    writer.add_block_count(plan.layers)
    writer.add_context_length(8192)
    writer.add_embedding_length(plan.width)
    writer.add_feed_forward_length(plan.inner)
    writer.add_head_count(plan.heads)
    writer.add_head_count_kv(plan.kv_heads)
    writer.add_key_length(plan.head_width)
    writer.add_value_length(plan.head_width)
    writer.add_rope_dimension_count(plan.head_width)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(plan.vocabulary)
    # Words and merges of no language: what a tokenizer of this size takes of the memory.
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list([f"t{n:05}" for n in range(plan.vocabulary)])
    writer.add_token_types([gguf.TokenType.NORMAL] * plan.vocabulary)
    writer.add_token_merges([f"t{n:05} t{n + 1:05}" for n in range(plan.vocabulary - 256)])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)


def _finish(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
