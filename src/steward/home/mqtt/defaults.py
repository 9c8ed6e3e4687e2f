"""What a device need not announce: the settings that each component has by itself.

They are those of Home Assistant's MQTT integration, home-assistant.io/integrations/mqtt.
"""

from __future__ import annotations

from collections.abc import Mapping

from steward.types import Json

_ON_OFF: Mapping[str, Json] = {"payload_on": "ON", "payload_off": "OFF"}
_COVER: Mapping[str, Json] = {
    "payload_open": "OPEN",
    "payload_close": "CLOSE",
    "payload_stop": "STOP",
    "position_open": 100,
    "position_closed": 0,
    "state_open": "open",
    "state_opening": "opening",
    "state_closed": "closed",
    "state_closing": "closing",
    "state_stopped": "stopped",
    "tilt_min": 0,
    "tilt_max": 100,
}
DEFAULTS: Mapping[str, Mapping[str, Json]] = {
    "alarm_control_panel": {
        "payload_disarm": "DISARM",
        "payload_arm_away": "ARM_AWAY",
        "payload_arm_home": "ARM_HOME",
        "payload_arm_night": "ARM_NIGHT",
        "payload_arm_vacation": "ARM_VACATION",
    },
    "binary_sensor": _ON_OFF,
    "button": {"payload_press": "PRESS"},
    "climate": {
        **_ON_OFF,
        "modes": ["auto", "off", "cool", "heat", "dry", "fan_only"],
        "fan_modes": ["auto", "low", "medium", "high"],
        "swing_modes": ["on", "off"],
    },
    "cover": _COVER,
    "fan": {
        **_ON_OFF,
        "speed_range_min": 1,
        "speed_range_max": 100,
        "payload_oscillation_on": "oscillate_on",
        "payload_oscillation_off": "oscillate_off",
    },
    "humidifier": _ON_OFF,
    "lawn_mower": {},
    "light": {**_ON_OFF, "brightness_scale": 255, "on_command_type": "last"},
    "lock": {
        "payload_lock": "LOCK",
        "payload_unlock": "UNLOCK",
        "state_locked": "LOCKED",
        "state_locking": "LOCKING",
        "state_unlocked": "UNLOCKED",
        "state_unlocking": "UNLOCKING",
        "state_jammed": "JAMMED",
    },
    "number": {"min": 1, "max": 100, "step": 1},
    "scene": {"payload_on": "ON"},
    "select": {},
    "sensor": {},
    "siren": _ON_OFF,
    "switch": _ON_OFF,
    "text": {},
    "vacuum": {
        "payload_start": "start",
        "payload_pause": "pause",
        "payload_stop": "stop",
        "payload_return_to_base": "return_to_base",
        "payload_locate": "locate",
    },
    "valve": _COVER,
    "water_heater": {"modes": ["off", "eco", "electric", "gas", "heat_pump", "performance"]},
}
"""The components that are understood, with the settings that a device need not announce."""
