"""A Call and its Outcome laid side by side, for the sentence that tells of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from steward.plan.reply.names import spoken_name
from steward.plan.reply.wording import by_id, is_are, things
from steward.plan.reply.words import phrase
from steward.plan.templates.acts import entity_ids
from steward.types import Call, Entity, Failed, Json, Outcome, World

_READS = ("get_states", "get_items", "get_events", "get_forecasts")


@dataclass(frozen=True)
class Told:
    """What became of one Call. `entities` are those of the Call as they are after it."""

    call: Call
    outcome: Outcome
    entities: tuple[Entity, ...]
    language: str
    rooms: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the rooms are called, by their id."""

    @property
    def failure(self) -> Failed | None:
        """The failure, or None when it was done."""
        return self.outcome if isinstance(self.outcome, Failed) else None

    @property
    def slots(self) -> Mapping[str, Json]:
        """The words of the request."""
        return self.call.meaning.slots

    @property
    def service(self) -> str:
        """The capability without its domain."""
        return self.call.capability.partition(".")[2]

    @property
    def capability_acts(self) -> bool:
        """Whether the Call changes something of the home."""
        return "entity_id" in self.call.arguments and self.service not in _READS

    @property
    def value(self) -> Mapping[str, Json]:
        """What the Call gave back; empty for a failure or for a value that is no mapping."""
        value = None if isinstance(self.outcome, Failed) else self.outcome.value
        return value if isinstance(value, Mapping) else {}


def form(story: Told, key: str, entities: Sequence[Entity] = (), /, **more: str) -> str:
    """Return the sentence `key` about `entities`, filled with what is known of the request."""
    language = story.language
    fields = {
        "things": things(entities, language, story.slots) if entities else "",
        "is": is_are(language, entities),
        "count": str(len(entities)),
        **more,
    }
    return phrase(language, "forms", key).format_map(fields)


def told(call: Call, outcome: Outcome, world: World, language: str) -> list[Told]:
    """Put `call` and `outcome` together; the states are those that the outcome reports.

    Where a part of the entities failed, it has a story of its own.
    """
    story = _whole(call, outcome, world, language)
    failed = story.value.get("failed")
    stories: list[Told] = []
    for part in failed if isinstance(failed, list | tuple) else ():
        if not isinstance(part, Mapping):
            continue
        ids = part.get("entity_id")
        gone = {str(each) for each in ids} if isinstance(ids, list | tuple) else set[str]()
        reason: Any = part.get("reason")
        failure = Failed(call.id, reason, str(part.get("message")))
        theirs = tuple(entity for entity in story.entities if entity.id in gone)
        stories.append(replace(story, outcome=failure, entities=theirs))
        rest = tuple(entity for entity in story.entities if entity.id not in gone)
        story = replace(story, entities=rest)
    return [story, *stories]


def _whole(call: Call, outcome: Outcome, world: World, language: str) -> Told:
    rooms = {area.id: spoken_name(area, language) for area in world.areas}
    story = Told(call, outcome, by_id(world, entity_ids(call)), language, rooms)
    states = story.value.get("states")
    if not isinstance(states, Mapping):
        return story
    return replace(story, entities=tuple(_after(entity, states) for entity in story.entities))


def _after(entity: Entity, states: Mapping[str, Json]) -> Entity:
    now = states.get(entity.id)
    if not isinstance(now, Mapping):
        return entity
    unit, attributes = now.get("unit"), now.get("attributes")
    return replace(
        entity,
        state=str(now.get("state", entity.state)),
        unit=unit if isinstance(unit, str) else entity.unit,
        attributes=attributes if isinstance(attributes, Mapping) else entity.attributes,
    )
