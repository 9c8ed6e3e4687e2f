"""A copy of a GGUF file whose Q4_1 matrices became Q4_0 ones: to see how fast those kernels are.

What the weights say is lost; how fast a model is does not depend on it.
"""

from __future__ import annotations

import struct
from pathlib import Path

from steward.models.formats import BY_NAME, GGML
from steward.models.gguf import Header, TensorInfo, read_header
from steward.models.source import LocalFile

FROM, TO = BY_NAME["Q4_1"], BY_NAME["Q4_0"]
_NUMBER = {kind.name: number for number, kind in GGML.items()}
_BLOCK = struct.pack("<e16B", 0.01, *range(0, 256, 16))
"""A scale and 32 numbers of four bits, in the order of ggml's `block_q4_0`."""
_ALIGNMENT = 32


def write(source: Path, target: Path) -> None:
    """Write the copy of `source`.

    Raises:
        ModelError: `source` cannot be read, or is no GGUF file.
        OSError: `target` cannot be written.
    """
    file = LocalFile(source)
    try:
        header = read_header(file)
        head = bytearray(file.read(0, header.data))
        sizes = [_size(info) for info in header.tensors]
        _relabel(head, header, sizes)
        with target.open("wb") as out:
            out.write(head)
            for info, size in zip(header.tensors, sizes, strict=True):
                if info.type == FROM:
                    out.write(_BLOCK * (size // len(_BLOCK)))
                else:
                    out.write(file.read(header.data + info.offset, info.bytes))
                out.write(bytes(-size % _ALIGNMENT))
    finally:
        file.close()


def _size(info: TensorInfo) -> int:
    return TO.size(info.shape) if info.type == FROM else info.bytes


def _relabel(head: bytearray, header: Header, sizes: list[int]) -> None:
    """Write the new types and places into the descriptions of the tensors, in place."""
    offset = at = 0
    for info, size in zip(header.tensors, sizes, strict=True):
        name = info.name.encode()
        key = struct.pack("<Q", len(name)) + name + struct.pack("<I", len(info.shape))
        at = head.index(key, at) + len(key) + 8 * len(info.shape)
        kind = TO if info.type == FROM else info.type
        struct.pack_into("<IQ", head, at, _NUMBER[kind.name], offset)
        offset += size + -size % _ALIGNMENT
