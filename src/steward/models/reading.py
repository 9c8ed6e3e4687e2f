"""The shape of whatever somebody names: a file, an address, a config, a listed set."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

from steward.errors import ModelError, UserError
from steward.models import gguf, safetensors
from steward.models.configured import shape_of_config
from steward.models.formats import BY_NAME
from steward.models.shape import Shape, shape_of
from steward.models.source import address, opened

_PART = re.compile(r"-00001-of-(\d{5})\.gguf$")
_TOLERANCE = 0.01
"""How far a config may be from its weights: a copy of the vocabulary's table is not counted."""
_MOST_PARTS = 512


def read_shape(where: str) -> Shape:
    """Return the shape of the model at `where`, reading no more than headers.

    It may be a .gguf file (for a split model, its first one), a config.json, a .safetensors file
    beside its config.json, or a folder with one of these; each as a path, an http(s) address or
    `hf:OWNER/REPOSITORY/FILE`. `hf:OWNER/REPOSITORY` is its config.json.

    Raises:
        UserError: it names no such file.
        ModelError: the file is missing, damaged, or no language model that is known here.
        PeerError: the server did not give the bytes.
    """
    file = _file(where)
    name = Path(file.partition("?")[0]).name
    if name.endswith(".json"):
        parent = Path(file).parent.name
        with opened(file) as source:
            return shape_of_config(source, parent or name)
    if name.endswith(".safetensors"):
        return _with_config(file)
    return shape_of(name, [_header(part) for part in parts(file)])


def _file(where: str) -> str:
    if re.fullmatch(r"hf:[^/]+/[^/]+", where):
        return f"{where}/config.json"
    folder = Path(where).expanduser()
    if address(where) is not None or not folder.is_dir():
        return where
    models = [*sorted(folder.glob("*.gguf")), *folder.glob("config.json")]
    if not models:
        raise UserError(
            f"{folder} holds no model", hint="name a folder with a .gguf file or a config.json"
        )
    return str(models[0])


def parts(file: str) -> list[str]:
    """Return all files of a split model, whose first one is named; else the one file."""
    found = _PART.search(file)
    if found is None:
        return [file]
    count = int(found[1])
    if not 1 <= count <= _MOST_PARTS:
        raise ModelError(f"{Path(file).name} cannot be one of {count} files", hint="check its name")
    begin = file[: found.start()]
    return [f"{begin}-{part:05}-of-{found[1]}.gguf" for part in range(1, count + 1)]


def _header(file: str) -> gguf.Header:
    with opened(file) as source:
        return gguf.read_header(source)


def _with_config(file: str) -> Shape:
    with opened(file) as source:
        header = safetensors.read_header(source)
    beside = f"{file.rpartition('/')[0] or '.'}/config.json"
    with opened(beside) as source:
        shape = shape_of_config(source, Path(file).stem)
    held = sum(tensor.bytes // tensor.type.block_bytes for tensor in header.tensors)
    table = sum(tensor.parameters for tensor in shape.tensors if tensor.looked_up)
    if not _near(held, shape.parameters) and not _near(held, shape.parameters + table):
        raise ModelError(
            f"{file} holds {held:,} numbers, and {beside} describes {shape.parameters:,}",
            hint="name the file of a whole model, beside its own config.json",
        )
    usual = Counter({tensor.type.name: tensor.bytes for tensor in header.tensors}).most_common(1)
    packing = BY_NAME.get(usual[0][0], BY_NAME["BF16"])
    matrices = tuple(
        replace(tensor, type=packing, bytes=packing.size(tensor.shape))
        if len(tensor.shape) > 1
        else tensor
        for tensor in shape.tensors
    )
    return replace(shape, tensors=matrices)


def _near(held: int, wanted: int) -> bool:
    return abs(held - wanted) <= _TOLERANCE * wanted
