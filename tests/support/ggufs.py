"""GGUF files made by hand, byte by byte, so that they can also be wrong."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Entries: TypeAlias = Mapping[str, int | str | float | Sequence[str]]
U32, STRING, ARRAY, FLOAT = 4, 8, 9, 6
F32, Q4_0 = 0, 2


def text(value: str | bytes) -> bytes:
    """Return a string as GGUF has it."""
    data = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(data)) + data


def entry(key: str, value: int | str | float | Sequence[str]) -> bytes:
    """Return a metadata entry."""
    if isinstance(value, str):
        return text(key) + struct.pack("<I", STRING) + text(value)
    if isinstance(value, int):
        return text(key) + struct.pack("<II", U32, value)
    if isinstance(value, float):
        return text(key) + struct.pack("<If", FLOAT, value)
    items = b"".join(text(item) for item in value)
    return text(key) + struct.pack("<IIQ", ARRAY, STRING, len(value)) + items


@dataclass(frozen=True)
class Listed:
    """A tensor in the header."""

    name: str
    shape: tuple[int, ...]
    type: int = F32
    offset: int = 0

    def __bytes__(self) -> bytes:
        form = f"<I{len(self.shape)}QIQ"
        packed = struct.pack(form, len(self.shape), *self.shape, self.type, self.offset)
        return text(self.name) + packed


TINY: Entries = {
    "general.architecture": "llama",
    "llama.block_count": 1,
    "llama.embedding_length": 32,
    "llama.attention.head_count": 4,
    "llama.attention.head_count_kv": 2,
    "llama.feed_forward_length": 64,
    "llama.context_length": 128,
}
TABLE = Listed("token_embd.weight", (32, 8))


def gguf(
    entries: Entries = TINY,
    tensors: Sequence[Listed] = (TABLE,),
    *,
    version: int = 3,
    data: int = 4 * 32 * 8,
) -> bytes:
    """Return a file with so many bytes of zeros behind its header."""
    body = b"".join(entry(key, value) for key, value in entries.items())
    listed = b"".join(bytes(tensor) for tensor in tensors)
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(entries)) + body + listed
    return head + bytes(-len(head) % 32) + bytes(data)


@dataclass(frozen=True)
class Bytes:
    """Bytes as a source that is read by offset."""

    data: bytes
    name: str = "m.gguf"

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.data)

    def read(self, offset: int, count: int) -> bytes:
        """Return some of them."""
        return self.data[offset : offset + count]
