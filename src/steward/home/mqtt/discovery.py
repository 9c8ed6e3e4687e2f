"""Home Assistant's MQTT discovery: a message becomes the things that it announces. Pure.

The messages are those of home-assistant.io/integrations/mqtt/#mqtt-discovery: one for each entity,
`PREFIX/COMPONENT/[NODE/]OBJECT/config`, or one for a whole device, `PREFIX/device/OBJECT/config`.
"""

from __future__ import annotations

import json
import logging
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import cast

from anyascii import anyascii

from steward.errors import FixturesError
from steward.home import attributes, documents
from steward.home.mqtt import templates
from steward.home.mqtt.defaults import DEFAULTS
from steward.home.mqtt.reading import at_first
from steward.home.mqtt.thing import Thing
from steward.types import Entity, Json

MAX_BYTES = 262_144
"""Longest message of discovery, in bytes; a device of Zigbee2MQTT takes 5,000 to 40,000."""
MAX_COMPONENTS = 200
"""Most entities of one device."""
ORIGIN = "Steward"
"""What Steward calls itself as an origin: it does not take itself for a device of the home."""

_TOPIC = re.compile(r"^([a-z_]+)/(?:([\w-]+)/)?([\w-]+)/config$")
_DEVICE = ("name", "suggested_area")
_SHARED = ("availability", "availability_mode", "availability_topic", "availability_template")
_WITH_BATTERY = ("battery",)
_NUMBERS = frozenset({"min", "max", "step", "min_temp", "max_temp", "min_humidity", "max_humidity"})
"""Settings that some devices announce as text."""
_log = logging.getLogger(__name__)

Config = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message of discovery came: its component, and the rest, which names the thing."""

    component: str
    key: str


def place(topic: str, prefix: str) -> Place | None:
    """Return what a topic below `prefix` announces; None where it announces nothing."""
    if not topic.startswith(f"{prefix}/"):
        return None
    match = _TOPIC.match(topic.removeprefix(f"{prefix}/"))
    if match is None:
        return None
    component, node, thing = match.groups()
    return Place(component, f"{component}/{node or ''}/{thing}")


def things(where: Place, payload: bytes) -> tuple[Thing, ...]:
    """Return what a message announces at `where`: nothing, where it is empty or not understood.

    Raises:
        ValueError: it is not a message of discovery; the text says why.
    """
    if not payload.strip():
        return ()
    if len(payload) > MAX_BYTES:
        raise ValueError(f"longer than {MAX_BYTES} bytes")
    try:
        config = documents.plain(json.loads(payload), "the message")
    except (FixturesError, RecursionError) as error:
        raise ValueError(str(error)) from error
    if not isinstance(config, dict):
        raise ValueError("not a mapping")
    whole = _full(config)
    origin = whole.get("origin")
    if isinstance(origin, dict) and origin.get("name") == ORIGIN:
        return ()
    if where.component != "device":
        found = _thing(where.component, where.key, whole)
        return () if found is None else (found,)
    parts = whole.get("components")
    if not isinstance(parts, dict) or len(parts) > MAX_COMPONENTS:
        raise ValueError("a device without its components, or with too many")
    shared = {key: value for key, value in whole.items() if key != "components"}
    made = []
    for name, part in parts.items():
        if not isinstance(part, dict):
            raise ValueError(f"the component {name!r:.40} is not a mapping")
        own = {**shared, **_full(part)}
        component = own.pop("platform", None)
        if isinstance(component, str) and set(_full(part)) != {"platform"}:
            made.append(_thing(component, f"{where.key}/{name}", own))
    return tuple(each for each in made if each is not None)


@cache
def _abbreviations() -> Mapping[str, Mapping[str, str]]:
    file = resources.files("steward.home.mqtt") / "abbreviations.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _full(config: Mapping[str, Json]) -> Config:
    """Return `config` with its short names written out, and `~` put in."""
    short = _abbreviations()
    found: Config = {short["entity"].get(key, key): value for key, value in config.items()}
    for key in ("device", "origin"):
        part = found.get(key)
        if isinstance(part, dict):
            found[key] = {short[key].get(name, name): value for name, value in part.items()}
    listed = found.get("availability")
    if isinstance(listed, dict):
        listed = [listed]
    if isinstance(listed, list):
        found["availability"] = [
            {short["entity"].get(name, name): value for name, value in each.items()}
            for each in listed
            if isinstance(each, dict)
        ]
    base = found.pop("~", None)
    return cast("Config", _based(found, base)) if isinstance(base, str) else found


def _based(value: Json, base: str) -> Json:
    if isinstance(value, dict):
        return {
            key: _at_base(each, base) if key.endswith("topic") else _based(each, base)
            for key, each in value.items()
        }
    return [_based(each, base) for each in value] if isinstance(value, list) else value


def _at_base(topic: Json, base: str) -> Json:
    if not isinstance(topic, str):
        return topic
    if topic.startswith("~"):
        return f"{base}{topic[1:]}"
    return f"{topic[:-1]}{base}" if topic.endswith("~") else topic


def _thing(component: str, key: str, config: Config) -> Thing | None:
    """Return the thing that `config` describes; None for what a home has no use for."""
    if component not in DEFAULTS or not _wanted(config):
        return None
    if component == "light" and config.get("schema") == "template":
        _log.warning("%s: a light of the template schema is left out", key)
        return None
    whole = {**DEFAULTS[component], **config}
    for setting in _NUMBERS & set(config):
        whole[setting] = _number(setting, config[setting])
    for state in ("on", "off"):
        whole.setdefault(f"state_{state}", whole.get(f"payload_{state}"))
    for setting, value in whole.items():
        _check(setting, value)
    bare = Thing(key, component, whole, Entity("", "", "unknown"))
    named = at_first(bare)
    device = config.get("device")
    about = device if isinstance(device, dict) else {}
    name = _name(config.get("name"), about.get("name"), key)
    given = config.get("default_entity_id") or config.get("object_id")
    own = given if isinstance(given, str) else name
    entity = Entity(
        f"{component}.{slug(own.rpartition('.')[2]) or slug(key)}",
        name,
        "unknown",
        unit=_unit(config),
        attributes=named,
    )
    try:
        attributes.check(component, named, key)
    except FixturesError as error:
        raise ValueError(error.message) from error
    area = about.get("suggested_area")
    return replace(bare, entity=entity, area=area[:60] if isinstance(area, str) and area else None)


def slug(text: str) -> str:
    """Return `text` in small letters, digits and single underscores, at most 60 of them."""
    return re.sub(r"[^a-z0-9]+", "_", anyascii(text).lower()).strip("_")[:60]


def _wanted(config: Config) -> bool:
    """Tell whether a home speaks of it: settings and diagnoses are for technicians."""
    if config.get("enabled_by_default") is False:
        return False
    return config.get("entity_category") is None or config.get("device_class") in _WITH_BATTERY


def _name(own: Json, device: Json, key: str) -> str:
    """Return what a thing is called: the device's name, then its own, if it has one."""
    parts = [each.strip() for each in (device, own) if isinstance(each, str) and each.strip()]
    if len(parts) == 2 and parts[1].casefold().startswith(parts[0].casefold()):
        parts = parts[1:]
    return " ".join(parts)[:100] or key.rpartition("/")[2].replace("_", " ")


def _unit(config: Config) -> str | None:
    unit = config.get("unit_of_measurement") or config.get("temperature_unit")
    if unit in ("C", "F"):
        return f"°{unit}"
    return unit[:20] if isinstance(unit, str) and unit else None


def _number(setting: str, value: Json) -> Json:
    """Return a setting that is a number as one.

    Raises:
        ValueError: it is none.
    """
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError(f"{setting}: {value!r:.40} is no number") from error


def _check(setting: str, value: Json) -> None:
    """Make sure that a topic is one topic and a template can be used.

    Raises:
        ValueError: it is not.
    """
    if setting == "availability" and isinstance(value, list):
        for each in value:
            for inner, its in each.items() if isinstance(each, dict) else ():
                _check(inner if inner != "topic" else "availability_topic", its)
    if value is None or not setting.endswith(("_topic", "_template")):
        return
    if not isinstance(value, str):
        raise ValueError(f"{setting} is not text")
    if setting.endswith("_template"):
        templates.check(value)
    elif not 0 < len(value.encode()) <= 500 or any(sign in value for sign in "+#\0"):
        raise ValueError(f"{setting}: {value!r:.60} is not a topic")
