from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_weights
from hugging import BASE, EPSILON, SAID, folder, hugging, theirs, trained
from safetensors.numpy import save_file

from steward.errors import ModelError
from steward.lab.shrink import model
from steward.lab.shrink.folder import load_folder
from steward.lab.shrink.ggml import Array
from steward.models.ahead.network import Network, Past


def norm(x: Array, weight: Array) -> Array:
    found: Array = x / np.sqrt((x**2).mean(-1, keepdims=True) + EPSILON) * weight
    return found


def turned(x: Array) -> Array:
    """Rotate the halves of each head, as Hugging Face's code does; x is heads, places, numbers."""
    half = x.shape[-1] // 2
    angles = np.outer(np.arange(x.shape[1]), BASE ** (-np.arange(half) / half))
    cos, sin = np.tile(np.cos(angles), 2), np.tile(np.sin(angles), 2)
    found: Array = x * cos + np.concatenate([-x[..., half:], x[..., :half]], -1) * sin
    return found


def dense(path: Path, tokens: list[int]) -> Array:
    """Compute a Llama as Hugging Face's code does, from its own file."""
    from safetensors.numpy import load_file

    t = load_file(path / "model.safetensors")
    x = t["model.embed_tokens.weight"][tokens]
    for layer in range(tiny_weights.LAYERS):
        p = {k.split(".", 3)[3]: v for k, v in t.items() if k.startswith(f"model.layers.{layer}.")}
        h = norm(x, p["input_layernorm.weight"])
        q, k, v = (
            (h @ p[f"self_attn.{n}_proj.weight"].T).reshape(len(tokens), heads, -1).swapaxes(0, 1)
            for n, heads in (("q", 4), ("k", 2), ("v", 2))
        )
        k, v = np.repeat(turned(k), 2, 0), np.repeat(v, 2, 0)
        scores = turned(q) @ k.swapaxes(1, 2) / np.sqrt(q.shape[-1])
        scores = np.where(np.tri(len(tokens), dtype=bool), scores, -np.inf)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        shares /= shares.sum(-1, keepdims=True)
        x = (
            x
            + (shares @ v).swapaxes(0, 1).reshape(len(tokens), -1) @ p["self_attn.o_proj.weight"].T
        )
        h = norm(x, p["post_attention_layernorm.weight"])
        gate = h @ p["mlp.gate_proj.weight"].T
        inner = gate / (1 + np.exp(-gate)) * (h @ p["mlp.up_proj.weight"].T)
        x = x + inner @ p["mlp.down_proj.weight"].T
    found: Array = norm(x, t["model.norm.weight"]) @ t["lm_head.weight"].T
    return found


@pytest.mark.parametrize(
    ("architecture", "rules"),
    [
        ("llama", "llama"),
        ("llama", "smollm"),
        ("qwen2", "qwen"),
        ("qwen3", "qwen"),
        ("gemma3", "gemma"),
    ],
)
def test_a_folder_becomes_the_same_model_with_the_same_tokens(
    architecture: str, rules: str, tmp_path: Path
) -> None:
    made = folder(tmp_path / "hf", architecture, rules)
    found = load_folder(tmp_path / "hf")
    assert found.tensors.keys() == made.tensors.keys()
    for name in made.tensors:
        np.testing.assert_allclose(found.array(name), made.array(name), atol=1e-6)
    model.write(found, tmp_path / "m.gguf")
    again = model.load(tmp_path / "m.gguf")
    assert again.entries["general.license"].value == "apache-2.0"
    network = Network(tmp_path / "m.gguf")
    reference = trained(rules)
    for said in SAID:
        assert network.tokenize(said.encode()) == reference.encode(said).ids
    begin = network.tokenize(b"", special=True)
    assert begin == ([reference.token_to_id("<bos>")] if rules == "gemma" else [])
    past = Past(network, context=64, threads=1, cache="f32", flash=False)
    past.compute(list(range(40, 60)), [True] * 20)
    assert np.isfinite(past.scores(19)).all()


def test_a_llama_out_of_a_folder_computes_as_hugging_faces_code(tmp_path: Path) -> None:
    folder(tmp_path / "hf", "llama", "llama")
    model.write(load_folder(tmp_path / "hf"), tmp_path / "m.gguf")
    tokens = [5, 77, 130, 9, 44, 200, 31, 260, 18, 99, 100, 101]
    past = Past(Network(tmp_path / "m.gguf"), context=64, threads=1, cache="f32", flash=False)
    past.compute(tokens, [True] * len(tokens))
    found = np.stack([past.scores(at).copy() for at in range(len(tokens))])
    np.testing.assert_allclose(found, dense(tmp_path / "hf", tokens), rtol=1e-3, atol=1e-3)


def test_llama_3s_positions_are_stretched_where_they_turn_slowly(tmp_path: Path) -> None:
    folder(tmp_path / "hf", "llama", "llama")
    changed(
        tmp_path / "hf",
        rope_scaling={
            "rope_type": "llama3",
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 64,
        },
    )
    found = load_folder(tmp_path / "hf").array("rope_freqs.weight")
    assert len(found) == 8
    assert found[0] == 1
    assert found[-1] == 8
    assert (np.diff(found) >= 0).all()
    assert ((found > 1) & (found < 8)).any()


def changed(path: Path, **entries: Any) -> None:
    config = json.loads((path / "config.json").read_text())
    (path / "config.json").write_text(json.dumps({**config, **entries}))


def test_wrong_folders_are_refused(tmp_path: Path) -> None:
    def refused(said: str) -> None:
        with pytest.raises(ModelError, match=said):
            load_folder(tmp_path / "hf")

    made = folder(tmp_path / "hf", "llama", "llama")
    good = (tmp_path / "hf" / "config.json").read_text()
    for entries, said in (
        ({"model_type": "bert"}, "unknown model_type"),
        ({"model_type": "phi3"}, "cannot be shrunk"),
        ({"vocab_size": 200}, "200 in its vocabulary"),
        ({"vocab_size": 400}, "400"),
        ({"rope_scaling": {"rope_type": "yarn"}}, "yarn"),
    ):
        changed(tmp_path / "hf", **entries)
        refused(said)
        (tmp_path / "hf" / "config.json").write_text(good)
    tensors = {theirs(n, "llama"): hugging(n, made) for n in made.tensors}
    tensors["model.norm.weight"] = np.full(tiny_weights.WIDTH, np.nan, np.float32)
    save_file(tensors, tmp_path / "hf" / "model.safetensors")
    refused("no numbers")
    save_file({"model.other.weight": np.ones(3, np.float32)}, tmp_path / "hf" / "model.safetensors")
    refused("model.other")
    (tmp_path / "hf" / "model.safetensors").unlink()
    refused("no safetensors")
    (tmp_path / "hf" / "tokenizer.json").write_text("{}")
    refused("not as it should be")
