"""Whether what came back shows that a Call was done. Pure.

Devices round, fade, move and take their time, so that "as foreseen" is not "equal": a figure counts
when it is near its target or on the way there, a movement when it has begun in the right direction.
"""

from __future__ import annotations

import colorsys
from collections.abc import Mapping
from math import isclose

from steward.home import attributes
from steward.types import Call, Entity, Json

_SHOWN_AS: Mapping[str, str] = {
    "brightness_pct": "brightness",
    "brightness_step": "brightness",
    "brightness_step_pct": "brightness",
    "color_name": "rgb_color",
    "position": "current_position",
    "tilt_position": "current_tilt_position",
    "item": "items",
    "status": "items",
    "rename": "items",
}
"""Attributes that show what an argument of another name has done."""
_FOLLOW = frozenset(
    {
        *("hvac_action", "color_mode", "hs_color", "xy_color", "remaining", "finishes_at"),
        *("media_position", "media_position_updated_at", "current_temperature"),
    }
)
"""Attributes that follow from others in ways that are the device's own."""
_GRAIN: Mapping[str, float] = {
    "brightness": 3,  # of 255, a percent
    "color_temp_kelvin": 100,  # bulbs count in mireds
    "volume_level": 0.02,
}
"""How far from its target a figure may stay, where that is not 1."""
_HUE_DEGREES, _SATURATION = 20.0, 0.2
"""How far a colour may be from the one that was asked for: lamps cannot show all."""
_ON_THE_WAY: Mapping[str, frozenset[str]] = {
    "open": frozenset({"opening", "unlocked"}),  # a latch falls back
    "closed": frozenset({"closing"}),
    "docked": frozenset({"returning"}),
    "returning": frozenset({"docked"}),
    "playing": frozenset({"buffering"}),
    "idle": frozenset({"off", "standby", "stopped"}),
    "off": frozenset({"standby", "idle"}),
    **{
        f"armed_{how}": frozenset({"arming", "pending"})
        for how in ("away", "home", "night", "vacation")
    },
}
"""States that a device shows in the place of another, or on its way there."""
UNDERWAY = frozenset({"locking", "unlocking"})
"""What may yet fail, and soon shows whether it did: a bolt that jams."""
_AS_IT_WAS = frozenset({"climate", "water_heater", "media_player", "humidifier", "fan"})
"""Domains whose things, turned on, do what they did last."""
_STAMPED = frozenset({"scene", "button", "input_button"})
"""Domains whose state is when they were last used."""


def confirmed(call: Call, before: Entity, foreseen: Entity, now: Entity) -> bool:
    """Tell whether `now` shows that `call` was done to what was as `before`.

    `foreseen` is how it should be by what the service means.
    """
    if now.state == "unavailable":
        return False
    if foreseen.domain in _STAMPED:
        return now.state != before.state
    if foreseen.domain == "script" and foreseen.attributes.get("last_triggered"):
        return now.attributes.get("last_triggered") != before.attributes.get("last_triggered")
    if not _stands(call, before, foreseen, now):
        return False
    moves = now.state in ("opening", "closing")
    return moves or all(
        _shows(name, before, foreseen, now) for name in _checked(call, before, foreseen)
    )


def _stands(call: Call, before: Entity, foreseen: Entity, now: Entity) -> bool:
    start, target = (_number(each, "current_position") for each in (before, foreseen))
    if now.state in ("opening", "closing") and start is not None and target is not None:
        return (target > start) is (now.state == "opening")
    if _alike(now.state, foreseen.state) or now.state in _ON_THE_WAY.get(foreseen.state, ()):
        return True
    lit = before.state == "off" and foreseen.state != "off" and now.state not in ("off", "unknown")
    return lit and foreseen.domain in _AS_IT_WAS and "hvac_mode" not in call.arguments


def _alike(one: str, other: str) -> bool:
    """Tell whether two states are the same, "42.0" and "42" too."""
    try:
        return one == other or isclose(float(one), float(other))
    except ValueError:
        return False


def _checked(call: Call, before: Entity, foreseen: Entity) -> list[str]:
    """Return the attributes that must show it: those asked for, or all where no state shows it."""
    changed = [
        name for name, value in foreseen.attributes.items() if value != before.attributes.get(name)
    ]
    asked = {_SHOWN_AS.get(name, name) for name in call.arguments}
    named = [name for name in changed if name in asked]
    if named or foreseen.state != before.state:
        return named
    return [name for name in changed if name not in _FOLLOW]


def _shows(name: str, before: Entity, foreseen: Entity, now: Entity) -> bool:
    wanted, found = foreseen.attributes.get(name), now.attributes.get(name)
    if wanted is None:
        return True
    if found is None:
        # The device does not show it; its state does.
        return name not in before.attributes or before.attributes[name] is None
    if name == "rgb_color":
        return _same_color(wanted, found)
    if name == "items":
        return _listed(wanted) == _listed(found)
    target, reached = attributes.number(wanted), attributes.number(found)
    if target is None or reached is None:
        return found == wanted
    start = _number(before, name)
    if name == "media_track":
        # Players shuffle, and begin anew at the end.
        return start is not None and reached != start
    near = abs(reached - target) <= _GRAIN.get(name, 1.0 if abs(target) > 1 else 0.05)
    return near or (start is not None and abs(reached - target) < abs(start - target))


def _number(entity: Entity, name: str) -> float | None:
    return attributes.number(entity.attributes.get(name))


def _same_color(wanted: Json, found: Json) -> bool:
    one, other = _tint(wanted), _tint(found)
    if one is None or other is None:
        return wanted == found
    apart = abs(one[0] - other[0]) * 360
    pale = min(one[1], other[1]) < _SATURATION
    return abs(one[1] - other[1]) <= _SATURATION and (
        pale or min(apart, 360 - apart) <= _HUE_DEGREES
    )


def _tint(color: Json) -> tuple[float, float] | None:
    """Return hue and saturation, 0 to 1, of a colour in red, green and blue."""
    parts = color if isinstance(color, list | tuple) and len(color) == 3 else ()
    numbers = [each for each in parts if isinstance(each, int | float)]
    if len(numbers) != 3:
        return None
    hue, saturation, _ = colorsys.rgb_to_hsv(*(each / 255 for each in numbers))
    return hue, saturation


def _listed(items: Json) -> list[tuple[str, str]]:
    """Return what stands on a list, whatever its items are numbered by."""
    listed = items if isinstance(items, list | tuple) else ()
    return sorted(
        (str(item.get("summary")), str(item.get("status")))
        for item in listed
        if isinstance(item, Mapping)
    )
