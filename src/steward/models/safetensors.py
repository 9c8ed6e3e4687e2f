"""The header of a safetensors file, read without trusting it.

Source: https://github.com/huggingface/safetensors#format. Eight bytes tell the length of a JSON
object, which tells name, type, shape and place of each tensor; the tensors follow without a gap.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from steward.errors import ModelError
from steward.models.formats import SAFETENSORS
from steward.models.gguf import TensorInfo
from steward.models.source import Source

HEADER_BYTES = 100_000_000
"""The longest header that the format allows."""
_LENGTH = 8
_Count = Annotated[int, Field(ge=0, lt=1 << 60)]
_AGAIN = "fetch it again, to the end"
_HINT = "fetch the file again; if it stays so, do not use it: it was made wrongly or to do harm"


class _Entry(BaseModel):
    """A tensor, as the header has it."""

    model_config = ConfigDict(strict=True)
    dtype: Literal[tuple(SAFETENSORS)]  # type: ignore[valid-type]
    shape: Annotated[list[_Count], Field(max_length=16)]
    data_offsets: Annotated[list[_Count], Field(min_length=2, max_length=2)]


_ENTRY = TypeAdapter(_Entry)


@dataclass(frozen=True)
class Header:
    """`metadata`: texts of whoever made it. `tensors` in the order of the file, with their rows
    (the last dimension of the file) first, as in GGUF. `data`: their offset; `size`: of the file.
    """

    metadata: Mapping[str, str]
    tensors: tuple[TensorInfo, ...]
    data: int
    size: int


def read_header(source: Source) -> Header:
    """Read and check the header; of a file behind an address, only the header is fetched.

    Raises:
        ModelError: it is no safetensors file, is cut off, or says what cannot be.
        PeerError: the server did not give the bytes.
    """
    length = int.from_bytes(source.read(0, _LENGTH), "little")
    if source.size < _LENGTH or not 2 <= length <= HEADER_BYTES:
        raise ModelError(
            f"{source.name} is not a safetensors file", hint="name a .safetensors or .gguf file"
        )
    data = _LENGTH + length
    if data > source.size:
        raise _cut(source, data)
    try:
        said = json.loads(source.read(_LENGTH, length), object_pairs_hook=_once)
    # A deep enough nesting is a RecursionError.
    except (ValueError, RecursionError) as error:
        raise _wrong(source, f"it is no JSON ({error})") from error
    if not isinstance(said, dict):
        raise _wrong(source, "it is no JSON object")
    metadata = said.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise _wrong(source, "its metadata is no texts")
    tensors = tuple(
        sorted((_tensor(source, *item) for item in said.items()), key=lambda t: (t.offset, t.bytes))
    )
    _check_places(source, tensors, data)
    return Header(metadata, tensors, data, source.size)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands there twice")
    return found


def _tensor(source: Source, name: str, said: object) -> TensorInfo:
    try:
        entry = _ENTRY.validate_python(said)
    except ValidationError as error:
        what = error.errors()[0]
        raise _wrong(source, f"the tensor {name!r:.80}: {what['msg']}") from error
    packing = SAFETENSORS[entry.dtype]
    begin, end = entry.data_offsets
    if end - begin != prod(entry.shape) * packing.block_bytes:
        raise _wrong(
            source, f"the tensor {name!r:.80} of {entry.shape} cannot have {end - begin} bytes"
        )
    return TensorInfo(name, tuple(reversed(entry.shape)), packing, begin, end - begin)


def _check_places(source: Source, tensors: tuple[TensorInfo, ...], data: int) -> None:
    end = 0
    for tensor in tensors:
        if tensor.offset != end:
            raise _wrong(source, f"the tensor {tensor.name!r:.80} does not begin where one ends")
        end += tensor.bytes
    if not tensors:
        raise _wrong(source, "it has no tensors")
    if data + end > source.size:
        raise _cut(source, data + end)
    if data + end < source.size:
        raise _wrong(source, f"{source.size - data - end} bytes behind the tensors are nobody's")


def _cut(source: Source, whole: int) -> ModelError:
    return ModelError(
        f"{source.name} is cut off: it has {source.size} of {whole} bytes",
        hint=_AGAIN,
    )


def _wrong(source: Source, what: str) -> ModelError:
    return ModelError(f"the header of {source.name} is damaged: {what}", hint=_HINT)
