"""What a language model may say to be done: a small language of this home's own.

A deed is a verb, an entity and at most one argument ("turn_on light.hall brightness_pct=40"). The
verbs of an entity are the capabilities of its domain; an argument's values come from the
capability's schema, from what the entity lists of itself, or from the words of the sentence. So
there is no way to spell what the home does not have, nor a word that nobody said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from steward.plan.language.text import is_chinese
from steward.types import Capability, Entity, Json

NONE = "none"
"""What is said when nothing is to be done."""
BETWEEN = "; "
"""What stands between two deeds."""
MOST = 4
"""Deeds of one sentence."""
TELL = "tell"
"""The verb that asks how a thing is."""

_STATES = "home.get_states"
_NUMBER = re.compile(r"-?\d{1,4}(?:\.\d)?")
_NUMBER_RULES = (
    'whole ::= "-"? [0-9] [0-9]? [0-9]? [0-9]?',
    'number ::= whole ("." [0-9])?',
)
_SPOKEN = frozenset({"item", "value", "rename"})
_LISTED: Mapping[str, tuple[str, ...]] = {
    "mode": ("available_modes",),
    "operation_mode": ("operation_list",),
    "option": ("options",),
    "source": ("source_list",),
    "sound_mode": ("sound_mode_list",),
    "fan_speed": ("fan_speed_list",),
}
"""The attribute that lists the values of an argument where it is not called by its plural."""
_LONGEST = 6
"""Words, or in Chinese characters, of a stretch of the sentence that an argument may be."""


@dataclass(frozen=True)
class Argument:
    """What may be given with a verb: one of `values`; without them a number, `low` to `high`.

    `whole` numbers have no fraction.
    """

    name: str
    values: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    whole: bool = False

    def value_of(self, text: str) -> Json:
        """Return what `text` stands for.

        Raises:
            ValueError: it is none of the values.
        """
        if self.values:
            if text not in self.values:
                raise ValueError(f"{self.name} cannot be {text!r}")
            return {"true": True, "false": False}.get(text, text)
        fits = _NUMBER.fullmatch(text) and self.low <= float(text) <= self.high
        if not fits or (self.whole and "." in text):
            raise ValueError(f"{self.name} cannot be {text!r}")
        return int(text) if "." not in text else float(text)


@dataclass(frozen=True)
class Verb:
    """One thing that can be done to `entity`. `required` verbs are nothing without an argument."""

    name: str
    capability: str
    entity: Entity
    arguments: tuple[Argument, ...]
    required: bool

    @property
    def head(self) -> str:
        """The words that a deed with this verb begins with."""
        return f"{self.name} {self.entity.id}"


def verbs(
    entities: Sequence[Entity], capabilities: Sequence[Capability], text: str
) -> tuple[Verb, ...]:
    """Return all that `capabilities` can do to `entities`, for somebody who said `text`."""
    stretches = _stretches(text)
    found: list[Verb] = []
    for entity in entities:
        for capability in capabilities:
            domain, _, service = capability.name.partition(".")
            if capability.name == _STATES:
                found.append(Verb(TELL, _STATES, entity, (), required=False))
            elif domain == entity.domain:
                arguments = tuple(_arguments(capability, entity, stretches))
                needed = set(_names(capability.schema.get("required"))) - {"entity_id"}
                able = needed <= {each.name for each in arguments} and len(needed) < 2
                if able:
                    usable = tuple(each for each in arguments if not needed or each.name in needed)
                    found.append(Verb(service, capability.name, entity, usable, bool(needed)))
    return tuple(found)


def grammar(known: Sequence[Verb]) -> str:
    """Return the GBNF of all deeds with the `known` verbs."""
    rules = [*_NUMBER_RULES]
    heads = []
    for index, verb in enumerate(known):
        rest = " | ".join(_rule(each) for each in verb.arguments)
        tail = f" ({rest}){'' if verb.required else '?'}" if rest else ""
        rules.append(f"v{index} ::= {_quoted(verb.head)}{tail}")
        heads.append(f"v{index}")
    more = f"{_quoted(BETWEEN)} deed"
    chain = f"deed{f' ({more}' * (MOST - 1)}{')?' * (MOST - 1)}"
    root = f"root ::= {_quoted(NONE)} | {chain}" if heads else f"root ::= {_quoted(NONE)}"
    deed = [f"deed ::= {' | '.join(heads)}"] if heads else []
    return "\n".join([root, *deed, *rules])


def parse(said: str, known: Sequence[Verb]) -> tuple[tuple[Verb, Mapping[str, Json]], ...]:
    """Return the deeds that `said` spells, each with its argument; none for "none".

    Raises:
        ValueError: `said` is not of the language of these verbs.
    """
    if said == NONE:
        return ()
    found = tuple(_deed(each, known) for each in said.split(BETWEEN))
    if len(found) > MOST:
        raise ValueError(f"{len(found)} deeds at once")
    return found


def _deed(said: str, known: Sequence[Verb]) -> tuple[Verb, Mapping[str, Json]]:
    for verb in known:
        if said == verb.head and not verb.required:
            return verb, {}
        rest = said.removeprefix(verb.head + " ")
        name, equals, value = rest.partition("=")
        argument = next((each for each in verb.arguments if each.name == name), None)
        if rest != said and equals and argument is not None:
            return verb, {name: argument.value_of(value)}
    raise ValueError(f"no such deed: {said!r}")


def _rule(argument: Argument) -> str:
    head = _quoted(f" {argument.name}=")
    number = "whole" if argument.whole else "number"
    values = " | ".join(_quoted(value) for value in argument.values) or number
    return f"{head} ({values})"


def _quoted(text: str) -> str:
    safe = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{safe}"'


def _arguments(
    capability: Capability, entity: Entity, stretches: tuple[str, ...]
) -> Iterable[Argument]:
    properties = capability.schema.get("properties")
    for name, schema in properties.items() if isinstance(properties, Mapping) else ():
        for kind in _kinds(schema):
            values = _values(name, kind, entity, stretches)
            low, high = kind.get("minimum"), kind.get("maximum")
            if values:
                yield Argument(name, values)
            elif isinstance(low, int | float) and isinstance(high, int | float):
                whole = kind.get("type") == "integer"
                yield Argument(name, (), float(low), float(high), whole)
            else:
                continue
            break


def _kinds(schema: Json) -> tuple[Mapping[str, Json], ...]:
    """Return the simple schemas that `schema` allows."""
    if not isinstance(schema, Mapping):
        return ()
    options = schema.get("anyOf", [schema])
    listed = options if isinstance(options, list | tuple) else ()
    return tuple(each for each in listed if isinstance(each, Mapping))


def _values(
    name: str, kind: Mapping[str, Json], entity: Entity, stretches: tuple[str, ...]
) -> tuple[str, ...]:
    if "enum" in kind:
        return _names(kind["enum"])
    if kind.get("type") == "boolean":
        return ("true", "false")
    if kind.get("type") != "string" or "format" in kind:
        return ()
    if name in _SPOKEN:
        return stretches
    for key in _LISTED.get(name, (f"{name}s",)):
        listed = _names(entity.attributes.get(key))
        if listed:
            return tuple(each for each in listed if _plain(each))
    return ()


def _names(value: Json) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, list | tuple) else ()


def _plain(text: str) -> bool:
    """Tell whether `text` can be told from what stands around it."""
    return bool(text) and text.isprintable() and BETWEEN not in text


def _stretches(text: str) -> tuple[str, ...]:
    """Return the runs of words of `text` that may be an item, the longest first."""
    joint = "" if is_chinese(text) else " "
    words: list[str] = re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text)
    pieces = [char for word in words for char in word] if not joint else words
    runs = [
        joint.join(pieces[start : start + length])
        for length in range(min(_LONGEST, len(pieces)), 0, -1)
        for start in range(len(pieces) - length + 1)
    ]
    return tuple(dict.fromkeys(runs))
