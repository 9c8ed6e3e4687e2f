"""What is chosen out of a list that a device has (modes, presets, sources, options), and numbers.

The list is the device's own, so that only what it has can be chosen; what a choice is called in
either language is in the lexicon.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from steward.plan.language.lexicon import lexicon, words
from steward.plan.language.measures import converted
from steward.plan.parts.alarm import arm
from steward.plan.parts.amounts import Amount
from steward.plan.parts.atoms import Thing, Token, joined_atoms
from steward.plan.parts.choose import Scene, choose
from steward.plan.parts.frames import Frame
from steward.plan.templates.acts import Draft
from steward.types import Entity, Gap, Json, Unknown

_LISTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "select": (("options", "select_option", "option"),),
    "input_select": (("options", "select_option", "option"),),
    "climate": (
        ("hvac_modes", "set_hvac_mode", "hvac_mode"),
        ("preset_modes", "set_preset_mode", "preset_mode"),
        ("fan_modes", "set_fan_mode", "fan_mode"),
        ("swing_modes", "set_swing_mode", "swing_mode"),
    ),
    "fan": (("preset_modes", "set_preset_mode", "preset_mode"),),
    "humidifier": (("available_modes", "set_mode", "mode"),),
    "water_heater": (("operation_list", "set_operation_mode", "operation_mode"),),
    "media_player": (
        ("source_list", "select_source", "source"),
        ("sound_mode_list", "select_sound_mode", "sound_mode"),
    ),
    "vacuum": (("fan_speed_list", "set_fan_speed", "fan_speed"),),
}
"""By domain: the attribute that lists the choices, the service, and the service's argument."""

_SELECTS = ("select", "input_select")
_KINDS = frozenset({"mode", "preset", "input", "source", "programme"})
"""Concepts that say that a choice follows or went before, and not of which thing."""

_PASSED = ("fill", "verb", "to", "quantity", "act", "up", "here")
_INTO = frozenset({"in", "into", "选", "用", "选择", "打开", "开", "放", "open", "切换"})
"""Words besides "to" that an option follows."""

_BARE = frozenset({"low", "medium", "high", "heat", "cool", "dry", "open", "closed", "home"})
"""Options that say too little beside a name alone."""

_TOPICS = {"fan_modes": frozenset({"fan"}), "swing_modes": frozenset({"swing"})}
"""What may be said of what the list is about, besides the thing."""

_SPEEDS: dict[str, Json] = {"low": 33, "medium": 50, "high": 100}
"""What is meant of a fan that counts its speed in percent, where it has no such preset."""

_WATCH = ("watch", "看", "想看", "听")
_SWITCHING = ("on", "turn_open", "open", "play")


def pick(said: Sequence[Token], scene: Scene) -> tuple[Draft, ...] | Unknown | None:
    """Return what chooses an option that the words `said` name, None when they name none."""
    if any(token.has("neg", "who") and not token.atoms for token in said):
        return None
    armed = arm(said, scene)
    if armed is not None:
        return armed
    found: dict[str, tuple[Thing, list[Draft]]] = {}
    for thing in scene.things:
        for draft in _choices(said, thing):
            found.setdefault(thing.entity.id, (thing, []))[1].append(draft)
    if len(found) > 1:
        group = joined_atoms(said)
        own = {key: pair for key, pair in found.items() if _is_named(pair[0], group)}
        near = {key: pair for key, pair in found.items() if pair[0].entity.area == scene.area}
        found = own if len(own) == 1 else near if scene.area and len(near) == 1 else found
    if len(found) > 1:
        return Unknown(Gap.AMBIGUOUS)
    return next(((_hinted(said, drafts),) for _, drafts in found.values()), None)


def _is_named(thing: Thing, group: frozenset[str]) -> bool:
    return any(name and name <= group for name in thing.names)


def _choices(said: Sequence[Token], thing: Thing) -> Iterator[Draft]:
    entity = thing.entity
    for attribute, service, field in _LISTS.get(entity.domain, ()):
        listed = entity.attributes.get(attribute)
        for option in listed if isinstance(listed, list | tuple) else ():
            spans = _spans(said, str(option), entity.domain)
            if any(_fits(said, span, thing, attribute) for span in spans):
                arguments: dict[str, Json] = {"entity_id": [entity.id], field: str(option)}
                yield Draft(f"{entity.domain}.{service}", arguments)
    if entity.domain == "fan" and {"percentage", "percentage_step"} & entity.attributes.keys():
        presets = entity.attributes.get("preset_modes")
        listed = presets if isinstance(presets, list | tuple) else ()
        for option in (name for name in _SPEEDS if name not in listed):
            if any(_fits(said, s, thing, "percentage") for s in _spans(said, option, "fan")):
                speed: dict[str, Json] = {"entity_id": [entity.id], "percentage": _SPEEDS[option]}
                yield Draft("fan.set_percentage", speed)


def _hinted(said: Sequence[Token], drafts: Sequence[Draft]) -> Draft:
    """Return, of several lists that hold the same word, the one that is spoken of."""
    spoken = {token.text for token in said}
    if {"fan", "风速", "风力", "风量"} & spoken:
        return next((d for d in drafts if "fan_mode" in d.arguments), drafts[0])
    return drafts[0]


def _spans(said: Sequence[Token], option: str, domain: str) -> Iterator[tuple[int, int]]:
    """Yield where `option` is said: in its own words, or by what such a choice is called."""
    name = option.replace("_", " ")
    if name in ("on", "off") and domain not in _SELECTS:
        return
    key = "".join(words(name))
    meant = lexicon().senses.get(words(name), {}).get("choice")
    for start in range(len(said)):
        if meant is not None and said[start].senses.get("choice") == meant:
            yield start, start + 1
        joined = ""
        for end in range(start + 1, min(start + 5, len(said)) + 1):
            joined += said[end - 1].text.replace(" ", "")
            if joined == key:
                yield start, end


def _fits(said: Sequence[Token], span: tuple[int, int], thing: Thing, attribute: str) -> bool:
    """Tell whether the words around the option ask for it, of this thing."""
    start, end = span
    before = [token for token in said[:start] if token.text not in ("the", "its")]
    after = said[end : end + 1]
    goal = bool(before) and (before[-1].has("to") or before[-1].text in _INTO)
    marked = bool(after) and bool(_KINDS & set(after[0].atoms))
    marked = marked or "mode" in said[end - 1].text or "模式" in said[end - 1].text
    rest = (*said[:start], *said[end:])
    goal = goal or _is_named_with(rest, said[start:end], thing, attribute)
    goal = goal or (attribute == "source_list" and _is_watched(rest, said[start:end]))
    if not goal and (thing.entity.domain in _SELECTS or not marked):
        return False
    if not all(_is_passed(token) for token in rest):
        return False
    group = joined_atoms(rest) - _KINDS - _TOPICS.get(attribute, frozenset())
    whole = group <= thing.all | thing.wide
    own = bool(group & (thing.own | thing.kind | thing.wide | thing.place))
    return whole and (own or not (group or thing.entity.domain in _SELECTS))


def _is_watched(rest: Sequence[Token], source: Sequence[Token]) -> bool:
    """Tell whether a source that is no thing of its own is put on: "put on Netflix"."""
    starts = any(token.senses.get("act") in _SWITCHING or token.text in _WATCH for token in rest)
    return starts and not any(token.atoms for token in source)


def _is_named_with(
    rest: Sequence[Token], option: Sequence[Token], thing: Thing, attribute: str
) -> bool:
    """Tell whether only the thing is named beside the option: "洗衣机程序羊毛", "TV HDMI 2"."""
    if attribute == "sound_mode_list" or any(token.has("up", "down") for token in rest):
        return False
    if all(len(t.text) < 2 or t.text in _BARE for t in option) and attribute not in ("options",):
        return False
    said = [token for token in rest if not token.has("fill") or token.atoms]
    return bool(said) and _is_named(thing, joined_atoms(said)) and all(t.atoms for t in said)


def _is_passed(token: Token) -> bool:
    if token.text in _WATCH:
        return True
    if not token.known or token.number is not None or token.share is not None:
        return False
    if token.has("act") and not token.atoms:
        return token.senses["act"] in _SWITCHING
    return bool(token.atoms) or token.has(*_PASSED)


def dial(frame: Frame, scene: Scene) -> tuple[Draft, ...] | Unknown | None:
    """Return what sets a number that this home has by name, None when none is meant."""
    if not frame.groups or not (frame.amount or frame.level or frame.sign or frame.scale):
        return None
    chosen = choose(frame, scene, ("number", "input_number"))
    if isinstance(chosen, Unknown) or len(chosen.things) != 1:
        return None
    thing = chosen.things[0]
    if not any(group & (thing.own - thing.place) for group in frame.groups):
        return None
    value = _dialled(frame, thing.entity)
    if value is None:
        return Unknown(Gap.UNSUPPORTED, thing.entity.name)
    arguments: dict[str, Json] = {"entity_id": [thing.entity.id], "value": value}
    return (Draft(f"{thing.entity.domain}.set_value", arguments),)


def _dialled(frame: Frame, entity: Entity) -> float | None:
    lowest, highest = (_number(entity.attributes.get(name)) for name in ("min", "max"))
    now = _number(entity.state)
    said = _in_own_unit(frame.amount, entity) if frame.amount else None
    if frame.amount is not None and (said is None or not frame.sign):
        return said
    if frame.level in ("max", "min"):
        return highest if frame.level == "max" else lowest
    if now is None:
        return None
    if frame.scale:
        return now * frame.scale
    step = said if said is not None else _number(entity.attributes.get("step")) or 1.0
    moved = now + frame.sign * step
    moved = moved if lowest is None else max(lowest, moved)
    return moved if highest is None else min(highest, moved)


def _in_own_unit(amount: Amount, entity: Entity) -> float | None:
    """Return `amount` as `entity` counts, None where that measures something else."""
    if not amount.measure:
        return amount.number
    return converted(amount.number, amount.measure, entity.unit or amount.measure)


def _number(value: Json) -> float | None:
    try:
        return float(value) if isinstance(value, int | float | str) else None
    except ValueError:
        return None
