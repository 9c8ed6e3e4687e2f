from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from steward.models.tiers.breaker import CLOSED, FIRST, LONGEST, Breaker


def test_it_opens_with_the_first_failure_and_is_tried_after_a_while() -> None:
    once = CLOSED.fails(1000.0)
    assert CLOSED.state(1000.0) == "closed"
    assert once.state(1000.0 + FIRST - 1) == "open"
    assert once.state(1000.0 + FIRST) == "half-open"
    assert once.fails(2000.0).until == 2000.0 + 2 * FIRST


def test_one_question_at_a_time_shows_whether_it_is_well_again() -> None:
    trying = CLOSED.fails(0.0).tries(100.0, 20.0)
    assert trying.state(110.0) == "open"
    assert trying.state(121.0) == "half-open"
    assert CLOSED.tries(100.0, 20.0).state(110.0) == "closed"


def test_who_asks_to_be_left_alone_is() -> None:
    assert CLOSED.fails(0.0, wait=60.0).until == 60.0
    assert CLOSED.fails(0.0, wait=10**9).until == LONGEST


@given(st.lists(st.tuples(st.floats(0, 1e9), st.floats(0, 1e6)), max_size=40), st.floats(0, 1e9))
def test_nothing_keeps_it_open_for_longer(moments: list[tuple[float, float]], now: float) -> None:
    breaker = Breaker()
    for moment, wait in moments:
        breaker = breaker.fails(moment, wait)
        assert breaker.state(moment + LONGEST) == "half-open"
    assert not moments or breaker.state(now) in ("open", "half-open")
