"""Whether an answer is kept or passed on: what may leave, how sure it is, who can be asked."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steward.models.cascade import (
    Budget,
    Decision,
    Keep,
    Line,
    Pass,
    Policy,
    Refuse,
    Wait,
    Why,
    decide,
)

HUB = Line("hub", send="all", seconds=2.0)
CLOUD = Line("cloud", send="redacted", seconds=3.0, money=0.01, left=1.0)
PLAIN, FREE = Policy(), Budget()


def test_a_sure_answer_is_kept_and_one_that_is_not_is_passed_to_the_first_tier() -> None:
    assert decide(0.9, PLAIN, FREE, (HUB, CLOUD), 0.9) == Keep(Why.SURE)
    assert decide(0.89, PLAIN, FREE, (HUB, CLOUD), 0.9) == Pass("hub", Why.UNSURE)


def test_without_a_certified_threshold_no_answer_is_sure() -> None:
    assert decide(1.0, PLAIN, FREE, (HUB,), None) == Pass("hub", Why.UNCERTIFIED)
    assert decide(1.0, PLAIN, FREE, (), None) == Keep(Why.NO_TIER, sure=False)


@pytest.mark.parametrize(
    ("policy", "lines", "why"),
    [
        (Policy(private=True), (HUB, CLOUD), Why.PRIVATE),
        (PLAIN, (), Why.NO_TIER),
        (PLAIN, (Line("hub", send="nothing"),), Why.NOTHING_LEAVES),
        (PLAIN, (Line("hub", send="all", up=False),), Why.LINE_DOWN),
        (PLAIN, (Line("cloud", send="all", money=0.2, left=0.1),), Why.MONEY),
        (PLAIN, (Line("cloud", send="all", seconds=31.0),), Why.SLOW),
        (PLAIN, (Line("a"), Line("b", send="all", up=False)), Why.LINE_DOWN),
    ],
)
def test_where_nobody_may_be_asked_it_is_said_why(
    policy: Policy, lines: tuple[Line, ...], why: Why
) -> None:
    budget = Budget(seconds=30.0)
    assert decide(0.2, policy, budget, lines, 0.9) == Keep(why, sure=False)
    assert decide(None, policy, budget, lines, 0.9) == Refuse(why)


def test_a_question_that_can_wait_waits_for_what_passes() -> None:
    waits = Policy(can_wait=True)
    down = Line("cloud", send="all", up=False)
    assert decide(0.2, waits, FREE, (down,), 0.9) == Wait(Why.LINE_DOWN)
    assert decide(0.2, waits, FREE, (Line("cloud"),), 0.9) == Keep(Why.NOTHING_LEAVES, sure=False)
    assert decide(0.95, waits, FREE, (down,), 0.9) == Keep(Why.SURE)


def test_a_tier_that_is_down_too_slow_or_too_dear_is_passed_over() -> None:
    lines = (Line("a", send="all", up=False), Line("b", send="all", money=2.0, left=1.0), HUB)
    assert decide(None, PLAIN, Budget(seconds=5.0), lines, 0.9) == Pass("hub", Why.NO_ANSWER)


def test_with_a_low_battery_the_model_on_this_device_is_asked_last() -> None:
    here = Line("device", here=True)
    full, low = Budget(battery=0.8), Budget(battery=0.1)
    assert decide(None, PLAIN, full, (here, HUB), None) == Pass("device", Why.NO_ANSWER)
    assert decide(None, PLAIN, low, (here, HUB), None) == Pass("hub", Why.NO_ANSWER)
    assert decide(None, PLAIN, low, (here,), None) == Pass("device", Why.NO_ANSWER)


LINES = st.lists(
    st.builds(
        Line,
        tier=st.sampled_from("abcd"),
        here=st.booleans(),
        send=st.sampled_from(("nothing", "redacted", "all")),
        up=st.booleans(),
        seconds=st.floats(0, 60),
        money=st.floats(0, 1),
        left=st.floats(0, 1) | st.just(inf),
    ),
    max_size=4,
    unique_by=lambda line: line.tier,
)
POLICIES = st.builds(Policy, acts=st.booleans(), private=st.booleans(), can_wait=st.booleans())
CHANCE = st.none() | st.floats(0, 1)


@given(
    confidence=CHANCE,
    policy=POLICIES,
    budget=st.builds(Budget, seconds=st.floats(0, 60), battery=CHANCE),
    lines=LINES,
    threshold=CHANCE,
)
def test_nothing_leaves_that_must_not(
    confidence: float | None,
    policy: Policy,
    budget: Budget,
    lines: list[Line],
    threshold: float | None,
) -> None:
    decision: Decision = decide(confidence, policy, budget, lines, threshold)
    if isinstance(decision, Pass):
        line = next(line for line in lines if line.tier == decision.tier)
        assert not policy.acts
        assert line.here or (not policy.private and line.send != "nothing")
        assert line.up
        assert line.money <= line.left
        assert line.seconds <= budget.seconds
        assert confidence is None or threshold is None or confidence < threshold
    if isinstance(decision, Keep):
        assert confidence is not None
    if isinstance(decision, Wait):
        assert policy.can_wait
