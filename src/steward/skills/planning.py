"""What is planned for later, and when it is due. Pure: no file, no clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Literal, TypeAlias

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

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
    """A time to come: `after` seconds, at a clock time, or by the sun.

    `half_day` tells that nobody said whether morning or afternoon: the next of both is meant.
    `days` are weekdays (0 is Monday): the next of them, or with `repeat` each of them; without
    `days` a repeated job is daily. `in_days` counts from today. `sun` is "rising" or "setting",
    `moment` the next time that it does so (ISO 8601, with a zone) as it was known when this was
    planned, `offset` the seconds from then on.
    """

    after: Annotated[float, Field(gt=0, le=366 * 86400, allow_inf_nan=False)] | None = None
    at: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] | None = None
    half_day: bool = False
    days: tuple[Annotated[int, Field(ge=0, le=6)], ...] = ()
    in_days: Annotated[int, Field(ge=0, le=366)] | None = None
    repeat: bool = False
    sun: Literal["rising", "setting"] | None = None
    moment: AwareDatetime | None = None
    offset: Annotated[float, Field(ge=-43200, le=43200, allow_inf_nan=False)] = 0.0

    @model_validator(mode="after")
    def _either(self) -> When:
        if sum(each is not None for each in (self.after, self.at, self.sun)) != 1:
            raise ValueError("give either `after` or `at` or `sun`")
        if (self.sun is None) != (self.moment is None):
            raise ValueError("`sun` and `moment` go together")
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
    """Which job: one whose text holds all `words`, and that is due at `at`; all must fit.

    With `last` it is the one of these that was planned last.
    """

    words: tuple[str, ...] = ()
    at: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] | None = None
    half_day: bool = False
    last: bool = False


class Move(Which):
    """Which job, and its new time: `to`, or `by` so many seconds later."""

    to: When | None = None
    by: Annotated[float, Field(ge=-31 * 86400, le=31 * 86400, allow_inf_nan=False)] = 0.0

    @model_validator(mode="after")
    def _either(self) -> Move:
        if (self.to is None) == (self.by == 0):
            raise ValueError("give either `to` or `by`")
        return self


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
    if when.moment is not None:
        return _by_sun(when, when.moment, now)
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


def _by_sun(when: When, moment: datetime, now: datetime) -> float:
    """Return the next time by the sun, which is at most minutes off a day after `moment`."""
    first = moment + timedelta(seconds=when.offset)
    while first <= now or (when.in_days and first.astimezone(now.tzinfo).date() <= now.date()):
        first += timedelta(days=1)
    while when.days and first.astimezone(now.tzinfo).weekday() not in when.days:
        first += timedelta(days=1)
    return first.timestamp()


def moved(job: Job, move: Move, now: datetime, localize: Localize) -> Job | Refused:
    """Return `job` at its new time. What the new time leaves open stays as it was: the half of the
    day, the day, whether it is repeated."""
    old, wall = job.add.when, datetime.fromtimestamp(job.due, now.tzinfo)
    if move.to is None:
        shifted = job.due + move.by
        if shifted <= now.timestamp():
            return Refused("invalid", "that time is over")
        at = datetime.fromtimestamp(shifted, now.tzinfo)
        clock = old.model_copy(update={"at": f"{at:%H:%M}", "half_day": False})
        when = clock if old.at else When(after=shifted - now.timestamp())
        return replace(job, add=job.add.model_copy(update={"when": when}), due=shifted)
    when = move.to
    if when.at is not None:
        hour, minute = (int(part) for part in when.at.split(":"))
        if when.half_day:
            hour = hour % 12 + (12 if wall.hour >= 12 else 0)
        kept: dict[str, object] = {"at": f"{hour:02d}:{minute:02d}", "half_day": False}
        if not (when.days or when.repeat or when.in_days is not None) and old.after is None:
            in_days = None if old.repeat or old.days else (wall.date() - now.date()).days
            kept |= {"days": old.days, "repeat": old.repeat, "in_days": in_days}
        when = when.model_copy(update=kept)
    moment = due(when, now, localize)
    if moment is None:
        return Refused("invalid", "that time is over")
    return replace(job, add=job.add.model_copy(update={"when": when}), due=moment)


def at_the_sun(job: Job, known: Mapping[str, object], now: datetime) -> Job:
    """Return a repeated `job` by the sun for its next time as `known`, the sun's attributes."""
    told = known.get(f"next_{job.add.when.sun}")
    try:
        moment = datetime.fromisoformat(str(told))
    except ValueError:
        return job
    if moment.tzinfo is None:
        return job
    when = job.add.when.model_copy(update={"moment": moment})
    return replace(
        job, add=job.add.model_copy(update={"when": when}), due=_by_sun(when, moment, now)
    )


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
    if len(found) > 1 and which.last:
        return max(found, key=lambda job: job.id)
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
