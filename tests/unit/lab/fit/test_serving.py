"""The published figures of serving, and the smallest fleet for a population."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fitted import DEVICE, shape
from hypothesis import given
from hypothesis import strategies as st

from steward.errors import DeviceError
from steward.lab.fit.batching import paced
from steward.lab.fit.predict import predict
from steward.lab.fit.serving import Pace, Population, bandwidth, best, fleet, resident
from steward.lab.fit.settings import Settings


@pytest.mark.parametrize(("billions", "gigabytes"), [(1, 5.12), (3, 15.36), (10, 51.2), (175, 896)])
def test_bandwidth_of_int8_weights_at_5_tokens_a_second(billions: float, gigabytes: float) -> None:
    weights = billions * 1e9
    assert bandwidth(weights, 5.12) == pytest.approx(gigabytes * 1e9)
    assert gigabytes * 1e9 / weights == pytest.approx(5.12)


def test_a_running_model_takes_a_fifth_more_than_its_weights() -> None:
    assert resident(1e9) == 1.2e9


def test_tokens_a_day() -> None:
    asked = Population(3.5e9 * 4, prompt=0, answer=425 * 4 / 3)
    assert asked.tokens == pytest.approx(7.933e12, rel=1e-4)


def test_machines_of_a_small_town() -> None:
    asked = Population(86_400, prompt=500, answer=100, peak=2, busy=0.5)
    pace = Pace(at_once=4, prefill=1000, decode=50)
    # Two requests a second, each 0.5 s of reading and 0.5 s of writing, on half of the time.
    assert asked.rate == 2
    assert fleet(asked, pace).exact == pytest.approx(4)
    assert fleet(asked, pace).machines == 4
    assert pace.seconds(asked) == 4


def test_more_answers_at_once_until_they_are_too_slow_or_do_not_fit() -> None:
    asked = Population(1e6, 500, 100)

    def paced(count: int) -> Pace | None:
        return Pace(count, 10_000, 100 / count**0.5) if count <= 64 else None

    assert best(asked, paced, slowest=1).pace.at_once == 64
    assert best(asked, paced, slowest=30).pace.at_once == 8


def test_a_machine_that_cannot_is_told_of() -> None:
    with pytest.raises(DeviceError, match="even one answer"):
        best(Population(1e6, 500, 100), lambda _: None, slowest=1)
    with pytest.raises(DeviceError, match="30 tokens/s"):
        best(Population(1e6, 500, 100), lambda n: Pace(n, 100, 5), slowest=30)


@given(st.floats(1, 1e12), st.floats(1, 1e5), st.floats(1, 1e5), st.floats(1, 1e4))
def test_machines_grow_with_those_who_ask(n: float, prompt: float, answer: float, d: float) -> None:
    pace = Pace(8, d * 20, d)
    few, many = Population(n, prompt, answer), Population(2 * n, prompt, answer)
    assert fleet(many, pace).exact == pytest.approx(2 * fleet(few, pace).exact)
    assert fleet(few, pace).machines >= fleet(few, pace).exact or fleet(few, pace).machines == 1


def test_answers_made_at_once_share_the_reading_of_the_weights() -> None:
    asked = Population(1e5, prompt=100, answer=50)
    model = shape("model", 8, 1024)
    pace = paced(model, DEVICE, asked)
    alone = predict(model, DEVICE, Settings(prompt=100, answer=50, context=150))
    paces = [pace(count) for count in (1, 2, 4, 8)]
    speeds = [each.decode for each in paces if each is not None]
    whole = [each.decode * each.at_once for each in paces if each is not None]
    assert len(whole) == 4
    assert speeds[0] == pytest.approx(alone.decode.likely)
    assert speeds == sorted(speeds, reverse=True)
    assert whole == sorted(whole)
    assert whole[-1] > 2 * whole[0]
    # However many there are, none of their tokens costs less than one of a prompt.
    assert whole[-1] <= alone.prefill.likely


def test_so_many_answers_that_their_caches_do_not_fit() -> None:
    assert paced(shape("model", 8, 1024), DEVICE, Population(1e5, 4000, 1000))(512) is None


def test_answers_made_at_once_ask_more_experts() -> None:
    asked = Population(1e5, prompt=10, answer=10)
    dense = paced(shape("dense", 8, 512), DEVICE, asked)
    mixed = paced(shape("mixed", 8, 512, experts=16, used=2), DEVICE, asked)

    def slowed(pace: Callable[[int], Pace | None]) -> float:
        one, four = pace(1), pace(4)
        assert one is not None
        assert four is not None
        return one.decode / four.decode

    assert slowed(mixed) > 1.5 * slowed(dense)
