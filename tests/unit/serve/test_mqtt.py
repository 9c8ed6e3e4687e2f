"""Steward as a device of a real broker, which is killed in the middle of use."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from processes import Peer, broker
from waiting import eventually

from steward.butler import Butler
from steward.config import Config, MqttConfig, Paths
from steward.serve.mqtt import Device
from steward.types import Utterance
from steward.wiring import assemble


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Peer]:
    peer = broker(tmp_path)
    peer.start()
    yield peer
    peer.kill()


@pytest.fixture
async def butler(tmp_path: Path, mosquitto: Peer) -> AsyncIterator[Butler]:
    mqtt = MqttConfig(host="127.0.0.1", port=mosquitto.port, discovery="", ask="on")
    config = Config(paths=Paths(state=tmp_path / "state", cache=Paths().cache), mqtt=mqtt)
    parts = assemble(config)
    made = Butler(parts)
    device = asyncio.create_task(Device(made, config, parts.skills).run())
    yield made
    device.cancel()
    await asyncio.wait({device})


class Watcher:
    """What a client with a lasting session has been sent, in order."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.heard: list[tuple[str, str]] = []

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[aiomqtt.Client]:
        async with aiomqtt.Client(
            "127.0.0.1", self._port, identifier="watcher", clean_session=False
        ) as client:
            await client.subscribe([("steward/#", 1), ("homeassistant/#", 1)])
            reading = asyncio.create_task(self._read(client))
            yield client
            reading.cancel()
            await asyncio.wait({reading})

    async def _read(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            self.heard.append((str(message.topic), bytes(message.payload or b"").decode()))

    def last(self, topic: str) -> Any:
        found = [payload for where, payload in self.heard if where == topic]
        return json.loads(found[-1]) if found else {}

    def commands(self) -> list[str]:
        turns = [json.loads(each) for topic, each in self.heard if topic == "steward/turn"]
        return [turn["command"] for turn in turns]


async def say(butler: Butler, text: str) -> None:
    async for _ in butler.turn(Utterance(text), conversation="c"):
        pass


async def test_he_is_announced_and_told_of(butler: Butler, mosquitto: Peer) -> None:
    watcher = Watcher(mosquitto.port)
    async with watcher.watching():
        await eventually(lambda: ("steward/status", "online") in watcher.heard)
        state = watcher.last("homeassistant/sensor/steward/command/config")
        assert state["state_topic"] == "steward/state"
        assert state["availability_topic"] == "steward/status"
        await say(butler, "turn on the kitchen light")
        await say(butler, "set a timer for ten minutes")
        await eventually(lambda: watcher.last("steward/state").get("timers") == 1)
        told = watcher.last("steward/state")
        assert (told["state"], told["command"]) == ("idle", "set a timer for ten minutes")
        assert told["turns"] == sum(told["stages"].values()) == 2
        assert told["model"] == "smollm2-135m-instruct"
        assert watcher.commands() == ["turn on the kitchen light", "set a timer for ten minutes"]


async def test_a_sentence_is_a_turn_unless_it_was_kept(butler: Butler, mosquitto: Peer) -> None:
    watcher = Watcher(mosquitto.port)
    async with watcher.watching() as client:
        await client.publish("steward/ask", "turn off the kitchen light", qos=1, retain=True)
        await eventually(lambda: ("steward/status", "online") in watcher.heard)
        await client.publish("steward/ask", "turn on the kitchen light", qos=1)
        await eventually(lambda: "turn on the kitchen light" in watcher.commands())
        turn = watcher.last("steward/turn")
        assert (turn["door"], turn["how"]) == ("mqtt", "done")
        assert turn["reply"] == "The kitchen light is on."


async def test_nothing_is_lost_across_a_restart_of_the_broker(
    butler: Butler, mosquitto: Peer
) -> None:
    watcher = Watcher(mosquitto.port)
    async with watcher.watching():
        await eventually(lambda: ("steward/status", "online") in watcher.heard)
        await say(butler, "turn on the kitchen light")
        await eventually(lambda: len(watcher.commands()) == 1)
        # A session that lasts is on the disk of the broker by then.
        await eventually((mosquitto.folder / "mosquitto.db").exists)
    sentences = [f"set the kitchen light to {n} percent" for n in (10, 20, 30, 40, 50)]
    await asyncio.sleep(1.2)  # mosquitto's shortest interval between two writes of its state
    mosquitto.kill()
    for sentence in sentences:
        await say(butler, sentence)
    mosquitto.start()
    watcher.heard.clear()
    async with watcher.watching():
        await eventually(lambda: len(watcher.commands()) >= len(sentences))
        assert watcher.commands()[-len(sentences) :] == sentences
        assert set(watcher.commands()) <= {"turn on the kitchen light", *sentences}
        await eventually(lambda: watcher.last("steward/state").get("turns") == 6)


async def test_the_last_will_says_that_he_has_gone(tmp_path: Path, mosquitto: Peer) -> None:
    config = Config(
        paths=Paths(state=tmp_path / "other", cache=Paths().cache),
        mqtt=MqttConfig(host="127.0.0.1", port=mosquitto.port, name="other", discovery=""),
    )
    device = asyncio.create_task(Device(Butler(assemble(config)), config).run())
    async with aiomqtt.Client("127.0.0.1", mosquitto.port) as client:
        await client.subscribe("other/status", qos=1)
        said = client.messages
        async with asyncio.timeout(20):
            assert (await anext(said)).payload == b"online"
            device.cancel()
            assert (await anext(said)).payload == b"offline"
    await asyncio.wait({device})
