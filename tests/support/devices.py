"""Devices of an MQTT broker that exist only in a test."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Mapping
from typing import Any

import aiomqtt

LAMP = (
    "homeassistant/light/0x01/light/config",
    {
        "schema": "json",
        "name": None,
        "brightness": True,
        "brightness_scale": 255,
        "state_topic": "z2m/Lamp",
        "command_topic": "z2m/Lamp/set",
        "availability": [{"topic": "z2m/state", "value_template": "{{ value_json.state }}"}],
        "device": {"identifiers": ["0x01"], "name": "Lamp", "suggested_area": "Kitchen"},
        "unique_id": "0x01_light",
    },
)
BLIND = (
    "homeassistant/cover/0x02/cover/config",
    {
        "name": None,
        "state_topic": "z2m/Blind",
        "value_template": "{{ value_json.state }}",
        "position_topic": "z2m/Blind",
        "position_template": "{{ value_json.position }}",
        "command_topic": "z2m/Blind/set",
        "set_position_topic": "z2m/Blind/set",
        "set_position_template": '{"position": {{ value }} }',
        "state_open": "OPEN",
        "state_closed": "CLOSE",
        "device": {"identifiers": ["0x02"], "name": "Blind"},
    },
)
PUMP = (
    "homeassistant/number/esp/speed/config",
    {
        "name": "Speed",
        "min": 0,
        "max": 100000,
        "state_topic": "esp/speed/state",
        "command_topic": "esp/speed/command",
        "device": {"identifiers": ["esp"], "name": "Pump"},
    },
)


class Devices:
    """A lamp, a blind and a pump. `commands` is all that they were told, topic and payload."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._task: asyncio.Task[None] | None = None
        self.ready = asyncio.Event()
        self.commands: list[tuple[str, str]] = []
        self.lamp: dict[str, Any] = {"state": "OFF", "brightness": 100}
        self.blind: dict[str, Any] = {"state": "OPEN", "position": 100}
        self.deaf = False
        self._stopped = False

    async def start(self) -> None:
        """Connect, announce all of them, and begin to listen."""
        self._task = asyncio.create_task(self._keep())
        await asyncio.wait_for(self.ready.wait(), 20)

    def stop(self) -> None:
        """Disconnect."""
        self._stopped = True
        if self._task is not None:
            self._task.cancel()

    async def _keep(self) -> None:
        while not self._stopped:
            try:
                await self._run()
            except* aiomqtt.MqttError:
                self.ready.clear()
            await asyncio.sleep(0.05)

    async def _run(self) -> None:
        at_once = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
        async with aiomqtt.Client(
            "127.0.0.1", self._port, timeout=5, socket_options=at_once
        ) as client:
            for topic in ("z2m/+/set", "esp/+/command", "homeassistant/status"):
                await client.subscribe(topic, qos=1)
            for topic, config in (LAMP, BLIND, PUMP):
                await client.publish(topic, json.dumps(config), qos=1, retain=True)
            await client.publish("z2m/state", '{"state": "online"}', qos=1, retain=True)
            await self._tell(client)
            self.ready.set()
            async for message in client.messages:
                payload = bytes(message.payload or b"").decode()
                await self._hear(client, str(message.topic), payload)

    async def _tell(self, client: aiomqtt.Client) -> None:
        await client.publish("z2m/Lamp", json.dumps(self.lamp), qos=1, retain=True)
        await client.publish("z2m/Blind", json.dumps(self.blind), qos=1, retain=True)

    async def _hear(self, client: aiomqtt.Client, topic: str, payload: str) -> None:
        if topic == "homeassistant/status":
            await self._tell(client)
            return
        self.commands.append((topic, payload))
        if self.deaf:
            return
        if topic == "z2m/Lamp/set":
            self.lamp |= json.loads(payload)
            await client.publish("z2m/Lamp", json.dumps(self.lamp), qos=1, retain=True)
        elif topic == "z2m/Blind/set":
            words: Mapping[str, int] = {"OPEN": 100, "CLOSE": 0}
            place = words[payload] if payload in words else json.loads(payload)["position"]
            self.blind = {"state": "OPEN" if place else "CLOSE", "position": place}
            await client.publish("z2m/Blind", json.dumps(self.blind), qos=1, retain=True)
        else:
            await client.publish("esp/speed/state", payload, qos=1, retain=True)

    def count(self, test: Callable[[str, str], bool]) -> int:
        """Return how many of the commands pass `test`."""
        return sum(test(topic, payload) for topic, payload in self.commands)
