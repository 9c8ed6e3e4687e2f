"""Where in a file of PyTorch's old format the numbers of each tensor stand.

The format (torch/serialization.py, `_legacy_save`): pickles of a magic number, a version, the
machine and the object; one of the storages' keys; then each storage, a count and its numbers.
"""

from __future__ import annotations

import pickle
import struct
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from steward.errors import ModelError

_NUMBER = 4
"""Bytes of a number: all are 32-bit floats."""


@dataclass(frozen=True, slots=True)
class Place:
    """A tensor of 32-bit floats, row by row from byte `offset` of the file on."""

    offset: int
    shape: tuple[int, ...]


def places(data: bytes) -> Mapping[str, Place]:
    """Return where the tensors of `model_state` stand in the file that `data` is.

    Nothing that the file names is imported or run.

    Raises:
        ModelError: it is no such file, or holds more than tensors and plain values.
    """
    stream = BytesIO(data)
    try:
        _, _, _, saved, keys = (_Unpickler(stream).load() for _ in range(5))
        begins: dict[str, int] = {}
        for key in keys:
            (count,) = struct.unpack("<q", stream.read(8))
            begins[key] = stream.tell()
            stream.seek(count * _NUMBER, 1)
        return {
            name: Place(begins[tensor.storage] + tensor.first * _NUMBER, tensor.shape)
            for name, tensor in saved["model_state"].items()
        }
    except (pickle.UnpicklingError, EOFError, KeyError, ValueError, struct.error) as error:
        raise ModelError(
            f"the file is no PyTorch checkpoint of the old format: {error}",
            hint="fetch the weights again: steward setup",
        ) from error


@dataclass(frozen=True, slots=True)
class _Tensor:
    storage: str
    first: int
    shape: tuple[int, ...]


def _tensor(storage: tuple[Any, ...], first: int, shape: tuple[int, ...], *_: object) -> _Tensor:
    return _Tensor(storage[2], first, shape)


class _Unpickler(pickle.Unpickler):
    """Makes plain values and `_Tensor`s, whatever else a pickle asks for."""

    _KNOWN: Mapping[str, Any] = {
        "collections.OrderedDict": OrderedDict,
        "torch._utils._rebuild_tensor_v2": _tensor,
        "torch.FloatStorage": "float",
    }

    def find_class(self, module: str, name: str) -> Any:
        """Return what stands for a name in the file."""
        try:
            return self._KNOWN[f"{module}.{name}"]
        except KeyError:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}") from None

    def persistent_load(self, pid: Any) -> Any:
        """Return a storage as it is named: ("storage", type, key, device, count, view)."""
        return pid
