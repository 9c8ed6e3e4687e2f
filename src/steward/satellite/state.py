"""When a satellite sends what it hears, and when it stops: pure, so that it cannot be stuck.

Whatever the hub does or fails to do, each mode but `ASLEEP` ends by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

CALL = 4.0
"""Seconds that the hub has to confirm the wake word."""
NOBODY = 6.0
"""Seconds without a voice after which nobody is speaking to it."""
LONGEST = 30.0
"""Seconds of the longest command."""
ANSWER = 30.0
"""Seconds that the hub has to begin its answer to what was said."""


class Mode(StrEnum):
    """What a satellite is doing."""

    ASLEEP = "asleep"
    """It waits for its word, and sends nothing."""
    CALLING = "calling"
    """It has heard the word, and sends sound in which the hub shall hear it, too."""
    TALKING = "talking"
    """It sends what is said to it."""
    WAITING = "waiting"
    """The hub knows what was said; its answer has not begun."""


@dataclass(frozen=True)
class State:
    """A mode, since when, and when a voice was heard last, in seconds of a steady clock."""

    mode: Mode = Mode.ASLEEP
    since: float = 0.0
    voice: float = 0.0

    @property
    def sends(self) -> bool:
        """Whether sound is sent to the hub."""
        return self.mode in (Mode.CALLING, Mode.TALKING)


ASLEEP = State()


def woken(now: float, *, confirms: bool) -> State:
    """Return the state after the word, which a hub that `confirms` looks at again."""
    return State(Mode.CALLING if confirms else Mode.TALKING, now, now)


def confirmed(state: State, now: float) -> State:
    """Return the state when the hub has heard the word, too."""
    return State(Mode.TALKING, now, now) if state.mode is Mode.CALLING else state


def heard(state: State, now: float, *, voice: bool) -> State:
    """Return the state after a piece of sound, with a `voice` in it or not."""
    return replace(state, voice=now) if voice else state


def understood(state: State, words: str, now: float) -> State:
    """Return the state when the hub has told the `words`, none for nothing said."""
    if state.mode is Mode.ASLEEP:
        return state
    return State(Mode.WAITING, now) if words.strip() else ASLEEP


def overdue(state: State, now: float) -> str:
    """Return why `state` must end now, in words, or nothing."""
    passed = now - state.since
    match state.mode:
        case Mode.CALLING if passed > CALL:
            return "the hub has not heard the word"
        case Mode.TALKING if now - state.voice > NOBODY:
            return "nobody speaks"
        case Mode.TALKING if passed > LONGEST:
            return "the command is too long"
        case Mode.WAITING if passed > ANSWER:
            return "the hub does not answer"
        case _:
            return ""


def given_up(state: State, now: float) -> State:
    """Return the state after one that is overdue: a command that has been sent is waited for."""
    return State(Mode.WAITING, now) if state.mode is Mode.TALKING else ASLEEP
