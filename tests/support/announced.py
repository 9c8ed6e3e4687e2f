"""What devices announce by the documentation of their makers, in tests/data/mqtt."""

from __future__ import annotations

import json
from pathlib import Path

from steward.home.mqtt.devices import Devices
from steward.types import Entity

DATA = Path(__file__).parents[1] / "data" / "mqtt"
ONLINE = {
    "zigbee2mqtt": [("zigbee2mqtt/bridge/state", '{"state": "online"}')],
    "tasmota": [
        ("tele/tasmota_D8F15B/LWT", "Online"),
        ("tele/tasmota_A1B2C3/LWT", "Online"),
    ],
    "esphome": [("greenhouse/status", "online")],
    "device": [],
}


def announced(name: str) -> Devices:
    devices = Devices("homeassistant", {})
    for topic, config in json.loads((DATA / f"{name}.json").read_text(encoding="utf-8")).items():
        devices.hear(topic, json.dumps(config).encode())
    for topic, payload in ONLINE[name]:
        devices.hear(topic, payload.encode())
    return devices


def entity(devices: Devices, name: str) -> Entity:
    return next(each for each in devices.entities if each.id == name)
