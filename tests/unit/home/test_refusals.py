"""What a service refuses, why, and that nothing changes then."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from steward.home.services.table import Effect, capabilities, carry_out
from steward.types import Call, Entity, Failed, Json, Meaning

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
ITEM = {"uid": "a", "summary": "Milk", "status": "needs_action"}

# service, state and attributes, data, reason
REFUSED: list[tuple[str, str, dict[str, Any], dict[str, Any], str]] = [
    ("light.turn_on", "off", {}, {"brightness_pct": 30}, "unsupported"),
    (
        "light.turn_on",
        "off",
        {"supported_color_modes": ["onoff"]},
        {"brightness": 3},
        "unsupported",
    ),
    ("light.turn_on", "off", {"brightness": 3}, {"rgb_color": [1, 2, 3]}, "unsupported"),
    ("light.turn_on", "off", {"brightness": 3}, {"color_temp_kelvin": 3000}, "unsupported"),
    ("light.turn_on", "off", {"rgb_color": None}, {"color_name": "octarine"}, "invalid"),
    ("light.turn_on", "off", {"brightness": 3}, {"brightness_pct": 101}, "invalid"),
    ("light.turn_on", "off", {"brightness": 3}, {"brightness_pct": float("nan")}, "invalid"),
    ("light.turn_on", "off", {"brightness": 3}, {"brightness": 3, "brightness_pct": 3}, "invalid"),
    ("light.turn_on", "off", {"rgb_color": None}, {"rgb_color": [1, 2, 300]}, "invalid"),
    ("light.turn_on", "off", {}, {"speed": 1}, "invalid"),
    ("light.turn_on", "unavailable", {}, {}, "unavailable"),
    ("fan.set_percentage", "on", {}, {"percentage": 3}, "unsupported"),
    ("fan.turn_on", "off", {}, {"percentage": 3}, "unsupported"),
    ("fan.oscillate", "on", {}, {"oscillating": True}, "unsupported"),
    ("fan.set_percentage", "on", {"percentage": 3}, {}, "invalid"),
    ("humidifier.set_humidity", "on", {}, {"humidity": 40}, "unsupported"),
    (
        "humidifier.set_humidity",
        "on",
        {"humidity": 40, "max_humidity": 60},
        {"humidity": 61},
        "invalid",
    ),
    ("humidifier.set_mode", "on", {}, {"mode": "auto"}, "unsupported"),
    ("humidifier.set_mode", "on", {"available_modes": ["auto"]}, {"mode": "x"}, "invalid"),
    ("climate.set_temperature", "heat", {}, {"temperature": 20}, "unsupported"),
    ("climate.set_temperature", "heat", {"temperature": 20}, {"temperature": 36}, "invalid"),
    ("climate.set_temperature", "heat", {"temperature": 68}, {"temperature": 20}, "invalid"),
    (
        "climate.set_temperature",
        "cool",
        {"temperature": 20, "min_temp": 16},
        {"temperature": 15.5},
        "invalid",
    ),
    ("climate.set_temperature", "heat", {"temperature": 20}, {}, "invalid"),
    ("climate.set_temperature", "heat", {"temperature": 20}, {"target_temp_low": 20}, "invalid"),
    (
        "climate.set_hvac_mode",
        "heat",
        {"hvac_modes": ["heat"]},
        {"hvac_mode": "dry"},
        "unsupported",
    ),
    ("climate.set_hvac_mode", "heat", {}, {"hvac_mode": "party"}, "invalid"),
    ("climate.turn_off", "heat", {"hvac_modes": ["heat"]}, {}, "unsupported"),
    ("climate.turn_on", "off", {"hvac_modes": ["off"]}, {}, "unsupported"),
    ("climate.set_fan_mode", "heat", {}, {"fan_mode": "low"}, "unsupported"),
    ("climate.set_fan_mode", "heat", {"fan_modes": ["low"]}, {"fan_mode": "x"}, "invalid"),
    ("water_heater.set_temperature", "eco", {}, {"temperature": 50}, "unsupported"),
    (
        "water_heater.set_temperature",
        "eco",
        {"temperature": 50, "max_temp": 60},
        {"temperature": 61},
        "invalid",
    ),
    (
        "water_heater.set_operation_mode",
        "eco",
        {"operation_list": ["eco"]},
        {"operation_mode": "gas"},
        "invalid",
    ),
    ("cover.set_cover_position", "open", {}, {"position": 4}, "unsupported"),
    (
        "cover.set_cover_position",
        "open",
        {"current_position": 9, "supported_features": ["OPEN", "CLOSE"]},
        {"position": 4},
        "unsupported",
    ),
    ("cover.set_cover_position", "open", {"current_position": 9}, {"position": -1}, "invalid"),
    ("cover.open_cover", "closed", {"supported_features": 2}, {}, "unsupported"),
    ("cover.close_cover", "open", {"supported_features": 1}, {}, "unsupported"),
    ("cover.stop_cover", "opening", {"supported_features": 3}, {}, "unsupported"),
    ("lock.open", "locked", {}, {}, "unsupported"),
    ("media_player.volume_set", "on", {}, {"volume_level": 0.2}, "unsupported"),
    ("media_player.volume_set", "on", {"volume_level": 0.5}, {"volume_level": 20}, "invalid"),
    ("media_player.volume_up", "on", {}, {}, "unsupported"),
    ("media_player.volume_up", "on", {"supported_features": 1024}, {}, "invalid"),
    ("media_player.volume_mute", "on", {}, {"is_volume_muted": True}, "unsupported"),
    ("media_player.media_next_track", "off", {}, {}, "invalid"),
    ("media_player.media_play", "off", {"supported_features": 1}, {}, "unsupported"),
    ("media_player.media_pause", "playing", {"supported_features": 4}, {}, "unsupported"),
    ("media_player.media_stop", "playing", {"supported_features": 4}, {}, "unsupported"),
    ("vacuum.return_to_base", "idle", {"supported_features": 8192}, {}, "unsupported"),
    ("vacuum.start", "idle", {"supported_features": ["STOP"]}, {}, "unsupported"),
    (
        "vacuum.clean_area",
        "idle",
        {"supported_features": ["STOP"]},
        {"cleaning_area_id": ["a"]},
        "unsupported",
    ),
    (
        "alarm_control_panel.alarm_disarm",
        "armed_home",
        {"code_format": "number"},
        {"code": "1"},
        "unsupported",
    ),
    ("todo.add_item", "0", {}, {"item": "  "}, "invalid"),
    ("todo.add_item", "0", {"supported_features": 2}, {"item": "Tea"}, "unsupported"),
    ("todo.remove_item", "1", {"items": [ITEM]}, {"item": "Tea"}, "not_found"),
    ("todo.remove_item", "1", {"items": [ITEM]}, {"item": ["Milk", "Tea"]}, "not_found"),
    ("todo.update_item", "1", {"items": [ITEM]}, {"item": "Tea", "rename": "x"}, "not_found"),
    ("todo.update_item", "1", {"items": [ITEM]}, {"item": "Milk"}, "invalid"),
    ("todo.update_item", "1", {"items": [ITEM]}, {"item": "Milk", "status": "eaten"}, "invalid"),
    ("timer.start", "idle", {}, {"duration": "soon"}, "invalid"),
    ("timer.pause", "idle", {}, {}, "invalid"),
    ("timer.finish", "idle", {}, {}, "invalid"),
    ("number.set_value", "1", {"min": 0, "max": 9}, {"value": 10}, "invalid"),
    ("select.select_option", "a", {"options": ["a"]}, {"option": "b"}, "invalid"),
    ("weather.get_forecasts", "sunny", {}, {}, "unsupported"),
    ("calendar.get_events", "off", {}, {"day": 1e9}, "invalid"),
    ("calendar.get_events", "off", {}, {"start_date_time": "9999-12-31T00:00:00"}, "invalid"),
    ("homeassistant.turn_on", "closed", {}, {}, "unsupported"),
]


@pytest.mark.parametrize(("service", "state", "attributes", "data", "reason"), REFUSED)
def test_refused(
    service: str, state: str, attributes: dict[str, Any], data: dict[str, Any], reason: str
) -> None:
    domain = service.partition(".")[0].replace("homeassistant", "cover")
    entity = Entity(f"{domain}.x", "The thing", state, attributes=attributes)
    call = Call("c7", service, Meaning("Test"), {"entity_id": [entity.id], **data})
    outcome = carry_out({entity.id: entity}, call, NOW)
    assert isinstance(outcome, Failed), outcome
    assert (outcome.call, outcome.reason) == ("c7", reason)
    assert outcome.message


SOCKET = Entity("switch.a", "Socket", "off")
LAMP = Entity("light.b", "Lamp", "off")
DEAD = Entity("switch.c", "Dead", "unavailable")
HOME = {e.id: e for e in (SOCKET, LAMP, DEAD)}


def ask(service: str, **arguments: Json) -> Effect | Failed:
    return carry_out(HOME, Call("c", service, Meaning("Test"), arguments), NOW)


@pytest.mark.parametrize(
    ("service", "arguments", "reason"),
    [
        ("switch.explode", {"entity_id": ["switch.a"]}, "unsupported"),
        ("switch.turn_on", {}, "invalid"),
        ("switch.turn_on", {"entity_id": []}, "invalid"),
        ("switch.turn_on", {"entity_id": "switch.a"}, "invalid"),
        ("switch.turn_on", {"entity_id": [7]}, "invalid"),
        ("switch.turn_on", {"entity_id": ["switch.z"]}, "not_found"),
        ("switch.turn_on", {"entity_id": ["switch.a", "light.b"]}, "unsupported"),
        ("switch.turn_on", {"entity_id": ["switch.a", "switch.c"]}, "unavailable"),
        ("homeassistant.turn_on", {"entity_id": ["light.b", "switch.c"]}, "unavailable"),
    ],
)
def test_one_that_cannot_makes_all_fail(
    service: str, arguments: dict[str, Json], reason: str
) -> None:
    outcome = ask(service, **arguments)
    assert isinstance(outcome, Failed)
    assert outcome.reason == reason


def test_mixed_domains() -> None:
    effect = ask("homeassistant.toggle", entity_id=["light.b", "switch.a", "light.b"])
    assert isinstance(effect, Effect)
    assert effect.value["changed"] == ["switch.a", "light.b"]


def test_what_is_unavailable_can_still_be_read() -> None:
    effect = ask("home.get_states", entity_id=["switch.c", "light.b"])
    assert isinstance(effect, Effect)
    assert effect.changed == ()
    states = effect.value["states"]
    assert isinstance(states, dict)
    assert list(states) == ["switch.c", "light.b"]
    assert states["switch.c"] == {"state": "unavailable", "unit": None, "attributes": {}}


def test_capabilities_are_json_schemas_of_their_arguments() -> None:
    for capability in capabilities():
        assert capability.schema["type"] == "object"
        properties = capability.schema["properties"]
        assert isinstance(properties, dict)
        assert "entity_id" in properties
        assert capability.schema["additionalProperties"] is False
