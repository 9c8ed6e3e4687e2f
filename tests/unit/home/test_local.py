"""The home in its file: what lasts, what is shared between programs, what can go wrong."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from steward.errors import StateError
from steward.events import Event, StateChanged
from steward.home import database
from steward.home.fixtures import demo
from steward.home.local import LocalHome
from steward.types import Area, Call, Done, Entity, Json, Meaning, World

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
KITCHEN = "light.kitchen_light"


def call(service: str, *entities: str, **data: Json) -> Call:
    return Call("c", service, Meaning("Test"), {"entity_id": list(entities), **data})


class Seen(list[Event]):
    """Collects Events and lets a test wait for one of an entity."""

    def __init__(self) -> None:
        super().__init__()
        self.news = asyncio.Event()

    def emit(self, event: Event) -> None:
        self.append(event)
        self.news.set()

    def states(self) -> list[tuple[str, str]]:
        return [(e.entity.id, e.entity.state) for e in self if isinstance(e, StateChanged)]

    async def until(self, entity: str, state: str) -> None:
        async with asyncio.timeout(20):
            while (entity, state) not in self.states():
                self.news.clear()
                await self.news.wait()


@contextlib.contextmanager
def opened(path: Path, seen: Seen | None = None, now: datetime = NOW) -> Iterator[LocalHome]:
    told = Seen() if seen is None else seen
    home = LocalHome(path, told.emit, now=lambda: now, poll=0.01)
    try:
        yield home
    finally:
        home.close()


async def world_of(path: Path) -> World:
    with opened(path) as home:
        return await home.world()


def state(world: World, entity: str) -> str:
    return next(e.state for e in world.entities if e.id == entity)


async def test_the_first_start_makes_the_demo_home(tmp_path: Path) -> None:
    seen = Seen()
    with opened(tmp_path / "new" / "home.db", seen) as home:
        assert await home.world() == demo()
    assert seen == []


async def test_what_was_done_lasts(tmp_path: Path) -> None:
    path = tmp_path / "home.db"
    with opened(path) as home:
        await home.perform(call("light.turn_on", KITCHEN, brightness_pct=30))
        before = await home.world()
    with opened(path) as home:
        assert await home.world() == before
    assert state(before, KITCHEN) == "on"


async def test_own_changes_are_told_before_perform_returns(tmp_path: Path) -> None:
    seen = Seen()
    with opened(tmp_path / "home.db", seen) as home:
        await home.perform(call("light.turn_on", KITCHEN))
        assert seen.states() == [(KITCHEN, "on")]
        assert seen[0].time == NOW.timestamp()
        await home.perform(call("light.turn_on", KITCHEN))
        assert len(seen) == 1


async def test_another_program_sees_it_and_is_told(tmp_path: Path) -> None:
    seen = Seen()
    path = tmp_path / "home.db"
    with opened(path) as one, opened(path, seen) as other:
        watching = asyncio.create_task(other.watch())
        await one.perform(call("light.turn_on", KITCHEN))
        assert state(await other.world(), KITCHEN) == "on"
        await seen.until(KITCHEN, "on")
        await one.perform(call("cover.close_cover", "cover.living_room_curtain"))
        await seen.until("cover.living_room_curtain", "closed")
        watching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watching
    assert len(seen) == 2


async def test_two_programs_do_not_undo_each_other(tmp_path: Path) -> None:
    path = tmp_path / "home.db"
    add = [call("todo.add_item", "todo.shopping_list", item=f"thing {i}") for i in range(40)]
    with opened(path) as one, opened(path) as other:
        homes = (one, other)
        outcomes = await asyncio.gather(*(homes[i % 2].perform(c) for i, c in enumerate(add)))
        assert all(isinstance(outcome, Done) for outcome in outcomes)
        assert state(await one.world(), "todo.shopping_list") == "42"
        assert await one.world() == await other.world()


async def test_a_cancelled_command_is_done_and_told_or_not_at_all(tmp_path: Path) -> None:
    seen = Seen()
    with opened(tmp_path / "home.db", seen) as home:
        task = asyncio.create_task(home.perform(call("light.turn_on", KITCHEN)))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await seen.until(KITCHEN, "on")
        assert state(await home.world(), KITCHEN) == "on"


async def test_a_timer_of_the_home_runs_out_while_watched(tmp_path: Path) -> None:
    path = tmp_path / "home.db"
    with opened(path) as home:
        await home.perform(call("timer.start", "timer.oven", duration="0:01:00"))
        assert state(await home.world(), "timer.oven") == "active"
    seen = Seen()
    with opened(path, seen, NOW + timedelta(minutes=2)) as home:
        watching = asyncio.create_task(home.watch())
        await seen.until("timer.oven", "idle")
        watching.cancel()
        await asyncio.wait([watching])
        assert state(await home.world(), "timer.oven") == "idle"


async def test_load_and_reset(tmp_path: Path) -> None:
    small = World((), (Area("a", "A"),), (Entity("light.a", "A", "off", "a", ("甲",), "x"),))
    path = tmp_path / "home.db"
    seen = Seen()
    with opened(path, seen) as home:
        await home.load(small)
        assert await home.world() == small
        assert seen.states() == [("light.a", "off")]
    with opened(path) as home:
        assert await home.world() == small
        await home.reset()
        assert await home.world() == demo()


# --- what can go wrong


def refused(path: Path) -> StateError:
    with pytest.raises(StateError) as caught:
        LocalHome(path, Seen().emit)
    assert str(path) in caught.value.message or str(path.parent) in caught.value.message
    assert caught.value.hint
    return caught.value


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "home.db"
    path.write_bytes(b"my poems\n" * 300)
    assert "damaged" in refused(path).message
    assert path.read_bytes() == b"my poems\n" * 300


async def test_a_damaged_file_is_found_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "home.db"
    with opened(path):
        pass
    good = path.read_bytes()
    for damaged in (
        good[: len(good) // 2],
        good[:4096] + b"\x5a" * (len(good) - 4096),
        good.replace(b'{"brightness"', b'["brightness"'),
    ):
        assert damaged != good
        path.write_bytes(damaged)
        assert "damaged" in refused(path).message
        assert path.read_bytes() == damaged


def test_the_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "home.db"
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE entity (mine TEXT)")
    assert "not a home" in refused(path).message


def test_a_home_of_a_later_steward(tmp_path: Path) -> None:
    path = tmp_path / "home.db"
    with opened(path):
        pass
    with contextlib.closing(sqlite3.connect(path)) as later:
        later.execute("PRAGMA user_version = 99")
    assert "format 99" in refused(path).message


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    refused(tmp_path)
    (tmp_path / "file").write_text("")
    refused(tmp_path / "file" / "home.db")


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder of a user who is not root: root may write anywhere."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        root = os.geteuid() == 0
        if root:
            os.chown(folder, 65534, 65534)
            os.seteuid(65534)
        try:
            yield folder
        finally:
            folder.chmod(0o755)
            if root:
                os.seteuid(0)


def test_read_only_file_and_folder(unprivileged: Path) -> None:
    path = unprivileged / "home.db"
    first = asyncio.run(world_of(path))
    path.chmod(0o444)
    assert "writable" in refused(path).hint
    unprivileged.chmod(0o555)
    refused(path)
    refused(unprivileged / "deeper" / "home.db")
    unprivileged.chmod(0o755)
    path.chmod(0o644)
    assert asyncio.run(world_of(path)) == first


async def test_locked_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    path = tmp_path / "home.db"
    with opened(path) as home, contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StateError, match="another program"):
            await home.perform(call("light.turn_on", KITCHEN))
        other.execute("ROLLBACK")
        assert await home.world() == demo()
        assert isinstance(await home.perform(call("light.turn_on", KITCHEN)), Done)


FULL_DISK = """
import asyncio, resource, signal, sys
from pathlib import Path
from steward.errors import StateError
from steward.home.local import LocalHome
from steward.types import Call, Done, Meaning

async def main():
    home = LocalHome(Path(sys.argv[1]), lambda event: None)
    done = 0
    try:
        while done < 5000:
            words = {"entity_id": ["todo.chores"], "item": f"{done} " + "x" * 400}
            outcome = await home.perform(Call("c", "todo.add_item", Meaning("T"), words))
            assert isinstance(outcome, Done)
            done += 1
    except StateError as error:
        open_items = next(e for e in (await home.world()).entities if e.id == "todo.chores").state
        print(done, int(open_items) - 1, error.message, "|", error.hint)

asyncio.run(main())
"""


def test_a_disk_that_fills_up(tmp_path: Path) -> None:
    """A limit on the size of files stands for the end of the disk: the write fails midway."""
    path = tmp_path / "home.db"
    limit = 400_000
    result = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    done, kept, said = result.stdout.split(" ", 2)
    assert int(done) == int(kept) > 0
    assert str(path) in said
    assert "disk" in said.partition("|")[2]
    assert state(asyncio.run(world_of(path)), "todo.chores") == str(int(done) + 1)
