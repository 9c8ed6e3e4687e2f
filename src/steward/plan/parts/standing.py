"""Whether things are so, which are, and how many: questions about states by their names."""

from __future__ import annotations

from dataclasses import replace

from steward.plan.language.measures import converted
from steward.plan.parts.asked import (
    Asked,
    Steps,
    class_of,
    is_whole,
    named,
    near,
    nearest,
    pool,
    states_of,
)
from steward.plan.parts.atoms import Thing
from steward.plan.parts.choose import Scene, matching
from steward.plan.parts.stands import ALARMS, BINARY, DOMAINS, OPENINGS, WIDER
from steward.types import Gap, Unknown

_PEOPLE = frozenset(
    {"anyone", "anybody", "someone", "somebody", "everyone", "everybody", "people", "有人", "人"}
)
_ALARMS = {
    "leak": "moisture",
    "smoke": "smoke",
    "gas": "gas",
    "motion": "motion",
    "alarm": "",
    "vibration": "vibration",
    "sound": "sound",
    "problem": "problem",
    "tamper": "tamper",
    "carbon_monoxide": "carbon_monoxide",
}
"""What sensors detect, by the concept of it."""

_ORDER = (
    *("unlocked", "locked", "wet", "dry", "detected", "low", "cleaning", "mowing", "charging"),
    *("playing", "paused", "muted", "home", "away", "free", "occupied", "disarmed", "armed"),
    *("update", "heating", "cooling", "gone"),
)
"""Of two states that were said, this order tells which one is asked for, else it is the last."""

_SENSED = ("occupied", "free", "detected", "wet", "dry")
_WHO = frozenset({"who", "谁", "有谁"})
_IN = frozenset({"in", "在", "家里"})
_WHERE = {"on": "home", "off": "away"}
"""Of people "in" and "out" are said with the words of lamps."""
_EVERYTHING = frozenset({"anything", "everything", "东西", "电器", "设备", "device"})

_APPLIANCES = frozenset({"machine", "machines", "appliance", "appliances", "equipment", "机器"})
_WORKING = (
    *("switch", "fan", "climate", "humidifier", "water_heater", "vacuum", "lawn_mower"),
    "binary_sensor",
)
"""Domains of what is called a machine; a lamp and a television are not."""


def standing(asked: Asked, scene: Scene) -> Steps | Unknown:
    """Return the step that answers whether things are in a state, or why there is none."""
    asked = _alarm(_people(asked))
    alarmed = asked.atoms & _ALARMS.keys() and "state" not in asked.topics
    # What sensors detect is asked for by its name alone: "is there a gas leak".
    states = (*_likely(asked.states), *(("detected",) if alarmed else ()))
    measured = asked.form == "how_many" and asked.has("measure")
    if not states or (measured and _counting(asked, scene)):
        return _counted(asked, scene)
    if asked.form in ("one_yesno", "any") and asked.asks_what:
        asked = replace(asked, form="which")
    tried: Steps | Unknown = Unknown(Gap.NOT_UNDERSTOOD)
    for wanted in states:
        found = _of_state(wanted, asked, scene)
        if not isinstance(found, Unknown):
            return found
        tried = found if tried == Unknown(Gap.NOT_UNDERSTOOD) else tried
    return tried


def _likely(states: tuple[str, ...]) -> tuple[str, ...]:
    """Return the states that were said, the likeliest to be asked for first."""
    listed = [state for state in _ORDER if state in states]
    return tuple(dict.fromkeys((*listed, *reversed(states))))


def _people(asked: Asked) -> Asked:
    """Take "is anyone in the kitchen" for a question of presence."""
    if asked.texts & _WHO:
        # "Who's in": of people it is asked where they are.
        states = tuple(_WHERE.get(state, state) for state in asked.states)
        inside = not states and not asked.need and bool(_IN & asked.texts)
        return replace(asked, states=("home",) if inside else states)
    meant = asked.texts & _PEOPLE and set(asked.states) <= {"on", "occupied"} and asked.atoms
    return replace(asked, states=("occupied",)) if meant else asked


def _alarm(asked: Asked) -> Asked:
    """Take "is the alarm on" for a question whether it is armed."""
    if "alarm" not in asked.need or (asked.need & _ALARMS.keys()) - {"alarm"}:
        return asked
    meant = {"on": "armed", "off": "disarmed"}
    return replace(asked, states=tuple(meant.get(state, state) for state in asked.states))


def _counted(asked: Asked, scene: Scene) -> Steps | Unknown:
    """Answer how many of a kind there are."""
    if asked.form != "how_many" or not asked.need:
        return Unknown(Gap.NOT_UNDERSTOOD)
    if asked.has("measure"):
        return states_of(_counting(asked, scene), "HassGetState", "one")
    among = [thing for thing in scene.things if not thing.entity.domain.endswith("sensor")]
    found = near(matching(asked.need, among), asked, scene)
    found = [thing for thing in found if thing.kind & asked.need] or found
    if not found:
        return states_of(_counting(asked, scene), "HassGetState", "one")
    return states_of(found, "HassGetState", "how_many")


def _counting(asked: Asked, scene: Scene) -> list[Thing]:
    """Return the one thing that counts what is asked for: "how many litres are in the tank"."""
    units = [token.senses["measure"] for token in asked.said if token.has("measure")]
    among = [t for t in pool(scene, _COUNTERS) if t.entity.state.replace(".", "", 1).isdecimal()]
    among = [t for t in among if not units or converted(1, t.entity.unit or "", units[0])]
    found = named(near(matching(asked.need, among), asked, scene), asked)
    return found if len(found) == 1 else []


_COUNTERS = ("sensor", "counter", "number", "input_number")


def _of_state(wanted: str, asked: Asked, scene: Scene) -> Steps | Unknown:
    if not asked.need and asked.may:
        # "Is the heating on": with nothing else to be meant, "heating" names the thing.
        lent = replace(asked, need=asked.may)
        asked = lent if _in_state(wanted, lent, scene)[0] else asked
    found, wanted = _in_state(wanted, asked, scene)
    found = near(found, asked, scene)
    form = asked.form
    if asked.texts & _APPLIANCES and form != "one_yesno":
        found = [thing for thing in found if thing.entity.domain in _WORKING]
    wide = _EVERYTHING | _APPLIANCES
    bounded = asked.need or asked.has("here", "home", "everything") or asked.texts & wide
    if form == "one_yesno":
        if not asked.need and not bounded:
            return Unknown(Gap.NOT_UNDERSTOOD)
        found = nearest(_singled(found, asked), asked, scene)
        form = "all" if not asked.need else form
    elif not bounded and wanted in ("on", "off"):
        return Unknown(Gap.NOT_UNDERSTOOD)
    if form != "one_yesno":
        # A switch may be called a lamp; of the lights it is not one.
        found = [thing for thing in found if thing.kind & asked.need] or found
    if wanted in _SENSED and form != "which":
        form = "any" if len(found) > 1 else "one_yesno"
    return states_of(found, "HassGetState", form, state=wanted)


def _singled(found: list[Thing], asked: Asked) -> list[Thing]:
    """Prefer what is named wholly; of "the bedroom lights" only what is called so in the plural."""
    best = named(found, asked)
    if not asked.plural:
        return best
    called = [
        thing
        for thing in best
        if any(p and n <= asked.atoms for n, p in zip(thing.names, thing.plurals, strict=True))
    ]
    return called if len(called) == 1 else found


def _in_state(wanted: str, asked: Asked, scene: Scene) -> tuple[list[Thing], str]:
    """Return the things meant and the state in their own words: a window is open, a lamp on."""
    among = _able(wanted, asked, scene)
    found = matching(asked.need, among)
    if wanted in ("on", "off"):
        opened = "open" if wanted == "on" else "closed"
        openings = matching(asked.need, _able(opened, asked, scene)) if asked.need else []
        if openings and not found:
            return openings, opened
        if not found and asked.need:
            return _whole(WIDER[wanted], asked, scene), wanted
    elif not found and wanted in ("open", "closed"):
        return matching(asked.need, pool(scene, ("lock",))), wanted
    elif not found and wanted in ("locked", "unlocked"):
        return matching(asked.need - {"door", "lock"}, among), wanted
    elif not found and wanted == "detected":
        return matching(asked.need - {"alarm"}, among), wanted
    elif not found and wanted in ("occupied", "free"):
        return matching(asked.need - {"room"}, among), wanted
    return found, wanted


def _whole(domains: tuple[str, ...], asked: Asked, scene: Scene) -> list[Thing]:
    """Return the things of quieter domains, sensors of what runs among them, that are named."""
    among = pool(scene, (*domains, "binary_sensor"))
    among = [thing for thing in among if class_of(thing.entity) not in OPENINGS]
    found = [thing for thing in among if is_whole(thing, asked)]
    running = [thing for thing in among if class_of(thing.entity) == "running"]
    return matching(asked.need, found) or matching(asked.need, running)


def _able(wanted: str, asked: Asked, scene: Scene) -> list[Thing]:
    """Return the things that can be in the state `wanted`."""
    if wanted == "gone":
        return list(scene.things)
    among = pool(scene, DOMAINS.get(wanted, ()))
    classes = BINARY.get(wanted)
    if wanted == "detected":
        said = {_ALARMS[atom] for atom in asked.atoms if atom in _ALARMS} - {""}
        classes = tuple(said) or ALARMS
        unclassed = [t for t in among if not class_of(t.entity) and t.own & asked.need]
        return [t for t in among if class_of(t.entity) in classes] or unclassed
    if classes is None:
        return among
    if wanted == "low":
        return [thing for thing in among if class_of(thing.entity) in classes]
    return [t for t in among if t.entity.domain != "binary_sensor" or class_of(t.entity) in classes]
