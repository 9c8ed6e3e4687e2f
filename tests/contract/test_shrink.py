"""What holds for every architecture and every step of shrinking: llama.cpp runs what comes out,
and says the same as the network here."""

from __future__ import annotations

from pathlib import Path

import decoders
import numpy as np
import pytest

from steward.lab.shrink.model import load, write

pytest.importorskip("jax", reason="needs the extra train")


import jax.numpy as jnp

from steward.lab.shrink import network
from steward.lab.shrink.form import form
from steward.lab.shrink.ggml import Array
from steward.lab.shrink.model import Weights

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
