from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steward.lab.shrink.mix import Choice, Limits, Mix, best, front

CHOICES = st.builds(
    Choice,
    type=st.sampled_from(["a", "b", "c"]),
    harm=st.floats(0, 1),
    bytes=st.integers(1, 100),
    seconds=st.floats(0.01, 1),
)
OPTIONS = st.dictionaries(
    st.sampled_from(["p", "q", "r", "s"]), st.lists(CHOICES, min_size=1, max_size=3), min_size=1
)


def every(options: dict[str, list[Choice]]) -> list[Mix]:
    return [Mix(dict(zip(options, some, strict=True))) for some in product(*options.values())]


@given(OPTIONS, st.integers(1, 400), st.floats(0.01, 4))
def test_a_mixture_keeps_to_its_limits(
    options: dict[str, list[Choice]], size: int, seconds: float
) -> None:
    for limits in (Limits(bytes=size), Limits(seconds=seconds), Limits(size, seconds), Limits()):
        mix = best(options, limits)
        if mix is not None:
            assert limits.kept(mix)
            assert set(mix.choices) == set(options)


@given(OPTIONS, st.integers(1, 400))
def test_a_mixture_is_found_wherever_there_is_one_and_little_worse_than_the_best(
    options: dict[str, list[Choice]], size: int
) -> None:
    limits = Limits(bytes=size)
    kept = [mix for mix in every(options) if limits.kept(mix)]
    mix = best(options, limits)
    assert (mix is not None) == bool(kept)
    if mix is not None:
        # A Lagrangian leaves at most one part between two choices of the true best.
        most = max(c.harm for some in options.values() for c in some)
        assert mix.harm <= min(each.harm for each in kept) + most + 1e-9


def test_precision_goes_where_it_is_worth_most() -> None:
    options = {
        "cheap": [Choice("4", 0.01, 40, 1.0), Choice("8", 0.0, 80, 2.0)],
        "dear": [Choice("4", 0.50, 40, 1.0), Choice("8", 0.0, 80, 2.0)],
    }
    mix = best(options, Limits(bytes=120))
    assert mix is not None
    assert {part: choice.type for part, choice in mix.choices.items()} == {
        "cheap": "4",
        "dear": "8",
    }
    assert best(options, Limits(bytes=79)) is None
    fast = best(options, Limits(seconds=2.0))
    assert fast is not None
    assert fast.bytes == 80


@pytest.mark.parametrize("count", [1, 4])
def test_a_front_gets_better_as_it_gets_larger(count: int) -> None:
    options = {
        str(part): [Choice(str(bits), 2.0**-bits * part, bits * 10, bits) for bits in (2, 4, 8)]
        for part in range(1, 6)
    }
    mixes = front(options, count)
    assert [mix.bytes for mix in mixes] == sorted(mix.bytes for mix in mixes)
    assert [mix.harm for mix in mixes] == sorted((mix.harm for mix in mixes), reverse=True)
    assert mixes[0].bytes == 100
