"""The Calls of a turn before, done to other things or with other values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from steward.plan.dialogue.conversation import states_after
from steward.plan.dialogue.cues import Amount
from steward.plan.dialogue.referents import Last
from steward.plan.templates.acts import Draft, entity_ids
from steward.types import Call, Entity, Json

_STEPS: Mapping[str, tuple[str, str, float]] = {
    "brightness_pct": ("light", "percent", 20),
    "temperature": ("climate", "degrees", 1),
    "volume_level": ("media_player", "percent", 0.1),
    "percentage": ("fan", "percent", 25),
    "position": ("cover", "percent", 25),
    "humidity": ("humidifier", "percent", 5),
    "color_temp_kelvin": ("light", "kelvin", 500),
    "value": ("number", "", 1),
}
"""Arguments that hold a number: what it is, and what "a bit more" of it is."""

_SET: Mapping[str, tuple[str, str]] = {
    "light": ("turn_on", "brightness_pct"),
    "climate": ("set_temperature", "temperature"),
    "water_heater": ("set_temperature", "temperature"),
    "media_player": ("volume_set", "volume_level"),
    "fan": ("set_percentage", "percentage"),
    "cover": ("set_cover_position", "position"),
    "valve": ("set_valve_position", "position"),
    "humidifier": ("set_humidity", "humidity"),
    "number": ("set_value", "value"),
    "input_number": ("set_value", "value"),
}
"""The number that a device of a domain is first of all set to: the service and its argument."""

_ATTRIBUTE = {
    "light": ("brightness", 255 / 100),
    "climate": ("temperature", 1),
    "water_heater": ("temperature", 1),
    "media_player": ("volume_level", 1),
    "fan": ("percentage", 1),
    "cover": ("current_position", 1),
    "valve": ("current_position", 1),
    "humidifier": ("humidity", 1),
}
"""The attribute that shows that number, and how many of its units are one of the argument's."""

_STEPPING = ("volume_up", "volume_down")


def with_amount(before: Last, amount: Amount) -> tuple[Draft, ...]:
    """Return what was done before, with `amount` for its number.

    Where it had none ("is the lamp on?"), the things are set to it by what they are. Empty when a
    number of this unit or size makes no sense for them.
    """
    drafts: list[Draft] = []
    for call in before.calls:
        held = [name for name in _STEPS if name in call.arguments]
        ids = [e.id for e in before.targets if e.id in entity_ids(call)]
        if len(held) != 1 or not ids:
            return _by_domain(before, amount)
        value = _value(held[0], amount)
        if value is None:
            return ()
        arguments = {**call.arguments, "entity_id": list[Json](ids), held[0]: value}
        drafts.append(Draft(call.capability, arguments))
    return tuple(drafts)


def done_to(before: Last, things: Sequence[Entity]) -> tuple[Draft, ...]:
    """Return what was done before, done to `things`; empty when it cannot be done to them."""
    drafts: list[Draft] = []
    for thing in things:
        call = _call_for(thing, before)
        if call is None:
            return ()
        service = call.capability.partition(".")[2]
        arguments = {**call.arguments, "entity_id": list[Json]([thing.id])}
        drafts.append(Draft(f"{thing.domain}.{service}", arguments))
    return tuple(drafts)


def further(before: Last, less: bool) -> tuple[Draft, ...]:
    """Return a step more of what was done before, or back; empty when it went no way.

    What was a step is done again; what set a number goes on in the way that it went.
    """
    drafts: list[Draft] = []
    for call in before.calls:
        service = call.capability.partition(".")[2]
        steps = [name for name in call.arguments if name.startswith("brightness_step")]
        if service in _STEPPING:
            back = {"volume_up": "volume_down", "volume_down": "volume_up"}[service]
            name = f"media_player.{back if less else service}"
            drafts.append(Draft(name, dict(call.arguments)))
        elif steps:
            step = call.arguments[steps[0]]
            signed = -step if less and isinstance(step, int | float) else step
            drafts.append(Draft(call.capability, {**call.arguments, steps[0]: signed}))
        else:
            for entity in before.targets:
                if entity.id in entity_ids(call):
                    drafts += _step(entity, before, less)
    return tuple(drafts)


def _call_for(thing: Entity, before: Last) -> Call | None:
    by_domain = [c for c in before.calls if c.capability.partition(".")[0] == thing.domain]
    switching = [c for c in before.calls if c.capability.endswith(("turn_on", "turn_off"))]
    plain = [c for c in switching if set(c.arguments) == {"entity_id"}]
    return next(iter(by_domain or plain), None)


def _by_domain(before: Last, amount: Amount) -> tuple[Draft, ...]:
    drafts: list[Draft] = []
    for entity in before.targets:
        if entity.domain not in _SET:
            return ()
        service, argument = _SET[entity.domain]
        value = _value(argument, amount)
        if value is None:
            return ()
        arguments: dict[str, Json] = {"entity_id": [entity.id], argument: value}
        drafts.append(Draft(f"{entity.domain}.{service}", arguments))
    return tuple(drafts)


def _value(argument: str, amount: Amount) -> Json | None:
    unit = _STEPS[argument][1]
    if amount.unit and unit and amount.unit != unit:
        return None
    number = amount.number
    if unit == "percent":
        if not 0 <= number <= 100:
            return None
        return number / 100 if argument == "volume_level" else _plain(number)
    return _plain(number)


def _step(entity: Entity, before: Last, less: bool) -> Sequence[Draft]:
    if entity.domain not in _ATTRIBUTE:
        return ()
    attribute, scale = _ATTRIBUTE[entity.domain]
    service, argument = _SET[entity.domain]
    was = next((e.attributes.get(attribute) for e in before.turn.before if e.id == entity.id), None)
    became: object = None
    for outcome in before.turn.outcomes:
        attributes = states_after(outcome).get(entity.id, {}).get("attributes")
        became = attributes.get(attribute) if isinstance(attributes, Mapping) else became
    now = entity.attributes.get(attribute)
    if not (_is_number(was) and _is_number(became) and _is_number(now)) or was == became:
        return ()
    sign = (1 if float(str(became)) > float(str(was)) else -1) * (-1 if less else 1)
    value = float(str(now)) / scale + sign * _STEPS[argument][2]
    if _STEPS[argument][1] == "percent":
        value = min(1.0 if argument == "volume_level" else 100.0, max(0.0, value))
    arguments: dict[str, Json] = {"entity_id": [entity.id], argument: _plain(round(value, 2))}
    return (Draft(f"{entity.domain}.{service}", arguments),)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plain(value: float) -> Json:
    return int(value) if value == int(value) else value
