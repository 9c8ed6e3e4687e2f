"""What is planned is done at its time, once, whatever happens to the device."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from steward.errors import StateError
from steward.events import Event, JobDone
from steward.skills.planning import LATE_SECONDS, MAX_JOBS, When, due
from steward.skills.schedule import Schedule
from steward.types import Call, Done, Failed, Json, Meaning, Outcome

START = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
"""A Monday."""
FAN: Json = [{"capability": "fan.turn_off", "arguments": {"entity_id": ["fan.attic"]}}]


def utc(naive: datetime) -> datetime:
    return naive.replace(tzinfo=UTC)


@dataclass
class Place:
    """A clock that a test turns on, what was emitted, and the Calls that were made."""

    path: Path
    now: datetime = START
    events: list[Event] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    fails: bool = False
    sun: Mapping[str, Json] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def emit(self, event: Event) -> None:
        self.events.append(event)
        self.news.set()

    async def do(self, call: Call) -> Outcome:
        self.calls.append(call)
        if self.fails:
            return Failed(call.id, "unavailable", "the fan does not answer")
        return Done(call.id, {"states": {"sun.sun": {"attributes": self.sun}}})

    @contextlib.contextmanager
    def schedule(self) -> Iterator[Schedule]:
        made = Schedule(
            self.path,
            self.emit,
            lambda: self.now,
            self.do,
            localize=utc,
            poll=0.01,
        )
        try:
            yield made
        finally:
            made.close()

    async def pass_time(self, made: Schedule, seconds: float, events: int = 1) -> list[JobDone]:
        """Turn the clock on and wait for so many Events."""
        self.now += timedelta(seconds=seconds)
        self.events.clear()
        watching = asyncio.create_task(made.watch())
        try:
            async with asyncio.timeout(5):
                while len(self.events) < events:
                    self.news.clear()
                    await self.news.wait()
        finally:
            watching.cancel()
        return [event for event in self.events if isinstance(event, JobDone)]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "schedule.db")


async def ask(made: Schedule, service: str, arguments: Mapping[str, Json]) -> Outcome:
    return await made.perform(Call("c1", f"schedule.{service}", Meaning("Test"), arguments))


def add(
    when: Mapping[str, Json], text: str = "turn off the fan", calls: Json = FAN
) -> dict[str, Json]:
    return {"when": dict(when), "calls": calls, "text": text, "language": "en"}


def jobs(outcome: Outcome) -> list[Mapping[str, Json]]:
    assert isinstance(outcome, Done), outcome
    assert isinstance(outcome.value, dict)
    found: list[Mapping[str, Json]] = outcome.value["jobs"]
    return found


async def test_a_job_is_done_when_it_is_due_and_not_before(place: Place) -> None:
    with place.schedule() as made:
        told = jobs(await ask(made, "add", add({"after": 600})))
        assert [(job["text"], job["at"], job["in_days"]) for job in told] == [
            ("turn off the fan", "12:10", 0)
        ]
        await ask(made, "add", add({"after": 10}, "tea is ready", []))
        done = await place.pass_time(made, 599)
        assert [(event.text, event.how) for event in done] == [("tea is ready", "reminder")]
        assert place.calls == []
        done = await place.pass_time(made, 1)
        assert [(event.text, event.how) for event in done] == [("turn off the fan", "done")]
        assert [(call.capability, call.arguments) for call in place.calls] == [
            ("fan.turn_off", {"entity_id": ["fan.attic"]})
        ]
        assert jobs(await ask(made, "list", {})) == []


async def test_it_survives_a_restart(place: Place) -> None:
    with place.schedule() as made:
        await ask(made, "add", add({"after": 60}))
    with place.schedule() as made:
        done = await place.pass_time(made, 61)
    assert [event.how for event in done] == ["done"]
    with place.schedule() as made:
        assert jobs(await ask(made, "list", {})) == []


async def test_what_is_repeated_comes_again(place: Place) -> None:
    with place.schedule() as made:
        weekdays: dict[str, Json] = {"at": "07:00", "days": [0, 1, 2, 3, 4], "repeat": True}
        told = jobs(await ask(made, "add", add(weekdays)))
        assert [(job["in_days"], job["weekday"]) for job in told] == [(1, 1)]
        for days in (19 / 24, 1, 1, 1):
            done = await place.pass_time(made, days * 86400)
            assert [event.how for event in done] == ["done"]
        assert place.now.weekday() == 4
        assert [job["in_days"] for job in jobs(await ask(made, "list", {}))] == [3]


async def test_what_is_too_late_is_reported_and_not_done(place: Place) -> None:
    with place.schedule() as made:
        await ask(made, "add", add({"after": 60}))
        await ask(made, "add", add({"at": "12:30", "repeat": True}))
        done = await place.pass_time(made, 1800 + LATE_SECONDS + 1, events=2)
        assert [event.how for event in done] == ["missed", "missed"]
        assert place.calls == []
        assert [job["in_days"] for job in jobs(await ask(made, "list", {}))] == [1]


async def test_a_little_late_is_not_too_late(place: Place) -> None:
    with place.schedule() as made:
        await ask(made, "add", add({"after": 60}))
        done = await place.pass_time(made, 60 + LATE_SECONDS - 1)
    assert [event.how for event in done] == ["done"]


async def test_a_failure_is_told(place: Place) -> None:
    place.fails = True
    with place.schedule() as made:
        await ask(made, "add", add({"after": 60}))
        done = await place.pass_time(made, 60)
    assert [event.how for event in done] == ["failed"]


async def test_two_processes_do_it_once(place: Place) -> None:
    with place.schedule() as one, place.schedule() as other:
        await ask(one, "add", add({"after": 60}))
        place.now += timedelta(seconds=60)
        watching = [asyncio.create_task(made.watch()) for made in (one, other)]
        await asyncio.wait(watching, timeout=0.3)
        for task in watching:
            task.cancel()
    assert len(place.calls) == 1


async def test_one_is_cancelled_by_its_words_or_its_time(place: Place) -> None:
    with place.schedule() as made:
        await ask(made, "add", add({"after": 600}))
        await ask(made, "add", add({"at": "19:00"}, "close the blinds"))
        await ask(made, "add", add({"at": "20:00"}, "close the attic blinds"))
        several = await ask(made, "cancel", {"words": ["blinds"]})
        assert isinstance(several, Failed)
        assert several.reason == "invalid"
        none = await ask(made, "cancel", {"words": ["gate"]})
        assert isinstance(none, Failed)
        assert none.reason == "not_found"
        at_seven: dict[str, Json] = {"words": ["blinds"], "at": "07:00", "half_day": True}
        assert [job["text"] for job in jobs(await ask(made, "cancel", at_seven))] == [
            "close the blinds"
        ]
        left = jobs(await ask(made, "list", {}))
        assert [job["text"] for job in left] == ["turn off the fan", "close the attic blinds"]
        assert len(jobs(await ask(made, "cancel_all", {}))) == 2
        assert jobs(await ask(made, "list", {})) == []


@pytest.mark.parametrize(
    "when",
    [
        {},
        {"after": 0},
        {"after": 60, "at": "07:00"},
        {"after": 60, "repeat": True},
        {"at": "24:00"},
        {"at": "7"},
        {"at": "07:00", "days": [7]},
        {"at": "11:00", "in_days": 0},
    ],
)
async def test_a_time_that_cannot_be_is_refused(place: Place, when: dict[str, Json]) -> None:
    with place.schedule() as made:
        outcome = await ask(made, "add", add(when))
        assert isinstance(outcome, Failed)
        assert outcome.reason == "invalid"


async def test_there_is_an_end_to_planning(place: Place) -> None:
    with place.schedule() as made:
        for _ in range(MAX_JOBS):
            assert isinstance(await ask(made, "add", add({"after": 60})), Done)
        assert isinstance(await ask(made, "add", add({"after": 60})), Failed)


async def test_a_damaged_job_says_which_file(place: Place) -> None:
    with place.schedule() as made:
        await ask(made, "add", add({"after": 60}))
        with contextlib.closing(sqlite3.connect(place.path)) as file, file:
            file.execute("UPDATE job SET job = '{}'")
        with pytest.raises(StateError, match=r"schedule\.db: job 1 is damaged"):
            await ask(made, "list", {})


@pytest.mark.parametrize(
    ("when", "hours"),
    [
        (When(at="18:30"), 6.5),
        (When(at="11:00"), 23),
        (When(at="05:30", half_day=True), 5.5),
        (When(at="12:00", half_day=True), 12),
        (When(at="08:00", in_days=1), 20),
        (When(at="15:00", days=(5,)), 5 * 24 + 3),
        (When(at="11:00", days=(0,)), 7 * 24 - 1),
        (When(at="11:00", days=(5, 6), repeat=True), 5 * 24 - 1),
    ],
)
def test_when_it_is_due(when: When, hours: float) -> None:
    assert due(when, START, utc) == START.timestamp() + hours * 3600


def test_a_clock_time_stays_when_summer_time_begins() -> None:
    zone = ZoneInfo("Europe/Berlin")
    saturday = datetime(2026, 3, 28, 12, 0, tzinfo=zone)
    moment = due(When(at="07:00"), saturday, lambda naive: naive.replace(tzinfo=zone))
    assert moment is not None
    assert datetime.fromtimestamp(moment, zone).strftime("%a %H:%M") == "Sun 07:00"


SUNSET = {"sun": "setting", "moment": "2026-05-04T18:40:00+00:00"}


async def test_what_was_planned_last_moves_and_keeps_what_nobody_changed(place: Place) -> None:
    with place.schedule() as made:
        await ask(made, "add", add({"at": "21:00", "repeat": True}))
        await ask(made, "add", add({"at": "22:00", "repeat": True, "days": [0]}, "lock up"))
        to: Json = {"at": "10:30", "half_day": True}
        (job,) = jobs(await ask(made, "move", {"last": True, "to": to}))
        assert (job["text"], job["at"]) == ("lock up", "22:30")
        assert job["when"] == {"at": "22:30", "days": [0], "repeat": True}
        (job,) = jobs(await ask(made, "move", {"words": ["fan"], "by": -1800}))
        assert (job["text"], job["at"]) == ("turn off the fan", "20:30")
        refused = await ask(made, "move", {"last": True, "by": -86400.0 * 2})
        assert isinstance(refused, Failed)
        assert [job["at"] for job in jobs(await ask(made, "list", {}))] == ["20:30", "22:30"]


async def test_a_job_by_the_sun_asks_the_sun_anew(place: Place) -> None:
    with place.schedule() as made:
        when: dict[str, Json] = {**SUNSET, "offset": -600, "repeat": True}
        (job,) = jobs(await ask(made, "add", add(when)))
        assert job["at"] == "18:30"
        place.sun = {"next_setting": "2026-05-05T18:43:00+00:00"}
        await place.pass_time(made, 6.5 * 3600)
        asked = [call for call in place.calls if call.capability == "home.get_states"]
        assert [call.arguments for call in asked] == [{"entity_id": ["sun.sun"]}]
        (job,) = jobs(await ask(made, "list", {}))
        assert (job["at"], job["in_days"]) == ("18:33", 1)
