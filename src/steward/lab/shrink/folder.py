"""A model as Hugging Face has it, a folder with config.json, safetensors and tokenizer.json.

Names, the order of queries and keys, and what Gemma adds to its norms are turned into GGUF's, as
llama.cpp's `convert_hf_to_gguf.py` does
(https://github.com/ggml-org/llama.cpp/blob/master/convert_hf_to_gguf.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import pi
from pathlib import Path
from typing import Any

import numpy as np

from steward.errors import ModelError
from steward.lab.shrink.ggml import Array
from steward.lab.shrink.metadata import Entry, number, real, text
from steward.lab.shrink.model import Stored, Weights, check
from steward.lab.shrink.tokenizer import tokenizer
from steward.models.configured import Config, read_config
from steward.models.formats import BY_NAME
from steward.models.safetensors import read_header
from steward.models.source import LocalFile

KINDS = ("F32", "F16", "BF16")
_NAMES = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "post_attention_layernorm": "ffn_norm",
}
_GEMMA = {
    "post_attention_layernorm": "post_attention_norm",
    "pre_feedforward_layernorm": "ffn_norm",
    "post_feedforward_layernorm": "post_ffw_norm",
}
_LAYER = re.compile(r"model\.layers\.(\d+)\.(.+)\.(weight|bias)")
_HINT = "name a folder of a Llama, Qwen2, Qwen3, Gemma 3 or SmolLM, or a .gguf file"


@dataclass(frozen=True)
class _Said:
    """config.json: the part that is checked, and all of it."""

    config: Config
    all: Mapping[str, Any]

    @property
    def llama(self) -> bool:
        return self.config.family.name == "llama"

    @property
    def gemma(self) -> bool:
        return self.config.family.name == "gemma3"


def load_folder(folder: Path) -> Weights:
    """Read a folder; the tensors stay on the disk where they can.

    Raises:
        ModelError: a file is missing or damaged, the architecture or the tokenizer is not known
            here, they disagree, or a weight is no number.
    """
    said = _said(folder)
    entries = {
        "general.architecture": text(said.config.family.name),
        "general.name": text(folder.resolve().name),
        **_licence(folder),
        **_entries(said),
        **tokenizer(folder, said.config.vocabulary),
    }
    weights = Weights(folder.resolve().name, entries, dict(_tensors(folder, said)))
    if "token_embd.weight" not in weights.tensors:
        raise ModelError(f"{folder} has no table of a vocabulary", hint=_HINT)
    check(weights)
    return weights


def _said(folder: Path) -> _Said:
    source = LocalFile(folder / "config.json")
    try:
        config = read_config(source)
        everything = json.loads(source.read(0, source.size))
    finally:
        source.close()
    everything = everything.get("text_config", everything)
    if config.family.name not in ("llama", "qwen2", "qwen3", "gemma3") or config.experts:
        raise ModelError(
            f"{folder} is a {config.model_type}, which cannot be shrunk here", hint=_HINT
        )
    return _Said(config, everything)


def _licence(folder: Path) -> dict[str, Entry]:
    """Return the licence that the model card tells at its head."""
    card = folder / "README.md"
    if not card.is_file():
        return {}
    found = re.search(r"^license: *([\w.-]+)", card.read_text(errors="replace"), re.MULTILINE)
    return {"general.license": text(found[1])} if found else {}


def _entries(said: _Said) -> dict[str, Entry]:
    config, everything = said.config, said.all
    found = {
        "context_length": number(config.context),
        "embedding_length": number(config.width),
        "block_count": number(config.layers),
        "feed_forward_length": number(config.inner),
        "attention.head_count": number(config.heads),
        "attention.head_count_kv": number(config.key_heads),
        "attention.key_length": number(config.head),
        "attention.value_length": number(config.head),
        "attention.layer_norm_rms_epsilon": real(float(everything.get("rms_norm_eps", 1e-6))),
        "rope.freq_base": real(_base(said)),
        "vocab_size": number(config.vocabulary),
    }
    if said.llama:
        found["rope.dimension_count"] = number(config.head)
    if said.gemma and config.window:
        found["attention.sliding_window"] = number(config.window)
    scaling = _scaling(said)
    kind = scaling.get("rope_type", scaling.get("type", "default"))
    if kind == "linear":
        found["rope.scaling.type"] = text("linear")
        found["rope.scaling.factor"] = real(float(scaling["factor"]))
    elif kind not in ("default", "llama3"):
        raise ModelError(f"its positions are scaled as {kind!r:.40}", hint=_HINT)
    return {f"{config.family.name}.{key}": entry for key, entry in found.items()}


def _base(said: _Said) -> float:
    usual = 1_000_000.0 if said.gemma else 10_000.0
    return float(said.all.get("rope_theta", _scaling(said).get("rope_theta", usual)))


def _scaling(said: _Said) -> Mapping[str, Any]:
    found = said.all.get("rope_scaling") or said.all.get("rope_parameters") or {}
    if not isinstance(found, dict):
        raise ModelError("config.json has a rope_scaling that is no object", hint=_HINT)
    full = found.get("full_attention", found)
    return full if isinstance(full, dict) else {}


def _tensors(folder: Path, said: _Said) -> Iterator[tuple[str, Stored | Array]]:
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise ModelError(f"{folder} has no safetensors", hint=_HINT)
    for path in files:
        source = LocalFile(path)
        try:
            header = read_header(source)
        finally:
            source.close()
        for info in header.tensors:
            name = _named(info.name.replace("language_model.", ""), said)
            if name is None or (name == "output.weight" and _tied(said)):
                continue
            if info.type.name not in KINDS:
                raise ModelError(
                    f"{info.name} in {path} is of the type {info.type.name}",
                    hint="fetch the model in BF16, F16 or F32",
                )
            kind = BY_NAME[info.type.name]
            shape = tuple(reversed(info.shape))
            found = Stored(path, header.data + info.offset, kind, shape)
            if not np.isfinite(found.array()).all():
                raise ModelError(
                    f"{path} is damaged: {info.name} has weights that are no numbers",
                    hint="fetch it again; if it stays so, whoever made it made it wrongly",
                )
            yield name, _converted(name, found, said)
    if _scaling(said).get("rope_type") == "llama3":
        yield "rope_freqs.weight", _factors(said)


def _tied(said: _Said) -> bool:
    tied = said.config.tied
    return said.config.family.tied if tied is None else tied


def _named(name: str, said: _Said) -> str | None:
    """Return GGUF's name of a tensor; None for what follows from the config."""
    if name.endswith("rotary_emb.inv_freq"):
        return None
    names = {**_NAMES, **(_GEMMA if said.gemma else {})}
    found = _LAYER.fullmatch(name)
    stem, suffix = (found[2], found[3]) if found else name.rpartition(".")[::2]
    if stem not in names:
        raise ModelError(f"the tensor {name!r:.80} is not known", hint=_HINT)
    begin = f"blk.{found[1]}." if found else ""
    return f"{begin}{names[stem]}.{suffix}"


def _converted(name: str, found: Stored, said: _Said) -> Stored | Array:
    config = said.config
    if said.llama and ".attn_q." in name:
        return interleaved(found.array(), config.heads)
    if said.llama and ".attn_k." in name:
        return interleaved(found.array(), config.key_heads)
    if said.gemma and name.endswith("norm.weight"):
        return found.array() + np.float32(1)
    # Vectors stay exact in every GGUF file.
    return found.array() if len(found.shape) == 1 else found


def interleaved(values: Array, heads: int) -> Array:
    """Return rows of which the two halves of a head take turns."""
    rows = values.reshape(heads, 2, len(values) // heads // 2, -1)
    return np.ascontiguousarray(rows.swapaxes(1, 2)).reshape(values.shape)


def _factors(said: _Said) -> Array:
    """Return what Llama 3 divides the frequencies of its positions by."""
    known = _scaling(said)
    factor = float(known["factor"])
    low, high = float(known["low_freq_factor"]), float(known["high_freq_factor"])
    context = float(known["original_max_position_embeddings"])
    head = said.config.head
    turns = context * _base(said) ** (-np.arange(0, head, 2) / head) / (2 * pi)
    smooth = np.clip((turns - low) / (high - low), 0, 1)
    found: Array = (1 / ((1 - smooth) / factor + smooth)).astype(np.float32)
    return found
