"""One thing that was announced, where it tells its state, and what it is told."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from steward.home.mqtt import templates
from steward.types import Call, Entity, Json

STATE = "state"
"""The target that is an entity's state; all others are attributes."""


@dataclass(frozen=True, slots=True)
class Thing:
    """What discovery says of one entity: `config` with full names and all defaults.

    `entity` is how it is before it told anything; `area` the name of a room, where one is known.
    """

    key: str
    component: str
    config: Mapping[str, Json]
    entity: Entity
    area: str | None = None

    def text(self, key: str) -> str | None:
        """Return a setting as text: Python's "True" for true, as Home Assistant has it."""
        given = self.config.get(key)
        return None if given is None or isinstance(given, list | dict) else str(given)

    def number(self, key: str, otherwise: float) -> float:
        """Return a setting that is a number."""
        given = self.config.get(key)
        sure = isinstance(given, int | float) and not isinstance(given, bool)
        return float(str(given)) if sure else otherwise


@dataclass(frozen=True, slots=True)
class Message:
    """A message for a device."""

    topic: str
    payload: str
    qos: int = 1
    retain: bool = False


Read = Callable[[Thing, str], Json]
"""Returns the value that a text of a thing stands for; raises ValueError where it is none."""
Write = Callable[[Thing, Json], Json]
"""Returns how a value is written for a thing."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a thing tells `target`: the names of the settings with the topic and the template."""

    target: str
    topic: str
    template: str
    read: Read


@dataclass(frozen=True, slots=True)
class Sink:
    """Where a thing is told `target`."""

    target: str
    topic: str
    template: str
    write: Write


def plain(_: Thing, text: str) -> Json:
    """Return a text as it is."""
    return text[:255]


def as_it_is(_: Thing, value: Json) -> Json:
    """Return a value as it is, a whole number without its zero."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def number(_: Thing, text: str) -> int | float:
    """Return the number that `text` is.

    Raises:
        ValueError: it is none.
    """
    found = float(text)
    if not math.isfinite(found):
        raise ValueError(f"{text:.40} is no number")
    return int(found) if found.is_integer() else found


def word(**states: str) -> Read:
    """Return what finds the state whose setting, by its name, is the text: state_on="on"."""

    def read(thing: Thing, text: str) -> str:
        for key, state in states.items():
            if text == thing.text(key):
                return state
        raise ValueError(f"{text!r:.40} is none of its states")

    return read


def one_of(*states: str) -> Read:
    """Return what lets these states pass, in whatever case they are written."""

    def read(_: Thing, text: str) -> str:
        if text.lower() not in states:
            raise ValueError(f"{text!r:.40} is none of its states")
        return text.lower()

    return read


def payload(**settings: str) -> Write:
    """Return what gives, for a state, the payload in the setting of that name."""

    def write(thing: Thing, value: Json) -> Json:
        return thing.config.get(settings[str(value)])

    return write


def message(thing: Thing, topic: str, template: str, value: Json) -> Message | None:
    """Return `value` as the message for the topic in the setting `topic`; None without one.

    Raises:
        ValueError: the template for it fails.
    """
    where = thing.text(topic)
    if where is None:
        return None
    qos = int(max(1, min(2, thing.number("qos", 1))))
    retain = thing.config.get("retain") is True
    named = dict.fromkeys(("value", "position", "tilt_position", "action"), value)
    text = templates.command(thing.text(template), named)
    return Message(where, text, qos, retain)


_TARGETS: Mapping[str, str] = {
    "brightness_pct": "brightness",
    "brightness_step": "brightness",
    "brightness_step_pct": "brightness",
    "color_name": "rgb_color",
    "hvac_mode": STATE,
    "operation_mode": STATE,
    "option": STATE,
    "value": STATE,
    "position": "current_position",
    "tilt_position": "current_tilt_position",
}
"""What an argument of a Call is about, where that is not called the same."""


def asked(call: Call, before: Entity, after: Entity) -> tuple[str, ...]:
    """Return which targets `call` is about, the state first. `after` is what it shall lead to."""
    service = call.capability.partition(".")[2]
    named = [_TARGETS.get(name, name) for name in call.arguments if name != "entity_id"]
    if "color_temp_kelvin" in named and "color_temp_kelvin" not in after.attributes:
        named.append("rgb_color")
    if service.endswith("_tilt"):
        named.append("current_tilt_position")
    elif not service.startswith(("set_", "oscillate")) or before.state != after.state:
        named.insert(0, STATE)
    return tuple(
        target for target in dict.fromkeys(named) if target == STATE or target in after.attributes
    )


def held(entity: Entity, target: str) -> Json:
    """Return what `entity` has for `target`."""
    return entity.state if target == STATE else entity.attributes.get(target)
