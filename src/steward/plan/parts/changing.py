"""How far: levels, steps, factors, colours and modes, as service calls.

A change without an amount is one step: 20 points of brightness, 0.1 of loudness, one degree, 25
points of a fan's speed or of a cover's position.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from steward.plan.parts.choose import Scene, choose
from steward.plan.parts.frames import Frame
from steward.plan.parts.options import dial
from steward.plan.templates.acts import Draft, Drafts, on_entities
from steward.types import Entity, Gap, Json, Unknown

STEPS = {"light": 20.0, "media_player": 10.0, "fan": 25.0, "cover": 25.0, "valve": 25.0}
"""One step in percent of the whole, by domain."""

DEGREE_STEP = 1.0
HUMIDITY_STEP = 5.0
_QUANTITIES = {
    "brightness": ("light",),
    "volume": ("media_player",),
    "temperature": ("climate", "water_heater"),
    "speed": ("fan",),
    "position": ("cover", "valve"),
    "humidity": ("humidifier",),
    "color_temp": ("light",),
    "color": ("light",),
}
DOMAINS = (
    *("light", "media_player", "climate", "water_heater", "fan", "cover", "valve", "humidifier"),
    *("switch", "lock", "vacuum", "lawn_mower", "scene", "script", "input_boolean", "timer"),
)
"""Everything that something may be done with."""

_LEVELLED = DOMAINS[:8]
_WAYS = {"open": 1, "turn_open": 1, "close": -1, "turn_close": -1}


def change(frame: Frame, scene: Scene) -> tuple[str, Drafts | Unknown]:
    """Return the intent and the steps that bring the change about, or why there are none."""
    domains = _domains(frame)
    if not domains:
        return "", Unknown(Gap.NOT_UNDERSTOOD)
    wanted = _says_kind(domains)
    if not frame.groups and not wanted:
        return "", Unknown(Gap.NOT_UNDERSTOOD)
    if wanted and not frame.groups and "here" not in frame.marks:
        frame = frame if scene.area is None else replace(frame, marks=frame.marks | {"here"})
    chosen = choose(frame, scene, domains)
    if isinstance(chosen, Unknown):
        dialled = dial(frame, scene)
        if dialled is not None:
            return "StewardAct", dialled
        others = choose(frame, scene, DOMAINS) if frame.groups else chosen
        return "", chosen if isinstance(others, Unknown) else Unknown(Gap.UNSUPPORTED)
    entities = [thing.entity for thing in chosen.things]
    kinds = {entity.domain for entity in entities}
    if kinds == {"climate", "water_heater"}:
        entities = [entity for entity in entities if entity.domain == "climate"]
        kinds = {"climate"}
    placed_only = all(group <= thing.place for group in frame.groups for thing in chosen.things)
    if len(kinds) != 1 or (placed_only and not wanted and frame.groups):
        return "", Unknown(Gap.AMBIGUOUS)
    return _INTENT[kinds.pop()], _changed(frame, entities)


def _says_kind(domains: Sequence[str]) -> bool:
    """Tell whether what is to change says by itself which kind of thing is meant."""
    return domains != _LEVELLED


def _domains(frame: Frame) -> tuple[str, ...]:
    if frame.mode:
        return ("climate",)
    if frame.color or frame.kelvin:
        return ("light",)
    unit = frame.amount.unit if frame.amount else ""
    if unit == "kelvin":
        return ("light",)
    if frame.quantity:
        return _QUANTITIES.get(frame.quantity, ())
    if unit == "degree":
        return ("climate", "water_heater")
    return _LEVELLED


def _changed(frame: Frame, entities: Sequence[Entity]) -> Drafts | Unknown:
    if frame.mode:
        return on_entities(entities, "set_hvac_mode", {"hvac_mode": frame.mode})
    if frame.color:
        return on_entities(_able(entities, _COLOURED), "turn_on", {"color_name": frame.color})
    unit = frame.amount.unit if frame.amount else ""
    if frame.kelvin or unit == "kelvin":
        kelvin = frame.kelvin or round(frame.amount.number if frame.amount else 0)
        return on_entities(_able(entities, _TINTED), "turn_on", {"color_temp_kelvin": kelvin})
    if entities[0].domain == "light":
        entities = _able(entities, _DIMMED)
        if frame.every and frame.sign and not frame.amount:
            entities = [entity for entity in entities if entity.state == "on"] or entities
    drafts: list[Draft] = []
    groups: dict[str, tuple[Draft, list[Entity]]] = {}
    for entity in entities:
        draft = _one(frame, entity)
        if isinstance(draft, Unknown):
            return draft
        same = groups.setdefault(f"{draft.capability} {draft.arguments}", (draft, []))
        same[1].append(entity)
    for draft, alike in groups.values():
        drafts += on_entities(alike, draft.capability.partition(".")[2], draft.arguments)
    return tuple(drafts)


def _one(frame: Frame, entity: Entity) -> Draft | Unknown:
    """Return the step for one entity; its arguments lack the entity."""
    domain = entity.domain
    unit = frame.amount.unit if frame.amount else ""
    hot = domain in ("climate", "water_heater")
    if (hot and unit == "percent") or (not hot and unit == "degree"):
        return Unknown(Gap.UNSUPPORTED, entity.name)
    value = _value(frame, entity)
    if isinstance(value, Unknown):
        return value
    if domain == "light":
        if frame.sign and not frame.scale and not frame.level and not _is_goal(frame):
            step = frame.sign * (frame.amount.number if frame.amount else STEPS["light"])
            return Draft("light.turn_on", {"brightness_step_pct": _plain(step)})
        if frame.scale:
            return Draft("light.turn_on", {"brightness": round(value)})
        return Draft("light.turn_on", {"brightness_pct": _plain(value)})
    service, name, form = _SETTERS[domain]
    return Draft(f"{domain}.{service}", {name: form(value)})


def _is_goal(frame: Frame) -> bool:
    return frame.amount is not None and not frame.sign


def _value(frame: Frame, entity: Entity) -> float | Unknown:
    """Return what the entity shall be set to, in its own units (media in percent)."""
    domain = entity.domain
    low, high = _range(entity)
    if frame.scale:
        now = _now(entity)
        if now is None or not now:
            return Unknown(Gap.UNSUPPORTED, entity.name)
        top = 255.0 if domain == "light" else high
        return min(top, now * frame.scale)
    if frame.level:
        share = {"max": 100.0, "min": 0.0, "half": 50.0}[frame.level]
        if frame.level == "min" and domain in ("light", "fan", "media_player"):
            return Unknown(Gap.UNSUPPORTED, entity.name) if domain != "light" else 1.0
        if domain in ("climate", "water_heater") and frame.level == "half":
            return Unknown(Gap.UNSUPPORTED, entity.name)
        return low + (high - low) * share / 100
    if frame.amount is not None and not frame.sign:
        closing = domain in ("cover", "valve") and frame.act in ("close", "turn_close")
        if frame.amount.unit != "percent" and closing:
            return Unknown(Gap.NOT_UNDERSTOOD)
        number = 100 - frame.amount.number if closing else frame.amount.number
        return (
            number
            if domain in ("climate", "water_heater") or 0 <= number <= 100
            else (Unknown(Gap.UNSUPPORTED, entity.name))
        )
    return _stepped(frame, entity, low, high)


def _stepped(frame: Frame, entity: Entity, low: float, high: float) -> float | Unknown:
    domain, sign = entity.domain, frame.sign
    if not sign and domain in ("cover", "valve"):
        sign = _WAYS.get(frame.act, 0)
    if not sign:
        return Unknown(Gap.NOT_UNDERSTOOD)
    now = _now(entity)
    if domain == "light":
        return 0.0
    if now is None:
        return Unknown(Gap.UNSUPPORTED, entity.name)
    step = {"humidifier": HUMIDITY_STEP}.get(domain, STEPS.get(domain, DEGREE_STEP))
    if frame.amount is not None:
        step = frame.amount.number
    return min(high, max(low, now + sign * step)) if domain in STEPS else now + sign * step


def _now(entity: Entity) -> float | None:
    name, factor = _SHOWN[entity.domain]
    shown = entity.attributes.get(name)
    if not isinstance(shown, int | float) or isinstance(shown, bool):
        return None
    return float(shown) * factor


def _range(entity: Entity) -> tuple[float, float]:
    names = {
        "climate": ("min_temp", "max_temp", 7.0, 35.0),
        "water_heater": ("min_temp", "max_temp", 35.0, 65.0),
        "humidifier": ("min_humidity", "max_humidity", 0.0, 100.0),
    }
    if entity.domain not in names:
        return 0.0, 100.0
    lowest, highest, low, high = names[entity.domain]
    first, last = entity.attributes.get(lowest), entity.attributes.get(highest)
    return (
        float(first) if isinstance(first, int | float) else low,
        float(last) if isinstance(last, int | float) else high,
    )


_DIMMED = frozenset({"brightness", "color_temp", "hs", "rgb", "rgbw", "rgbww", "xy", "white"})
_COLOURED = frozenset({"hs", "rgb", "rgbw", "rgbww", "xy"})
_TINTED = _COLOURED | {"color_temp"}


def _able(lights: Sequence[Entity], modes: frozenset[str]) -> Sequence[Entity]:
    """Leave out, of several lights, those that cannot do it."""
    able = []
    for light in lights:
        listed = light.attributes.get("supported_color_modes")
        known = {str(mode) for mode in listed} if isinstance(listed, list | tuple) else set[str]()
        if modes & known or (not known and "brightness" in light.attributes):
            able.append(light)
    return able if able and len(lights) > 1 else lights


def _plain(value: float) -> Json:
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def _whole(value: float) -> Json:
    return round(value)


def _loudness(value: float) -> Json:
    return round(value / 100, 4)


_SHOWN = {
    "light": ("brightness", 1.0),
    "media_player": ("volume_level", 100.0),
    "climate": ("temperature", 1.0),
    "water_heater": ("temperature", 1.0),
    "fan": ("percentage", 1.0),
    "cover": ("current_position", 1.0),
    "valve": ("current_position", 1.0),
    "humidifier": ("humidity", 1.0),
}
_SETTERS: dict[str, tuple[str, str, Callable[[float], Json]]] = {
    "media_player": ("volume_set", "volume_level", _loudness),
    "climate": ("set_temperature", "temperature", _plain),
    "water_heater": ("set_temperature", "temperature", _plain),
    "fan": ("set_percentage", "percentage", _whole),
    "cover": ("set_cover_position", "position", _whole),
    "valve": ("set_valve_position", "position", _whole),
    "humidifier": ("set_humidity", "humidity", _whole),
}
_INTENT = {
    "light": "HassLightSet",
    "media_player": "HassSetVolume",
    "climate": "HassClimateSetTemperature",
    "water_heater": "HassClimateSetTemperature",
    "fan": "HassFanSetSpeed",
    "cover": "HassSetPosition",
    "valve": "HassSetPosition",
    "humidifier": "HassHumidifierSetpoint",
}
