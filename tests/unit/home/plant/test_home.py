"""A plant as a home, against real servers that are killed in the middle of use."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from processes import STATION, Peer, station
from waiting import eventually

from steward.errors import FixturesError, PeerError
from steward.events import Event, StateChanged
from steward.home.plant.home import PlantHome, driver
from steward.home.plant.map import Map, Modbus, OpcUa, parse, read
from steward.types import Call, Done, Failed, Json, Meaning


def call(capability: str, entity: str, **arguments: Json) -> Call:
    return Call("c1", capability, Meaning("Test"), {"entity_id": [entity], **arguments})


def aimed(plant: Map, port: int) -> Map:
    """Return `plant` at this port, looked at often."""
    if plant.modbus:
        device = Modbus(host="127.0.0.1", port=port, poll=0.05, timeout=1)
        return plant.model_copy(update={"modbus": device})
    server = OpcUa(url=f"opc.tcp://127.0.0.1:{port}", interval=0.05, timeout=1)
    return plant.model_copy(update={"opcua": server})


@pytest.fixture(scope="module", params=["modbus", "opcua"])
def peer(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Peer]:
    # One for all tests: an OPC UA server takes seconds to start.
    peer = station(request.param, tmp_path_factory.mktemp("station"))
    peer.start()
    yield peer
    peer.kill()


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
async def home(
    request: pytest.FixtureRequest, peer: Peer, events: list[Event]
) -> AsyncIterator[PlantHome]:
    protocol = request.node.callspec.params["peer"]
    made = over(aimed(read(STATION / f"{protocol}.yaml"), peer.port), events)
    yield made
    made.close()
    await asyncio.sleep(0)


def over(plant: Map, events: list[Event], patience: float = 2.0) -> PlantHome:
    return PlantHome(
        plant, driver(plant), events.append, lambda: datetime.now().astimezone(), patience=patience
    )


def states(home: PlantHome) -> dict[str, str]:
    return {each.id: each.state for each in home.seen.entities}


async def state(home: PlantHome, entity: str) -> str:
    await home.world()
    return states(home)[entity]


async def reached(home: PlantHome, yes: bool) -> None:
    await eventually(lambda: (home.seen.as_of is None) is yes)


async def test_it_is_read(home: PlantHome) -> None:
    world = await home.world()
    assert world.as_of is None
    assert {each.id: each.state for each in world.entities} == {
        "sensor.pressure": "2.6",
        "sensor.tank_level": "63.5",
        "number.flow": "8",
        "select.mode": "automatic",
        "switch.pump_1": "on",
        "switch.pump_2": "off",
        "binary_sensor.dry_run": "off",
        "button.acknowledge": "unknown",
    }


async def test_what_is_told_is_written_once_and_read_back(
    home: PlantHome, peer: Peer, events: list[Event]
) -> None:
    await home.world()
    outcome = await home.perform(call("number.set_value", "number.flow", value=12.5))
    assert isinstance(outcome, Done)
    assert isinstance(outcome.value, dict)
    assert outcome.value["changed"] == ["number.flow"]
    assert await state(home, "number.flow") == "12.5"
    outcome = await home.perform(call("select.select_option", "select.mode", option="cleaning"))
    assert isinstance(outcome, Done)
    outcome = await home.perform(call("button.press", "button.acknowledge"))
    assert isinstance(outcome, Done)
    told = [event.entity.id for event in events if isinstance(event, StateChanged)]
    assert told[-2:] == ["number.flow", "select.mode"]
    await eventually(lambda: "acknowledged" in peer.log())
    assert [peer.log().count(line) for line in ("flow 12.5\n", "mode 2\n", "ackn")] == [1, 1, 1]


async def test_a_pump_is_done_when_it_runs(home: PlantHome) -> None:
    outcome = await home.perform(call("switch.turn_on", "switch.pump_2"))
    assert isinstance(outcome, Done)
    await eventually(lambda: states(home)["sensor.pressure"] == "4.2")


@pytest.mark.parametrize(
    ("asked", "reason", "words"),
    [
        (call("number.set_value", "number.flow", value=25), "invalid", "0.0 to 20.0"),
        (call("number.set_value", "number.flow", value=-0.1), "invalid", "0.0 to 20.0"),
        (call("select.select_option", "select.mode", option="off"), "invalid", "no option off"),
        (call("number.set_value", "sensor.pressure", value=1), "unsupported", "is a sensor"),
        (call("switch.turn_on", "switch.pump_9"), "not_found", "switch.pump_9"),
    ],
)
async def test_what_cannot_be_is_refused_before_it_is_written(
    home: PlantHome, peer: Peer, asked: Call, reason: str, words: str
) -> None:
    outcome = await home.perform(asked)
    assert isinstance(outcome, Failed)
    assert outcome.reason == reason
    assert words in outcome.message
    assert not re.search(r"flow (25|-0.1)|pump 9|mode -", peer.log())


async def test_a_plant_that_is_away_is_said_to_be(home: PlantHome, peer: Peer) -> None:
    before = await state(home, "number.flow")
    watching = asyncio.create_task(home.watch())
    peer.kill()
    await reached(home, False)
    assert await state(home, "number.flow") == before
    outcome = await home.perform(call("number.set_value", "number.flow", value=3))
    assert isinstance(outcome, Failed)
    assert outcome.reason == "unavailable"
    peer.start()
    await reached(home, True)
    outcome = await home.perform(call("number.set_value", "number.flow", value=4))
    assert isinstance(outcome, Done)
    assert "flow 3\n" not in peer.log()
    watching.cancel()
    await asyncio.wait({watching})


async def test_killed_in_the_middle_nothing_is_lost_in_silence_or_done_twice(
    home: PlantHome, peer: Peer
) -> None:
    await home.world()
    outcomes = []
    for number in range(1, 31):
        value = number / 4 + 0.125
        asked = call("number.set_value", "number.flow", value=value)
        under_way = asyncio.create_task(home.perform(asked))
        if number in (10, 20):
            await asyncio.sleep(0.002 if number == 20 else 0)
            peer.kill()
        outcomes.append((value, await under_way))
        if number in (10, 20):
            await reached(home, False)
            peer.start()
            await reached(home, True)
    log = peer.log().splitlines()
    for value, outcome in outcomes:
        written = log.count(f"flow {value:g}")
        if isinstance(outcome, Done):
            assert written == 1, value
        else:
            assert outcome.reason in ("unavailable", "unconfirmed")
            assert written <= (outcome.reason == "unconfirmed"), value
    assert sum(isinstance(outcome, Done) for _, outcome in outcomes) >= 15
    assert isinstance(outcomes[9][1], Failed)


BROKEN = """
points:
- {id: sensor.gone, name: Gone, at: PLACE}
- {id: number.flow, name: Flow, at: FLOW, limits: [0, 20], type: float32}
- {id: select.flow, name: Step, at: FLOW, states: {low: 1, high: 2}, type: float32}
"""


PLACES = {
    "modbus": ("modbus: {host: a}", "input 900", "holding 10"),
    "opcua": ("opcua: {url: opc.tcp://a}", "ns=2;s=No", "ns=2;s=Flow"),
}


async def test_what_cannot_be_read_leaves_the_others_usable(
    request: pytest.FixtureRequest, peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    head, gone, flow = PLACES[request.node.callspec.params["peer"]]
    text = head + BROKEN.replace("PLACE", f'"{gone}"').replace("FLOW", f'"{flow}"')
    broken = over(aimed(parse(text, "map"), peer.port), [])
    try:
        assert await state(broken, "sensor.gone") == "unavailable"
        assert await state(broken, "select.flow") == "unavailable"
        assert float(await state(broken, "number.flow")) > 2
        assert "sensor.gone cannot be read" in caplog.text
        assert "there is no word for" in caplog.text
        outcome = await broken.perform(call("number.set_value", "number.flow", value=1))
        assert isinstance(outcome, Done)
    finally:
        broken.close()


def test_a_node_that_is_none_is_said_before_anything_is_connected() -> None:
    text = 'opcua: {url: opc.tcp://a}\npoints: [{id: sensor.x, name: X, at: "ns=2;i=seven"}]'
    with pytest.raises(FixturesError, match="is not the id of a node"):
        driver(parse(text, "map"))


async def test_nothing_there_is_an_error_with_a_hint(tmp_path: Path) -> None:
    plant = aimed(read(STATION / "modbus.yaml"), station("modbus", tmp_path).port)
    with pytest.raises(PeerError, match="cannot connect") as caught:
        await driver(plant).run(lambda readings: None)
    assert "check the address" in caught.value.hint
