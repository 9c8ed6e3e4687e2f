"""What other programs are offered: four tools and a few things to read, each said in few words.

A tool for each service would be hundreds, which a model would have to read before each request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from steward.types import Capability, Entity, World

INSTRUCTIONS = (
    "Steward is the butler of a home. Prefer `say`: he understands whole sentences in English and "
    "Chinese and says what really happened. What could do harm he does only after a yes of the "
    "person, for which he asks through you; never answer in their place."
)
MAX_ENTITIES = 100
"""Most things of one answer; whoever wants others names a room or a word."""
TOOLS: Mapping[str, tuple[str, dict[str, Any], bool]] = {
    "say": (
        "Tell the butler something in words, as a person in the home would, and get his reply.",
        {
            "text": {"type": "string", "maxLength": 2000},
            "language": {"type": "string", "description": "en, zh, ...; left out, he finds out"},
            "conversation": {
                "type": "string",
                "maxLength": 64,
                "description": "Any word: sentences with the same one may refer to each other.",
            },
        },
        False,
    ),
    "look": (
        "Read the home as it is: id, name, room and state of each thing that fits all the words "
        "(of its name, room or kind, such as 'light kitchen'); without words of all things.",
        {"words": {"type": "string", "maxLength": 200}},
        True,
    ),
    "act": (
        "Do one thing exactly, with an id that `look` gave: capability 'light.turn_on', arguments "
        '{"entity_id": ["light.hall"], "brightness_pct": 40}.',
        {"capability": {"type": "string"}, "arguments": {"type": "object"}},
        False,
    ),
    "capabilities": (
        "List what `act` can do: without a domain the domains, with one its capabilities and their "
        "arguments as JSON schema.",
        {"domain": {"type": "string"}},
        True,
    ),
}
"""Each tool's description, its arguments, and whether it only reads."""
REQUIRED: Mapping[str, Sequence[str]] = {"say": ("text",), "act": ("capability",)}

_WIDE = frozenset({"area_id", "device_id", "floor_id", "label_id"})
"""What Home Assistant's services take in the place of things, of which nobody here would know."""
_SHOWN = (
    "brightness",
    "current_position",
    "temperature",
    "current_temperature",
    "percentage",
    "volume_level",
    "hvac_action",
)
"""The attributes that say how a thing is, besides its state."""


def schema(tool: str) -> dict[str, Any]:
    """Return the JSON schema of what `tool` takes."""
    return {
        "type": "object",
        "properties": TOOLS[tool][1],
        "required": list(REQUIRED.get(tool, ())),
        "additionalProperties": False,
    }


def look(world: World, words: str) -> str:
    """Return the entities of `world` that fit all `words`, one a line."""
    rooms = {area.id: (area.name, *area.aliases) for area in world.areas}
    wanted = words.casefold().split()
    fit = [each for each in world.entities if _fits(each, rooms.get(each.area or "", ()), wanted)]
    lines = [_line(each, rooms) for each in fit[:MAX_ENTITIES]]
    if len(fit) > MAX_ENTITIES:
        lines.append(f"and {len(fit) - MAX_ENTITIES} more: give words of a room or a kind")
    if world.as_of is not None:
        lines.append(f"the home cannot be reached: this is how it was at {world.as_of:%H:%M}")
    return "\n".join(lines) or "nothing here fits these words"


def capabilities(known: Iterable[Capability], domain: str) -> Any:
    """Return the domains of what is `known` or, of one `domain`, each capability with its schema.

    Raises:
        LookupError: there is no such domain.
    """
    domains: dict[str, dict[str, Any]] = {}
    for each in known:
        name = each.name.partition(".")[0]
        domains.setdefault(name, {})[each.name] = {"risk": each.risk, "arguments": each.schema}
    if not domain:
        return {name: len(found) for name, found in sorted(domains.items())}
    if domain not in domains:
        raise LookupError(f"there is no domain {domain!r}; there are {', '.join(sorted(domains))}")
    return domains[domain]


def arguments(given: Mapping[str, Any], world: World) -> dict[str, Any]:
    """Return the arguments of a Call in the one form by which its risk is told.

    Raises:
        LookupError: they name what is not in `world`, or more than single things.
    """
    for key in _WIDE & given.keys():
        raise LookupError(f"name the things themselves by entity_id: {key} is not taken")
    known = {entity.id for entity in world.entities}
    found: dict[str, Any] = {}
    for key, value in given.items():
        if key == "entity_id":
            found[key] = [value] if isinstance(value, str) else value
            named = found[key] if isinstance(found[key], list) else [found[key]]
            strange = [each for each in named if not isinstance(each, str) or each not in known]
            if strange:
                raise LookupError(f"there is no {str(strange[0])[:64]} here; `look` tells what is")
        elif isinstance(value, Mapping):
            found[key] = arguments(value, world)
        elif isinstance(value, list):
            found[key] = [arguments(v, world) if isinstance(v, Mapping) else v for v in value]
        else:
            found[key] = value
    return found


def _fits(entity: Entity, rooms: Sequence[str], wanted: Sequence[str]) -> bool:
    text = " ".join((entity.id, entity.name, *entity.aliases, *rooms)).casefold()
    return all(word in text for word in wanted)


def _line(entity: Entity, rooms: Mapping[str, Sequence[str]]) -> str:
    shown = [f"{key} {entity.attributes[key]}" for key in _SHOWN if key in entity.attributes]
    state = entity.state + (f" {entity.unit}" if entity.unit else "")
    room = rooms.get(entity.area or "", ("",))[0]
    return " | ".join((entity.id, entity.name, room, ", ".join((state, *shown))))
