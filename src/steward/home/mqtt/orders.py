"""What an announced thing is told for a Call, and how it shows that it has done it. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from steward.home.mqtt import lights
from steward.home.mqtt.reading import is_json, sinks, told
from steward.home.mqtt.thing import STATE, Message, Thing, asked, held, message
from steward.types import Call, Entity, Json

_VERBS: Mapping[str, tuple[str, str]] = {
    "button.press": ("command_topic", "payload_press"),
    "scene.turn_on": ("command_topic", "payload_on"),
    "lock.lock": ("command_topic", "payload_lock"),
    "lock.unlock": ("command_topic", "payload_unlock"),
    "lock.open": ("command_topic", "payload_open"),
    "cover.open_cover": ("command_topic", "payload_open"),
    "cover.close_cover": ("command_topic", "payload_close"),
    "cover.stop_cover": ("command_topic", "payload_stop"),
    "valve.open_valve": ("command_topic", "payload_open"),
    "valve.close_valve": ("command_topic", "payload_close"),
    "valve.stop_valve": ("command_topic", "payload_stop"),
    "vacuum.start": ("command_topic", "payload_start"),
    "vacuum.pause": ("command_topic", "payload_pause"),
    "vacuum.stop": ("command_topic", "payload_stop"),
    "vacuum.return_to_base": ("command_topic", "payload_return_to_base"),
    "vacuum.locate": ("command_topic", "payload_locate"),
    "lawn_mower.start_mowing": ("start_mowing_command_topic", "start_mowing"),
    "lawn_mower.pause": ("pause_command_topic", "pause"),
    "lawn_mower.dock": ("dock_command_topic", "dock"),
    "alarm_control_panel.alarm_disarm": ("command_topic", "payload_disarm"),
    "alarm_control_panel.alarm_arm_away": ("command_topic", "payload_arm_away"),
    "alarm_control_panel.alarm_arm_home": ("command_topic", "payload_arm_home"),
    "alarm_control_panel.alarm_arm_night": ("command_topic", "payload_arm_night"),
    "alarm_control_panel.alarm_arm_vacation": ("command_topic", "payload_arm_vacation"),
}
"""The topic and the payload of what is done by a word, by the names of their settings."""
_SPEED = "set_fan_speed_topic"
_MOVING: Mapping[str, tuple[str, ...]] = {
    "open": ("opening",),
    "closed": ("closing",),
    "locked": ("locking",),
    "unlocked": ("unlocking",),
    "armed_away": ("arming", "pending"),
    "armed_home": ("arming", "pending"),
    "armed_night": ("arming", "pending"),
    "armed_vacation": ("arming", "pending"),
    "docked": ("returning",),
    "returning": ("docked",),
}
"""The states that lead to one: what moves that way does what it was told."""
_TOLERANCE: Mapping[str, float] = {"brightness": 3, "color_temp_kelvin": 150}
"""How far a light may round: scales of a hundred steps, and whole mireds."""
_MOVES = frozenset({"current_position", "current_tilt_position"})
_UNSHOWN = frozenset({"rgb_color"})
"""What comes back in other words than it was told: a bulb shows the colour that it can make."""


def orders(thing: Thing, call: Call, before: Entity, after: Entity) -> tuple[Message, ...]:
    """Return what makes `thing` be as in `after`, which is what `call` asks for.

    No messages mean that it cannot be told that.

    Raises:
        ValueError: the thing's template for it fails.
    """
    if any(thing.config.get(key) is not None for key in ("code", "code_format")):
        # No codes are kept here, and whoever announces one wants it asked for.
        return ()
    capability = _own(call.capability, thing, after)
    targets = asked(call, before, after)
    if is_json(thing):
        topic = thing.text("command_topic")
        payload = lights.order(thing, after, targets)
        return (Message(topic, payload, 1, thing.config.get("retain") is True),) if topic else ()
    if capability == "vacuum.set_fan_speed":
        return _kept(message(thing, _SPEED, "", after.attributes.get("fan_speed")))
    if capability in _VERBS and not _positional(thing):
        topic, payload = _VERBS[capability]
        text = payload if thing.component == "lawn_mower" else thing.text(payload)
        template = "command_template" if topic == "command_topic" else f"{topic[:-6]}_template"
        return () if text is None else _kept(message(thing, topic, template, text))
    found = []
    for sink in sinks(thing):
        wanted = held(after, sink.target)
        if _positional(thing) and after.state in ("open", "closed") and wanted is None:
            wanted = 100 if after.state == "open" else 0
        if (sink.target in targets or _positional(thing)) and wanted is not None:
            if after.state == "off" and sink.target != STATE and thing.component != "climate":
                continue
            found.append(message(thing, sink.topic, sink.template, sink.write(thing, wanted)))
    return _kept(*_in_order(thing, found))


def shows(thing: Thing, call: Call, before: Entity, after: Entity, now: Entity) -> bool:
    """Tell whether `now` shows that `thing` does what `call` asked for."""
    if now.state == "unavailable":
        return False
    if call.capability.endswith((".stop_cover", ".stop_valve", ".locate", ".press")):
        return True
    watched = told(thing)
    moved = any(held(now, target) != held(before, target) for target in _MOVES & watched)
    for target in asked(call, before, after):
        if target not in watched or target in _UNSHOWN:
            continue
        wanted, there = held(after, target), held(now, target)
        if not (_alike(thing, target, wanted, there) or (target in _MOVES and moved)):
            if target == STATE and there in _MOVING.get(str(wanted), ()):
                continue
            if target == STATE and thing.component in ("cover", "valve") and moved:
                continue
            if target in _MOVES and now.state in ("opening", "closing"):
                continue
            return False
    return True


def assumed(thing: Thing, call: Call, before: Entity, after: Entity, now: Entity) -> Entity:
    """Return `now` with what `call` asked for, as far as the thing itself does not tell it."""
    watched = told(thing)
    targets = [each for each in asked(call, before, after) if each not in watched]
    named = {each: held(after, each) for each in targets if each != STATE}
    state = after.state if STATE in targets else now.state
    return Entity(
        now.id, now.name, state, now.area, now.aliases, now.unit, {**now.attributes, **named}
    )


def _own(capability: str, thing: Thing, after: Entity) -> str:
    """Return the service that a general one comes to: a toggle of a cover opens or closes it."""
    domain, _, service = capability.partition(".")
    if service == "toggle" and thing.component in ("cover", "valve"):
        return f"{domain}.{'open' if after.state == 'open' else 'close'}_{domain}"
    return capability


def _positional(thing: Thing) -> bool:
    return thing.component == "valve" and thing.config.get("reports_position") is True


def _in_order(thing: Thing, found: list[Message | None]) -> list[Message | None]:
    """Put the messages of a light into the order that it wants: `on_command_type`."""
    if thing.component != "light" or len(found) < 2:
        return found
    if thing.text("on_command_type") == "brightness":
        return found[:-1]
    return [found[-1], *found[:-1]] if thing.text("on_command_type") == "first" else found


def _kept(*found: Message | None) -> tuple[Message, ...]:
    return tuple(each for each in found if each is not None)


def _alike(thing: Thing, target: str, wanted: Json, there: Json) -> bool:
    """Tell whether two values are the same to `thing`: a fan of three speeds has no 50 percent."""
    if wanted == there:
        return True
    if wanted is None or there is None:
        return False
    try:
        if any(
            sink.write(thing, wanted) == sink.write(thing, there)
            for sink in sinks(thing)
            if sink.target == target and target != STATE
        ):
            return True
        return abs(float(str(wanted)) - float(str(there))) <= _TOLERANCE.get(target, 1e-6)
    except ValueError:
        return False
