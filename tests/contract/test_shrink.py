"""What holds for every architecture and every step of shrinking: llama.cpp runs what comes out,
and says the same as the network here."""

from __future__ import annotations

from pathlib import Path

import decoders
import numpy as np
import pytest

from steward.errors import UserError
from steward.lab.shrink.model import load, write

pytest.importorskip("jax", reason="needs the extra train")


import jax.numpy as jnp

from steward.lab.shrink import network, prune, sparse, vocabulary
from steward.lab.shrink.form import form
from steward.lab.shrink.ggml import Array
from steward.lab.shrink.model import Weights
from steward.lab.shrink.rounding import Kind, as_filed
from steward.lab.shrink.seen import Seen
from steward.lab.shrink.sensitivity import matrices
from steward.lab.shrink.train import Lesson, Recipe, train

TOKENS = list(np.random.default_rng(1).integers(0, decoders.CHARACTERS, 40))


def here(weights: Weights, tokens: list[int]) -> Array:
    """Return the logits after each token, as the network here computes them."""
    found = network.logits(form(weights), network.tensors(weights), jnp.array([tokens]))
    return np.asarray(found[0])


@pytest.mark.parametrize("architecture", decoders.ARCHITECTURES)
def test_the_network_computes_what_llama_cpp_computes(architecture: str, tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    write(decoders.model(architecture), path)
    wanted = decoders.runtime(path, TOKENS)
    assert np.std(wanted) > 0.5
    # llama.cpp looks GELU up in a table of 16-bit numbers.
    close = 0.03 if architecture == "gemma3" else 1e-3
    np.testing.assert_allclose(here(load(path), TOKENS), wanted, atol=close)


def met(weights: Weights) -> Seen:
    """Return what a model might have met: the steps choose by it, and any choice must be right."""
    random = np.random.default_rng(len(weights.tensors))
    squares = {
        name: random.uniform(0.1, 1.0, value.shape[-1]).astype(np.float32)
        for name, value in weights.tensors.items()
        if len(value.shape) == 2
    }
    return Seen(tuple(random.uniform(0, 1, len(form(weights).blocks))), squares)


def prune_layers(weights: Weights) -> Weights:
    return prune.layers(weights, met(weights), 2)


def prune_groups(weights: Weights) -> Weights:
    return prune.groups(weights, met(weights), 1)


def prune_heads(weights: Weights) -> Weights:
    return prune.heads(weights, met(weights), 1)


def prune_neurons(weights: Weights) -> Weights:
    return prune.neurons(weights, met(weights), 0.3)


def prune_vocabulary(weights: Weights) -> Weights:
    # Rows of letters leave single bytes, so that the numbers of characters stay as they are.
    return vocabulary.trim(weights, range(decoders.CHARACTERS + 4))


def magnitude(weights: Weights) -> Weights:
    return sparse.sparse(weights, met(weights).squares, "magnitude", 0.4)


def wanda(weights: Weights) -> Weights:
    return sparse.sparse(weights, met(weights).squares, "wanda", 0.4)


def two_of_four(weights: Weights) -> Weights:
    return sparse.sparse(weights, met(weights).squares, "2:4", 0.5)


def rounded(weights: Weights) -> Weights:
    kinds: dict[str, Kind] = dict.fromkeys(matrices(weights), "Q8_0")
    return as_filed(weights, kinds)


STEPS = {
    step.__name__: step
    for step in (
        *(prune_layers, prune_groups, prune_heads, prune_neurons, prune_vocabulary),
        *(magnitude, wanda, two_of_four, rounded),
    )
}
APART = [name for name in STEPS if name not in ("magnitude", "two_of_four")]
"""Those two do what `wanda` does, with other connections."""
PAIRS = [(one, two) for one in APART for two in APART if one != two]
HEADS = ("prune_groups", "prune_heads")


def runs(weights: Weights, path: Path) -> None:
    """Write a model, and see that llama.cpp runs it and says what the network here says."""
    write(weights, path)
    loaded = load(path)
    close = 0.03 if weights.architecture == "gemma3" else 1e-3
    found = decoders.runtime(path, TOKENS)
    np.testing.assert_allclose(here(loaded, TOKENS), found, atol=close)


@pytest.mark.parametrize("architecture", decoders.ARCHITECTURES)
@pytest.mark.parametrize("step", STEPS)
def test_after_each_step_llama_cpp_runs_the_model(
    step: str, architecture: str, tmp_path: Path
) -> None:
    weights = decoders.model(architecture)
    if architecture == "qwen2" and step in HEADS:
        with pytest.raises(UserError, match="Qwen2"):
            STEPS[step](weights)
        return
    runs(STEPS[step](weights), tmp_path / "m.gguf")


@pytest.mark.parametrize(("one", "two"), PAIRS)
def test_after_two_steps_in_any_order_llama_cpp_runs_the_model(
    one: str, two: str, tmp_path: Path
) -> None:
    architectures = [
        each for each in decoders.ARCHITECTURES if each != "qwen2" or not {one, two} & {*HEADS}
    ]
    architecture = architectures[PAIRS.index((one, two)) % len(architectures)]
    runs(STEPS[two](STEPS[one](decoders.model(architecture))), tmp_path / "m.gguf")


def test_llama_cpp_runs_what_has_been_taught(tmp_path: Path) -> None:
    weights = decoders.model("gemma3", layers=1)
    rows = np.random.default_rng(2).integers(0, decoders.CHARACTERS, (8, 12)).astype(np.int32)
    recipe = Recipe(steps=6, batch=8, rate=3e-3)
    taught, curve = train(
        weights, Lesson.of(rows), None, recipe, tmp_path, lambda done, of, loss: None
    )
    assert curve[-1] < curve[0]
    runs(taught, tmp_path / "m.gguf")
