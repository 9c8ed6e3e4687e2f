"""Single connections set to zero. The file and the runtime gain nothing from that: zeros are stored
and multiplied like other numbers (`bench/shrink_zeros.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

import numpy as np

from steward.errors import UserError
from steward.lab.shrink.ggml import Array
from steward.lab.shrink.model import Weights

Scheme: TypeAlias = Literal["magnitude", "wanda", "2:4"]
"""The smallest of a row go; or those that matter least where their column is weighed by what it
meets (Sun et al. 2023, arXiv:2306.11695); or of any four neighbours the two that matter least."""


def sparse(weights: Weights, squares: Mapping[str, Array], scheme: Scheme, share: float) -> Weights:
    """Set a `share` (0 to 1; of "2:4" always a half) of each row of each layer's matrices to zero.

    Raises:
        UserError: the share is none.
    """
    if not 0 <= share < 1:
        raise UserError(f"{share:.0%} of the connections cannot be zero", hint="leave out less")
    names = [
        name
        for name in weights.tensors
        if name.startswith("blk.") and name in squares and len(weights.tensors[name].shape) == 2
    ]
    return weights.with_tensors(
        {name: masked(weights.array(name), squares[name], scheme, share) for name in names}
    )


def masked(matrix: Array, squares: Array, scheme: Scheme, share: float) -> Array:
    """Return a matrix with zeros where its connections matter least."""
    worth = np.abs(matrix)
    if scheme != "magnitude":
        worth = worth * np.sqrt(squares)
    if scheme == "2:4":
        worth = worth.reshape(matrix.shape[0], -1, 4)
        share = 0.5
    count = int(worth.shape[-1] * share)
    order = np.argsort(worth, axis=-1, kind="stable")
    keep = np.ones(worth.shape, bool)
    np.put_along_axis(keep, order[..., :count], False, axis=-1)
    return np.where(keep.reshape(matrix.shape), matrix, np.float32(0))
