"""Models and tokenizers as Hugging Face has them, tiny and random."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import tiny_weights
from safetensors.numpy import save_file
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from steward.lab.shrink import model
from steward.lab.shrink.ggml import Array

LLAMA = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN = LLAMA.replace(r"\p{N}{1,3}", r"\p{N}")
SAID = [
    "Turn off the light in the kitchen at 12:45, please.",
    "  It's 2026;\n\n\tdon't you see? 关掉厨房的灯 (21.5 °C) – naïve café",
]
KINDS = {"llama": "llama", "qwen2": "qwen2", "qwen3": "qwen3", "gemma3": "gemma3_text"}
EPSILON, BASE = 2.0**-17, 10000.0


def trained(rules: str) -> Tokenizer:
    """Return a tokenizer of these rules that has learnt a little."""
    if rules == "gemma":
        made = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
        made.normalizer = normalizers.Replace(" ", "▁")
        made.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback()])
        special = ["<pad>", "<eos>", "<bos>", "<unk>", *(f"<0x{byte:02X}>" for byte in range(256))]
        trainer = trainers.BpeTrainer(vocab_size=320, special_tokens=special, show_progress=False)
        made.train_from_iterator([text.replace(" ", "▁") for text in SAID[:1] * 5], trainer)
        return made
    made = Tokenizer(models.BPE())
    steps: list[Any] = [
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=rules == "smollm")
    ]
    if rules == "smollm":
        steps.insert(0, pre_tokenizers.Digits(individual_digits=True))
    else:
        pattern = Regex(LLAMA if rules == "llama" else QWEN)
        steps.insert(0, pre_tokenizers.Split(pattern, behavior="isolated"))
    made.pre_tokenizer = pre_tokenizers.Sequence(steps)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=300, initial_alphabet=alphabet, special_tokens=["<bos>"], show_progress=False
    )
    made.train_from_iterator(SAID * 5, trainer)
    return made


def folder(path: Path, architecture: str, rules: str, *, rows: int = 330) -> model.Weights:
    """Write a model as Hugging Face has it; return the same as GGUF has it."""
    made = tiny_weights.weights(architecture)
    random = np.random.default_rng(5)
    tables = {
        name: random.normal(0, 0.2, (rows, tiny_weights.WIDTH)).astype(np.float32)
        for name in ("token_embd.weight", "output.weight")
        if name in made.tensors
    }
    made = made.with_tensors(tables)
    path.mkdir()
    save_file(
        {theirs(n, architecture): hugging(n, made) for n in made.tensors},
        path / "model.safetensors",
    )
    config = {
        "model_type": KINDS[architecture],
        "hidden_size": tiny_weights.WIDTH,
        "num_hidden_layers": tiny_weights.LAYERS,
        "num_attention_heads": tiny_weights.HEADS,
        "num_key_value_heads": tiny_weights.KV_HEADS,
        "head_dim": tiny_weights.head(architecture),
        "intermediate_size": tiny_weights.INNER,
        "vocab_size": rows,
        "max_position_embeddings": tiny_weights.CONTEXT,
        "tie_word_embeddings": "output.weight" not in made.tensors,
        "rms_norm_eps": EPSILON,
        "rope_theta": BASE,
        "torch_dtype": "float32",
        **({"sliding_window": 8} if architecture == "gemma3" else {}),
    }
    (path / "config.json").write_text(json.dumps(config))
    trained(rules).save(str(path / "tokenizer.json"))
    marks = {"bos_token": "<bos>", "add_bos_token": rules == "gemma", "eos_token": "<eos>"}
    (path / "tokenizer_config.json").write_text(json.dumps(marks))
    (path / "README.md").write_text("---\nlicense: apache-2.0\n---\n")
    return made


def theirs(name: str, architecture: str) -> str:
    """Return Hugging Face's name of a tensor."""
    names = {
        "attn_norm": "input_layernorm",
        "ffn_norm": "pre_feedforward_layernorm"
        if architecture == "gemma3"
        else "post_attention_layernorm",
        "post_attention_norm": "post_attention_layernorm",
        "post_ffw_norm": "post_feedforward_layernorm",
        "attn_output": "self_attn.o_proj",
        "attn_q_norm": "self_attn.q_norm",
        "attn_k_norm": "self_attn.k_norm",
    }
    whole = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
    if not name.startswith("blk."):
        stem, _, suffix = name.partition(".")
        return f"{whole[stem]}.{suffix}"
    _, layer, stem, suffix = name.split(".")
    kind = "mlp" if stem.startswith("ffn_") else "self_attn"
    usual = f"{kind}.{stem.removeprefix('attn_').removeprefix('ffn_')}_proj"
    return f"model.layers.{layer}.{names.get(stem, usual)}.{suffix}"


def hugging(name: str, made: model.Weights) -> Array:
    """Return a tensor as Hugging Face keeps it."""
    values = made.array(name)
    if made.architecture == "llama" and (".attn_q." in name or ".attn_k." in name):
        heads = tiny_weights.HEADS if ".attn_q." in name else tiny_weights.KV_HEADS
        return np.concatenate(
            [part[half::2] for part in np.split(values, heads) for half in (0, 1)]
        )
    if made.architecture == "gemma3" and name.endswith("norm.weight"):
        return values - np.float32(1)
    return values
