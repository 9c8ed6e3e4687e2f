"""Every service: what an entity is afterwards, or why it stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from steward.home.services.table import SERVICES, Effect, capabilities, carry_out
from steward.types import Call, Entity, Failed, Json, Meaning, Risk

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
STAMP = "2026-05-04T12:00:00+00:00"
SHUT = {"current_position": 0}
TILT, TILTED = {"current_tilt_position": 50}, {"current_tilt_position": 30}
DIM = {"brightness": 100, "supported_color_modes": ["brightness"]}
COLOR: dict[str, Any] = {
    "brightness": 100,
    "supported_color_modes": ["color_temp", "hs"],
    "color_mode": "color_temp",
    "color_temp_kelvin": 3000,
    "rgb_color": None,
    "hs_color": None,
    "min_color_temp_kelvin": 2000,
    "max_color_temp_kelvin": 6500,
}
AC: dict[str, Any] = {
    "temperature": 24,
    "current_temperature": 26,
    "hvac_modes": ["off", "cool", "dry"],
    "hvac_action": "cooling",
    "fan_modes": ["low", "high"],
    "min_temp": 16,
    "max_temp": 30,
}
LOUD = {"volume_level": 0.5, "is_volume_muted": False, "media_track": 3}
ITEMS = {
    "items": [
        {"uid": "a", "summary": "Milk", "status": "needs_action"},
        {"uid": "b", "summary": "Eggs", "status": "completed"},
    ]
}
RUNNING = {
    "duration": "0:10:00",
    "remaining": "0:10:00",
    "finishes_at": "2026-05-04T12:04:00+00:00",
}
PAUSED = {"duration": "0:10:00", "remaining": "0:04:00", "finishes_at": None}


def perform(entity: Entity, service: str, data: Mapping[str, Json]) -> Effect | Failed:
    call = Call("c", service, Meaning("Test"), {"entity_id": [entity.id], **data})
    return carry_out({entity.id: entity}, call, NOW)


# service, state and attributes before, data, state and changed attributes afterwards
DONE: list[tuple[str, str, dict[str, Any], dict[str, Any], str, dict[str, Any]]] = [
    ("light.turn_on", "off", {}, {}, "on", {}),
    ("light.turn_on", "off", DIM, {}, "on", {}),
    ("light.turn_on", "off", {"brightness": None}, {}, "on", {"brightness": 255}),
    ("light.turn_on", "off", DIM, {"brightness_pct": 30}, "on", {"brightness": 76}),
    ("light.turn_on", "on", DIM, {"brightness_pct": 100}, "on", {"brightness": 255}),
    ("light.turn_on", "on", DIM, {"brightness_pct": 0}, "off", {}),
    ("light.turn_on", "on", DIM, {"brightness": 1}, "on", {"brightness": 1}),
    ("light.turn_on", "on", DIM, {"brightness_step_pct": 10}, "on", {"brightness": 126}),
    ("light.turn_on", "on", DIM, {"brightness_step_pct": 90}, "on", {"brightness": 255}),
    ("light.turn_on", "on", DIM, {"brightness_step_pct": -50}, "off", {}),
    ("light.turn_on", "off", DIM, {"brightness_step_pct": 10}, "on", {"brightness": 26}),
    ("light.turn_on", "on", DIM, {"brightness_step": -10}, "on", {"brightness": 90}),
    (
        "light.turn_on",
        "off",
        COLOR,
        {"color_name": "Light Blue"},
        "on",
        {
            "rgb_color": [173, 216, 230],
            "color_mode": "hs",
            "color_temp_kelvin": None,
            "hs_color": [194.737, 24.783],
        },
    ),
    (
        "light.turn_on",
        "on",
        {"supported_color_modes": ["rgb"]},
        {"rgb_color": [1, 2, 3]},
        "on",
        {"rgb_color": [1, 2, 3]},
    ),
    (
        "light.turn_on",
        "on",
        {"supported_color_modes": ["color_temp"], "max_color_temp_kelvin": 5000},
        {"color_temp_kelvin": 9000},
        "on",
        {"color_temp_kelvin": 5000},
    ),
    (
        "light.turn_on",
        "on",
        {"supported_color_modes": ["rgb"]},
        {"color_temp_kelvin": 6600},
        "on",
        {"rgb_color": [255, 255, 255]},
    ),
    ("light.turn_off", "on", DIM, {}, "off", {}),
    ("light.toggle", "on", DIM, {}, "off", {}),
    ("light.toggle", "off", DIM, {"brightness_pct": 50}, "on", {"brightness": 128}),
    ("humidifier.set_humidity", "on", {"humidity": 40}, {"humidity": 55}, "on", {"humidity": 55}),
    (
        "humidifier.set_mode",
        "on",
        {"available_modes": ["auto", "baby"]},
        {"mode": "baby"},
        "on",
        {"mode": "baby"},
    ),
    ("fan.turn_on", "off", {}, {}, "on", {}),
    ("fan.turn_on", "off", {"percentage": 0}, {}, "on", {"percentage": 100}),
    ("fan.turn_on", "off", {"percentage": 0}, {"percentage": 33}, "on", {"percentage": 33}),
    ("fan.turn_on", "on", {"percentage": 20}, {}, "on", {}),
    ("fan.turn_off", "on", {"percentage": 20}, {}, "off", {"percentage": 0}),
    ("fan.turn_off", "on", {}, {}, "off", {}),
    ("fan.toggle", "on", {"percentage": 20}, {}, "off", {"percentage": 0}),
    ("fan.toggle", "off", {"percentage": 0}, {}, "on", {"percentage": 100}),
    ("fan.set_percentage", "off", {"percentage": 0}, {"percentage": 5}, "on", {"percentage": 5}),
    ("fan.set_percentage", "on", {"percentage": 9}, {"percentage": 0}, "off", {"percentage": 0}),
    ("fan.oscillate", "on", {"oscillating": 0}, {"oscillating": 1}, "on", {"oscillating": True}),
    ("climate.turn_on", "off", AC, {}, "cool", {}),
    ("climate.turn_on", "off", {"hvac_modes": ["off", "auto"]}, {}, "auto", {}),
    ("climate.turn_on", "off", {"hvac_modes": ["off", "cool", "heat"]}, {}, "heat", {}),
    ("climate.turn_on", "off", {}, {}, "heat", {}),
    ("climate.turn_on", "dry", AC, {}, "dry", {}),
    ("climate.turn_off", "cool", AC, {}, "off", {"hvac_action": "off"}),
    ("climate.toggle", "cool", AC, {}, "off", {"hvac_action": "off"}),
    ("climate.toggle", "off", AC | {"hvac_action": "off"}, {}, "cool", {"hvac_action": "cooling"}),
    ("climate.set_temperature", "cool", AC, {"temperature": 22}, "cool", {"temperature": 22}),
    (
        "climate.set_temperature",
        "off",
        AC | {"hvac_action": "off"},
        {"temperature": 28.5, "hvac_mode": "cool"},
        "cool",
        {"temperature": 28.5, "hvac_action": "idle"},
    ),
    (
        "climate.set_temperature",
        "heat_cool",
        {"target_temp_low": 18, "target_temp_high": 25},
        {"target_temp_low": 19, "target_temp_high": 23},
        "heat_cool",
        {"target_temp_low": 19, "target_temp_high": 23},
    ),
    # Degrees Fahrenheit: far above a room in Celsius.
    (
        "climate.set_temperature",
        "heat",
        {"temperature": 68},
        {"temperature": 71},
        "heat",
        {"temperature": 71},
    ),
    ("climate.set_hvac_mode", "cool", AC, {"hvac_mode": "dry"}, "dry", {"hvac_action": "drying"}),
    ("climate.set_fan_mode", "cool", AC, {"fan_mode": "high"}, "cool", {"fan_mode": "high"}),
    ("water_heater.turn_on", "off", {"operation_list": ["off", "eco"]}, {}, "eco", {}),
    ("water_heater.turn_off", "eco", {"operation_list": ["off", "eco"]}, {}, "off", {}),
    (
        "water_heater.set_temperature",
        "eco",
        {"temperature": 50},
        {"temperature": 55},
        "eco",
        {"temperature": 55},
    ),
    (
        "water_heater.set_operation_mode",
        "eco",
        {"operation_list": ["eco", "gas"]},
        {"operation_mode": "gas"},
        "gas",
        {},
    ),
    ("cover.open_cover", "closed", SHUT, {}, "open", {"current_position": 100}),
    ("cover.open_cover", "closed", {}, {}, "open", {}),
    ("cover.close_cover", "open", {"current_position": 9}, {}, "closed", {"current_position": 0}),
    ("cover.set_cover_position", "closed", SHUT, {"position": 9}, "open", {"current_position": 9}),
    (
        "cover.set_cover_position",
        "open",
        {"supported_features": ["CoverEntityFeature.SET_POSITION"]},
        {"position": 0},
        "closed",
        {"current_position": 0},
    ),
    ("cover.open_cover_tilt", "open", TILT, {}, "open", {"current_tilt_position": 100}),
    ("cover.close_cover_tilt", "open", TILT, {}, "open", {"current_tilt_position": 0}),
    ("cover.set_cover_tilt_position", "open", TILT, {"tilt_position": 30}, "open", TILTED),
    ("cover.stop_cover", "opening", {"current_position": 30}, {}, "open", {}),
    ("cover.stop_cover", "closed", {}, {}, "closed", {}),
    ("cover.toggle", "open", {}, {}, "closed", {}),
    ("cover.toggle", "closed", {}, {}, "open", {}),
    ("valve.open_valve", "closed", {}, {}, "open", {}),
    ("valve.close_valve", "open", {"current_position": 50}, {}, "closed", {"current_position": 0}),
    (
        "valve.set_valve_position",
        "open",
        {"current_position": 50, "supported_features": 4},
        {"position": 20},
        "open",
        {"current_position": 20},
    ),
    ("valve.stop_valve", "closing", {"current_position": 0}, {}, "closed", {}),
    ("valve.toggle", "closed", {}, {}, "open", {}),
    ("lock.lock", "unlocked", {}, {}, "locked", {}),
    ("lock.unlock", "locked", {}, {"code": "1"}, "unlocked", {}),
    ("lock.open", "locked", {"supported_features": 1}, {}, "open", {}),
    ("media_player.turn_on", "off", LOUD, {}, "on", {}),
    ("media_player.turn_on", "playing", LOUD, {}, "playing", {}),
    ("media_player.turn_off", "playing", LOUD, {}, "off", {}),
    ("media_player.toggle", "paused", {}, {}, "off", {}),
    ("media_player.toggle", "off", {}, {}, "on", {}),
    ("media_player.media_play", "paused", {}, {}, "playing", {}),
    ("media_player.media_pause", "playing", {}, {}, "paused", {}),
    ("media_player.media_pause", "off", {}, {}, "off", {}),
    ("media_player.media_play_pause", "playing", {}, {}, "paused", {}),
    ("media_player.media_play_pause", "paused", {}, {}, "playing", {}),
    ("media_player.media_stop", "playing", {}, {}, "idle", {}),
    ("media_player.media_stop", "off", {}, {}, "off", {}),
    ("media_player.media_next_track", "playing", LOUD, {}, "playing", {"media_track": 4}),
    ("media_player.media_previous_track", "playing", LOUD, {}, "playing", {"media_track": 2}),
    ("media_player.media_next_track", "playing", {}, {}, "playing", {}),
    ("media_player.volume_set", "on", LOUD, {"volume_level": 0.2}, "on", {"volume_level": 0.2}),
    ("media_player.volume_up", "on", LOUD, {}, "on", {"volume_level": 0.6}),
    ("media_player.volume_up", "on", {"volume_level": 0.95}, {}, "on", {"volume_level": 1}),
    ("media_player.volume_down", "on", {"volume_level": 0.05}, {}, "on", {"volume_level": 0}),
    (
        "media_player.volume_mute",
        "on",
        LOUD,
        {"is_volume_muted": True},
        "on",
        {"is_volume_muted": True},
    ),
    ("vacuum.start", "docked", {}, {}, "cleaning", {}),
    ("vacuum.clean_area", "docked", {}, {"cleaning_area_id": ["hall"]}, "cleaning", {}),
    ("vacuum.pause", "cleaning", {}, {}, "paused", {}),
    ("vacuum.pause", "docked", {}, {}, "docked", {}),
    ("vacuum.stop", "cleaning", {}, {}, "idle", {}),
    ("vacuum.return_to_base", "cleaning", {}, {}, "returning", {}),
    ("vacuum.return_to_base", "docked", {}, {}, "docked", {}),
    ("vacuum.locate", "docked", {}, {}, "docked", {}),
    ("lawn_mower.start_mowing", "docked", {}, {}, "mowing", {}),
    ("lawn_mower.pause", "mowing", {}, {}, "paused", {}),
    ("lawn_mower.dock", "mowing", {}, {}, "returning", {}),
    ("alarm_control_panel.alarm_arm_away", "disarmed", {}, {}, "armed_away", {}),
    ("alarm_control_panel.alarm_arm_home", "disarmed", {}, {}, "armed_home", {}),
    ("alarm_control_panel.alarm_arm_night", "disarmed", {}, {"code": "1"}, "armed_night", {}),
    ("alarm_control_panel.alarm_arm_vacation", "disarmed", {}, {}, "armed_vacation", {}),
    ("alarm_control_panel.alarm_disarm", "armed_away", {}, {}, "disarmed", {}),
    ("camera.turn_on", "off", {}, {}, "idle", {}),
    ("camera.turn_off", "idle", {}, {}, "off", {}),
    *(
        (
            f"{domain}.{service}",
            "on",
            {f"{name}{plural}": [value]},
            {name: value},
            "on",
            {name: value},
        )
        for domain, service, name, plural, value in (
            ("climate", "set_preset_mode", "preset_mode", "s", "eco"),
            ("climate", "set_swing_mode", "swing_mode", "s", "both"),
            ("fan", "set_preset_mode", "preset_mode", "s", "sleep"),
            ("media_player", "select_source", "source", "_list", "HDMI 1"),
            ("media_player", "select_sound_mode", "sound_mode", "_list", "Night"),
            ("vacuum", "set_fan_speed", "fan_speed", "_list", "turbo"),
        )
    ),
    (
        *("fan.set_direction", "on", {"direction": "forward"}),
        *({"direction": "reverse"}, "on", {"direction": "reverse"}),
    ),
    ("media_player.shuffle_set", "playing", {}, {"shuffle": True}, "playing", {"shuffle": True}),
    ("media_player.repeat_set", "playing", {}, {"repeat": "all"}, "playing", {"repeat": "all"}),
    ("input_text.set_value", "milk", {}, {"value": "tea"}, "tea", {}),
    ("text.set_value", "milk", {}, {"value": "tea"}, "tea", {}),
    (
        "todo.add_item",
        "7",
        {},
        {"item": " Tea "},
        "8",
        {"items": [{"uid": "1", "summary": "Tea", "status": "needs_action"}]},
    ),
    ("todo.remove_item", "1", ITEMS, {"item": "milk"}, "0", {"items": ITEMS["items"][1:]}),
    ("todo.remove_item", "1", ITEMS, {"item": ["b", "Milk"]}, "0", {"items": []}),
    (
        "todo.update_item",
        "1",
        ITEMS,
        {"item": "Milk", "status": "completed"},
        "0",
        {"items": [ITEMS["items"][0] | {"status": "completed"}, ITEMS["items"][1]]},
    ),
    (
        "todo.update_item",
        "1",
        ITEMS,
        {"item": "Eggs", "status": "needs_action"},
        "2",
        {"items": [ITEMS["items"][0], ITEMS["items"][1] | {"status": "needs_action"}]},
    ),
    (
        "todo.update_item",
        "1",
        ITEMS,
        {"item": "Milk", "rename": "Oat milk"},
        "1",
        {"items": [ITEMS["items"][0] | {"summary": "Oat milk"}, ITEMS["items"][1]]},
    ),
    ("todo.remove_completed_items", "1", ITEMS, {}, "1", {"items": ITEMS["items"][:1]}),
    (
        "timer.start",
        "idle",
        {"duration": "0:10:00"},
        {},
        "active",
        {"remaining": "0:10:00", "finishes_at": "2026-05-04T12:10:00+00:00"},
    ),
    (
        "timer.start",
        "idle",
        {},
        {"duration": 90},
        "active",
        {
            "duration": "0:01:30",
            "remaining": "0:01:30",
            "finishes_at": "2026-05-04T12:01:30+00:00",
        },
    ),
    ("timer.start", "paused", PAUSED, {}, "active", {"finishes_at": "2026-05-04T12:04:00+00:00"}),
    ("timer.start", "idle", {}, {}, "active", {}),
    ("timer.pause", "active", {}, {}, "paused", {}),
    ("timer.pause", "active", RUNNING, {}, "paused", {"remaining": "0:04:00", "finishes_at": None}),
    ("timer.cancel", "active", RUNNING, {}, "idle", {"remaining": None, "finishes_at": None}),
    ("timer.finish", "active", RUNNING, {}, "idle", {"remaining": None, "finishes_at": None}),
    ("script.turn_on", "off", {"last_triggered": None}, {}, "off", {"last_triggered": STAMP}),
    ("script.turn_off", "on", {}, {}, "off", {}),
    ("scene.turn_on", "unknown", {}, {}, STAMP, {}),
    ("button.press", "unknown", {}, {}, STAMP, {}),
    ("input_button.press", "unknown", {}, {}, STAMP, {}),
    ("number.set_value", "1", {"min": 0, "max": 9}, {"value": 2.5}, "2.5", {}),
    ("input_number.set_value", "1", {"min": 0, "max": 9}, {"value": 7}, "7", {}),
    ("select.select_option", "a", {"options": ["a", "b"]}, {"option": "b"}, "b", {}),
    ("input_select.select_option", "a", {"options": ["a", "b"]}, {"option": "b"}, "b", {}),
]
for _domain in ("switch", "input_boolean", "siren", "humidifier", "automation", "remote"):
    DONE += [
        (f"{_domain}.turn_on", "off", {}, {}, "on", {}),
        (f"{_domain}.turn_off", "on", {}, {}, "off", {}),
        (f"{_domain}.toggle", "on", {}, {}, "off", {}),
        (f"{_domain}.toggle", "off", {}, {}, "on", {}),
    ]


@pytest.mark.parametrize(("service", "state", "attributes", "data", "after", "new"), DONE)
def test_done(
    service: str,
    state: str,
    attributes: dict[str, Any],
    data: dict[str, Any],
    after: str,
    new: dict[str, Any],
) -> None:
    entity = Entity(f"{service.partition('.')[0]}.x", "X", state, attributes=attributes)
    effect = perform(entity, service, data)
    assert isinstance(effect, Effect), effect
    differs = after != state or attributes | new != attributes
    assert effect.value["changed"] == ([entity.id] if differs else [])
    assert effect.value["states"] == {
        entity.id: {"state": after, "unit": None, "attributes": attributes | new}
    }
    assert [e.state for e in effect.changed] == ([after] if differs else [])


def test_every_service_that_acts_on_one_entity_is_tried() -> None:
    elsewhere = {s for s in SERVICES if s.startswith("homeassistant.")}
    acting = {each.name for each in SERVICES.values() if each.risk is not Risk.READ}
    assert {row[0] for row in DONE} == acting - elsewhere


def test_guarded_services_are_those_that_let_somebody_in() -> None:
    guarded = {each.name for each in capabilities() if each.risk is Risk.GUARDED}
    assert guarded == {"lock.unlock", "lock.open", "alarm_control_panel.alarm_disarm"}
