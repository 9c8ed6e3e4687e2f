"""How far: levels, steps, factors, colours and modes, as service calls.

A change without an amount is one step: 20 points of brightness, 0.1 of loudness, one degree, 25
points of a fan's speed or of a cover's position.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from steward.plan.language.measures import CELSIUS, FAHRENHEIT
from steward.plan.parts.choose import Scene, choose
from steward.plan.parts.frames import WAYS, Frame
from steward.plan.parts.options import dial
from steward.plan.parts.scales import first_mode, in_own_degrees, number_of, range_of
from steward.plan.templates.acts import Draft, Drafts, on_entities
from steward.types import Entity, Gap, Json, Unknown

STEPS = {"light": 20.0, "media_player": 10.0, "fan": 25.0, "cover": 25.0, "valve": 25.0}
"""One step in percent of the whole, by domain."""

DEGREE_STEP = 1.0
KELVIN_STEP = 500
HUMIDITY_STEP = 5.0
FEW_SPEEDS = 10.0
"""Speeds of a fan that are as far apart, in percent, are so few that people number them."""

_WARMTH = ("degree", "fahrenheit", "celsius")
_QUANTITIES = {
    "brightness": ("light",),
    "volume": ("media_player",),
    "temperature": ("climate", "water_heater"),
    "speed": ("fan",),
    "position": ("cover", "valve"),
    "tilt": ("cover",),
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
_ROOM_HEAT = (14.0, 30.0)
"""A bare number in this range, said of a room that can be heated or cooled, is its temperature."""
_ROOM_HEAT_F = (57.0, 86.0)
"""The same in Fahrenheit, in which counts what heats a room and can be set to more than 50."""


_SET_WHILE_OFF = ("humidifier", "media_player", "water_heater")
"""What stays off when its level is set."""


def change(frame: Frame, scene: Scene) -> tuple[str, Drafts | Unknown]:
    """Return the intent and the steps that bring the change about, or why there are none."""
    domains = _domains(frame)
    if not domains:
        dialled = dial(frame, scene)
        return "StewardAct", Unknown(Gap.NOT_UNDERSTOOD) if dialled is None else dialled
    if _is_warmth(frame, scene):
        frame, domains = replace(frame, quantity="color_temp", sign=-frame.sign), ("light",)
    elif _is_room_heat(frame, scene):
        domains = ("climate",)
    wanted = _says_kind(domains)
    if not frame.groups and not wanted:
        return "", Unknown(Gap.NOT_UNDERSTOOD)
    if wanted and not frame.groups and scene.area is not None:
        frame = replace(frame, marks=frame.marks | {"here"})
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
    kind = kinds.pop()
    changed = _changed(frame, entities)
    if isinstance(changed, Unknown) or kind not in _SET_WHILE_OFF or not _begins(frame):
        return _INTENT[kind], changed
    off = [entity for entity in entities if entity.state == "off"]
    return _INTENT[kind], (*on_entities(off, "turn_on"), *changed)


def _is_warmth(frame: Frame, scene: Scene) -> bool:
    """Tell whether it is a light that shall be "warmer"."""
    if frame.quantity != "temperature" or not frame.sign or frame.amount or not frame.groups:
        return False
    heated = choose(frame, scene, _QUANTITIES["temperature"])
    return isinstance(heated, Unknown) and not isinstance(choose(frame, scene, ("light",)), Unknown)


def _is_room_heat(frame: Frame, scene: Scene) -> bool:
    """Tell whether "the bedroom to 20" is said, or "make it 20 in here", of what can be heated."""
    amount = frame.amount
    placed = frame.groups or {"here", "it"} <= frame.marks
    if amount is None or amount.unit or frame.sign or frame.quantity or not placed:
        return False
    if frame.act not in ("", "on"):
        return False
    chosen = choose(frame, scene, ("climate",))
    return not isinstance(chosen, Unknown) and all(
        _is_warm(amount.number, thing.entity)
        and not any(group & thing.kind for group in frame.groups)
        for thing in chosen.things
    )


def _is_warm(number: float, heating: Entity) -> bool:
    low, high = _ROOM_HEAT if range_of(heating)[1] <= 50 else _ROOM_HEAT_F
    return low <= number <= high


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
    if unit == "measure":
        return ()
    if unit in _WARMTH:
        return ("climate", "water_heater")
    return _LEVELLED


def _changed(frame: Frame, entities: Sequence[Entity]) -> Drafts | Unknown:
    if frame.mode and frame.amount is None:
        return on_entities(entities, "set_hvac_mode", {"hvac_mode": frame.mode})
    if frame.color:
        return _coloured(frame, entities)
    unit = frame.amount.unit if frame.amount else ""
    if frame.kelvin or unit == "kelvin":
        kelvin = frame.kelvin or round(frame.amount.number if frame.amount else 0)
        return on_entities(_able(entities, _TINTED), "turn_on", {"color_temp_kelvin": kelvin})
    if entities[0].domain == "light":
        entities = _able(entities, _DIMMED)
        if frame.quantity == "color_temp":
            return _tinted(frame, _able(entities, _TINTED))
        if frame.sign and not frame.amount:
            entities = [entity for entity in entities if entity.state == "on"] or entities
    drafts: list[Draft] = []
    groups: dict[str, tuple[Draft, list[Entity]]] = {}
    for entity in entities:
        draft = _one(frame, entity)
        if isinstance(draft, Unknown):
            return draft
        if mode := frame.mode or _begun(frame, entity):
            draft = replace(draft, arguments={**draft.arguments, "hvac_mode": mode})
        same = groups.setdefault(f"{draft.capability} {draft.arguments}", (draft, []))
        same[1].append(entity)
    for draft, alike in groups.values():
        drafts += on_entities(alike, draft.capability.partition(".")[2], draft.arguments)
    return tuple(drafts)


def _begun(frame: Frame, entity: Entity) -> str | None:
    """Return the mode of what is switched on with a temperature: "turn on the AC at 22"."""
    off = entity.domain == "climate" and entity.state == "off"
    return first_mode(entity) if off and _begins(frame) else None


def _begins(frame: Frame) -> bool:
    return frame.act in ("on", "turn_open") and frame.amount is not None and not frame.sign


def _coloured(frame: Frame, lights: Sequence[Entity]) -> Drafts | Unknown:
    """Return what gives lights a colour and, where one is said, a brightness or a step of it."""
    other = frame.quantity not in ("", "brightness", "color")
    if other or frame.scale or (frame.amount and frame.amount.unit not in ("", "percent")):
        return Unknown(Gap.UNSUPPORTED)
    arguments: dict[str, Json] = {"color_name": frame.color}
    if frame.sign:
        step = frame.sign * (frame.amount.number if frame.amount else STEPS["light"])
        arguments["brightness_step_pct"] = _plain(step)
    elif frame.level or frame.amount:
        value = _value(frame, lights[0])
        if isinstance(value, Unknown):
            return value
        arguments["brightness_pct"] = _plain(value)
    return on_entities(_able(lights, _COLOURED), "turn_on", arguments)


def _tinted(frame: Frame, lights: Sequence[Entity]) -> Drafts | Unknown:
    """Return what makes lights one step cooler (the sign is positive) or warmer."""
    drafts: list[Draft] = []
    for light in lights:
        shown = [
            number_of(light, f"{name}color_temp_kelvin", otherwise)
            for name, otherwise in (("", 4000.0), ("min_", 2000.0), ("max_", 6500.0))
        ]
        if not frame.sign or frame.amount:
            return Unknown(Gap.UNSUPPORTED, light.name)
        kelvin = min(shown[2], max(shown[1], shown[0] + frame.sign * KELVIN_STEP))
        drafts += on_entities([light], "turn_on", {"color_temp_kelvin": round(kelvin)})
    return tuple(drafts)


def _tilted(frame: Frame, cover: Entity) -> Draft | Unknown:
    """Return what turns the slats of a blind."""
    now = cover.attributes.get("current_tilt_position")
    way = WAYS.get(frame.act, 0)
    if not isinstance(now, int | float):
        return Unknown(Gap.UNSUPPORTED, cover.name)
    if frame.level or (frame.amount and not frame.sign):
        share = {"max": 100.0, "min": 0.0, "half": 50.0}.get(frame.level)
        value = share if share is not None else frame.amount.number if frame.amount else 0.0
        if not 0 <= value <= 100:
            return Unknown(Gap.UNSUPPORTED, cover.name)
    elif frame.sign or (way and frame.slight):
        step = frame.amount.number if frame.amount else STEPS["cover"]
        value = min(100.0, max(0.0, now + (frame.sign or way) * step))
    elif way:
        return Draft(f"cover.{'open' if way > 0 else 'close'}_cover_tilt", {})
    else:
        return Unknown(Gap.NOT_UNDERSTOOD)
    return Draft("cover.set_cover_tilt_position", {"tilt_position": round(value)})


def _one(frame: Frame, entity: Entity) -> Draft | Unknown:
    """Return the step for one entity; its arguments lack the entity."""
    domain = entity.domain
    unit = frame.amount.unit if frame.amount else ""
    hot = domain in ("climate", "water_heater")
    if (hot and unit == "percent") or (not hot and unit in _WARMTH):
        return Unknown(Gap.UNSUPPORTED, entity.name)
    if frame.quantity == "tilt":
        return _tilted(frame, entity)
    frame = _in_own_unit(frame, entity)
    value = _value(frame, entity)
    if isinstance(value, Unknown):
        return value
    if domain == "light":
        if frame.sign and not frame.scale and not frame.level:
            step = frame.sign * (frame.amount.number if frame.amount else STEPS["light"])
            return Draft("light.turn_on", {"brightness_step_pct": _plain(step)})
        if frame.scale:
            return Draft("light.turn_on", {"brightness": round(value)})
        return Draft("light.turn_on", {"brightness_pct": _plain(value)})
    service, name, form = _SETTERS[domain]
    return Draft(f"{domain}.{service}", {name: form(value)})


def _in_own_unit(frame: Frame, entity: Entity) -> Frame:
    """Return `frame` with its amount in what the entity counts: Celsius, or percent for steps."""
    amount = frame.amount
    if amount is None:
        return frame
    if amount.unit in ("fahrenheit", "celsius"):
        said = FAHRENHEIT if amount.unit == "fahrenheit" else CELSIUS
        return replace(frame, amount=in_own_degrees(amount, said, entity, bool(frame.sign)))
    if amount.unit == "step" and frame.sign:
        step = {"humidifier": HUMIDITY_STEP}.get(entity.domain, STEPS.get(entity.domain))
        number = amount.number * (DEGREE_STEP if step is None else step)
        return replace(frame, amount=replace(amount, number=number, unit=""))
    if entity.domain == "fan" and (amount.unit == "step" or frame.quantity == "speed"):
        step = number_of(entity, "percentage_step", 0.0)
        if step >= FEW_SPEEDS and amount.unit != "percent" and amount.number * step <= 101:
            number = min(100.0, amount.number * step)
            return replace(frame, amount=replace(amount, number=number, unit="percent"))
    return frame


def _value(frame: Frame, entity: Entity) -> float | Unknown:
    """Return what the entity shall be set to, in its own units (media in percent)."""
    domain = entity.domain
    low, high = range_of(entity)
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
        if frame.amount.unit == "step":
            return Unknown(Gap.UNSUPPORTED, entity.name)
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
        sign = WAYS.get(frame.act, 0)
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
