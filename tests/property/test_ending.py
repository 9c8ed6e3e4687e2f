"""What holds for the end of a turn whatever is heard."""

from __future__ import annotations

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from steward.hearing import Completeness
from steward.speech.activity import ENTER
from steward.speech.ending import LONGEST, OPEN, STEP, Turn, ended, patience, step

heard = st.lists(st.floats(0, 1), max_size=300)
meanings = st.sampled_from(Completeness)


def after(probabilities: list[float]) -> Turn:
    return reduce(step, probabilities, Turn())


@given(heard, meanings)
def test_it_never_ends_while_somebody_speaks(probabilities: list[float], how: Completeness) -> None:
    assert not ended(after([*probabilities, ENTER]), how)


@given(heard, meanings)
def test_silence_ends_every_turn(probabilities: list[float], how: Completeness) -> None:
    turn = after([*probabilities, 0.9, 0.9, 0.9, 0.9])
    for _ in range(int(OPEN / STEP) + 1):
        turn = step(turn, 0.0)
    assert ended(turn, how)


@given(heard)
def test_a_whole_sentence_ends_first_and_an_open_one_last(probabilities: list[float]) -> None:
    turn = after(probabilities)
    order = (Completeness.FINISHED, Completeness.UNSURE, Completeness.OPEN)
    waits = [patience(turn, how) for how in order]
    assert waits == sorted(waits)


@given(heard)
def test_the_count_is_of_what_was_heard(probabilities: list[float]) -> None:
    turn = after(probabilities)
    assert turn.heard == len(probabilities)
    assert 0 <= turn.voiced <= turn.said <= turn.heard
    assert turn.pause <= turn.heard - turn.said or not turn.voiced


@given(st.floats(0, 1), meanings)
def test_nothing_goes_on_for_ever(probability: float, how: Completeness) -> None:
    turn = after([probability] * (int(LONGEST / STEP) + 1))
    assert ended(turn, how)
