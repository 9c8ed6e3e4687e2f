"""Which frames of a clause are made, and in which windows."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from steward.speech.kokoro import spoken, windows, within


@pytest.mark.parametrize("end", [1, 31, 33, 47, 48, 100, 500, 5000])
def test_windows_follow_each_other_and_none_is_short(end: int) -> None:
    found = list(windows(7, 7 + end))
    assert found[0][0] == 7
    assert found[-1][1] == 7 + end
    assert all(a[1] == b[0] for a, b in pairwise(found))
    sizes = [b - a for a, b in found]
    assert min(sizes[1:], default=32) >= 16
    assert sizes[0] < 48
    assert max(sizes) <= 240


def test_the_pauses_around_a_clause_are_not_made() -> None:
    begin, end = spoken(np.array([18, 2, 3, 2, 20], np.float32))
    assert begin == 32
    assert 2 * 25 < end < 2 * 45
    assert spoken(np.array([1, 2, 1], np.float32)) == (0, 7)


def test_long_symbols_are_cut_between_words() -> None:
    pieces = within("ni hao " * 20, 30)
    assert all(len(p) <= 30 for p in pieces)
    assert " ".join(pieces).split() == ["ni", "hao"] * 20
    assert within(", .", 30) == []
