"""Any bytes that a broker may send: announcements, states, and what a device is told after them.

An input is a component, a line feed, a configuration, a zero byte, and a state.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path

from steward.home.mqtt.devices import Devices
from steward.home.mqtt.orders import orders, shows
from steward.home.services import table
from steward.types import Call, Failed, Meaning

DATA = Path(__file__).parents[1] / "data" / "mqtt"
STATE = b'{"state": "ON", "brightness": 3, "position": 40, "color": {"h": 1, "s": 2}}'
NOW = datetime(2026, 11, 21, tzinfo=UTC)
SERVICES = (
    "homeassistant.turn_on",
    "homeassistant.toggle",
    "cover.open_cover",
    "valve.close_valve",
    "lock.unlock",
    "button.press",
    "vacuum.start",
)


def _seeds() -> tuple[bytes, ...]:
    found = []
    for file in sorted(DATA.glob("*.json")):
        for topic, config in json.loads(file.read_text(encoding="utf-8")).items():
            component = topic.split("/")[1].encode()
            found.append(component + b"\n" + json.dumps(config).encode() + b"\0" + STATE)
    return tuple(found)


SEEDS = _seeds()
logging.disable(logging.CRITICAL)


def one(data: bytes) -> None:
    """Announce a thing, let it tell its state, and tell it something."""
    component, _, rest = data.partition(b"\n")
    config, _, state = rest.partition(b"\0")
    devices = Devices("homeassistant", {})
    devices.hear(f"homeassistant/{component.decode('ascii', 'replace')}/x/config", config)
    for topic in devices.topics:
        devices.hear(topic, state)
    entities = {each.id: each for each in devices.entities}
    assert len(entities) == len(devices.entities)
    for name, before in entities.items():
        thing = devices.thing(name)
        assert len(before.state) <= 255
        for service in SERVICES:
            call = Call("c", service, Meaning("fuzz"), {"entity_id": [name]})
            effect = table.carry_out(entities, call, NOW)
            if isinstance(effect, Failed):
                continue
            after = next((each for each in effect.changed if each.id == name), before)
            try:
                orders(thing, call, before, after)
            except ValueError:
                continue
            shows(thing, call, before, after, before)
