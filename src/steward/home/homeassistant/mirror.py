"""The home as Home Assistant tells it, kept in step over a Link."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from steward.errors import UserError
from steward.events import Emit, StateChanged
from steward.home.homeassistant.link import ANSWER_SECONDS, Link, LostError, RefusedError
from steward.home.homeassistant.registries import Registries, exposed, registries
from steward.home.homeassistant.states import placed, updated, with_attribute
from steward.types import Entity, World

_REGISTRIES = ("area_registry", "floor_registry", "label_registry", "device_registry")
_NEW = frozenset({"floor_registry/list", "label_registry/list"})
"""What Home Assistant has had since 2024.4 only."""
_ELSEWHERE: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "todo": ("todo/item/subscribe", "items", {}),
    "weather": ("weather/subscribe_forecast", "forecast", {"forecast_type": "daily"}),
}
"""By domain, the subscription that tells more of an entity, and the attribute that it becomes."""
_log = logging.getLogger(__name__)


class Mirror:
    """Places and entities that assistants may use, and their states.

    `world` is all of it at once; `stirred` is set when the registries have changed, so that `sync`
    should run again. Each of `watchers` is called with every entity that is new or different.
    """

    def __init__(self, emit: Emit) -> None:
        self.world = World()
        self.entities: Mapping[str, Entity] = {}
        self.stirred = asyncio.Event()
        self.watchers: set[Callable[[Entity], None]] = set()
        self._emit = emit
        self._known = Registries()
        self._link: Link | None = None
        self._subscriptions: list[int] = []

    async def sync(self, link: Link) -> None:
        """Read the registries and subscribe to the states of all that assistants may use.

        Raises:
            UserError: the token is not an administrator's.
            RefusedError: Home Assistant answered with an error.
            LostError: the connection is gone, or an answer did not come.
        """
        if link is not self._link:
            self._link, self._subscriptions = link, []
            for registry in (*_REGISTRIES, "entity_registry"):
                kind = f"{registry}_updated"
                await link.subscribe("subscribe_events", self._stir, event_type=kind)
        self._known, ids = await read_registries(link)
        before, self._subscriptions = self._subscriptions, []
        if ids:
            await self._subscribe(link, ids)
        else:
            self._keep({}, [])
        for number in before:
            await link.unsubscribe(number)
        # What the subscriptions told first has come when this is answered.
        await link.command("ping")

    async def _subscribe(self, link: Link, ids: tuple[str, ...]) -> None:
        begun = asyncio.Event()

        def take(event: Any) -> None:
            if begun.is_set():
                self._take(event)
            else:
                begun.set()
                self._begin(event)

        number = await link.subscribe("subscribe_entities", take, entity_ids=list(ids))
        self._subscriptions.append(number)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await begun.wait()
        except TimeoutError:
            raise LostError("Home Assistant tells no states", hint="see its log") from None
        for entity in list(self.entities.values()):
            if entity.domain in _ELSEWHERE:
                await self._subscribe_more(link, entity)

    async def _subscribe_more(self, link: Link, entity: Entity) -> None:
        kind, name, data = _ELSEWHERE[entity.domain]

        def take(event: Any) -> None:
            value = event.get(name) if isinstance(event, Mapping) else None
            now = self.entities.get(entity.id)
            if now is not None and isinstance(value, list):
                new = with_attribute(now, name, value)
                self._keep({**self.entities, entity.id: new}, [new] if new != now else [])

        try:
            number = await link.subscribe(kind, take, entity_id=entity.id, **data)
        except RefusedError as error:
            _log.info("%s has no %s: %s", entity.id, name, error.message)
            return
        self._subscriptions.append(number)

    def lose(self, since: datetime) -> None:
        """Note that nothing is known of the home since then; an earlier loss counts."""
        self.world = replace(self.world, as_of=self.world.as_of or since)

    def _stir(self, _: Any) -> None:
        self.stirred.set()

    def _begin(self, event: Any) -> None:
        """Take the first message of a subscription, which tells of all that there is."""
        there = {
            key: placed(entity, self._known.things[key])
            for key, entity in self.entities.items()
            if key in self._known.things
        }
        now, _ = updated(there, event, self._known)
        told = event.get("a") if isinstance(event, Mapping) else None
        names = told if isinstance(told, Mapping) else {}
        now = {key: entity for key, entity in now.items() if key in names}
        self._keep(now, [e for key, e in now.items() if self.entities.get(key) != e])

    def _take(self, event: Any) -> None:
        before = self.entities
        now, different = updated(before, event, self._known)
        self._keep(now, different)
        for entity in different:
            old = before.get(entity.id)
            if entity.domain in _ELSEWHERE and (old is None or old.state == "unavailable"):
                # What it had no answer for when it was not there, it may tell now.
                self.stirred.set()

    def _keep(self, entities: Mapping[str, Entity], different: list[Entity]) -> None:
        self.entities = entities
        known = self._known
        self.world = World(known.floors, known.areas, tuple(entities.values()))
        for entity in different:
            for watcher in tuple(self.watchers):
                watcher(entity)
            self._emit(StateChanged(time.time(), entity))


async def read_registries(link: Link) -> tuple[Registries, tuple[str, ...]]:
    """Return what Home Assistant knows of the home, and the ids that assistants may use.

    Raises:
        UserError: the token is not an administrator's.
        RefusedError: Home Assistant answered with an error.
        LostError: the connection is gone, or an answer did not come.
    """
    try:
        ids = exposed(await link.command("homeassistant/expose_entity/list"))
    except RefusedError as error:
        if error.code != "unauthorized":
            raise
        raise UserError(
            "the token's owner may not see which entities assistants may use",
            hint="make the token on the profile page of an administrator",
        ) from error
    answers = {"get_config": await link.command("get_config")}
    for registry in _REGISTRIES:
        kind = f"{registry}/list"
        try:
            answers[kind] = await link.command(f"config/{kind}")
        except RefusedError as error:
            if kind not in _NEW or error.code != "unknown_command":
                raise
    kind = "entity_registry/get_entries"
    answers[kind] = await link.command(f"config/{kind}", entity_ids=list(ids))
    return registries(answers, ids), ids
