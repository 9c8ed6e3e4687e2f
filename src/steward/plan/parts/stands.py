"""The states that are asked for by name: which things can be so, and whether one is."""

from __future__ import annotations

from steward.types import Entity

OPENINGS = ("window", "door", "garage_door", "opening")
"""Device classes of sensors that tell whether something is open."""

ALARMS = (
    *("smoke", "gas", "carbon_monoxide", "moisture", "motion", "sound", "vibration", "problem"),
    *("tamper", "safety", "moving", "heat", "cold", "light"),
)
"""Device classes of sensors that detect something."""

PRESENCE = ("occupancy", "motion", "presence", "moving")
"""Device classes of sensors that tell whether somebody is there."""

_SWITCHED = (
    *("light", "switch", "fan", "media_player", "climate", "humidifier", "water_heater"),
    *("siren", "vacuum", "lawn_mower", "input_boolean"),
)
_QUIET = ("automation", "remote", "script", "timer", "camera", "alarm_control_panel", "schedule")
_OPENABLE = ("cover", "valve", "binary_sensor")

DOMAINS: dict[str, tuple[str, ...]] = {
    "on": _SWITCHED,
    "off": _SWITCHED,
    "open": _OPENABLE,
    "closed": _OPENABLE,
    "locked": ("lock",),
    "unlocked": ("lock",),
    "home": ("person", "device_tracker"),
    "away": ("person", "device_tracker"),
    "playing": ("media_player",),
    "paused": ("media_player", "timer", "vacuum", "lawn_mower"),
    "muted": ("media_player",),
    "cleaning": ("vacuum",),
    "mowing": ("lawn_mower",),
    "docked": ("vacuum", "lawn_mower"),
    "stuck": ("vacuum", "lawn_mower"),
    "heating": ("climate", "water_heater"),
    "cooling": ("climate",),
    "armed": ("alarm_control_panel",),
    "disarmed": ("alarm_control_panel",),
    "update": ("update",),
    "recording": ("camera",),
    **dict.fromkeys(
        ("occupied", "free", "detected", "wet", "dry", "connected", "plugged", "charging"),
        ("binary_sensor",),
    ),
    "low": ("binary_sensor", "sensor"),
    "gone": (),
}
"""Which domains can be in a state that was asked for."""

BINARY: dict[str, tuple[str, ...]] = {
    "open": OPENINGS,
    "closed": OPENINGS,
    "occupied": PRESENCE,
    "free": PRESENCE,
    "detected": ALARMS,
    "low": ("battery",),
    "wet": ("moisture",),
    "dry": ("moisture",),
    "connected": ("connectivity",),
    "plugged": ("plug", "power"),
    "charging": ("battery_charging", "plug"),
}
"""Which sensors tell of a state, by device class."""

WIDER = {"on": _QUIET, "off": _QUIET}
"""Domains that are only looked at when one of their things is named."""

_LOW_BATTERY = 20
"""Below so many percent a battery is soon to be changed."""

_NEGATIVE = ("off", "closed", "locked", "free", "dry", "away")
_SAFE = ("off", "closed", "locked", "free", "dry", "home", "connected", "disarmed", "armed")
_OFF = ("off", "standby", "docked", "idle", "disarmed", "closed", "paused", "returning", "error")
_VALUES: dict[str, tuple[str, ...]] = {
    "open": ("open", "opening", "unlocked"),
    "closed": ("closed", "locked"),
    "locked": ("locked",),
    "unlocked": ("unlocked", "open", "opening", "unlocking"),
    "docked": ("docked", "charging", "idle"),
    "stuck": ("error",),
    "disarmed": ("disarmed",),
    "update": ("on",),
    "detected": ("on", "triggered"),
}


def in_binary(wanted: str) -> str:
    """Return what a sensor that only tells whether says when it is `wanted`."""
    return "off" if wanted in _NEGATIVE else "on"


def all_must(wanted: str) -> bool:
    """Tell whether "are they …" asks for every one: all doors are locked, but some lamp is on."""
    return wanted in _SAFE


def is_so(entity: Entity, wanted: str) -> bool:
    """Tell whether the entity, which can be reached, is as asked."""
    state = entity.state
    if wanted == "gone":
        return state == "unavailable"
    if entity.domain == "binary_sensor":
        return state == in_binary(wanted)
    if wanted == "low":
        return state.replace(".", "", 1).isdigit() and float(state) < _LOW_BATTERY
    if wanted == "on":
        idle = entity.domain == "media_player" and state in ("idle", "paused")
        return idle or state not in _OFF
    if wanted == "off":
        return not is_so(entity, "on")
    if wanted in ("heating", "cooling"):
        action = entity.attributes.get("hvac_action")
        return action == wanted if action else state.startswith(wanted[:4])
    if wanted == "armed":
        return state.startswith("armed")
    if wanted == "muted":
        return entity.attributes.get("is_volume_muted") is True
    if wanted == "away":
        return state != "home"
    return state in _VALUES.get(wanted, (wanted,))
