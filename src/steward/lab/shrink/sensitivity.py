"""How much a model's output changes when one part of it is rounded: measured, part by part.

The rounded part is written over that part of a file which llama.cpp has mapped into its memory, so
that nothing is loaded anew; afterwards the part is put back.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from steward.errors import ModelError
from steward.lab.shrink.ggml import Array, pack, unpack
from steward.lab.shrink.model import F16, Stored, Weights, check_space, load
from steward.lab.shrink.scores import Reader, divergence
from steward.lab.shrink.text import Window
from steward.models.ahead.network import Network
from steward.models.disk import writing
from steward.models.formats import BY_NAME, TensorType

PROBE = BY_NAME["Q4_0"]
"""The type at which the harm of each part is measured."""
_BANDS = 6
"""Parts into which the layers are divided at most."""
_ROWS = 64
"""Rows of a matrix from which its error is estimated."""


def parts_of(weights: Weights) -> Mapping[str, tuple[str, ...]]:
    """Return the matrices of a model in parts that get one type: a kind in neighbouring layers.

    A part is named by its kind and its first layer: "ffn_down.4".
    """
    blocks = weights.own("block_count")
    layers = blocks.value if blocks is not None and isinstance(blocks.value, int) else 1
    band = max(1, -(-layers // _BANDS))
    found: dict[str, list[str]] = {}
    for name in matrices(weights):
        if name.startswith("blk."):
            _, layer, kind, _ = name.split(".", 3)
            found.setdefault(f"{kind}.{int(layer) // band * band}", []).append(name)
        else:
            found.setdefault(name.removesuffix(".weight"), []).append(name)
    return {part: tuple(names) for part, names in found.items()}


def matrices(weights: Weights) -> tuple[str, ...]:
    """Return the names of all tensors that are packed: those with rows and columns."""
    return tuple(name for name, found in weights.tensors.items() if len(found.shape) > 1)


def error(values: Array, kind: TensorType, importance: Array | None) -> float:
    """Return the weighted square error of packing a matrix, estimated from some of its rows."""
    rows = values.reshape(-1, values.shape[-1])
    some = np.ascontiguousarray(rows[:: max(1, len(rows) // _ROWS)])
    wrong = unpack(pack(some, kind, importance), kind).reshape(some.shape) - some
    weight = 1.0 if importance is None else importance
    return float((np.square(wrong, dtype=np.float64) * weight).sum()) * len(rows) / len(some)


class Bench:
    """A copy of a model in F16 that llama.cpp has mapped, so that parts of it can be changed."""

    def __init__(self, original: Path, copy: Path, windows: Sequence[Window], threads: int) -> None:
        """Copy the model and run it as it is over `windows`.

        Raises:
            ModelError: it cannot be run, or there is no room for the copy.
        """
        self._weights, self._copy, self._windows = load(original), copy, windows
        check_space(copy, original.stat().st_size)
        with writing(copy):
            shutil.copyfile(original, copy)
        longest = max(len(window) for window in windows)
        self._reader = Reader(Network(copy), longest, threads)
        self._before = [rows for window in windows for _, rows in self._reader.read(window)]

    def harm(self, names: Sequence[str], importance: Mapping[str, Array]) -> float:
        """Return the divergence in nats a token when these matrices are packed as `PROBE`.

        Raises:
            ModelError: the copy cannot be written, or llama.cpp does not see the change.
        """
        for name in names:
            values = self._weights.array(name)
            kind = usable(values.shape, PROBE)
            rounded = unpack(pack(values, kind, importance.get(name)), kind)
            self._put(name, pack(rounded.reshape(values.shape), F16))
        found = self._divergence()
        for name in names:
            self._put(name, pack(self._weights.array(name), F16))
        if not found > 0:
            raise ModelError(
                f"llama.cpp does not see that {names[0]} was changed",
                hint="install the version of xllamacpp in uv.lock",
            )
        return found

    def _put(self, name: str, data: NDArray[np.uint8]) -> None:
        place = self._weights.tensors[name]
        if not isinstance(place, Stored) or place.packed().size != data.size:
            raise ModelError(f"{name} is not in F16 in {self._copy}", hint="write it in F16 first")
        with writing(self._copy), self._copy.open("r+b") as file:
            file.seek(place.offset)
            file.write(data.data)

    def _divergence(self) -> float:
        rows = (rows for window in self._windows for _, rows in self._reader.read(window))
        found = [divergence(one, two) for one, two in zip(self._before, rows, strict=True)]
        return float(np.concatenate(found).mean())


def usable(shape: Sequence[int], kind: TensorType) -> TensorType:
    """Return `kind`, or F16 where rows of this shape are no whole blocks of it."""
    return kind if shape[-1] % kind.block == 0 else F16
