"""Numbers as they are typed and shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steward.errors import UserError
from steward.lab.fit.units import number, written


@pytest.mark.parametrize(
    ("text", "value"),
    [("175e9", 175e9), ("175B", 175e9), ("1.5 T", 1.5e12), ("20k", 2e4), ("7b", 7e9),
     ("1,000", 1000), ("300E9", 3e11), ("5", 5)],
)  # fmt: skip
def test_numbers_are_read(text: str, value: float) -> None:
    assert number(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "many", "-3", "0", "1e999", "9" * 400, "3x", "nan", "٣"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="no such number"):
        number(text)


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [(3.15e23, "FLOP", "315 ZFLOP"), (999.6, "B", "1 kB"), (5.12e9, "B/s", "5.12 GB/s"),
     (0.25, "s", "0.25 s"), (0, "B", "0 B"), (12, "", "12")],
)  # fmt: skip
def test_numbers_are_shown(value: float, unit: str, shown: str) -> None:
    assert written(value, unit) == shown


@given(st.floats(1e-3, 1e26))
def test_what_is_shown_is_near(value: float) -> None:
    shown, _, prefix = written(value, "").partition(" ")
    scale = 1000 ** ("", "k", "M", "G", "T", "P", "E", "Z", "Y").index(prefix)
    assert float(shown) * scale == pytest.approx(value, rel=5e-3)
