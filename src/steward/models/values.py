"""Weights that are no numbers: a NaN or an infinity spoils everything that is computed from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from steward.errors import ModelError
from steward.models.gguf import Header, TensorInfo

_HALF = ("<u2", 0x7C00)
_BRAIN = ("<u2", 0x7F80)
_SINGLE = ("<u4", 0x7F800000)
_DOUBLE = ("<u8", 0x7FF0000000000000)
_SCALES: dict[str, tuple[tuple[str, int], tuple[int, ...]]] = {
    "F16": (_HALF, (0,)),
    "BF16": (_BRAIN, (0,)),
    "F32": (_SINGLE, (0,)),
    "F64": (_DOUBLE, (0,)),
    **dict.fromkeys(("Q4_0", "Q5_0", "Q8_0", "Q1_0"), (_HALF, (0,))),
    **dict.fromkeys(("Q4_1", "Q5_1", "Q8_1", "Q4_K", "Q5_K"), (_HALF, (0, 2))),
    **dict.fromkeys(("IQ1_S", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS"), (_HALF, (0,))),
    **dict.fromkeys(("IQ3_S", "IQ4_NL", "IQ4_XS"), (_HALF, (0,))),
    "Q2_K": (_HALF, (80, 82)),
    "Q3_K": (_HALF, (108,)),
    "Q6_K": (_HALF, (208,)),
    "TQ1_0": (_HALF, (52,)),
    "TQ2_0": (_HALF, (64,)),
    "Q8_K": (_SINGLE, (0,)),
}
"""Of each type: how its scales are written, with the bits of the exponent, and where in a block.
All other bits of a block are whole numbers, and always right (ggml-common.h). The types that are
left out have scales that cannot be infinite."""
_SLICE = 16 << 20


def check_finite(path: Path, header: Header) -> None:
    """Read all scales of a GGUF file.

    Raises:
        ModelError: a weight is NaN or infinite, or the file cannot be read.
    """
    for tensor, data in _tensors(path, header):
        if tensor.type.name in _SCALES and not _finite(tensor, data):
            raise ModelError(
                f"{path} is damaged: the tensor {tensor.name!r} has weights that are no numbers",
                hint="fetch it again; if it stays so, whoever made the file made it wrongly",
            )


def tensor_sums(path: Path, header: Header) -> dict[str, int]:
    """Return the CRC-32 of each tensor, by which a damaged one can be named. Raises ModelError."""
    return {tensor.name: crc32(data.data) for tensor, data in _tensors(path, header)}


def _finite(tensor: TensorInfo, data: NDArray[np.uint8]) -> bool:
    (number, exponent), places = _SCALES[tensor.type.name]
    size = tensor.type.block_bytes
    step = _SLICE // size * size
    for begin in range(0, len(data), step):
        blocks = data[begin : begin + step].reshape(-1, size)
        for place in places:
            bits = blocks[:, place : place + int(number[2])].view(number)
            if bool(((bits & exponent) == exponent).any()):
                return False
    return True


def _tensors(path: Path, header: Header) -> Iterator[tuple[TensorInfo, NDArray[np.uint8]]]:
    try:
        whole = np.memmap(path, np.uint8, "r")
    except OSError as error:
        raise ModelError(
            f"cannot read the model {path}: {error.strerror}", hint="check the file and its disk"
        ) from error
    for tensor in header.tensors:
        begin = header.data + tensor.offset
        yield tensor, whole[begin : begin + tensor.bytes]
