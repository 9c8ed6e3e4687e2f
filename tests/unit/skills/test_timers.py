from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from steward.errors import StateError
from steward.events import Event, TimerFinished
from steward.skills.timers import Timers
from steward.skills.timing import MAX_TIMERS
from steward.types import Call, Done, Failed, Json, Meaning, Outcome

START = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


class World:
    """A clock that a test turns on, and the Events that were emitted."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = START
        self.events: list[Event] = []
        self.news = asyncio.Event()

    def emit(self, event: Event) -> None:
        self.events.append(event)
        self.news.set()

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @contextlib.contextmanager
    def timers(self) -> Iterator[Timers]:
        made = Timers(self.path, self.emit, lambda: self.now, poll=0.01)
        try:
            yield made
        finally:
            made.close()

    def rung(self) -> list[tuple[str, float, str]]:
        return [
            (e.name, e.seconds, e.language) for e in self.events if isinstance(e, TimerFinished)
        ]

    async def until_rung(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.rung()) < count:
                self.news.clear()
                await self.news.wait()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "timers.db")


@contextlib.asynccontextmanager
async def watched(timers: Timers) -> Any:
    task = asyncio.create_task(timers.watch())
    yield
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def ask(timers: Timers, verb: str, **arguments: Json) -> Outcome:
    return await timers.perform(Call("c", f"timers.{verb}", Meaning("Test"), arguments))


async def about(timers: Timers, verb: str, **arguments: Json) -> list[tuple[str, float, bool]]:
    outcome = await ask(timers, verb, **arguments)
    assert isinstance(outcome, Done), outcome
    value: Any = outcome.value
    return [(t["name"], t["remaining"], t["paused"]) for t in value["timers"]]


async def test_start_and_status(world: World) -> None:
    with world.timers() as timers:
        assert await about(timers, "status") == []
        outcome = await ask(timers, "start", seconds=600, name=" Eggs ", language="zh", area="a")
        timer: dict[str, Json] = {
            "name": "Eggs",
            "seconds": 600,
            "remaining": 600,
            "paused": False,
            "area": "a",
            "language": "zh",
        }
        assert outcome == Done("c", {"timers": [timer]})
        world.wait(90)
        await ask(timers, "start", seconds=60)
        assert await about(timers, "status") == [("", 60, False), ("Eggs", 510, False)]
        assert await about(timers, "status", name="eggs") == [("Eggs", 510, False)]


async def test_they_survive_a_restart_and_are_shared(world: World) -> None:
    with world.timers() as timers:
        await ask(timers, "start", seconds=60, name="tea")
    with world.timers() as timers, world.timers() as other:
        assert await about(other, "status") == [("tea", 60, False)]
        await ask(timers, "cancel")
        assert await about(other, "status") == []


async def test_it_rings_once_when_its_time_is_over(world: World) -> None:
    with world.timers() as timers, world.timers() as other:
        async with watched(timers), watched(other):
            await ask(timers, "start", seconds=60, name="tea", language="de")
            await ask(other, "start", seconds=90)
            await ask(timers, "start", seconds=900)
            world.wait(59.9)
            await asyncio.sleep(0.05)
            assert world.rung() == []
            world.wait(0.1)
            await world.until_rung(1)
            world.wait(30)
            await world.until_rung(2)
            await asyncio.sleep(0.05)
        assert world.rung() == [("tea", 60, "de"), ("", 90, "en")]
        assert world.events[0].time == (START + timedelta(seconds=60)).timestamp()
        assert await about(timers, "status") == [("", 810, False)]


async def test_what_ran_out_while_nothing_ran_rings_at_the_next_start(world: World) -> None:
    with world.timers() as timers:
        await ask(timers, "start", seconds=90, name="second")
        await ask(timers, "start", seconds=60, name="first")
    world.wait(3600)
    with world.timers() as timers:
        assert await about(timers, "status") == []
        await ask(timers, "start", seconds=60, name="later")
        async with watched(timers):
            await world.until_rung(2)
        assert [name for name, _, _ in world.rung()] == ["first", "second"]
        assert await about(timers, "status") == [("later", 60, False)]


async def test_pause_and_resume(world: World) -> None:
    with world.timers() as timers:
        await ask(timers, "start", seconds=60)
        world.wait(20)
        assert await about(timers, "pause") == [("", 40, True)]
        world.wait(1000)
        assert await about(timers, "status") == [("", 40, True)]
        assert await about(timers, "resume") == [("", 40, False)]
        world.wait(10)
        assert await about(timers, "status") == [("", 30, False)]


async def test_increase_and_decrease(world: World) -> None:
    with world.timers() as timers:
        await ask(timers, "start", seconds=60, name="tea")
        await ask(timers, "start", seconds=300)
        assert await about(timers, "increase", seconds=30, name="tea") == [("tea", 90, False)]
        assert await about(timers, "decrease", seconds=60, original=300) == [("", 240, False)]
        await ask(timers, "pause", name="tea")
        assert await about(timers, "increase", seconds=10, name="tea") == [("tea", 100, True)]
        await ask(timers, "decrease", seconds=999, original=300)
        async with watched(timers):
            await world.until_rung(1)
        assert world.rung() == [("", 300, "en")]


async def test_which_timer(world: World) -> None:
    with world.timers() as timers:
        for seconds, name, area in (
            (60, "tea", "kitchen"),
            (60, "", "study"),
            (300, "", "kitchen"),
        ):
            await ask(timers, "start", seconds=seconds, name=name, area=area)

        async def reason(verb: str, **arguments: Json) -> str:
            outcome = await ask(timers, verb, **arguments)
            assert isinstance(outcome, Failed), outcome
            assert outcome.message
            return outcome.reason

        assert await reason("cancel") == "invalid"
        assert await reason("cancel", seconds=60) == "invalid"
        assert await reason("cancel", area="kitchen") == "invalid"
        assert await reason("cancel", name="coffee") == "not_found"
        assert await reason("cancel", seconds=61) == "not_found"
        assert await reason("status", name="coffee") == "not_found"
        assert await reason("resume") == "not_found"
        assert await reason("increase", seconds=5) == "invalid"
        assert len(await about(timers, "status")) == 3
        assert await about(timers, "cancel", seconds=60, area="study") == [("", 60, False)]
        assert await about(timers, "cancel", name="TEA") == [("tea", 60, False)]
        assert await about(timers, "cancel") == [("", 300, False)]
        assert await reason("cancel") == "not_found"
        assert await about(timers, "cancel_all") == []


@pytest.mark.parametrize("seconds", [0, -1, 1e12, float("nan"), float("inf"), "soon", None, []])
async def test_lengths_that_are_none(world: World, seconds: Json) -> None:
    with world.timers() as timers:
        outcome = await ask(timers, "start", seconds=seconds)
        assert isinstance(outcome, Failed)
        assert outcome.reason == "invalid"
        assert await about(timers, "status") == []


async def test_there_is_an_end_to_them(world: World) -> None:
    with world.timers() as timers:
        for _ in range(MAX_TIMERS):
            assert isinstance(await ask(timers, "start", seconds=60), Done)
        assert isinstance(await ask(timers, "start", seconds=60), Failed)
        assert len(await about(timers, "cancel_all")) == MAX_TIMERS
        assert await about(timers, "status") == []


def test_a_file_that_cannot_be_used(tmp_path: Path) -> None:
    path = tmp_path / "timers.db"
    path.write_bytes(b"not a database " * 100)
    for place in (path, tmp_path, path / "deeper" / "timers.db"):
        with pytest.raises(StateError) as caught:
            Timers(place, lambda event: None, lambda: START)
        assert caught.value.hint
    assert path.read_bytes() == b"not a database " * 100


async def test_locked_for_long(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("steward.statefile.BUSY_SECONDS", 0.05)
    with world.timers() as timers, contextlib.closing(sqlite3.connect(world.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StateError, match="locked"):
            await ask(timers, "start", seconds=60)
        other.execute("ROLLBACK")
        assert isinstance(await ask(timers, "start", seconds=60), Done)
