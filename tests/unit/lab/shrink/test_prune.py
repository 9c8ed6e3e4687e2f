"""What is pruned is exactly what a mask would have hidden."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import decoders
import numpy as np
import pytest

from steward.errors import ModelError, UserError
from steward.lab.shrink.ggml import Array
from steward.lab.shrink.model import Weights, write
from steward.lab.shrink.seen import Seen
from steward.models.ahead.network import Network

pytest.importorskip("jax", reason="needs the extra train")

import jax.numpy as jnp

from steward.lab.shrink import network, prune, sparse, vocabulary
from steward.lab.shrink.form import form
from steward.lab.shrink.seen import rows_of, seen

TOKENS = [int(token) for token in np.random.default_rng(3).integers(0, 256, 40)]


def met(weights: Weights) -> Seen:
    """Return what a model might have met."""
    random = np.random.default_rng(7)
    squares = {
        name: random.uniform(0.1, 1.0, value.shape[-1]).astype(np.float32)
        for name, value in weights.tensors.items()
        if len(value.shape) == 2
    }
    return Seen(tuple(random.uniform(0, 1, len(form(weights).blocks))), squares)


def said(weights: Weights, folder: Path) -> Array:
    """Return llama.cpp's logits."""
    write(weights, folder / f"{weights.name}.gguf")
    return decoders.runtime(folder / f"{weights.name}.gguf", TOKENS)


def hidden(weights: Weights, part: str, columns: dict[int, Array]) -> Weights:
    """Return the model with some columns of a matrix of each layer set to zero."""
    changed = {}
    for layer, gone in columns.items():
        name = f"blk.{layer}.{part}.weight"
        changed[name] = weights.array(name).copy()
        changed[name][:, gone.astype(int)] = 0
    return weights.with_tensors(changed)


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "qwen3"])
def test_a_model_without_layers_is_one_whose_layers_add_nothing(
    architecture: str, tmp_path: Path
) -> None:
    weights = decoders.model(architecture)
    gone = (1, 2)
    silent = {
        f"blk.{layer}.{part}.weight": np.zeros_like(weights.array(f"blk.{layer}.{part}.weight"))
        for layer in gone
        for part in ("attn_output", "ffn_down")
    }
    wanted = said(weights.with_tensors(silent), tmp_path)
    chosen = Seen((0.9, 0.1, 0.2, 0.8), {})
    np.testing.assert_allclose(said(prune.layers(weights, chosen, 2), tmp_path), wanted, atol=1e-4)


@pytest.mark.parametrize("architecture", decoders.ARCHITECTURES)
def test_a_model_without_neurons_is_one_that_masks_them(architecture: str, tmp_path: Path) -> None:
    weights = decoders.model(architecture)
    small = prune.neurons(weights, met(weights), 0.3)
    columns = {}
    for layer in range(len(form(weights).blocks)):
        name = f"blk.{layer}.ffn_down.weight"
        before, after = weights.array(name), small.array(name)
        stay = {column.tobytes() for column in after.T.copy()}
        columns[layer] = np.array(
            [at for at, column in enumerate(before.T.copy()) if column.tobytes() not in stay]
        )
        assert len(columns[layer]) == 32
    wanted = said(hidden(weights, "ffn_down", columns), tmp_path)
    np.testing.assert_allclose(said(small, tmp_path), wanted, atol=1e-4)


@pytest.mark.parametrize("architecture", ["llama", "qwen3", "gemma3"])
@pytest.mark.parametrize("step", [prune.heads, prune.groups])
def test_a_model_without_heads_is_one_that_masks_them(
    step: object, architecture: str, tmp_path: Path
) -> None:
    assert callable(step)
    weights = decoders.model(architecture)
    small = step(weights, met(weights), 1)
    columns = {}
    for layer in range(len(form(weights).blocks)):
        name = f"blk.{layer}.attn_output.weight"
        stay = {column.tobytes() for column in small.array(name).T.copy()}
        columns[layer] = np.array(
            [
                at
                for at, column in enumerate(weights.array(name).T.copy())
                if column.tobytes() not in stay
            ]
        )
        assert len(columns[layer]) == weights.array(name).shape[1] // 2
    wanted = said(hidden(weights, "attn_output", columns), tmp_path)
    np.testing.assert_allclose(said(small, tmp_path), wanted, atol=1e-4)


def test_a_smaller_vocabulary_reads_texts_of_its_tokens_as_before(tmp_path: Path) -> None:
    weights = decoders.model("llama")
    whole, trimmed = tmp_path / "whole.gguf", tmp_path / "trimmed.gguf"
    write(weights, whole)
    reader = Network(whole)
    text = b"turn of the light"
    before = reader.tokenize(text)
    small = vocabulary.trim(weights, before)
    write(small, trimmed)
    after = Network(trimmed)
    assert after.size < reader.size
    assert [after.piece(token) for token in after.tokenize(text)] == [
        reader.piece(token) for token in before
    ]
    other = "Über 100 °C, 打开 off".encode()
    assert b"".join(after.piece(token) for token in after.tokenize(other)) == other
    kept = vocabulary.needed(weights, before)
    wanted = decoders.runtime(whole, before)[:, list(kept)]
    found = decoders.runtime(trimmed, [kept.index(token) for token in before])
    np.testing.assert_allclose(found, wanted, atol=1e-4)
    assert after.is_end(kept.index(len(decoders.vocabulary()) - 1))


def test_what_is_merged_on_the_way_to_a_token_by_pairs_and_by_scores() -> None:
    pairs = {"a b": 1.0, "c d": 0.0, "ab cd": 2.0}
    assert list(vocabulary.merged("abcd", pairs, pairs=True)) == ["cd", "ab", "abcd"]
    assert list(vocabulary.merged("abcd", {"ab": 0.0, "abc": 1.0}, pairs=False)) == ["ab", "abc"]


def test_a_tokenizer_of_another_kind_is_left_alone() -> None:
    weights = decoders.model("llama")
    entry = weights.entries["tokenizer.ggml.tokens"]
    other = weights.with_entries({"tokenizer.ggml.model": entry})
    with pytest.raises(ModelError, match="tokenizer"):
        vocabulary.trim(other, [1, 2])


@pytest.mark.parametrize(
    ("count", "turn"), [(count, turn) for count in range(1, 9) for turn in (3, 6)]
)
def test_layers_with_and_without_windows_take_turns_after_pruning(count: int, turn: int) -> None:
    influence = [float(value) for value in np.random.default_rng(count).uniform(0, 1, 18)]
    try:
        new, kept = prune.kept_layers(influence, count, turn)
    except UserError:
        return
    assert len(kept) == 18 - count
    assert all(one < two for one, two in pairwise(kept))
    for place, layer in enumerate(kept):
        assert (layer % turn == turn - 1) == (place % new == new - 1)


def test_six_layers_of_a_gemma_can_always_go() -> None:
    assert prune.kept_layers([1.0] * 18, 6, 6)[0] in (4, 6)


@pytest.mark.parametrize("scheme", ["magnitude", "wanda", "2:4"])
def test_half_of_each_row_becomes_zero(scheme: sparse.Scheme) -> None:
    random = np.random.default_rng(0)
    matrix = random.normal(size=(8, 64)).astype(np.float32)
    squares = random.uniform(0.01, 9, 64).astype(np.float32)
    found = sparse.masked(matrix, squares, scheme, 0.5)
    assert ((found == 0).sum(1) == 32).all()
    assert (found[found != 0] == matrix[found != 0]).all()
    if scheme == "2:4":
        assert ((found.reshape(8, -1, 4) == 0).sum(-1) == 2).all()
    worth = np.abs(matrix) * (1 if scheme == "magnitude" else np.sqrt(squares))
    if scheme != "2:4":
        for row, kept in zip(worth, found != 0, strict=True):
            assert row[kept].min() >= row[~kept].max()


def test_impossible_wishes_are_refused() -> None:
    weights = decoders.model("llama")
    known = met(weights)
    wishes: tuple[Callable[[], Weights], ...] = (
        lambda: prune.layers(weights, known, 4),
        lambda: prune.heads(weights, known, 2),
        lambda: prune.groups(weights, known, 2),
        lambda: prune.neurons(weights, known, 0.9),
        lambda: prune.neurons(weights, known, 1.0),
        lambda: sparse.sparse(weights, known.squares, "wanda", 1.0),
    )
    for wrong in wishes:
        with pytest.raises(UserError):
            wrong()


def test_influence_and_squares_are_those_of_the_texts() -> None:
    weights = decoders.model("llama", layers=2)
    rows = rows_of([TOKENS[:20], TOKENS[20:], TOKENS[:3]], 20)
    told: list[tuple[int, int]] = []
    found = seen(weights, rows, lambda done, of: told.append((done, of)))
    assert told == [(2, 2)]
    streams: dict[str, Array] = {}

    def see(name: str, x: object) -> None:
        streams[name] = np.asarray(x)

    network.logits(form(weights), network.tensors(weights), jnp.asarray(rows), see)
    for layer in range(2):
        one, two = streams[f"blk.{layer - 1}"], streams[f"blk.{layer}"]
        lengths = np.linalg.norm(one, axis=-1) * np.linalg.norm(two, axis=-1)
        wanted = 1 - ((one * two).sum(-1) / lengths).mean()
        assert found.influence[layer] == pytest.approx(wanted, abs=1e-5)
    name = "blk.1.ffn_down.weight"
    wanted_squares = np.square(streams[name]).mean((0, 1))
    np.testing.assert_allclose(found.squares[name], wanted_squares, rtol=1e-4)
