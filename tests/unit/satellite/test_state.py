"""No mode of a satellite but sleep lasts, whatever its hub does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from steward.satellite.state import (
    ANSWER,
    ASLEEP,
    CALL,
    LONGEST,
    NOBODY,
    Mode,
    State,
    confirmed,
    given_up,
    heard,
    overdue,
    understood,
    woken,
)

EVENTS = ("word", "confirmed", "voice", "sound", "words", "nothing")


def after(state: State, event: str, now: float) -> State:
    """What a device makes of one event."""
    match event:
        case "word":
            state = state if state.sends else woken(now, confirms=True)
        case "confirmed":
            state = confirmed(state, now)
        case "voice" | "sound":
            state = heard(state, now, voice=event == "voice")
        case "words":
            state = understood(state, "turn it on", now)
        case _:
            state = understood(state, " ", now)
    return given_up(state, now) if overdue(state, now) else state


def test_a_command_goes_its_way() -> None:
    state = woken(1.0, confirms=True)
    assert (state.mode, state.sends) == (Mode.CALLING, True)
    state = confirmed(state, 1.5)
    assert (state.mode, state.sends) == (Mode.TALKING, True)
    state = understood(state, "turn on the light", 3.0)
    assert (state.mode, state.sends) == (Mode.WAITING, False)


def test_nothing_said_is_sleep_at_once() -> None:
    assert understood(woken(1.0, confirms=False), " ", 2.0) == ASLEEP


def test_a_hub_that_tells_of_words_unasked_wakes_nobody() -> None:
    assert understood(ASLEEP, "turn on the light", 1.0) == ASLEEP
    assert confirmed(ASLEEP, 1.0) == ASLEEP


@given(st.lists(st.tuples(st.sampled_from(EVENTS), st.floats(0, 2)), max_size=60))
def test_whatever_happens_it_sleeps_again_when_nobody_speaks(
    events: list[tuple[str, float]],
) -> None:
    now, state = 0.0, ASLEEP
    for event, passed in events:
        now += passed
        state = after(state, event, now)
    last = now
    while state.mode is not Mode.ASLEEP:
        now += 0.1
        state = after(state, "sound", now)
        assert now < last + CALL + NOBODY + ANSWER + 1


@given(st.floats(0.1, 1.0))
def test_somebody_who_never_stops_speaking_is_stopped(step: float) -> None:
    now, state = 0.0, woken(0.0, confirms=False)
    while state.sends:
        now += step
        state = after(state, "voice", now)
        assert now < LONGEST + 2
