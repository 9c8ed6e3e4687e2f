"""How much one peer may ask."""

from __future__ import annotations

import pytest

from steward.serve.limits import PEERS, Crowd, Rate


def test_a_bucket_fills_again_with_time() -> None:
    now = 0.0
    rate = Rate(2.0, 3.0, lambda: now)
    assert [rate.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert rate.take("b") == 0
    now = 0.25
    assert rate.take("a") == pytest.approx(0.25)
    now = 0.5
    assert rate.take("a") == 0
    now = 1000.0
    assert [rate.take("a") for _ in range(4)] == [0, 0, 0, 0.5]


def test_strangers_without_number_use_no_memory_without_end() -> None:
    rate = Rate(1.0, 1.0, lambda: 0.0)
    for number in range(3 * PEERS):
        rate.take(str(number))
    assert len(rate._buckets) == PEERS


def test_a_crowd_is_counted_while_it_is_there() -> None:
    crowd = Crowd(2)
    enter = crowd.enter
    with enter("a") as first, enter("a") as second, enter("a") as third, enter("b") as other:
        assert (first, second, third, other) == (True, True, False, True)
    with crowd.enter("a") as again:
        assert again
    assert crowd._open == {}
