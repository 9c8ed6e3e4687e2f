"""How a number lies in Modbus registers: its type, and the order of its bytes."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal[
    "bit", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"
]
Order: TypeAlias = Literal["ABCD", "CDAB", "BADC", "DCBA"]
"""The order in which the bytes of a 32-bit number lie; longer ones alike. ABCD is Modbus's own."""
BITS = frozenset({"coil", "discrete"})
"""The tables whose entries are single bits."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How many registers a number takes, its code in `struct`, what it can hold, digits shown."""

    registers: int
    code: str
    range: tuple[float, float]
    digits: int = 12


def _integer(bits: int, *, signed: bool) -> tuple[float, float]:
    return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)


KINDS: Mapping[Kind, Layout] = {
    "bit": Layout(1, "", (0, 1)),
    "int16": Layout(1, "h", _integer(16, signed=True)),
    "uint16": Layout(1, "H", _integer(16, signed=False)),
    "int32": Layout(2, "i", _integer(32, signed=True)),
    "uint32": Layout(2, "I", _integer(32, signed=False)),
    "int64": Layout(4, "q", _integer(64, signed=True), 19),
    "uint64": Layout(4, "Q", _integer(64, signed=False), 20),
    "float32": Layout(2, "f", (-3.4028234663852886e38, 3.4028234663852886e38), 7),
    "float64": Layout(4, "d", (-math.inf, math.inf), 15),
}


def decode(registers: Sequence[int], kind: Kind, order: Order = "ABCD") -> int | float:
    """Return the number of `kind` in `registers` (16 bits each, as many as it takes).

    Raises:
        ValueError: there are too few or too many registers, one is not 16 bits wide, or it is no
            finite number.
    """
    layout = KINDS[kind]
    if len(registers) != layout.registers:
        raise ValueError(f"{len(registers)} registers for a {kind}, which has {layout.registers}")
    if any(not 0 <= register <= 0xFFFF for register in registers):
        raise ValueError("a register is not 16 bits wide")
    if kind == "bit":
        return int(registers[0] != 0)
    words = reversed(registers) if order in ("CDAB", "DCBA") else registers
    raw = b"".join(_bytes(word, order) for word in words)
    value: int | float = struct.unpack(f">{layout.code}", raw)[0]
    if not math.isfinite(value):
        raise ValueError(f"{value} is no number")
    return value


def encode(value: float, kind: Kind, order: Order = "ABCD") -> list[int]:
    """Return the registers that hold `value`, rounded to a whole number where `kind` is one.

    Raises:
        ValueError: it does not fit.
    """
    layout = KINDS[kind]
    whole = kind not in ("float32", "float64")
    number = round(value) if whole and math.isfinite(value) else value
    lowest, highest = layout.range
    if not math.isfinite(number) or not lowest <= number <= highest:
        raise ValueError(f"{value:g} does not fit in {kind}")
    if kind == "bit":
        return [int(number)]
    raw = struct.pack(f">{layout.code}", number)
    words = [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)]
    swapped = [int.from_bytes(_bytes(word, order), "big") for word in words]
    return swapped[::-1] if order in ("CDAB", "DCBA") else swapped


def _bytes(word: int, order: Order) -> bytes:
    return word.to_bytes(2, "little" if order in ("BADC", "DCBA") else "big")
