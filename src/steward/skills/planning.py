"""What is planned for later, and when it is due. Pure: no file, no clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from steward.types import Json

MAX_JOBS = 200
"""Most jobs kept at once; more than that is a mistake."""
LATE_SECONDS = 600.0
"""A job that is later than this is not done any more but reported: a device that was off at night
must not open the blinds at noon."""

Localize: TypeAlias = Callable[[datetime], datetime]
"""Gives a naive wall-clock time the zone of this place, summer time considered."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class When(_Strict):
    """A time to come: `after` seconds, or at a clock time.

    `half_day` tells that nobody said whether morning or afternoon: the next of both is meant.
    `days` are weekdays (0 is Monday): the next of them, or with `repeat` each of them; without
    `days` a repeated job is daily. `in_days` counts from today.
    """

    after: Annotated[float, Field(gt=0, le=366 * 86400, allow_inf_nan=False)] | None = None
    at: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] | None = None
    half_day: bool = False
    days: tuple[Annotated[int, Field(ge=0, le=6)], ...] = ()
    in_days: Annotated[int, Field(ge=0, le=366)] | None = None
    repeat: bool = False

    @model_validator(mode="after")
    def _either(self) -> When:
        if (self.after is None) == (self.at is None):
            raise ValueError("give either `after` or `at`")
        if self.after is not None and (self.days or self.repeat or self.in_days is not None):
            raise ValueError("`after` goes with nothing else")
        return self


class Deed(_Strict):
    """One call that is to be made."""

    capability: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,64}\.[a-z0-9_]{1,64}$")]
    arguments: Mapping[str, object] = Field(default_factory=dict)


class Add(_Strict):
    """A new job: `calls` are made in their order; without calls it reminds of `text`."""

    when: When
    calls: tuple[Deed, ...] = ()
    text: Annotated[str, Field(min_length=1, max_length=1000)]
    language: Annotated[str, Field(max_length=20)] = "en"


class Which(_Strict):
    """Which job: one whose text holds all `words`, and that is due at `at`; all must fit."""

    words: tuple[str, ...] = ()
    at: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] | None = None
    half_day: bool = False


class Nothing(_Strict):
    """No arguments."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job that is due at `due` (seconds since 1970). `id` 0 means that it is in no file yet."""

    id: int
    add: Add
    due: float


Jobs: TypeAlias = tuple[Job, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing changes, and why."""

    reason: Literal["not_found", "invalid", "unsupported"]
    message: str


def due(when: When, now: datetime, localize: Localize) -> float | None:
    """Return the first time after `now` that `when` names, in seconds since 1970.

    None means that it is over ("today at seven" in the evening).
    """
    if when.after is not None:
        return now.timestamp() + when.after
    hour, minute = (int(part) for part in (when.at or "0:0").split(":"))
    hours = {hour, (hour + 12) % 24} if when.half_day else {hour}
    if when.in_days is not None:
        days: Sequence[int] = (when.in_days,)
    else:
        days = range(8)
    for day in days:
        date = now.date() + timedelta(days=day)
        if when.days and date.weekday() not in when.days:
            continue
        for each in sorted(hours):
            naive = datetime(date.year, date.month, date.day, each, minute)
            moment = localize(naive).timestamp()
            if moment > now.timestamp():
                return moment
    return None


def take_due(jobs: Jobs, now: datetime, localize: Localize) -> tuple[Jobs, Jobs]:
    """Return the jobs that are due, the oldest first, and those to keep, the repeated ones anew."""
    over = sorted((job for job in jobs if job.due <= now.timestamp()), key=lambda job: job.due)
    kept = [job for job in jobs if job.due > now.timestamp()]
    for job in over:
        again = due(job.add.when, now, localize) if job.add.when.repeat else None
        if again is not None:
            kept.append(replace(job, due=again))
    return tuple(over), tuple(kept)


def late(job: Job, now: float) -> bool:
    """Tell whether it is too late for the job."""
    return now - job.due > LATE_SECONDS


def find(jobs: Jobs, which: Which, wall: Callable[[float], datetime]) -> Job | Refused:
    """Return the one job that is meant; `wall` gives the clock time of a moment."""
    found = [job for job in jobs if _fits(job, which, wall(job.due))]
    if not found:
        return Refused("not_found", "nothing like that is planned")
    if len(found) > 1:
        each = ", ".join(job.add.text for job in found)
        return Refused("invalid", f"several are planned: {each}")
    return found[0]


def _fits(job: Job, which: Which, at: datetime) -> bool:
    text = job.add.text.casefold()
    if not all(word.casefold() in text for word in which.words):
        return False
    if which.at is None:
        return True
    hour, minute = (int(part) for part in which.at.split(":"))
    same = at.hour % 12 == hour % 12 if which.half_day else at.hour == hour
    return same and at.minute == minute


def shown(job: Job, now: datetime, wall: Callable[[float], datetime]) -> Mapping[str, Json]:
    """Return `job` as the value of a Done tells it: `at` is the clock time, `in_days` the day."""
    moment = wall(job.due)
    when: dict[str, Json] = job.add.when.model_dump(mode="json", exclude_defaults=True)
    return {
        "text": job.add.text,
        "language": job.add.language,
        "when": when,
        "at": f"{moment:%H:%M}",
        "in_days": (moment.date() - now.date()).days,
        "weekday": moment.weekday(),
        "reminder": not job.add.calls,
    }
