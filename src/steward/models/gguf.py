"""The header of a GGUF file, read without trusting it.

A file comes from anywhere, and native code that loads it believes its header. So every length and
count is checked against the file's own size and against limits, before anything is allocated.
Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from steward.errors import ModelError
from steward.models.formats import GGML, TensorType
from steward.models.source import Source

MAGIC = b"GGUF"
VERSIONS = (2, 3)
HEADER_BYTES = 128 << 20
"""The longest header; the largest vocabularies of today make 16 MiB."""
ENTRIES = 1 << 16
"""Metadata entries, and tensors, at most: the largest models have a few thousand."""
KEY_BYTES = 1 << 16
NAME_BYTES = 64
"""Of a tensor; llama.cpp has no room for more."""
STRING_BYTES = 16 << 20
DIMENSIONS = 4
KEPT = 1024
"""Items of an array up to which they are kept; a vocabulary is only counted."""
_WINDOW = 1 << 20
_SCALARS = {
    0: struct.Struct("<B"),
    1: struct.Struct("<b"),
    2: struct.Struct("<H"),
    3: struct.Struct("<h"),
    4: struct.Struct("<I"),
    5: struct.Struct("<i"),
    6: struct.Struct("<f"),
    7: struct.Struct("<?"),
    10: struct.Struct("<Q"),
    11: struct.Struct("<q"),
    12: struct.Struct("<d"),
}
_STRING = 8
_ARRAY = 9
_U32 = _SCALARS[4]
_U64 = _SCALARS[10]
_AGAIN = "fetch it again: steward models get (for a listed model: steward setup)"
_HINT = "fetch the file again; if it stays so, do not use it: it was made wrongly or to do harm"


@dataclass(frozen=True)
class LongArray:
    """An array of which only the number of items was kept."""

    count: int


Scalar: TypeAlias = bool | int | float | str
Value: TypeAlias = Scalar | tuple[Scalar, ...] | LongArray


@dataclass(frozen=True)
class TensorInfo:
    """A tensor: `shape` begins with the length of a row; `offset` counts from the data's begin."""

    name: str
    shape: tuple[int, ...]
    type: TensorType
    offset: int
    bytes: int


@dataclass(frozen=True)
class Header:
    """What a file says of itself; `data` is the offset of the tensors, `size` of the file."""

    version: int
    metadata: Mapping[str, Value]
    tensors: tuple[TensorInfo, ...]
    data: int
    size: int


def read_header(source: Source) -> Header:
    """Read and check the header; of a file behind an address, only the header is fetched.

    Raises:
        ModelError: it is no GGUF file of a known version, is cut off, or says what cannot be.
        PeerError: the server did not give the bytes.
    """
    cursor = _Cursor(source)
    version = _version(cursor)
    tensors, entries = cursor.number(_U64), cursor.number(_U64)
    if not 0 < tensors <= ENTRIES or not 0 < entries <= ENTRIES:
        raise _wrong(source, f"{tensors} tensors and {entries} entries make no sense")
    metadata: dict[str, Value] = {}
    for _ in range(entries):
        key = cursor.string(KEY_BYTES)
        if key in metadata:
            raise _wrong(source, f"{key!r:.80} stands there twice")
        metadata[key] = _value(cursor)
    infos = tuple(_tensor(cursor) for _ in range(tensors))
    alignment = metadata.get("general.alignment", 32)
    if not isinstance(alignment, int) or not 8 <= alignment <= 1 << 16 or alignment & alignment - 1:
        raise _wrong(source, f"its alignment is {alignment!r:.40}")
    data = cursor.at + -cursor.at % alignment
    _check_places(source, infos, data, alignment)
    return Header(version, metadata, infos, data, source.size)


def _version(cursor: _Cursor) -> int:
    source = cursor.source
    if source.size < len(MAGIC) or cursor.take(len(MAGIC)) != MAGIC:
        raise ModelError(
            f"{source.name} is not a GGUF file",
            hint="it may be a page about the model, or a file of another kind: name a .gguf file",
        )
    version = cursor.number(_U32)
    if version not in VERSIONS:
        big_endian = int.from_bytes(version.to_bytes(4, "little"), "big") in VERSIONS
        said = "is for big-endian machines" if big_endian else f"is GGUF version {version}"
        raise ModelError(
            f"{source.name} {said}; read are versions {VERSIONS}, little-endian",
            hint="fetch a newer conversion of this model, or update Steward",
        )
    return version


def _value(cursor: _Cursor) -> Value:
    kind = cursor.number(_U32)
    if kind != _ARRAY:
        return _scalar(cursor, kind)
    kind, count = cursor.number(_U32), cursor.number(_U64)
    if kind in _SCALARS:
        if count > KEPT:
            cursor.skip(count * _SCALARS[kind].size)
            return LongArray(count)
    elif kind != _STRING:
        # The specification allows arrays of arrays; no model has any, and llama.cpp refuses them.
        raise _wrong(cursor.source, f"an array holds items of the kind {kind}")
    elif count > KEPT:
        cursor.skip_strings(count)
        return LongArray(count)
    return tuple(_scalar(cursor, kind) for _ in range(count))


def _scalar(cursor: _Cursor, kind: int) -> Scalar:
    if kind == _STRING:
        return cursor.string(STRING_BYTES)
    if kind not in _SCALARS:
        raise _wrong(cursor.source, f"an entry is of the unknown kind {kind}")
    form = _SCALARS[kind]
    value: bool | int | float = form.unpack(cursor.take(form.size))[0]
    return value


def _tensor(cursor: _Cursor) -> TensorInfo:
    source = cursor.source
    name = cursor.string(NAME_BYTES)
    dimensions = cursor.number(_U32)
    if not 1 <= dimensions <= DIMENSIONS:
        raise _wrong(source, f"the tensor {name!r} has {dimensions} dimensions")
    shape = tuple(cursor.number(_U64) for _ in range(dimensions))
    kind, offset = cursor.number(_U32), cursor.number(_U64)
    if kind not in GGML:
        raise ModelError(
            f"{source.name}: the tensor {name!r} is of the unknown type {kind}",
            hint="fetch another quantisation of this model, or update Steward",
        )
    packing = GGML[kind]
    if not all(0 < length < 1 << 40 for length in shape) or not packing.fits(shape):
        raise _wrong(source, f"the tensor {name!r} cannot be {shape} of {packing.name}")
    return TensorInfo(name, shape, packing, offset, packing.size(shape))


def _check_places(
    source: Source, tensors: tuple[TensorInfo, ...], data: int, alignment: int
) -> None:
    """Refuse tensors that are named alike, overlap, or lie outside of the file."""
    if len({tensor.name for tensor in tensors}) < len(tensors):
        raise _wrong(source, "two tensors have the same name")
    for tensor in tensors:
        if tensor.offset % alignment:
            raise _wrong(source, f"the tensor {tensor.name!r} is not aligned to {alignment} bytes")
        if data + tensor.offset + tensor.bytes > source.size:
            raise ModelError(
                f"{source.name} is cut off: it has {source.size} bytes, and the tensor "
                f"{tensor.name!r} ends at {data + tensor.offset + tensor.bytes}",
                hint=_AGAIN,
            )
    for before, after in pairwise(sorted(tensors, key=lambda tensor: tensor.offset)):
        if before.offset + before.bytes > after.offset:
            raise _wrong(source, f"the tensors {before.name!r} and {after.name!r} overlap")


def _wrong(source: Source, what: str) -> ModelError:
    return ModelError(f"the header of {source.name} is damaged: {what}", hint=_HINT)


class _Cursor:
    """Goes through a source from its begin, reading it by windows."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.at = 0
        self._window = b""
        self._begin = 0

    def take(self, count: int) -> bytes:
        """Return the next bytes; raises ModelError where there are fewer."""
        begin = self._reach(count)
        self.at += count
        return self._window[begin : begin + count]

    def number(self, form: struct.Struct) -> int:
        """Return the next whole number."""
        begin = self._reach(form.size)
        self.at += form.size
        number: int = form.unpack_from(self._window, begin)[0]
        return number

    def string(self, most: int) -> str:
        """Return the next string, of at most so many bytes."""
        length = self.number(_U64)
        if length > most:
            raise _wrong(self.source, f"a text has {length} bytes, the most are {most}")
        try:
            return self.take(length).decode("utf-8")
        except UnicodeDecodeError as error:
            raise _wrong(self.source, f"a text is not UTF-8 ({error.reason})") from error

    def skip(self, count: int) -> None:
        """Leave bytes out, which need not be fetched."""
        self._allow(count)
        self.at += count

    def skip_strings(self, count: int) -> None:
        """Leave strings out."""
        for _ in range(count):
            self.skip(self.number(_U64))

    def _reach(self, count: int) -> int:
        """Have the next `count` bytes in the window; return where they begin there."""
        begin = self.at - self._begin
        if begin + count > len(self._window):
            self._allow(count)
            self._window = self.source.read(self.at, max(count, _WINDOW))
            self._begin = self.at
            begin = 0
            if len(self._window) < count:
                raise _wrong(self.source, "it ends too early")
        return begin

    def _allow(self, count: int) -> None:
        if self.at + count > self.source.size:
            raise ModelError(
                f"{self.source.name} is cut off: it has {self.source.size} bytes, and its header "
                "is longer",
                hint=_AGAIN,
            )
        if self.at + count > HEADER_BYTES:
            raise _wrong(self.source, f"it is longer than {HEADER_BYTES >> 20} MiB")
