"""How numbers are packed: every type of ggml's tensors, and of safetensors'.

Source: `ggml_type` and `type_traits` in ggml.h and ggml.c
(https://github.com/ggml-org/ggml/blob/master/include/ggml.h), the GGUF specification
(https://github.com/ggml-org/ggml/blob/master/docs/gguf.md) and the safetensors format
(https://github.com/huggingface/safetensors#format).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod


@dataclass(frozen=True)
class TensorType:
    """A packing: `block` numbers of a row together take `block_bytes` bytes."""

    name: str
    block: int
    block_bytes: int

    @property
    def bits(self) -> float:
        """Bits that one number takes, scales included."""
        return 8 * self.block_bytes / self.block

    def fits(self, shape: Sequence[int]) -> bool:
        """Tell whether the rows (the first dimension) are whole blocks."""
        return shape[0] % self.block == 0 if shape else self.block == 1

    def size(self, shape: Sequence[int]) -> int:
        """Return the bytes of a tensor whose rows fit."""
        return prod(shape) // self.block * self.block_bytes


_GGML = (
    (0, "F32", 1, 4),
    (1, "F16", 1, 2),
    (2, "Q4_0", 32, 18),
    (3, "Q4_1", 32, 20),
    (6, "Q5_0", 32, 22),
    (7, "Q5_1", 32, 24),
    (8, "Q8_0", 32, 34),
    (9, "Q8_1", 32, 36),
    (10, "Q2_K", 256, 84),
    (11, "Q3_K", 256, 110),
    (12, "Q4_K", 256, 144),
    (13, "Q5_K", 256, 176),
    (14, "Q6_K", 256, 210),
    (15, "Q8_K", 256, 292),
    (16, "IQ2_XXS", 256, 66),
    (17, "IQ2_XS", 256, 74),
    (18, "IQ3_XXS", 256, 98),
    (19, "IQ1_S", 256, 50),
    (20, "IQ4_NL", 32, 18),
    (21, "IQ3_S", 256, 110),
    (22, "IQ2_S", 256, 82),
    (23, "IQ4_XS", 256, 136),
    (24, "I8", 1, 1),
    (25, "I16", 1, 2),
    (26, "I32", 1, 4),
    (27, "I64", 1, 8),
    (28, "F64", 1, 8),
    (29, "IQ1_M", 256, 56),
    (30, "BF16", 1, 2),
    (34, "TQ1_0", 256, 54),
    (35, "TQ2_0", 256, 66),
    (39, "MXFP4", 32, 17),
    (40, "NVFP4", 64, 36),
    (41, "Q1_0", 128, 18),
)
GGML = {number: TensorType(name, block, size) for number, name, block, size in _GGML}
"""By the number in a GGUF file. Numbers left out were types that no release reads any more."""
BY_NAME = {known.name: known for known in GGML.values()}
"""By ggml's name, in capitals: "Q4_K"."""

_SAFETENSORS = (
    ("BOOL", 1),
    ("U8", 1),
    ("I8", 1),
    ("F8_E5M2", 1),
    ("F8_E4M3", 1),
    ("F8_E8M0", 1),
    ("U16", 2),
    ("I16", 2),
    ("F16", 2),
    ("BF16", 2),
    ("U32", 4),
    ("I32", 4),
    ("F32", 4),
    ("U64", 8),
    ("I64", 8),
    ("F64", 8),
)
SAFETENSORS = {name: TensorType(name, 1, size) for name, size in _SAFETENSORS}
"""By the name in a safetensors file."""
