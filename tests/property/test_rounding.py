"""Rounding in training is that of the file, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from steward.lab.shrink.ggml import Array, pack, unpack
from steward.models.formats import BY_NAME

pytest.importorskip("jax", reason="needs the extra train")

import jax

from steward.lab.shrink.rounding import KINDS, Kind, rounded

FINITE = st.floats(-(2.0**15), 2.0**15, width=32)
HALVES = st.integers(-2048, 2048).map(lambda n: n / 4)
"""Numbers that lie between two steps more often than others."""
MATRICES = arrays(np.float32, (4, 64), elements=st.one_of(FINITE, HALVES), fill=st.just(0.0))


def filed(values: Array, kind: Kind) -> Array:
    """Return the numbers as they come out of a file."""
    return unpack(pack(values, BY_NAME[kind]), BY_NAME[kind]).reshape(values.shape)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=200, deadline=None)
@given(values=MATRICES)
def test_what_training_sees_is_what_the_file_will_hold(kind: Kind, values: Array) -> None:
    found = np.asarray(jax.jit(rounded, static_argnums=1)(values, kind))
    np.testing.assert_array_equal(found, filed(values, kind))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(20))
def test_weights_of_every_size_are_rounded_as_in_the_file(kind: Kind, seed: int) -> None:
    random = np.random.default_rng(seed)
    values = random.normal(size=(64, 256)) * 10.0 ** random.uniform(-9, 4)
    wanted = filed(values.astype(np.float32), kind)
    for compute in (rounded, jax.jit(rounded, static_argnums=1)):
        found = np.asarray(compute(values.astype(np.float32), kind))
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("kind", KINDS)
def test_the_gradient_passes_as_if_nothing_were_rounded(kind: Kind) -> None:
    values = np.random.default_rng(0).normal(size=(2, 64)).astype(np.float32)
    factors = np.random.default_rng(1).normal(size=(2, 64)).astype(np.float32)
    found = jax.grad(lambda x: (rounded(x, kind) * factors).sum())(values)
    np.testing.assert_array_equal(np.asarray(found), factors)
