from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steward.home.plant.registers import KINDS, Kind, Order, decode, encode

ORDERS: tuple[Order, ...] = ("ABCD", "CDAB", "BADC", "DCBA")


@pytest.mark.parametrize(
    ("order", "registers"),
    [
        ("ABCD", [0x4148, 0xF5C3]),
        ("CDAB", [0xF5C3, 0x4148]),
        ("BADC", [0x4841, 0xC3F5]),
        ("DCBA", [0xC3F5, 0x4841]),
    ],
)
def test_the_four_orders_of_a_float(order: Order, registers: list[int]) -> None:
    # 12.56 in IEEE 754 is 41 48 F5 C3.
    assert encode(12.56, "float32", order) == registers
    assert decode(registers, "float32", order) == pytest.approx(12.56)


@pytest.mark.parametrize(
    ("kind", "registers", "value"),
    [
        ("int16", [0xFFFF], -1),
        ("uint16", [0xFFFF], 65535),
        ("int32", [0xFFFF, 0xFFFE], -2),
        ("uint32", [1, 0], 65536),
        ("uint64", [0xFFFF] * 4, 2**64 - 1),
        ("float64", [0x3FF8, 0, 0, 0], 1.5),
        ("bit", [1], 1),
    ],
)
def test_each_kind(kind: Kind, registers: list[int], value: float) -> None:
    assert decode(registers, kind) == value
    assert encode(value, kind) == registers


@given(st.sampled_from(sorted(KINDS)), st.sampled_from(ORDERS), st.floats(-1e9, 1e9))
def test_what_is_encoded_is_decoded(kind: Kind, order: Order, value: float) -> None:
    lowest, highest = KINDS[kind].range
    rounded = value if kind.startswith("float") else round(value)
    if not lowest <= rounded <= highest:
        with pytest.raises(ValueError, match="does not fit"):
            encode(value, kind, order)
        return
    single = struct.unpack("f", struct.pack("f", value))[0]
    expected = {"float32": single, "float64": value}.get(kind, rounded)
    assert decode(encode(value, kind, order), kind, order) == expected


@given(st.lists(st.integers(-5, 70000), max_size=5), st.sampled_from(sorted(KINDS)))
def test_any_registers_are_a_number_or_refused(registers: list[int], kind: Kind) -> None:
    try:
        value = decode(registers, kind)
    except ValueError:
        return
    lowest, highest = KINDS[kind].range
    assert lowest <= value <= highest


@pytest.mark.parametrize("registers", [[0x7FC0, 0], [0x7F80, 0]])
def test_what_is_no_number_is_refused(registers: list[int]) -> None:
    with pytest.raises(ValueError, match="is no number"):
        decode(registers, "float32")
