"""What the requests about timers do to them. Pure: no file, no clock.

Which timer is meant, and when a request is ambiguous, follows Home Assistant's timer intents
(developers.home-assistant.io/docs/intent_builtin, HassStartTimer and its kin).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Generic, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from steward.types import Json, Risk

MAX_TIMERS = 200
"""Most timers kept at once; more than that is a mistake."""

Seconds = Annotated[float, Field(gt=0, le=366 * 86400, allow_inf_nan=False)]
"""A length of time: more than nothing, a year at most."""


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer of `seconds` in all. `ends` (seconds since 1970) while it runs, else None and `left`
    is what remains of it. `id` 0 means that it is not in the file yet."""

    id: int
    name: str
    seconds: float
    language: str
    area: str | None = None
    ends: float | None = None
    left: float = 0.0

    def remaining(self, now: float) -> float:
        """Return the seconds that are left at `now`, never below 0."""
        return self.left if self.ends is None else max(0.0, self.ends - now)

    def over(self, now: float) -> bool:
        """Tell whether it has run out."""
        return self.ends is not None and self.ends <= now


Timers: TypeAlias = tuple[Timer, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """The timers afterwards, and those that the request was about."""

    timers: Timers
    about: Timers


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing changes: no timer matches ("not_found"), or several do ("invalid")."""

    reason: Literal["not_found", "invalid"]
    message: str


class Arguments(BaseModel):
    """Base of the arguments below."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Start(Arguments):
    """A new timer; `language` is what its end will be announced in."""

    seconds: Seconds
    name: Annotated[str, Field(max_length=200)] = ""
    language: Annotated[str, Field(max_length=35)] = "en"
    area: str | None = None


class Which(Arguments):
    """Which timer: by name, by the full length it was started with, by area; all must fit."""

    name: str | None = None
    seconds: Seconds | None = None
    area: str | None = None


class By(Arguments):
    """How many seconds more or fewer, and which timer (`original` is its full length)."""

    seconds: Seconds
    name: str | None = None
    original: Seconds | None = None
    area: str | None = None


class Nothing(Arguments):
    """No arguments."""


ArgumentsT = TypeVar("ArgumentsT", bound=Arguments)


@dataclass(frozen=True, slots=True)
class Command(Generic[ArgumentsT]):
    """A capability: `apply` gets the timers that have not run out, the arguments, and the time."""

    name: str
    arguments: type[ArgumentsT]
    apply: Callable[[Timers, ArgumentsT, float], Change | Refusal]
    risk: Risk = Risk.ACT


def shown(timer: Timer, now: float) -> Mapping[str, Json]:
    """Return `timer` as the value of a Done tells it."""
    return {
        "name": timer.name,
        "seconds": timer.seconds,
        "remaining": timer.remaining(now),
        "paused": timer.ends is None,
        "area": timer.area,
        "language": timer.language,
    }


def _matching(timers: Timers, which: Which) -> Timers:
    name = None if which.name is None else which.name.strip().casefold()
    return tuple(
        timer
        for timer in timers
        if (not name or timer.name.casefold() == name)
        and (which.seconds is None or abs(timer.seconds - which.seconds) < 0.5)
        and (which.area is None or timer.area == which.area)
    )


def _one(timers: Timers, which: Which) -> Timer | Refusal:
    found = _matching(timers, which)
    if len(found) == 1:
        return found[0]
    if not found:
        return Refusal("not_found", "there is no such timer")
    each = ", ".join(f"{t.name or 'unnamed'} ({t.seconds:g} s)" for t in found)
    return Refusal("invalid", f"several timers match: {each}")


def _replaced(timers: Timers, old: Timer, new: Timer) -> Change:
    return Change(tuple(new if timer is old else timer for timer in timers), (new,))


def _start(timers: Timers, start: Start, now: float) -> Change | Refusal:
    if len(timers) >= MAX_TIMERS:
        return Refusal("invalid", f"there are {MAX_TIMERS} timers already")
    new = Timer(
        0, start.name.strip(), start.seconds, start.language, start.area, now + start.seconds
    )
    return Change((*timers, new), (new,))


def _cancel(timers: Timers, which: Which, _now: float) -> Change | Refusal:
    timer = _one(timers, which)
    if isinstance(timer, Refusal):
        return timer
    return Change(tuple(other for other in timers if other is not timer), (timer,))


def _cancel_all(timers: Timers, _arguments: Nothing, _now: float) -> Change | Refusal:
    return Change((), timers)


def _status(timers: Timers, which: Which, now: float) -> Change | Refusal:
    """Tell of all that match, the next to end first; asking for a timer that is not is an error."""
    found = _matching(timers, which)
    if not found and which != Which():
        return Refusal("not_found", "there is no such timer")
    running_first = sorted(found, key=lambda t: (t.ends is None, t.remaining(now)))
    return Change(timers, tuple(running_first))


def _pause(timers: Timers, which: Which, now: float) -> Change | Refusal:
    timer = _one(tuple(t for t in timers if t.ends is not None), which)
    if isinstance(timer, Refusal):
        return timer
    return _replaced(timers, timer, replace(timer, ends=None, left=timer.remaining(now)))


def _resume(timers: Timers, which: Which, now: float) -> Change | Refusal:
    timer = _one(tuple(t for t in timers if t.ends is None), which)
    if isinstance(timer, Refusal):
        return timer
    return _replaced(timers, timer, replace(timer, ends=now + timer.left, left=0.0))


def _by(sign: int) -> Callable[[Timers, By, float], Change | Refusal]:
    def apply(timers: Timers, by: By, now: float) -> Change | Refusal:
        """Change what is left; a running timer that is left with nothing ends at once."""
        which = Which(name=by.name, seconds=by.original, area=by.area)
        timer = _one(timers, which)
        if isinstance(timer, Refusal):
            return timer
        left = max(0.0, timer.remaining(now) + sign * by.seconds)
        if timer.ends is None:
            return _replaced(timers, timer, replace(timer, left=left))
        return _replaced(timers, timer, replace(timer, ends=now + left))

    return apply


COMMANDS: tuple[Command[Any], ...] = (
    Command("timers.start", Start, _start),
    Command("timers.cancel", Which, _cancel),
    Command("timers.cancel_all", Nothing, _cancel_all),
    Command("timers.status", Which, _status, Risk.READ),
    Command("timers.pause", Which, _pause),
    Command("timers.resume", Which, _resume),
    Command("timers.increase", By, _by(1)),
    Command("timers.decrease", By, _by(-1)),
)
"""Every capability about timers."""
