"""Numbers packed and unpacked as llama.cpp does it, by its own functions.

Source: `ggml_quantize_chunk` and `ggml_get_type_traits` in ggml.h
(https://github.com/ggml-org/ggml/blob/master/include/ggml.h).
"""

from __future__ import annotations

import ctypes
from concurrent.futures import ThreadPoolExecutor
from ctypes import POINTER, c_bool, c_char_p, c_int, c_int64, c_size_t, c_void_p
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import psutil
from numpy.typing import NDArray

from steward.errors import ModelError
from steward.models.ahead.library import open_library
from steward.models.formats import GGML, TensorType

Array: TypeAlias = NDArray[np.float32]
NUMBER = {kind.name: number for number, kind in GGML.items()}
"""ggml's number of a type, by its name."""
_PLAIN: dict[str, type[np.float32 | np.float16]] = {"F32": np.float32, "F16": np.float16}
_CHUNK = 1024
"""Rows that are packed at a time."""
_UNPACK = ctypes.CFUNCTYPE(None, c_void_p, c_void_p, c_int64)


class _Traits(ctypes.Structure):
    """ggml_type_traits."""

    _fields_ = (
        ("type_name", c_char_p),
        ("blck_size", c_int64),
        ("blck_size_interleave", c_int64),
        ("type_size", c_size_t),
        ("is_quantized", c_bool),
        ("to_float", c_void_p),
        ("from_float_ref", c_void_p),
    )


def unpack(data: bytes | NDArray[np.uint8], kind: TensorType) -> Array:
    """Return the numbers that `data` holds, in one row.

    Raises:
        ModelError: this llama.cpp cannot read the type.
    """
    packed = np.frombuffer(data, np.uint8)
    if kind.name in _PLAIN:
        return packed.view(_PLAIN[kind.name]).astype(np.float32)
    traits = _library().ggml_get_type_traits(NUMBER[kind.name]).contents
    if not traits.to_float or (traits.blck_size, traits.type_size) != (
        kind.block,
        kind.block_bytes,
    ):
        raise ModelError(
            f"this llama.cpp cannot read {kind.name}",
            hint="name a file of another quantisation, or update Steward",
        )
    values = np.empty(packed.size // kind.block_bytes * kind.block, np.float32)
    _UNPACK(traits.to_float)(packed.ctypes.data, values.ctypes.data, values.size)
    return values


def pack(values: Array, kind: TensorType, importance: Array | None = None) -> NDArray[np.uint8]:
    """Return a matrix packed row by row; its last axis are the rows.

    `importance` weighs the error of each column (the mean square of what it is multiplied with).

    Raises:
        ModelError: the rows are no whole blocks, the type needs an importance that is not given,
            or a number is too large for the type.
    """
    row = values.shape[-1]
    hint = "choose another type for it"
    if row % kind.block:
        raise ModelError(f"rows of {row} numbers cannot be packed as {kind.name}", hint=hint)
    library = _library()
    number = NUMBER[kind.name]
    if importance is None and library.ggml_quantize_requires_imatrix(number):
        raise ModelError(
            f"{kind.name} needs to know which weights matter",
            hint="give texts, from which that is measured",
        )
    source = np.ascontiguousarray(values, np.float32)
    rows = source.size // row
    packed = np.empty(rows * (row // kind.block) * kind.block_bytes, np.uint8)
    known = np.ones(row, np.float32) if importance is None else importance.astype(np.float32)
    weights = known.ctypes.data if importance is not None and kind.block > 1 else None

    def chunk(begin: int) -> int:
        count = min(_CHUNK, rows - begin)
        done: int = library.ggml_quantize_chunk(
            number, source.ctypes.data, packed.ctypes.data, begin * row, count, row, weights
        )
        return done

    # Before threads do it at once: the tables of some types are made at their first use.
    library.ggml_quantize_init(number)
    # Rows are packed each for itself, so that threads change nothing in the result.
    with ThreadPoolExecutor(psutil.cpu_count(logical=False) or 1) as pool:
        done = sum(pool.map(chunk, range(0, rows, _CHUNK)))
    if done != packed.size:
        raise ModelError(f"llama.cpp cannot pack {kind.name}", hint=hint)
    if kind.name == "F16" and not np.isfinite(packed.view(np.float16)).all():
        raise ModelError("a weight is too large for F16", hint="choose BF16 or F32")
    return packed


@cache
def _library() -> Any:
    library = open_library()
    functions: dict[str, tuple[Any, ...]] = {
        "ggml_get_type_traits": (POINTER(_Traits), c_int),
        "ggml_quantize_requires_imatrix": (c_bool, c_int),
        "ggml_quantize_init": (None, c_int),
        "ggml_quantize_chunk": (
            c_size_t,
            c_int,
            c_void_p,
            c_void_p,
            c_int64,
            c_int64,
            c_int64,
            c_void_p,
        ),
    }
    for name, (result, *arguments) in functions.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library
