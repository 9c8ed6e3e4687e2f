"""All that a broker announces, and what it tells; without any I/O.

Messages go in by `hear`; what they change comes out. A message that is not understood changes
nothing and is said once for each topic.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import count

from steward.home.mqtt import availability, discovery, reading
from steward.home.mqtt.thing import Thing
from steward.types import Area, Entity

MAX_THINGS = 5000
"""Most things of one broker; more are left out."""
MAX_PAYLOAD = 262_144
"""Longest state, in bytes, that is looked at."""
_COMPLAINTS = 1000

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Known:
    thing: Thing
    entity: Entity
    there: dict[str, bool] = field(default_factory=dict)
    last: bool = False

    def shown(self) -> Entity:
        there = availability.available(self.thing, self.there, self.last)
        return self.entity if there else replace(self.entity, state="unavailable")


@dataclass(frozen=True, slots=True)
class Change:
    """What a message changed: entities as they are now, and the ids of those that are no more."""

    entities: tuple[Entity, ...] = ()
    gone: tuple[str, ...] = ()
    announced: bool = False


class Devices:
    """The things that were announced below the topic `prefix`, by the messages so far."""

    def __init__(
        self, prefix: str, areas: Mapping[str, str], before: Devices | None = None
    ) -> None:
        """Begin anew; `areas` has rooms by the names of things; states are taken from `before`."""
        self._prefix = prefix
        self._rooms = {name.casefold(): room for name, room in areas.items()}
        self._known: dict[str, _Known] = {}
        self._announced: dict[str, tuple[str, ...]] = {}
        self._listeners: dict[str, set[str]] = {}
        self._ids: dict[str, str] = {}
        self._areas: dict[str, Area] = {}
        self._before = before._known if before else {}
        self._complaints: dict[str, str] = {}

    @property
    def topics(self) -> frozenset[str]:
        """The topics on which the things tell of themselves."""
        return frozenset(self._listeners)

    @property
    def areas(self) -> tuple[Area, ...]:
        """The rooms that the things are in."""
        return tuple(self._areas.values())

    @property
    def entities(self) -> tuple[Entity, ...]:
        """All things as they are now."""
        return tuple(each.shown() for each in self._known.values())

    def thing(self, entity_id: str) -> Thing:
        """Return the thing that is known as `entity_id`.

        Raises:
            KeyError: there is none.
        """
        return self._known[self._ids[entity_id]].thing

    def assume(self, entity: Entity) -> None:
        """Take `entity` to be so, because it was told to and does not say; if it is still there."""
        key = self._ids.get(entity.id)
        if key is not None:
            self._known[key].entity = entity

    def hear(self, topic: str, payload: bytes) -> Change:
        """Take in one message and return what it changed."""
        where = discovery.place(topic, self._prefix)
        if where is not None:
            return self._announce(topic, where, payload)
        keys = self._listeners.get(topic)
        if not keys:
            return Change()
        if len(payload) > MAX_PAYLOAD:
            self._complain(topic, f"longer than {MAX_PAYLOAD} bytes")
            return Change()
        text = payload.decode("utf-8", "replace")
        return Change(tuple(self._tell(key, topic, text) for key in sorted(keys)))

    def _tell(self, key: str, topic: str, text: str) -> Entity:
        known = self._known[key]
        try:
            for signal in availability.signals(known.thing):
                if signal.topic == topic:
                    there = availability.said(signal, text)
                    if there is not None:
                        known.there[topic] = known.last = there
            if topic in reading.topics(known.thing):
                known.entity = reading.heard(known.thing, known.entity, topic, text)
        except (ValueError, ArithmeticError, RecursionError) as error:
            self._complain(topic, str(error))
        return known.shown()

    def _announce(self, topic: str, where: discovery.Place, payload: bytes) -> Change:
        try:
            things = discovery.things(where, payload)
        except ValueError as error:
            self._complain(topic, str(error))
            return Change()
        new = {thing.key: thing for thing in things}
        old = self._announced.get(topic, ())
        gone = [self._forget(key) for key in old if key not in new]
        entities = []
        for key, thing in new.items():
            known = self._known.get(key)
            if known is not None and known.thing.config == thing.config:
                continue
            if known is None and len(self._known) >= MAX_THINGS:
                self._complain(self._prefix, f"more than {MAX_THINGS} things; others are left out")
                continue
            if known is not None:
                gone.append(self._forget(key))
            entities.append(self._admit(thing))
        self._announced[topic] = tuple(key for key in new if key in self._known)
        if not self._announced[topic]:
            del self._announced[topic]
        kept = {entity.id for entity in entities}
        return Change(tuple(entities), tuple(each for each in gone if each not in kept), True)

    def _admit(self, thing: Thing) -> Entity:
        entity = replace(thing.entity, id=self._free(thing), area=self._room(thing))
        known = _Known(thing, entity)
        before = self._before.get(thing.key)
        if before is not None and before.thing.config == thing.config:
            known = _Known(thing, replace(before.entity, id=entity.id, area=entity.area))
        self._known[thing.key] = known
        self._ids[entity.id] = thing.key
        heard = {signal.topic for signal in availability.signals(thing)}
        for topic in heard | reading.topics(thing):
            self._listeners.setdefault(topic, set()).add(thing.key)
        return known.shown()

    def _forget(self, key: str) -> str:
        known = self._known.pop(key)
        del self._ids[known.entity.id]
        for topic in [topic for topic, keys in self._listeners.items() if key in keys]:
            self._listeners[topic].discard(key)
            if not self._listeners[topic]:
                del self._listeners[topic]
        return known.entity.id

    def _free(self, thing: Thing) -> str:
        """Return an id that nothing else has; by the key, where the name is taken."""
        wanted = thing.entity.id
        if wanted not in self._ids:
            return wanted
        named = f"{wanted[:60]}_{discovery.slug(thing.key)[-30:]}"
        candidates = (named if n == 1 else f"{named}_{n}" for n in count(1))
        return next(each for each in candidates if each not in self._ids)

    def _room(self, thing: Thing) -> str | None:
        device = thing.config.get("device")
        names = [thing.entity.name, str(device.get("name")) if isinstance(device, dict) else ""]
        room = next((self._rooms[n.casefold()] for n in names if n.casefold() in self._rooms), None)
        name = room or thing.area
        if not name:
            return None
        area = Area(discovery.slug(name) or name, name)
        return self._areas.setdefault(area.id, area).id

    def _complain(self, topic: str, why: str) -> None:
        """Say once what is wrong with the messages on `topic`."""
        if self._complaints.get(topic) != why and len(self._complaints) < _COMPLAINTS:
            self._complaints[topic] = why
            _log.warning("%s is not understood: %s", topic, why)
