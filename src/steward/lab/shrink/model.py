"""A language model as the steps of shrinking hand it on: its entries, and its tensors by name.

Tensors are read from their file only when they are asked for, so that a model larger than the
memory can go through.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from steward.errors import ModelError
from steward.lab.shrink.ggml import NUMBER, Array, pack, unpack
from steward.lab.shrink.metadata import (
    Entries,
    Entry,
    number,
    read_entries,
    texts,
    write_head,
)
from steward.models.disk import writing
from steward.models.formats import BY_NAME, TensorType
from steward.models.gguf import KEPT, Header, LongArray, TensorInfo, read_header
from steward.models.shape import Shape, shape_of
from steward.models.source import LocalFile
from steward.models.values import check_finite

ARCHITECTURES = ("llama", "qwen2", "qwen3", "gemma3")
"""Those that are understood, by GGUF's names; SmolLM is a Llama."""
ALIGNMENT = 32
F32, F16 = BY_NAME["F32"], BY_NAME["F16"]
Types: TypeAlias = Mapping[str, TensorType]
"""The type of each tensor by its name; those left out stay as they are."""


@dataclass(frozen=True)
class Stored:
    """A tensor in a file. `shape` as numpy has it: the length of a row comes last."""

    path: Path
    offset: int
    kind: TensorType
    shape: tuple[int, ...]

    def packed(self) -> NDArray[np.uint8]:
        """Return its bytes, without reading what is not looked at."""
        flat = tuple(reversed(self.shape))
        return np.memmap(self.path, np.uint8, "r", self.offset, (self.kind.size(flat),))

    def array(self) -> Array:
        """Return its numbers."""
        return unpack(self.packed(), self.kind).reshape(self.shape)


@dataclass(frozen=True)
class Weights:
    """A model: `name` for messages, its GGUF `entries`, and its `tensors` by GGUF's names.

    The queries and keys of a Llama are in the order of GGUF: the two halves of a head interleaved.
    """

    name: str
    entries: Entries
    tensors: Mapping[str, Stored | Array]

    @property
    def architecture(self) -> str:
        """GGUF's name of the architecture."""
        return str(self.entries["general.architecture"].value)

    def array(self, name: str) -> Array:
        """Return a tensor's numbers, rows last. Raises KeyError where there is none."""
        found = self.tensors[name]
        return found.array() if isinstance(found, Stored) else found

    def own(self, key: str) -> Entry | None:
        """Return an entry of the architecture ("block_count"), None where there is none."""
        return self.entries.get(f"{self.architecture}.{key}")

    def kind(self, name: str) -> TensorType:
        """Return the type that a tensor has now; what was computed has F32."""
        found = self.tensors[name]
        return found.kind if isinstance(found, Stored) else F32

    def with_tensors(self, tensors: Mapping[str, Stored | Array]) -> Weights:
        """Return a copy with these tensors in place of those of the same names."""
        return replace(self, tensors={**self.tensors, **tensors})

    def with_entries(self, entries: Entries) -> Weights:
        """Return a copy with these entries in place of those of the same keys."""
        return replace(self, entries={**self.entries, **entries})


def load(path: Path) -> Weights:
    """Read a model from a GGUF file, whole: no weight is NaN or infinite.

    Raises:
        ModelError: it is no GGUF file, is damaged, or of an architecture that is not known here.
    """
    source = LocalFile(path)
    try:
        header = read_header(source)
        entries = read_entries(source, header)
    finally:
        source.close()
    check_finite(path, header)
    tensors = {
        info.name: Stored(path, header.data + info.offset, info.type, tuple(reversed(info.shape)))
        for info in header.tensors
    }
    weights = Weights(path.stem, entries, tensors)
    check(weights)
    shape(weights)
    return weights


def check(weights: Weights) -> None:
    """Refuse a model that cannot be shrunk here.

    Raises:
        ModelError: its architecture is not known, or tokenizer and vocabulary disagree.
    """
    if weights.architecture not in ARCHITECTURES:
        raise ModelError(
            f"{weights.name} is of the architecture {weights.architecture!r:.40}, which cannot be "
            "shrunk here",
            hint=f"there are {', '.join(ARCHITECTURES)}; SmolLM and Mistral are llama",
        )
    tokens = weights.entries.get("tokenizer.ggml.tokens", texts(())).value
    count = len(tokens) if isinstance(tokens, tuple) else 0
    rows = weights.tensors["token_embd.weight"].shape[0]
    if count != rows:
        raise ModelError(
            f"{weights.name} has {count} tokens in its tokenizer and {rows} in its vocabulary",
            hint="fetch it again; if it stays so, its files do not belong together",
        )


def shape(weights: Weights, types: Types | None = None) -> Shape:
    """Return the shape of the model as it is, or as it would be with these `types`."""
    wanted = types or {}
    infos, offset = [], 0
    for name, found in weights.tensors.items():
        kind = wanted.get(name, weights.kind(name))
        dimensions = tuple(reversed(found.shape))
        infos.append(TensorInfo(name, dimensions, kind, offset, kind.size(dimensions)))
        offset += infos[-1].bytes
    entries = {
        key: LongArray(len(entry.value))
        if isinstance(entry.value, tuple) and len(entry.value) > KEPT
        else entry.value
        for key, entry in weights.entries.items()
    }
    return shape_of(weights.name, [Header(3, entries, tuple(infos), 0, offset)])


def write(
    weights: Weights,
    path: Path,
    types: Types | None = None,
    importance: Mapping[str, Array] | None = None,
    on: Callable[[int, int], None] | None = None,
) -> None:
    """Write the model as a GGUF file, whole or not at all.

    Tensors that were computed and have no type in `types` become F32. `importance` is the mean
    square of what each column of a matrix is multiplied with. `on` is told bytes done and in all.

    Raises:
        ModelError: there is no room on the disk, or a tensor cannot have its type.
    """
    kinds, head, size = _layout(weights, types or {})
    check_space(path, size)
    new = path.with_name(path.name + ".new")
    done = len(head)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with new.open("wb") as out:
            out.write(head)
            for name in weights.tensors:
                data = packed(weights, name, kinds[name], (importance or {}).get(name))
                out.write(data.data)
                out.write(bytes(-data.size % ALIGNMENT))
                done += data.size + -data.size % ALIGNMENT
                if on is not None:
                    on(done, size)
            out.flush()
            os.fsync(out.fileno())
        new.replace(path)


def file_size(weights: Weights, types: Types) -> int:
    """Return the bytes of the file that `write` would make."""
    return _layout(weights, types)[2]


def _layout(weights: Weights, types: Types) -> tuple[Types, bytes, int]:
    """Return the type of each tensor, the header, and the bytes of the whole file."""
    kinds = {name: types.get(name, weights.kind(name)) for name in weights.tensors}
    listed, offset = [], 0
    for name, found in weights.tensors.items():
        dimensions = tuple(reversed(found.shape))
        size = kinds[name].size(dimensions)
        listed.append((name, dimensions, NUMBER[kinds[name].name], offset))
        offset += size + -size % ALIGNMENT
    head = write_head({**weights.entries, "general.alignment": number(ALIGNMENT)}, listed)
    head += bytes(-len(head) % ALIGNMENT)
    return kinds, head, len(head) + offset


def packed(
    weights: Weights, name: str, kind: TensorType, importance: Array | None = None
) -> NDArray[np.uint8]:
    """Return the bytes of a tensor as a file has them in this type; raises ModelError."""
    found = weights.tensors[name]
    if isinstance(found, Stored) and found.kind == kind:
        return found.packed()
    try:
        return pack(weights.array(name), kind, importance)
    except ModelError as error:
        raise ModelError(f"{name}: {error.message}", hint=error.hint) from error


def check_space(path: Path, size: int) -> None:
    """Refuse to write what the disk has no room for.

    Raises:
        ModelError: fewer than `size` bytes are free where `path` is to be.
    """
    folder = next(each for each in path.absolute().parents if each.exists())
    free = shutil.disk_usage(folder).free
    if size > free:
        raise ModelError(
            f"{path} needs {size / 1e6:.0f} MB, and {free / 1e6:.0f} MB are free there",
            hint="free some space, or write it to another disk",
        )
