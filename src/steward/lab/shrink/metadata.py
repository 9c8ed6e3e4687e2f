"""The entries of a GGUF file, whole and with their types, so that they can be written again."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from steward.models.gguf import MAGIC, Header
from steward.models.source import Source

Scalar: TypeAlias = bool | int | float | str
U32, I32, F32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
_FORMS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_START = len(MAGIC) + 20
_VERSION = 3


@dataclass(frozen=True)
class Entry:
    """A value with its GGUF type; of an array, `of` is the type of the items."""

    kind: int
    value: Scalar | tuple[Scalar, ...]
    of: int = 0


Entries: TypeAlias = Mapping[str, Entry]


def number(value: int) -> Entry:
    """Return a whole number as an entry."""
    return Entry(U32, value)


def real(value: float) -> Entry:
    """Return a number with a fraction as an entry."""
    return Entry(F32, value)


def flag(value: bool) -> Entry:
    """Return yes or no as an entry."""
    return Entry(BOOL, value)


def text(value: str) -> Entry:
    """Return a text as an entry."""
    return Entry(STRING, value)


def texts(values: Sequence[str]) -> Entry:
    """Return a list of texts as an entry."""
    return Entry(ARRAY, tuple(values), STRING)


def numbers(values: Sequence[int]) -> Entry:
    """Return a list of whole numbers as an entry."""
    return Entry(ARRAY, tuple(values), I32)


def reals(values: Sequence[float]) -> Entry:
    """Return a list of numbers with fractions as an entry."""
    return Entry(ARRAY, tuple(values), F32)


def read_entries(source: Source, header: Header) -> dict[str, Entry]:
    """Return the entries of a file whose header was read, and so checked."""
    data = source.read(0, header.data)
    at = _START
    found: dict[str, Entry] = {}
    for _ in header.metadata:
        key, at = _string(data, at)
        (kind,) = struct.unpack_from("<I", data, at)
        found[key], at = _entry(data, at + 4, kind)
    return found


def write_head(entries: Entries, tensors: Sequence[tuple[str, Sequence[int], int, int]]) -> bytes:
    """Return the header of a file, up to its tensors.

    `tensors` are names, dimensions (the length of a row first), numbers of types, and offsets.
    """
    parts = [MAGIC, struct.pack("<IQQ", _VERSION, len(tensors), len(entries))]
    for key, entry in entries.items():
        parts += [_text(key), struct.pack("<I", entry.kind), *_written(entry)]
    for name, shape, kind, offset in tensors:
        form = f"<I{len(shape)}QIQ"
        parts += [_text(name), struct.pack(form, len(shape), *shape, kind, offset)]
    return b"".join(parts)


def _entry(data: bytes, at: int, kind: int) -> tuple[Entry, int]:
    if kind != ARRAY:
        value, at = _scalar(data, at, kind)
        return Entry(kind, value), at
    of, count = struct.unpack_from("<IQ", data, at)
    at += 12
    if of != STRING:
        form = f"<{count}{_FORMS[of]}"
        return Entry(kind, struct.unpack_from(form, data, at), of), at + struct.calcsize(form)
    items = []
    for _ in range(count):
        item, at = _string(data, at)
        items.append(item)
    return Entry(kind, tuple(items), of), at


def _scalar(data: bytes, at: int, kind: int) -> tuple[Any, int]:
    if kind == STRING:
        return _string(data, at)
    form = f"<{_FORMS[kind]}"
    return struct.unpack_from(form, data, at)[0], at + struct.calcsize(form)


def _string(data: bytes, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<Q", data, at)
    begin = at + 8
    # A vocabulary has tokens that are parts of a character.
    return data[begin : begin + length].decode("utf-8", "surrogateescape"), begin + length


def _written(entry: Entry) -> Iterator[bytes]:
    if isinstance(entry.value, str):
        yield _text(entry.value)
    elif isinstance(entry.value, tuple):
        yield struct.pack("<IQ", entry.of, len(entry.value))
        if entry.of == STRING:
            yield from (_text(str(item)) for item in entry.value)
        else:
            yield struct.pack(f"<{len(entry.value)}{_FORMS[entry.of]}", *entry.value)
    else:
        yield struct.pack(f"<{_FORMS[entry.kind]}", entry.value)


def _text(value: str) -> bytes:
    data = value.encode("utf-8", "surrogateescape")
    return struct.pack("<Q", len(data)) + data
