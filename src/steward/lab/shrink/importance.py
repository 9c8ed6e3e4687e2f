"""Which columns of a model's matrices matter: the mean square of what they are multiplied with.

As llama.cpp's `imatrix` tool measures it
(https://github.com/ggml-org/llama.cpp/tree/master/tools/imatrix), on the owner's own texts.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from ctypes import POINTER, c_char, c_char_p, c_int, c_int32, c_int64, c_size_t, c_void_p
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steward.errors import ModelError
from steward.lab.shrink.ggml import Array
from steward.models.ahead.library import WatchFunction, open_library
from steward.models.ahead.network import Network, Past

_SOURCES = 10
_PRODUCT = b"MUL_MAT"


class _Tensor(ctypes.Structure):
    """ggml_tensor."""


_Tensor._fields_ = (
    ("type", c_int),
    ("buffer", c_void_p),
    ("ne", c_int64 * 4),
    ("nb", c_size_t * 4),
    ("op", c_int),
    ("op_params", c_int32 * 16),
    ("flags", c_int32),
    ("src", POINTER(_Tensor) * _SOURCES),
    ("view_src", c_void_p),
    ("view_offs", c_size_t),
    ("data", c_void_p),
    ("name", c_char * 64),
)


class _Watcher:
    """Adds up the squares of what every matrix is multiplied with."""

    def __init__(self, names: Sequence[str]) -> None:
        self._library: Any = open_library()
        for name in ("ggml_op_desc", "ggml_get_name"):
            function = getattr(self._library, name)
            function.restype, function.argtypes = c_char_p, (c_void_p,)
        self._names = {name.encode(): name for name in names}
        self.sums: dict[str, NDArray[np.float64]] = {}
        self.rows: dict[str, int] = {}
        self.wrong = ""
        self.callback = WatchFunction(self._seen)

    def _seen(self, pointer: int, asked: bool, _: object) -> bool:
        if self._library.ggml_op_desc(pointer) != _PRODUCT:
            return not asked
        tensor = _Tensor.from_address(pointer)
        if tensor.name != self._library.ggml_get_name(pointer) or not tensor.src[1]:
            self.wrong = "its tensors are laid out otherwise"
            return False
        name = self._names.get(tensor.src[0].contents.name)
        if name is None or asked:
            return name is not None or not asked
        self._add(name, tensor.src[1].contents)
        return True

    def _add(self, name: str, factor: Any) -> None:
        row, rows = factor.ne[0], factor.ne[1] * factor.ne[2] * factor.ne[3]
        if factor.type != 0 or list(factor.nb)[:2] != [4, 4 * row]:
            self.wrong = f"what {name} is multiplied with is not in rows of 32-bit numbers"
            return
        pointer = ctypes.cast(factor.data, POINTER(ctypes.c_float))
        values = np.ctypeslib.as_array(pointer, (rows, row))
        squares = np.square(values, dtype=np.float64).sum(axis=0)
        self.sums[name] = self.sums.get(name, 0.0) + squares
        self.rows[name] = self.rows.get(name, 0) + rows


def importance(
    path: Path,
    names: Sequence[str],
    windows: Sequence[Sequence[int]],
    *,
    threads: int,
    on: Callable[[int, int], None],
) -> Mapping[str, Array]:
    """Return, by the names of the model's matrices, the mean square of what each column meets.

    `windows` are texts in tokens; `on` is told how many of them are done. `path` must hold the
    matrices in F16, BF16 or F32: others are laid out anew for the processor.

    Raises:
        ModelError: the model cannot be run, or this version of llama.cpp shows it otherwise.
    """
    watcher = _Watcher(names)
    longest = max(len(window) for window in windows)
    past = Past(
        Network(path), context=longest, threads=threads, batch=longest, watch=watcher.callback
    )
    for done, window in enumerate(windows):
        past.keep(0)
        past.compute(window, [True] * len(window))
        on(done + 1, len(windows))
    if watcher.wrong or not watcher.sums:
        raise ModelError(
            f"llama.cpp cannot be watched: {watcher.wrong or 'it multiplied nothing'}",
            hint="install the version of xllamacpp in uv.lock",
        )
    return {
        name: (total / watcher.rows[name]).astype(np.float32)
        for name, total in watcher.sums.items()
    }
