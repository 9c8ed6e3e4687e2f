"""What Zigbee2MQTT, Tasmota and ESPHome tell and are told, by their documentation."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from announced import announced, entity

from steward.home.mqtt.devices import Devices
from steward.home.mqtt.orders import orders, shows
from steward.home.services import table
from steward.types import Call, Failed, Json, Meaning

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("who", "name", "topic", "payload", "state", "attributes"),
    [
        (
            "zigbee2mqtt",
            "light.reading_lamp",
            "zigbee2mqtt/Reading Lamp",
            '{"state":"ON","brightness":127,"color_mode":"color_temp","color_temp":300}',
            "on",
            {"brightness": 128, "color_temp_kelvin": 3333},
        ),
        (
            "zigbee2mqtt",
            "light.reading_lamp",
            "zigbee2mqtt/Reading Lamp",
            '{"state":"ON","color_mode":"xy","color":{"x":0.701,"y":0.299},"color_temp":300}',
            "on",
            {"rgb_color": [255, 0, 0], "color_temp_kelvin": None},
        ),
        (
            "zigbee2mqtt",
            "sensor.bedroom_sensor_temperature",
            "zigbee2mqtt/Bedroom Sensor",
            '{"temperature":21.5,"battery":80}',
            "21.5",
            {"device_class": "temperature"},
        ),
        (
            "zigbee2mqtt",
            "binary_sensor.window",
            "zigbee2mqtt/Window",
            '{"contact":false}',
            "on",
            {},
        ),
        (
            "zigbee2mqtt",
            "cover.blind",
            "zigbee2mqtt/Blind",
            '{"state":"OPEN","position":40}',
            "open",
            {"current_position": 40},
        ),
        (
            "zigbee2mqtt",
            "climate.radiator",
            "zigbee2mqtt/Radiator",
            '{"local_temperature":19.5,"occupied_heating_setpoint":21,"system_mode":"heat",'
            '"running_state":"heat"}',
            "heat",
            {"temperature": 21, "current_temperature": 19.5, "hvac_action": "heating"},
        ),
        (
            "zigbee2mqtt",
            "lock.front_door",
            "zigbee2mqtt/Front Door",
            '{"state":"LOCK"}',
            "locked",
            {},
        ),
        (
            "zigbee2mqtt",
            "fan.purifier",
            "zigbee2mqtt/Purifier",
            '{"fan_state":"ON","fan_speed":3,"fan_mode":"auto"}',
            "on",
            {"percentage": 33, "preset_mode": "auto"},
        ),
        ("tasmota", "switch.heater_plug", "tele/tasmota_D8F15B/STATE", '{"POWER":"ON"}', "on", {}),
        (
            "tasmota",
            "light.strip",
            "stat/tasmota_A1B2C3/RESULT",
            '{"POWER":"ON","Dimmer":50,"Color":"255,128,0,0,0","CT":300}',
            "on",
            {"brightness": 128, "rgb_color": [255, 128, 0], "color_temp_kelvin": 3333},
        ),
        (
            "tasmota",
            "sensor.heater_plug_power",
            "tele/tasmota_D8F15B/SENSOR",
            '{"Time":"2026-11-21T20:00:00","ENERGY":{"Power":1830}}',
            "1830",
            {},
        ),
        (
            "esphome",
            "fan.greenhouse_fan",
            "greenhouse/fan/fan/speed_level/state",
            "2",
            "unknown",
            {"percentage": 66},
        ),
        (
            "esphome",
            "fan.greenhouse_fan",
            "greenhouse/fan/fan/oscillation/state",
            "oscillate_on",
            "unknown",
            {"oscillating": True},
        ),
        (
            "esphome",
            "number.greenhouse_target_moisture",
            "greenhouse/number/target/state",
            "45.0",
            "45",
            {"min": 10, "max": 90},
        ),
        (
            "device",
            "sensor.kitchen_air_humidity",
            "air/state",
            '{"temperature": 20, "humidity": 51.2}',
            "51.2",
            {},
        ),
    ],
)
def test_what_is_told_is_read(
    who: str, name: str, topic: str, payload: str, state: str, attributes: dict[str, Json]
) -> None:
    devices = announced(who)
    assert name in {each.id for each in devices.hear(topic, payload.encode()).entities}
    found = entity(devices, name)
    assert found.state == state
    assert {key: found.attributes.get(key) for key in attributes} == attributes


ORDERS = [
    (
        "zigbee2mqtt",
        "light.turn_on",
        "light.reading_lamp",
        {"brightness_pct": 30},
        [("zigbee2mqtt/Reading Lamp/set", '{"state": "ON", "brightness": 76}')],
    ),
    (
        "zigbee2mqtt",
        "light.turn_on",
        "light.reading_lamp",
        {},
        [("zigbee2mqtt/Reading Lamp/set", '{"state": "ON"}')],
    ),
    (
        "zigbee2mqtt",
        "light.turn_off",
        "light.reading_lamp",
        {},
        [("zigbee2mqtt/Reading Lamp/set", '{"state": "OFF"}')],
    ),
    (
        "zigbee2mqtt",
        "light.turn_on",
        "light.reading_lamp",
        {"color_temp_kelvin": 4000},
        [("zigbee2mqtt/Reading Lamp/set", '{"state": "ON", "color_temp": 250}')],
    ),
    (
        "zigbee2mqtt",
        "light.turn_on",
        "light.reading_lamp",
        {"color_name": "red"},
        [("zigbee2mqtt/Reading Lamp/set", '{"state": "ON", "color": {"x": 0.6401, "y": 0.33}}')],
    ),
    ("zigbee2mqtt", "cover.open_cover", "cover.blind", {}, [("zigbee2mqtt/Blind/set", "OPEN")]),
    ("zigbee2mqtt", "cover.stop_cover", "cover.blind", {}, [("zigbee2mqtt/Blind/set", "STOP")]),
    (
        "zigbee2mqtt",
        "cover.set_cover_position",
        "cover.blind",
        {"position": 40},
        [("zigbee2mqtt/Blind/set", '{ "position": 40 }')],
    ),
    (
        "zigbee2mqtt",
        "climate.set_temperature",
        "climate.radiator",
        {"temperature": 21.5},
        [("zigbee2mqtt/Radiator/set/occupied_heating_setpoint", "21.5")],
    ),
    (
        "zigbee2mqtt",
        "climate.set_hvac_mode",
        "climate.radiator",
        {"hvac_mode": "heat"},
        [("zigbee2mqtt/Radiator/set/system_mode", "heat")],
    ),
    ("zigbee2mqtt", "lock.lock", "lock.front_door", {}, [("zigbee2mqtt/Front Door/set", "LOCK")]),
    (
        "zigbee2mqtt",
        "fan.set_percentage",
        "fan.purifier",
        {"percentage": 50},
        [("zigbee2mqtt/Purifier/set/fan_state", "ON"), ("zigbee2mqtt/Purifier/set/fan_speed", "5")],
    ),
    (
        "zigbee2mqtt",
        "homeassistant.turn_on",
        "fan.purifier",
        {},
        [("zigbee2mqtt/Purifier/set/fan_state", "ON")],
    ),
    ("tasmota", "switch.turn_on", "switch.heater_plug", {}, [("cmnd/tasmota_D8F15B/POWER", "ON")]),
    ("tasmota", "switch.toggle", "switch.heater_plug", {}, [("cmnd/tasmota_D8F15B/POWER", "ON")]),
    (
        "tasmota",
        "light.turn_on",
        "light.strip",
        {"brightness_pct": 40},
        [("cmnd/tasmota_A1B2C3/Dimmer", "40")],
    ),
    (
        "tasmota",
        "light.turn_on",
        "light.strip",
        {"color_name": "blue"},
        [("cmnd/tasmota_A1B2C3/Color2", "0,0,255")],
    ),
    ("tasmota", "light.turn_off", "light.strip", {}, [("cmnd/tasmota_A1B2C3/POWER", "OFF")]),
    (
        "esphome",
        "number.set_value",
        "number.greenhouse_target_moisture",
        {"value": 45.0},
        [("greenhouse/number/target/command", "45")],
    ),
    (
        "esphome",
        "select.select_option",
        "select.greenhouse_program",
        {"option": "drip"},
        [("greenhouse/select/program/command", "drip")],
    ),
    (
        "esphome",
        "button.press",
        "button.greenhouse_flush",
        {},
        [("greenhouse/button/flush/command", "PRESS")],
    ),
    (
        "esphome",
        "fan.oscillate",
        "fan.greenhouse_fan",
        {"oscillating": True},
        [("greenhouse/fan/fan/oscillation/command", "oscillate_on")],
    ),
]


@pytest.mark.parametrize(("who", "capability", "name", "arguments", "told"), ORDERS)
def test_what_it_is_told(
    who: str, capability: str, name: str, arguments: dict[str, Json], told: list[tuple[str, str]]
) -> None:
    devices = announced(who)
    before = entity(devices, name)
    call = Call("c", capability, Meaning(""), {"entity_id": [name], **arguments})
    effect = table.carry_out({each.id: each for each in devices.entities}, call, NOW)
    assert not isinstance(effect, Failed), effect
    after = next((each for each in effect.changed if each.id == name), before)
    sent = orders(devices.thing(name), call, before, after)
    assert [(each.topic, each.payload) for each in sent] == told
    assert all(each.qos >= 1 for each in sent)
    assert shows(devices.thing(name), call, before, after, after)


def test_what_wants_a_code_is_not_told_anything_without_one() -> None:
    devices = Devices("homeassistant", {})
    alarm = {"name": "Alarm", "cmd_t": "a/set", "stat_t": "a", "code": "1234"}
    devices.hear("homeassistant/alarm_control_panel/a/config", json.dumps(alarm).encode())
    devices.hear("a", b"armed_away")
    before = entity(devices, "alarm_control_panel.alarm")
    assert before.state == "armed_away"
    call = Call("c", "alarm_control_panel.alarm_disarm", Meaning(""), {"entity_id": [before.id]})
    assert orders(devices.thing(before.id), call, before, before) == ()


@pytest.mark.parametrize(
    ("capability", "name", "arguments"),
    [
        ("number.set_value", "number.greenhouse_target_moisture", {"value": 95}),
        ("select.select_option", "select.greenhouse_program", {"option": "rain"}),
        ("light.turn_on", "light.greenhouse_grow_light", {"color_name": "red"}),
    ],
)
def test_what_it_cannot_do_is_refused(
    capability: str, name: str, arguments: dict[str, Json]
) -> None:
    devices = announced("esphome")
    call = Call("c", capability, Meaning(""), {"entity_id": [name], **arguments})
    assert isinstance(
        table.carry_out({each.id: each for each in devices.entities}, call, NOW), Failed
    )
