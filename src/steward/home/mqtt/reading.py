"""What an announced thing is, from what it tells. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from steward.home import attributes
from steward.home.mqtt import lights, templates
from steward.home.mqtt.components import SINKS, SOURCES
from steward.home.mqtt.thing import STATE, Sink, Source, Thing
from steward.types import Entity, Json

_FEATURES: Mapping[str, Mapping[str, str]] = {
    "cover": {
        "OPEN": "payload_open",
        "CLOSE": "payload_close",
        "STOP": "payload_stop",
        "SET_POSITION": "set_position_topic",
    },
    "valve": {"OPEN": "payload_open", "CLOSE": "payload_close", "STOP": "payload_stop"},
    "lock": {"OPEN": "payload_open"},
    "lawn_mower": {
        "START_MOWING": "start_mowing_command_topic",
        "PAUSE": "pause_command_topic",
        "DOCK": "dock_command_topic",
    },
}
"""Which feature of Home Assistant a setting stands for."""
_VACUUM = {
    "start": "START",
    "pause": "PAUSE",
    "stop": "STOP",
    "return_home": "RETURN_HOME",
    "locate": "LOCATE",
}
_MOST_STEPS = 1_000_000
_COPIED: Mapping[str, tuple[str, ...]] = {
    "number": ("min", "max", "step"),
    "select": ("options",),
    "climate": ("min_temp", "max_temp", "fan_modes", "swing_modes", "preset_modes"),
    "fan": ("preset_modes",),
    "humidifier": ("min_humidity", "max_humidity"),
    "water_heater": ("min_temp", "max_temp"),
}
"""The settings that are attributes by the same name."""


def is_json(thing: Thing) -> bool:
    """Tell whether it is a light of the JSON schema."""
    return thing.component == "light" and thing.config.get("schema") == "json"


def sources(thing: Thing) -> tuple[Source, ...]:
    """Return where `thing` tells something: those of its component whose topic it names."""
    found = SOURCES.get(thing.component, ())
    if thing.component == "valve" and thing.config.get("reports_position") is True:
        position = next(each for each in SOURCES["cover"] if each.target == "current_position")
        found = (replace(position, topic="state_topic", template="value_template"),)
    return tuple(source for source in found if thing.text(source.topic))


def sinks(thing: Thing) -> tuple[Sink, ...]:
    """Return where `thing` is told something: those of its component whose topic it names."""
    if thing.component == "valve" and thing.config.get("reports_position") is not True:
        return ()
    return tuple(sink for sink in SINKS.get(thing.component, ()) if thing.text(sink.topic))


def topics(thing: Thing) -> frozenset[str]:
    """Return the topics on which `thing` tells its state."""
    found = {thing.text(source.topic) for source in sources(thing)}
    if is_json(thing) or thing.component == "vacuum":
        found.add(thing.text("state_topic"))
    return frozenset(topic for topic in found if topic)


def told(thing: Thing) -> frozenset[str]:
    """Return the targets that `thing` tells by itself; the others are as they were told last."""
    if is_json(thing):
        return lights.told_targets(thing.entity) if thing.text("state_topic") else frozenset()
    found = {source.target for source in sources(thing)}
    if thing.component == "vacuum" and thing.text("state_topic"):
        found |= {STATE, "fan_speed"}
    if "current_position" in found:
        found.add(STATE)
    return frozenset(found)


def at_first(thing: Thing) -> dict[str, Json]:
    """Return the attributes that `thing` has before it told anything.

    Raises:
        ValueError: a setting is not what its component takes.
    """
    config = thing.config
    if not 1 <= thing.number("brightness_scale", 255) <= _MOST_STEPS:
        raise ValueError("brightness_scale is no number of steps")
    slowest, fastest = thing.number("speed_range_min", 1), thing.number("speed_range_max", 100)
    if not -_MOST_STEPS <= slowest <= fastest <= _MOST_STEPS:
        raise ValueError("speed_range_min and speed_range_max are no range of speeds")
    named: dict[str, Json] = {
        key: config[key] for key in _COPIED.get(thing.component, ()) if config.get(key) is not None
    }
    for target in (*(each.target for each in sources(thing)), *(s.target for s in sinks(thing))):
        if target != STATE:
            named.setdefault(target, None)
    if isinstance(config.get("device_class"), str):
        named["device_class"] = config["device_class"]
    if thing.component == "climate":
        named["hvac_modes"] = config["modes"]
    if thing.component == "water_heater":
        named["operation_list"] = config["modes"]
    if thing.component == "humidifier" and config.get("modes"):
        named["available_modes"] = config["modes"]
    if thing.component == "light":
        named |= _light(thing)
    if thing.component == "vacuum":
        listed = attributes.words(config.get("supported_features"))
        known = listed if listed is not None else tuple(_VACUUM)
        named["supported_features"] = [_VACUUM[each] for each in known if each in _VACUUM]
        if config.get("fan_speed_list"):
            named |= {"fan_speed_list": config["fan_speed_list"], "fan_speed": None}
    features = _FEATURES.get(thing.component)
    if features:
        named["supported_features"] = [
            feature for feature, key in features.items() if config.get(key) is not None
        ]
        if thing.component == "valve" and config.get("reports_position") is True:
            named["supported_features"] = ["OPEN", "CLOSE", "STOP", "SET_POSITION"]
    return named


def _light(thing: Thing) -> dict[str, Json]:
    config = thing.config
    listed = attributes.words(config.get("supported_color_modes"))
    if is_json(thing):
        modes = list(
            listed or (("brightness",) if config.get("brightness") is True else ("onoff",))
        )
    else:
        kinds = {"rgb": "rgb_command_topic", "color_temp": "color_temp_command_topic"}
        modes = [mode for mode, key in kinds.items() if config.get(key)]
        modes = modes or ["brightness" if config.get("brightness_command_topic") else "onoff"]
    named: dict[str, Json] = {"supported_color_modes": list(modes)}
    if modes != ["onoff"] and (is_json(thing) or config.get("brightness_command_topic")):
        named["brightness"] = None
    if "color_temp" in modes:
        warmest, coldest = thing.number("max_mireds", 500), thing.number("min_mireds", 153)
        if not 25 <= coldest <= warmest <= 2000:
            raise ValueError("min_mireds and max_mireds are no range of light")
        named |= {
            "color_temp_kelvin": None,
            "min_color_temp_kelvin": round(thing.number("min_kelvin", 1_000_000 / warmest)),
            "max_color_temp_kelvin": round(thing.number("max_kelvin", 1_000_000 / coldest)),
        }
    if {"rgb", "hs", "xy", "rgbw", "rgbww"} & set(modes):
        named["rgb_color"] = None
    return named


def heard(thing: Thing, entity: Entity, topic: str, payload: str) -> Entity:
    """Return `entity` after `thing` told `payload` on `topic`; what that does not say stays.

    Raises:
        ValueError: the payload, or the thing's template, is at fault.
    """
    if is_json(thing) and topic == thing.text("state_topic"):
        return lights.heard(thing, entity, payload)
    if thing.component == "vacuum":
        return _vacuum(entity, payload)
    for source in sources(thing):
        if topic != thing.text(source.topic):
            continue
        text = templates.value(thing.text(source.template), payload)
        if text == "":
            # The message is not about this: Home Assistant leaves it out, too.
            continue
        value = "unknown" if text == "None" and source.target == STATE else source.read(thing, text)
        entity = _with(thing, entity, source.target, value)
    return entity


def _with(thing: Thing, entity: Entity, target: str, value: Json) -> Entity:
    if target == STATE:
        state = str(value)
        if state == "stopped":
            position = entity.attributes.get("current_position")
            state = "closed" if position == 0 else "open"
        return replace(entity, state=state)
    entity = replace(entity, attributes={**entity.attributes, target: value})
    if target == "current_position" and (
        "state_topic" not in thing.config or thing.component == "valve"
    ):
        return replace(entity, state="closed" if value == 0 else "open")
    return entity


def _vacuum(entity: Entity, payload: str) -> Entity:
    told = json.loads(payload)
    if not isinstance(told, dict):
        raise ValueError("the state of a vacuum is not a mapping")
    states = ("cleaning", "docked", "paused", "idle", "returning", "error")
    state = told.get("state")
    named = {key: told[key] for key in ("battery_level", "fan_speed") if key in told}
    return replace(
        entity,
        state=state if state in states else entity.state,
        attributes={**entity.attributes, **named},
    )
