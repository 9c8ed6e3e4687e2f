"""Whether something is so in the home as it is: "the bedroom is below 20", "大门没锁".

A clause is taken apart by its form; what it is about is found by its concepts, in either language.
A clause with a word that nobody knows, or that fits several things that differ, is no fact.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from steward.plan.facts.facts_en import clauses as english
from steward.plan.facts.facts_zh import clauses as chinese
from steward.plan.parts.atoms import Thing, things, tokens
from steward.plan.reply.wording import is_are, state_word, the_entity, value
from steward.plan.reply.words import phrase
from steward.types import Entity, World

Wanted: TypeAlias = Literal[
    "on", "open", "active", "locked", "home", "playing", "paused", "alarm", "somebody"
]


@dataclass(frozen=True)
class Clause:
    """A clause by its form: `subject` is what it is about, in the words said.

    Either `wanted` (and `negated`), or a comparison: `sign` is "<", ">", "<=" or ">=", `number`
    what it is compared with, in degrees `celsius` or whatever is measured in, `quantity`
    "temperature" or "humidity" when the words tell. `every` is "all" or "any" of several things;
    without it they must agree.
    """

    subject: str
    wanted: Wanted | None = None
    negated: bool = False
    sign: str = ""
    number: float = 0.0
    quantity: str = ""
    every: str = ""
    celsius: bool = False


@dataclass(frozen=True)
class Fact:
    """What is so: whether the clause `holds`, in words that are true, and which things tell.

    `coming` tells that it will hold by itself before long: "it's dark", "it's past ten".
    """

    holds: bool
    said: str
    entities: tuple[Entity, ...]
    placed: bool
    coming: bool = False


_COUNTED = re.compile(
    r"(?:(?P<all>all(?: of)?|every|each|both|所有的?|全部的?)"
    r"|any(?: of)?|an?(?= )|some(?: of)?|one of|either(?: of)?"
    r"|有?(?:任何|任意|哪怕|随便)(?:一?[扇个盏台间])?的?"
    r"|有(?:一?[扇个盏台间]|哪[扇个盏台])?)(?:\b|(?=[^a-z ])) ?(?:the |my |our )?",
    re.IGNORECASE,
)
_DOING = ("act", "verb", "neg", "to")
"""Senses of words that cannot be a part of what a clause is about."""
_GONE = ("unavailable", "unknown")
_OPENINGS = ("door", "window", "opening", "garage_door")
_PEOPLE = ("motion", "occupancy", "presence")
_PERSONS = ("person", "device_tracker")
_SWITCHED = frozenset(
    {"light", "switch", "fan", "input_boolean", "humidifier", "siren", "automation", "remote"}
)
_GENERAL = frozenset({"level", "value", "reading", "room", "weather", "outside", "water"})
_RUNS = {
    **dict.fromkeys(("on", "run", "running", "active", "busy", "washing", "drying"), True),
    **dict.fromkeys(("off", "idle", "standby", "ready", "done", "finished", "complete"), False),
}
"""What machines that only a sensor tells of call themselves when they run, and when they do not."""
_CURRENT = {"temperature": "current_temperature", "humidity": "current_humidity"}
_KINDS = {"°C": "temperature", "°F": "temperature"}
_APPLIANCE = frozenset({"fridge", "freezer", "oven", "boiler", "cpu", "water", "pool"})


def facts(clause: Clause, language: str, world: World, area: str | None) -> Fact | None:
    """Return what `clause` comes to in `world`, heard in `area`; None when nobody can tell."""
    counted = _COUNTED.match(clause.subject)
    if counted is not None:
        every = "all" if counted["all"] else "any"
        clause = replace(clause, subject=clause.subject[counted.end() :], every=every)
    if clause.wanted is not None:
        return _state(clause, clause.wanted, language, world)
    return _comparison(clause, language, world, area)


def of_entities(clause: Clause, entities: Sequence[Entity], language: str) -> Fact | None:
    """Return what `clause` comes to when it is about `entities`: "it is open"."""
    if clause.wanted is None:
        return None
    told = [(entity, _is(entity, clause.wanted)) for entity in entities]
    return _agreed([(e, so) for e, so in told if so is not None], clause, language, False)


def read_clause(text: str, language: str) -> Iterator[Clause]:
    """Yield the clauses that the plain `text` may be as a whole."""
    reader = chinese if language.partition("-")[0] == "zh" else english
    for fields in reader(text):
        yield Clause(**fields)


def subject_of(text: str, world: World) -> frozenset[str] | None:
    """Return the concepts in `text`; None when it holds a word that nobody knows."""
    found: set[str] = set()
    for token in tokens(text, world):
        if not token.known or token.number is not None or (token.has(*_DOING) and not token.atoms):
            return None
        found.update(token.atoms)
    return frozenset(found)


def _state(clause: Clause, wanted: Wanted, language: str, world: World) -> Fact | None:
    group = subject_of(clause.subject, world)
    if group is None or (not group and wanted != "home"):
        return None
    pool = [(thing, so) for thing in things(world) if (so := _is(thing.entity, wanted)) is not None]
    found = _matching(group, pool, {"motion", "room"} if wanted == "somebody" else set())
    named = [] if clause.every else [pair for pair in found if _named(pair[0], group)]
    best = named or found
    placed = any(group & thing.place for thing, _ in best)
    return _agreed([(thing.entity, so) for thing, so in best], clause, language, placed)


def _matching(
    group: frozenset[str], pool: Sequence[tuple[Thing, bool]], spare: set[str]
) -> list[tuple[Thing, bool]]:
    # A door lock is a lock, whatever the home calls it.
    spare = spare | ({"door"} if "lock" in group else set())
    for wanted in (group, group - spare, group - _GENERAL - spare):
        found = [pair for pair in pool if wanted <= pair[0].all]
        if found and (wanted or group == frozenset()):
            return found
    return []


def _named(thing: Thing, group: frozenset[str]) -> bool:
    """Tell whether all of one of the thing's names was said."""
    return any(name and name <= group for name in thing.names)


def _agreed(
    told: Sequence[tuple[Entity, bool]], clause: Clause, language: str, placed: bool
) -> Fact | None:
    """Return the fact when all of them are alike; somebody is there where anything moves."""
    if not told:
        return None
    # Of all the lamps "isn't on" is said of each: what is counted is the clause, not its opposite.
    any_of = clause.every == "any" or clause.wanted in ("somebody", "home", "alarm")
    if clause.every:
        told = [(entity, each != clause.negated) for entity, each in told]
        clause = replace(clause, negated=False)
    so = any(each for _, each in told) if any_of else all(each for _, each in told)
    if not any_of and not clause.every and any(each != so for _, each in told):
        return None
    telling = [entity for entity, each in told if each == so]
    said = ". ".join(_how_it_is(entity, language) for entity in telling[:1])
    return Fact(so != clause.negated, said, tuple(telling), placed)


def _is(entity: Entity, wanted: Wanted) -> bool | None:
    """Tell whether `entity` is so; None when that is nothing it can be, or nobody knows."""
    if entity.state in _GONE:
        return None
    domain, kind = entity.domain, str(entity.attributes.get("device_class") or "")
    opening = domain in ("cover", "valve") or (domain == "binary_sensor" and kind in _OPENINGS)
    if wanted == "active":
        wanted = "open" if opening else "on"
    checks: dict[str, Callable[[], bool | None]] = {
        "open": lambda: entity.state in ("on", "open", "opening") if opening else None,
        "on": lambda: _on(entity, kind, opening),
        "locked": lambda: entity.state == "locked" if domain == "lock" else None,
        "home": lambda: entity.state == "home" if domain in _PERSONS else None,
        "playing": lambda: entity.state == "playing" if domain == "media_player" else None,
        "paused": lambda: entity.state == "paused" if domain == "media_player" else None,
        "alarm": lambda: (
            entity.state == "on"
            if domain == "binary_sensor" and not opening and kind not in _PEOPLE
            else None
        ),
        "somebody": lambda: (
            entity.state == "on" if domain == "binary_sensor" and kind in _PEOPLE else None
        ),
    }
    return checks[wanted]()


def _on(entity: Entity, kind: str, opening: bool) -> bool | None:
    domain = entity.domain
    if domain in _SWITCHED:
        return entity.state == "on"
    if domain in ("climate", "water_heater"):
        return entity.state != "off"
    if domain == "media_player":
        return entity.state not in ("off", "standby")
    if domain == "vacuum":
        return entity.state == "cleaning"
    if domain == "sensor":
        return _RUNS.get(entity.state.casefold())
    if domain == "binary_sensor" and not opening and kind not in _PEOPLE:
        return entity.state == "on"
    return None


def _comparison(clause: Clause, language: str, world: World, area: str | None) -> Fact | None:
    group = subject_of(clause.subject, world)
    if group is None:
        return None
    quantity = clause.quantity or next((q for q in _CURRENT if q in group), "")
    if not quantity and group and _is_place(group, world):
        quantity = "temperature"
    read = [
        (thing, number)
        for thing in things(world)
        if (number := _measured(thing.entity, quantity)) is not None
    ]
    found = _measuring(group, quantity, read, area)
    if not found:
        return None
    verdicts = {
        _compare(number, clause.sign, _limit(clause, thing.entity)) for thing, number in found
    }
    if len(verdicts) > 1:
        return None
    placed = any(group & thing.place for thing, _ in found)
    entity, number = found[0][0].entity, found[0][1]
    unit = entity.unit or ("°C" if quantity == "temperature" else "%" if quantity else None)
    form = "reading" if entity.domain == "sensor" else "reading_at"
    said = phrase(language, "conditions", form).format(
        things=the_entity(entity, language), value=value(number, unit, language)
    )
    return Fact(verdicts.pop() != clause.negated, said, (entity,), placed)


def _is_place(group: frozenset[str], world: World) -> bool:
    """Tell whether `group` is nothing but what a place is called."""
    here = things(world)
    return any(group <= thing.place for thing in here) and not any(
        name and name <= group
        for thing in here
        for name in thing.names
        if thing.entity.domain not in _PERSONS
    )


def _measuring(
    group: frozenset[str], quantity: str, read: Sequence[tuple[Thing, float]], area: str | None
) -> list[tuple[Thing, float]]:
    """Return what measures what is asked for: sensors before devices, rooms before appliances."""
    bare = group - {quantity}
    if "outside" in bare or "weather" in bare:
        weather = [pair for pair in read if pair[0].entity.domain == "weather"]
        if weather:
            return weather
    spare = _GENERAL | ({"door"} if "lock" in bare else set())
    for wanted in (bare, bare - spare):
        if not wanted:
            # "It's over 25": here, or where the only one is.
            here = [p for p in read if area and p[0].entity.area == area]
            found = here or (read if len(read) == 1 else [])
            found = [p for p in found if quantity] or []
        else:
            found = [pair for pair in read if wanted <= pair[0].all]
        sensors = [pair for pair in found if pair[0].entity.domain == "sensor"]
        named = [pair for pair in sensors if _named(pair[0], group)]
        rooms = [p for p in sensors if not (p[0].own - group) & _APPLIANCE]
        found = named or rooms or sensors or [p for p in found if p[0].entity.domain != "weather"]
        if found:
            return found
    return []


def _measured(entity: Entity, quantity: str) -> float | None:
    """Return the number that `entity` measures, of `quantity` if one is given."""
    if entity.state in _GONE:
        return None
    if entity.domain == "sensor":
        kind = str(entity.attributes.get("device_class") or _KINDS.get(entity.unit or "", ""))
        if quantity and kind and kind != quantity:
            return None
        return _number(entity.state)
    if entity.domain == "weather" and quantity:
        return _number(entity.attributes.get(quantity))
    if quantity in _CURRENT:
        return _number(entity.attributes.get(_CURRENT[quantity]))
    return None


def _limit(clause: Clause, entity: Entity) -> float:
    unit = entity.unit or entity.attributes.get("temperature_unit")
    return clause.number * 9 / 5 + 32 if clause.celsius and unit == "°F" else clause.number


def _number(said: object) -> float | None:
    try:
        return float(str(said))
    except ValueError:
        return None


def _compare(number: float, sign: str, limit: float) -> bool:
    return {
        "<": number < limit,
        ">": number > limit,
        "<=": number <= limit,
        ">=": number >= limit,
    }[sign]


def _how_it_is(entity: Entity, language: str) -> str:
    kind = str(entity.attributes.get("device_class") or "")
    said = phrase(language, "forms", "state").format(
        things=the_entity(entity, language),
        state=state_word(entity.domain, entity.state, language, kind),
        **{"is": is_are(language, [entity])},
    )
    return re.sub(r"[.。]$", "", said)
