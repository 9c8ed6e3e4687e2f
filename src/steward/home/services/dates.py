"""Services that read what is to come: the events of a `calendar`, the forecast of `weather`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from steward.home import attributes
from steward.home.services.base import (
    Data,
    Request,
    Result,
    Service,
    Services,
    unchanged,
    unsupported,
)
from steward.types import Json, Risk

_SPAN = timedelta(days=7)
"""How far ahead events are read when the request does not say."""

_MOST = 1000
"""Most occurrences of one event that are read."""

_EARLIEST, _LATEST = datetime(1900, 1, 1), datetime(2200, 1, 1)


def _sane(value: datetime) -> datetime:
    if not _EARLIEST <= value.replace(tzinfo=None) <= _LATEST:
        raise ValueError("not between the years 1900 and 2200")
    return value


_Moment = Annotated[datetime, AfterValidator(_sane)]


class Window(Data):
    """Which events: those that touch the time from start to end.

    `day` counts whole days from today (0 today, 1 tomorrow) and is ours, for requests made by who
    knows no clock. The default is from now for `duration`, else for seven days. Times are ISO 8601;
    without a zone they are the home's.
    """

    start_date_time: _Moment | None = None
    end_date_time: _Moment | None = None
    duration: Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(days=3660))] | None = None
    day: Annotated[int, Field(ge=-3660, le=3660)] | None = None

    @model_validator(mode="after")
    def _one_end(self) -> Window:
        if self.end_date_time is not None and self.duration is not None:
            raise ValueError("give end_date_time or duration, not both")
        return self


class Forecast(Data):
    """Which forecast."""

    type: Literal["daily", "hourly", "twice_daily"] = "daily"


def _local(moment: datetime | date, now: datetime) -> datetime:
    """Return `moment` as the home's own wall-clock time, without a zone."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time())
    return moment.astimezone(now.tzinfo).replace(tzinfo=None) if moment.tzinfo else moment


def window_of(data: Window, now: datetime) -> tuple[datetime, datetime]:
    """Return from when on and until when events are asked for, in the home's own time."""
    start, length = now.replace(tzinfo=None), data.duration or _SPAN
    if data.start_date_time is not None:
        start = _local(data.start_date_time, now)
    elif data.day is not None:
        start = datetime.combine(start.date(), time()) + timedelta(days=data.day)
        length = data.duration or timedelta(days=1)
    if data.end_date_time is not None:
        return start, _local(data.end_date_time, now)
    return start, start + length


def _starts(first: datetime, repeat: Json, after: datetime, before: datetime) -> Iterator[datetime]:
    """Yield the starts from `after` on and before `before` of what begins at `first`."""
    step = {"daily": 1, "weekly": 7}.get(str(repeat))
    if step is not None:
        passed = max(0, -((first - after) // timedelta(days=step)))
        start = first + timedelta(days=step) * passed
        while start < before:
            if start >= after:
                yield start
            start += timedelta(days=step)
    elif repeat == "yearly":
        for year in range(max(first.year, after.year), before.year + 1):
            # Who is born on 29 February has a birthday in leap years only.
            leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
            if leap or (first.month, first.day) != (2, 29):
                start = first.replace(year=year)
                if after <= start < before:
                    yield start
    elif after <= first < before:
        yield first


def _occurrences(event: Mapping[str, Json], now: datetime, data: Window) -> Iterator[Json]:
    low, high = window_of(data, now)
    first, last = attributes.moment(event.get("start")), attributes.moment(event.get("end"))
    if first is None or last is None:
        return
    whole_days = not isinstance(first, datetime)
    begin = _local(first, now)
    length = max(timedelta(0), _local(last, now) - begin)
    # Half-open as in Home Assistant: an event that ends as the window begins is not in it.
    earliest = low - length + (timedelta(microseconds=1) if length else timedelta(0))
    for start in islice(_starts(begin, event.get("repeat"), earliest, high), _MOST):
        end = start + length
        rest = {key: event[key] for key in ("location", "description") if key in event}
        yield {
            "summary": event.get("summary"),
            "start": start.date().isoformat() if whole_days else start.isoformat(),
            "end": end.date().isoformat() if whole_days else end.isoformat(),
            **rest,
        }


def _events(request: Request[Window]) -> list[Json]:
    listed = request.attribute("events")
    events = listed if isinstance(listed, list | tuple) else ()
    found = [
        occurrence
        for event in events
        if isinstance(event, Mapping)
        for occurrence in _occurrences(event, request.now, request.data)
    ]
    return sorted(found, key=lambda event: str(event["start"]) if isinstance(event, dict) else "")


def _attribute_of(kind: str) -> str:
    return "forecast" if kind == "daily" else f"forecast_{kind}"


def _has_forecast(request: Request[Forecast]) -> Result:
    listed = request.attribute(_attribute_of(request.data.type))
    if not isinstance(listed, list | tuple):
        return unsupported(request.entity, f"has no {request.data.type} forecast")
    return request.entity


def _forecast(request: Request[Forecast]) -> list[Json]:
    """Return the forecast; an entry without a time is for the day (hour, half-day) of its place."""
    listed = request.attribute(_attribute_of(request.data.type))
    step = {"daily": 24, "hourly": 1, "twice_daily": 12}[request.data.type]
    hour = 0 if step > 1 else request.now.hour
    begin = datetime.combine(request.now.date(), time(hour))
    entries = listed if isinstance(listed, list | tuple) else ()
    return [
        {"datetime": (begin + timedelta(hours=step * i)).isoformat(), **entry}
        for i, entry in enumerate(entries)
        if isinstance(entry, Mapping)
    ]


DATES: Services = (
    Service(
        "calendar.get_events",
        Window,
        unchanged,
        frozenset({"calendar"}),
        Risk.READ,
        ("events", _events),
    ),
    Service(
        "weather.get_forecasts",
        Forecast,
        _has_forecast,
        frozenset({"weather"}),
        Risk.READ,
        ("forecast", _forecast),
    ),
)
