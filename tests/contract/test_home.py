"""What every Home must do. A new one joins by adding its maker to `HOMES`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from devices import Devices
from homeassistants import HomeAssistant
from processes import broker

from steward.config import MqttConfig
from steward.events import Emit, Event, StateChanged
from steward.home.homeassistant.home import HomeAssistantHome
from steward.home.joined import JoinedHome
from steward.home.local import LocalHome
from steward.home.mqtt.home import MqttHome
from steward.types import Call, Done, Failed, Home, Json, Meaning, Risk

Peer = Callable[[], HomeAssistant]
"""Gives a running Home Assistant to a home that needs one."""


async def local(folder: Path, emit: Emit, _: Peer) -> tuple[Home, Callable[[], None]]:
    home = LocalHome(folder / "home.db", emit)
    return home, home.close


async def joined(folder: Path, emit: Emit, _: Peer) -> tuple[Home, Callable[[], None]]:
    lights = LocalHome(folder / "lights.db", emit)
    others = LocalHome(folder / "others.db", emit)
    world = await lights.world()
    for home, mine in ((lights, True), (others, False)):
        theirs = tuple(e for e in world.entities if (e.domain == "light") is mine)
        await home.load(replace(world, entities=theirs))

    def close() -> None:
        lights.close()
        others.close()

    return JoinedHome((lights, others)), close


async def assisted(_: Path, emit: Emit, peer: Peer) -> tuple[Home, Callable[[], None]]:
    found = peer()
    found.call("light.turn_off", entity_id="all")
    return HomeAssistantHome(found.url, found.token, emit), lambda: None


async def brokered(folder: Path, emit: Emit, _: Peer) -> tuple[Home, Callable[[], None]]:
    peer = broker(folder)
    peer.start()
    devices = Devices(peer.port)
    await devices.start()
    config = MqttConfig(host="127.0.0.1", port=peer.port)
    home = MqttHome(config, emit, lambda: datetime.now().astimezone())

    def close() -> None:
        home.close()
        devices.stop()
        peer.kill()

    return home, close


# Each makes a Home that has a light that can be dimmed, off, and an open cover with a position,
# and gives what closes it.
HOMES: dict[str, Callable[[Path, Emit, Peer], Awaitable[tuple[Home, Callable[[], None]]]]] = {
    "local": local,
    "joined": joined,
    "Home Assistant": assisted,
    "MQTT": brokered,
}


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture(params=HOMES)
async def home(
    request: pytest.FixtureRequest, tmp_path: Path, events: list[Event]
) -> AsyncIterator[Home]:
    def peer() -> HomeAssistant:
        found = request.getfixturevalue("home_assistant")
        assert isinstance(found, HomeAssistant)
        return found

    made, close = await HOMES[request.param](tmp_path, events.append, peer)
    await made.world()
    events.clear()
    yield made
    close()


def call(capability: str, **arguments: Json) -> Call:
    return Call("c1", capability, Meaning("Test"), arguments)


async def some(home: Home, domain: str, attribute: str) -> str:
    entities = (await home.world()).entities
    return next(e.id for e in entities if e.domain == domain and attribute in e.attributes)


async def states(home: Home) -> dict[str, tuple[str, dict[str, Json]]]:
    return {e.id: (e.state, dict(e.attributes)) for e in (await home.world()).entities}


async def test_it_is_a_home(home: Home) -> None:
    assert isinstance(home, Home)


async def test_capabilities(home: Home) -> None:
    names = [capability.name for capability in home.capabilities]
    assert len(names) == len(set(names))
    risks = {capability.name: capability.risk for capability in home.capabilities}
    assert risks["home.get_states"] is Risk.READ
    assert risks["light.turn_on"] is Risk.ACT
    assert risks["lock.unlock"] is Risk.GUARDED
    assert all("." in name for name in names)


async def test_the_world_is_consistent(home: Home) -> None:
    world = await home.world()
    floors = {floor.id for floor in world.floors}
    areas = {area.id for area in world.areas}
    assert all(area.floor is None or area.floor in floors for area in world.areas)
    assert all(entity.area is None or entity.area in areas for entity in world.entities)
    assert len({entity.id for entity in world.entities}) == len(world.entities)


async def test_a_command_changes_what_it_names_and_nothing_else(
    home: Home, events: list[Event]
) -> None:
    light = await some(home, "light", "brightness")
    before = await states(home)
    outcome = await home.perform(call("light.turn_on", entity_id=[light], brightness_pct=30))
    after = await states(home)
    assert isinstance(outcome, Done)
    assert outcome.call == "c1"
    assert isinstance(outcome.value, dict)
    assert outcome.value["changed"] == [light]
    shown = outcome.value["states"]
    assert isinstance(shown, dict)
    assert (shown[light]["state"], shown[light]["attributes"]["brightness"]) == ("on", 76)
    assert {key for key in after if after[key] != before[key]} == {light}
    assert after[light] == (shown[light]["state"], shown[light]["attributes"])
    told = [event.entity.id for event in events if isinstance(event, StateChanged)]
    assert told == [light]


async def test_what_is_seen_is_the_world(home: Home) -> None:
    world = await home.world()
    assert home.seen == world
    assert world.as_of is None
    light = await some(home, "light", "brightness")
    await home.perform(call("light.turn_on", entity_id=[light]))
    assert next(entity.state for entity in home.seen.entities if entity.id == light) == "on"


async def test_it_is_watched_until_cancelled(home: Home) -> None:
    watching = asyncio.create_task(home.watch())
    done, _ = await asyncio.wait({watching}, timeout=0.1)
    assert not done
    watching.cancel()
    await asyncio.wait({watching})
    assert watching.cancelled()


async def test_reading_changes_nothing(home: Home, events: list[Event]) -> None:
    before = await states(home)
    outcome = await home.perform(call("home.get_states", entity_id=list(before)))
    assert isinstance(outcome, Done)
    assert isinstance(outcome.value, dict)
    assert outcome.value["changed"] == []
    shown = outcome.value["states"]
    assert isinstance(shown, dict)
    assert {key: (one["state"], one["attributes"]) for key, one in shown.items()} == before
    assert events == []


@pytest.mark.parametrize(
    ("capability", "arguments", "reason"),
    [
        ("light.explode", {}, "unsupported"),
        ("light.turn_on", {"entity_id": ["light.nowhere"]}, "not_found"),
        ("light.turn_on", {}, "invalid"),
        ("light.turn_on", {"entity_id": ["LIGHT"], "brightness_pct": 130}, "invalid"),
        ("light.turn_on", {"entity_id": ["LIGHT", "light.nowhere"]}, "not_found"),
        ("cover.set_cover_position", {"entity_id": ["COVER"], "position": -1}, "invalid"),
        ("light.turn_on", {"entity_id": ["LIGHT", "COVER"]}, "unsupported"),
    ],
)
async def test_what_fails_changes_nothing(
    home: Home, events: list[Event], capability: str, arguments: dict[str, Json], reason: str
) -> None:
    real = {
        "LIGHT": await some(home, "light", "brightness"),
        "COVER": await some(home, "cover", "current_position"),
    }
    named = arguments.get("entity_id")
    if isinstance(named, list):
        arguments = arguments | {"entity_id": [real.get(str(n), n) for n in named]}
    before = await states(home)
    outcome = await home.perform(call(capability, **arguments))
    assert isinstance(outcome, Failed)
    assert (outcome.call, outcome.reason) == ("c1", reason)
    assert outcome.message
    assert await states(home) == before
    assert events == []


async def test_commands_at_once_are_all_done(home: Home) -> None:
    light = await some(home, "light", "brightness")
    cover = await some(home, "cover", "current_position")
    outcomes = await asyncio.gather(
        *(home.perform(call("light.turn_on", entity_id=[light], brightness=n)) for n in (1, 2, 3)),
        home.perform(call("cover.set_cover_position", entity_id=[cover], position=40)),
    )
    assert all(isinstance(outcome, Done) for outcome in outcomes)
    async with asyncio.timeout(20):
        # A real cover takes its time and may be only on its way when the command is done; not
        # every home emits what happens outside of Calls.
        while (after := await states(home))[cover][1]["current_position"] != 40:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert after[light][1]["brightness"] in (1, 2, 3)
    assert after[cover] == ("open", after[cover][1] | {"current_position": 40})
