"""Several homes as one: what is joined, where Calls go, and a home that fails."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from steward.errors import PeerError
from steward.home.joined import JoinedHome, merged, unite
from steward.home.memory import MemoryHome
from steward.types import Area, Call, Done, Entity, Failed, Floor, Json, Meaning, Outcome, World

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOUSE = World(
    (Floor("ground", "Ground Floor"),),
    (Area("kitchen", "Kitchen", "ground"),),
    (Entity("light.kitchen", "Kitchen Light", "off", "kitchen"),),
)
WORKSHOP = World(
    (Floor("f1", "ground floor", ("Erdgeschoss",)),),
    (Area("a1", "Kitchen", "f1", ("Küche",)), Area("a2", "Workshop", "f1")),
    (
        Entity("light.kitchen", "Another", "on", "a2"),
        Entity("light.sink", "Sink Light", "off", "a1"),
        Entity("cover.gate", "Gate", "closed", "a2"),
    ),
)


class Broken(MemoryHome):
    """A home that was seen once, and then fails."""

    async def world(self) -> World:
        raise PeerError("the workshop does not answer", hint="look at it")

    async def perform(self, call: Call) -> Outcome:
        raise PeerError("the workshop does not answer", hint="look at it")


def call(capability: str, *ids: str, **more: Json) -> Call:
    return Call("c1", capability, Meaning("Test"), {"entity_id": list(ids), **more})


def house() -> MemoryHome:
    return MemoryHome(HOUSE, lambda: NOW)


def workshop() -> MemoryHome:
    return MemoryHome(WORKSHOP, lambda: NOW)


def state(world: World, entity: str) -> str:
    return next(each.state for each in world.entities if each.id == entity)


def test_places_of_one_name_are_one_and_each_entity_is_there_once() -> None:
    union = unite([HOUSE, WORKSHOP])
    world = union.world
    assert world.floors == (Floor("ground", "Ground Floor", ("ground floor", "Erdgeschoss")),)
    assert world.areas == (
        Area("kitchen", "Kitchen", "ground", ("Küche",)),
        Area("a2", "Workshop", "ground"),
    )
    assert [(each.id, each.name, each.area) for each in world.entities] == [
        ("light.kitchen", "Kitchen Light", "kitchen"),
        ("light.sink", "Sink Light", "kitchen"),
        ("cover.gate", "Gate", "a2"),
    ]
    assert union.owners == {"light.kitchen": 0, "light.sink": 1, "cover.gate": 1}


def test_an_id_that_means_two_rooms_does_not_mix_them() -> None:
    one = World(areas=(Area("a", "Kitchen"), Area("b", "Bath")))
    other = World(areas=(Area("b", "Kitchen"),), entities=(Entity("light.x", "X", "on", "b"),))
    world = unite([one, other]).world
    assert [area.name for area in world.areas] == ["Kitchen", "Bath"]
    assert world.entities[0].area == "a"


def test_the_whole_is_as_old_as_its_oldest_part() -> None:
    old, older = World(as_of=NOW), World(as_of=NOW - timedelta(hours=1))
    assert unite([HOUSE, old, older]).world.as_of == NOW - timedelta(hours=1)
    assert unite([HOUSE, WORKSHOP]).world.as_of is None


async def test_a_call_is_shared_out() -> None:
    one, other = house(), workshop()
    home = JoinedHome((one, other))
    outcome = await home.perform(call("light.turn_on", "light.sink", "light.kitchen"))
    assert isinstance(outcome, Done)
    assert isinstance(outcome.value, dict)
    assert set(outcome.value["states"]) == {"light.kitchen", "light.sink"}
    assert set(outcome.value["changed"]) == {"light.kitchen", "light.sink"}
    assert "failed" not in outcome.value
    assert state(await one.world(), "light.kitchen") == "on"
    assert state(await other.world(), "light.sink") == "on"
    assert state(await home.world(), "light.sink") == "on"


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (call("light.turn_on", "light.kitchen", "light.sink", brightness_pct=130), "invalid"),
        (call("light.turn_on", "light.kitchen", "cover.gate"), "unsupported"),
        (call("light.turn_on", "light.kitchen", "light.nowhere"), "not_found"),
    ],
)
async def test_what_cannot_be_right_is_asked_of_no_home(asked: Call, reason: str) -> None:
    one, other = house(), workshop()
    outcome = await JoinedHome((one, other)).perform(asked)
    assert isinstance(outcome, Failed)
    assert outcome.reason == reason
    assert (await one.world(), await other.world()) == (HOUSE, WORKSHOP)


async def test_a_home_that_fails_leaves_the_others_usable() -> None:
    home = JoinedHome((house(), Broken(WORKSHOP, lambda: NOW)))
    before = datetime.now(UTC)
    world = await home.world()
    assert world.as_of is not None
    assert before <= world.as_of <= datetime.now(UTC)
    assert state(world, "light.sink") == "off"
    first = (await home.world()).as_of
    await asyncio.sleep(0.001)
    assert (await home.world()).as_of == first == world.as_of
    outcome = await home.perform(call("light.turn_on", "light.kitchen", "light.sink"))
    assert isinstance(outcome, Done)
    assert isinstance(outcome.value, dict)
    assert outcome.value["failed"] == [
        {
            "entity_id": ("light.sink",),
            "reason": "error",
            "message": "the workshop does not answer",
        }
    ]
    assert state(home.seen, "light.kitchen") == "on"
    lost = await home.perform(call("light.turn_on", "light.sink"))
    assert isinstance(lost, Failed)
    assert lost.reason == "error"


async def test_all_homes_are_watched_until_cancelled() -> None:
    watched: list[str] = []
    both = asyncio.Event()

    class Watched(MemoryHome):
        async def watch(self) -> None:
            watched.append("begun")
            if len(watched) == 2:
                both.set()
            try:
                await asyncio.Event().wait()
            finally:
                watched.append("ended")

    home = JoinedHome((Watched(HOUSE, lambda: NOW), Watched(WORKSHOP, lambda: NOW)))
    watching = asyncio.create_task(home.watch())
    await asyncio.wait_for(both.wait(), 10)
    watching.cancel()
    await asyncio.wait({watching})
    assert watched == ["begun", "begun", "ended", "ended"]


def test_the_oldest_reading_is_told_and_what_was_perhaps_done_first() -> None:
    asked = call("home.get_states", "a.b", "c.d")
    readings = [
        (["a.b"], Done("c1", {"states": {"a.b": {}}, "as_of": "2026-03-04T12:00:00+01:00"})),
        (["c.d"], Done("c1", {"states": {"c.d": {}}, "as_of": "2026-03-04T11:30:00+00:00"})),
    ]
    both = merged(asked, readings)
    assert isinstance(both, Done)
    assert both.value == {"states": {"a.b": {}, "c.d": {}}, "as_of": "2026-03-04T12:00:00+01:00"}
    failures = [
        (["a.b"], Failed("c1", "unavailable", "one is out of reach")),
        (["c.d"], Failed("c1", "unconfirmed", "the other may have done it")),
    ]
    assert merged(asked, failures) == Failed(
        "c1", "unconfirmed", "one is out of reach; the other may have done it"
    )
