"""What Zigbee2MQTT, Tasmota and ESPHome announce, and what nobody should."""

from __future__ import annotations

import json

import pytest
from announced import announced
from hypothesis import given
from hypothesis import strategies as st

from steward.home.mqtt.devices import Devices
from steward.types import Json


@pytest.mark.parametrize(
    ("who", "ids"),
    [
        (
            "zigbee2mqtt",
            "light.reading_lamp sensor.bedroom_sensor_temperature sensor.bedroom_sensor_battery "
            "binary_sensor.window cover.blind climate.radiator lock.front_door fan.purifier",
        ),
        ("tasmota", "switch.heater_plug light.strip sensor.heater_plug_power"),
        (
            "esphome",
            "switch.greenhouse_water_supply light.greenhouse_grow_light select.greenhouse_program "
            "number.greenhouse_target_moisture button.greenhouse_flush fan.greenhouse_fan",
        ),
        ("device", "sensor.kitchen_air sensor.kitchen_air_humidity"),
    ],
)
def test_what_is_announced_is_found(who: str, ids: str) -> None:
    devices = announced(who)
    assert {each.id for each in devices.entities} == set(ids.split())
    assert all(each.state != "unavailable" for each in devices.entities)
    assert "#" not in "".join(devices.topics)


def test_a_change_and_an_end_of_an_announcement() -> None:
    devices = Devices("homeassistant", {})
    topic = "homeassistant/switch/x/config"
    plug: dict[str, Json] = {"name": "Plug", "cmd_t": "x/set", "stat_t": "x"}
    devices.hear(topic, json.dumps(plug).encode())
    assert devices.hear(topic, json.dumps(plug).encode()).entities == ()
    renamed = devices.hear(topic, json.dumps({**plug, "name": "Kettle"}).encode())
    assert ([each.id for each in renamed.entities], renamed.gone) == (
        ["switch.kettle"],
        ("switch.plug",),
    )
    assert devices.hear(topic, b"").gone == ("switch.kettle",)
    assert devices.entities == ()
    assert devices.topics == frozenset()


def test_two_of_the_same_name_have_their_own_ids() -> None:
    devices = Devices("homeassistant", {})
    for node in ("a", "b", "a/b"):
        devices.hear(f"homeassistant/switch/{node}/config", b'{"name": "Plug", "cmd_t": "x"}')
    ids = [each.id for each in devices.entities]
    assert ids[0] == "switch.plug"
    assert len(set(ids)) == 3


@pytest.mark.parametrize(
    "config",
    [
        "no json",
        "[]",
        '{"cmd_t": "a/#"}',
        '{"cmd_t": 7}',
        '{"bri_scl": 0}',
        '{"spd_rng_max": 0}',
        '{"cmd_t": ""}',
        '{"stat_t": "a", "val_tpl": "{% for i in range(9) %}x{% endfor %}"}',
        '{"stat_t": "a", "val_tpl": "{{ value"}',
        '{"name": NaN}',
        "[" * 3000,
        '{"name": "' + "x" * 300_000 + '"}',
    ],
)
def test_what_is_no_announcement_is_said_and_left_out(
    config: str, caplog: pytest.LogCaptureFixture
) -> None:
    devices = Devices("homeassistant", {})
    assert devices.hear("homeassistant/switch/x/config", config.encode()).entities == ()
    assert "is not understood" in caplog.text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
KEYS = [
    "name",
    "stat_t",
    "cmd_t",
    "val_tpl",
    "dev",
    "avty",
    "~",
    "modes",
    "ops",
    "min",
    "max",
    "schema",
    "brightness_scale",
    "supported_color_modes",
    "min_mireds",
    "pos_t",
    "pos_open",
    "cmps",
    "qos",
]
COMPONENTS = ["light", "switch", "climate", "cover", "fan", "number", "sensor", "vacuum", "device"]


@given(
    st.sampled_from(COMPONENTS),
    st.dictionaries(st.sampled_from(KEYS), JSON | st.just("a"), max_size=8),
    st.binary(max_size=40) | JSON.map(lambda value: json.dumps(value).encode()),
)
def test_any_announcement_and_any_state_change_nothing_or_something_sound(
    component: str, config: dict[str, Json], payload: bytes
) -> None:
    devices = Devices("homeassistant", {})
    devices.hear(f"homeassistant/{component}/x/config", json.dumps(config).encode())
    for topic in devices.topics:
        devices.hear(topic, payload)
    for each in devices.entities:
        assert len(each.state) <= 255
        assert devices.thing(each.id)
