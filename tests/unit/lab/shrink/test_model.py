from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest
import tiny_weights

from steward.errors import ModelError
from steward.lab.shrink import model
from steward.lab.shrink.ggml import pack, unpack
from steward.lab.shrink.metadata import numbers, texts
from steward.models.ahead.network import Network, Past
from steward.models.formats import BY_NAME

TOKENS = [5, 77, 130, 9, 44, 200, 31, 260, 18, 99, 100, 101]


def logits(path: Path) -> np.ndarray:
    past = Past(Network(path), context=64, threads=1, cache="f32", flash=False)
    past.compute(TOKENS, [True] * len(TOKENS))
    return np.stack([past.scores(at).copy() for at in range(len(TOKENS))])


@pytest.mark.parametrize("kind", ["Q4_0", "Q8_0", "Q5_1", "Q4_K", "Q6_K", "Q2_K", "BF16", "IQ4_XS"])
def test_packing_is_llama_cpps_and_unpacking_agrees_with_an_other_reader(kind: str) -> None:
    values = np.random.default_rng(1).normal(0, 1, (6, 512)).astype(np.float32)
    data = pack(values, BY_NAME[kind])
    mine = unpack(data, BY_NAME[kind]).reshape(values.shape)
    theirs = gguf.dequantize(data.reshape(6, -1), gguf.GGMLQuantizationType[kind])
    np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=1e-6)
    assert np.abs(mine - values).mean() < np.abs(values).mean() / 2


def test_importance_moves_the_error_away_from_what_matters() -> None:
    values = np.random.default_rng(1).normal(0, 1, (64, 256)).astype(np.float32)
    importance = np.where(np.arange(256) % 2, 100.0, 1.0).astype(np.float32)
    kind = BY_NAME["Q4_0"]

    def error(data: np.ndarray) -> float:
        wrong = unpack(data, kind).reshape(values.shape) - values
        return float((wrong**2 * importance).sum())

    assert error(pack(values, kind, importance)) < error(pack(values, kind))


def test_a_type_that_needs_importance_is_refused_without() -> None:
    with pytest.raises(ModelError, match="IQ2_XXS"):
        pack(np.ones((2, 256), np.float32), BY_NAME["IQ2_XXS"])


def test_a_number_too_large_for_half_precision_is_refused() -> None:
    with pytest.raises(ModelError, match="F16"):
        pack(np.full((2, 32), 1e6, np.float32), BY_NAME["F16"])


@pytest.mark.parametrize("architecture", model.ARCHITECTURES)
def test_a_written_model_is_read_back_and_runs_in_llama_cpp(
    architecture: str, tmp_path: Path
) -> None:
    made = tiny_weights.weights(architecture)
    whole = tmp_path / "whole.gguf"
    model.write(made, whole)
    again = model.load(whole)
    assert dict(again.entries) == {
        **made.entries,
        "general.alignment": again.entries["general.alignment"],
    }
    for name in made.tensors:
        np.testing.assert_array_equal(again.array(name), made.array(name))
    matrices = {n: BY_NAME["Q8_0"] for n, t in made.tensors.items() if len(t.shape) == 2}
    small = tmp_path / "small.gguf"
    model.write(again, small, matrices)
    exact, near = logits(whole), logits(small)
    assert np.isfinite(exact).all()
    assert np.corrcoef(exact.ravel(), near.ravel())[0, 1] > 0.995
    # A second copy of what is packed already is the same file.
    model.write(model.load(small), tmp_path / "copy.gguf")
    assert small.read_bytes() == (tmp_path / "copy.gguf").read_bytes()


def test_the_shape_is_that_of_the_file_that_will_be_written(tmp_path: Path) -> None:
    made = tiny_weights.weights("gemma3")
    types = {"token_embd.weight": BY_NAME["Q4_0"]}
    model.write(made, tmp_path / "m.gguf", types)
    told = model.shape(made, types)
    assert told.tensors == model.shape(model.load(tmp_path / "m.gguf")).tensors
    assert told.tied


def test_wrong_models_are_refused(tmp_path: Path) -> None:
    made = tiny_weights.weights("llama")
    path = tmp_path / "m.gguf"

    def refused(wrong: model.Weights, said: str) -> None:
        model.write(wrong, path)
        with pytest.raises(ModelError, match=said):
            model.load(path)

    nan = made.array("output_norm.weight").copy()
    nan[3] = np.nan
    refused(made.with_tensors({"output_norm.weight": nan}), "output_norm")
    refused(made.with_entries({"tokenizer.ggml.tokens": texts(["a", "b"])}), "2 tokens")
    refused(made.with_entries({"tokenizer.ggml.tokens": numbers([1])}), "vocabulary")
    refused(
        tiny_weights.weights("llama").with_entries(
            {**made.entries, "general.architecture": texts(["llama"])}
        ),
        "architecture|language model",
    )


def test_nothing_is_written_where_there_is_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("steward.lab.shrink.model.shutil.disk_usage", lambda _: usage)
    with pytest.raises(ModelError, match="MB are free"):
        model.write(tiny_weights.weights("qwen2"), tmp_path / "m.gguf")
    assert not list(tmp_path.iterdir())
