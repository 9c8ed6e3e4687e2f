"""Home Assistant as the home."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from typing import Any

from steward.errors import PeerError, UserError
from steward.events import Emit
from steward.home.following import Following
from steward.home.homeassistant.confirmation import UNDERWAY, confirmed
from steward.home.homeassistant.link import Link, LostError, RefusedError, address_of, linked
from steward.home.homeassistant.mirror import Mirror
from steward.home.homeassistant.requests import READINGS, entries, named, refused, service_call
from steward.home.services import table
from steward.types import Call, Capability, Done, Entity, Failed, Json, Outcome, Risk, World

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds between attempts to connect: the pause doubles from the first to the longest."""
BARRED_PAUSE = 300.0
"""Seconds until a token that was not accepted is shown again; Home Assistant bans who insists."""
BEAT_SECONDS = 10.0
"""A connection on which nothing came for so long is asked whether it lives."""
SETTLE_SECONDS = 0.5
"""Changes of the registries come in bursts; they are read when the burst is over."""
HURRY_SECONDS = 1.0
"""How long a turn waits for a connection that was lost."""
PATIENCE_SECONDS = 10.0
"""How long a command may take altogether before it is told that nothing confirms it."""
CONFIRM_SECONDS = 3.0
"""How long the states may take after Home Assistant said that it is done, or was lost."""
_log = logging.getLogger(__name__)


def _local_time() -> datetime:
    return datetime.now().astimezone()


async def look(url: str, token: str) -> World:
    """Return the home of the Home Assistant at `url`, as `token` lets us see it.

    Raises:
        UserError: `url` is not an address, or the token is not accepted or not an administrator's.
        PeerError: nothing answers there, or it is no Home Assistant.
    """
    mirror = Mirror(lambda _: None)
    async with linked(url, token) as link:
        reading = asyncio.create_task(link.read())
        try:
            await mirror.sync(link)
        finally:
            reading.cancel()
            await asyncio.wait({reading})
    return mirror.world


class HomeAssistantHome:
    """A Home whose world and deeds are those of a Home Assistant.

    It connects when it is first asked or watched, and stays connected as well as it can. A Call is
    sent once, never again: what was sent when the connection broke is told as "unconfirmed", unless
    the states show after all that it was done.
    """

    def __init__(
        self, url: str, token: str, emit: Emit, *, now: Callable[[], datetime] = _local_time
    ) -> None:
        """Take the Home Assistant at `url`; `now` tells the time, with a zone.

        Raises:
            UserError: `url` is not an address.
        """
        address_of(url)
        self._url, self._token, self._now = url, token, now
        self._mirror = Mirror(emit)
        self._link: Link | None = None
        self._following = Following(self._keep)
        self._hurry, self._tried = asyncio.Event(), asyncio.Event()
        self._barred, self._known = False, False
        self._trouble = ""

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        """The services that are understood here, and `home.get_states`."""
        return table.capabilities()

    @property
    def seen(self) -> World:
        """The home as it was last told, at once and from any thread."""
        return self._mirror.world

    async def world(self) -> World:
        """Return the home as it is now; with `as_of` when Home Assistant cannot be reached."""
        await self._reach()
        return self._mirror.world

    async def watch(self) -> None:
        """Stay connected until cancelled."""
        await self._following.watch()

    async def perform(self, call: Call) -> Outcome:
        """Carry out `call`, and tell what the states say that came of it.

        What cannot be right by the rules of the service is refused before anything is sent.
        """
        await self._reach()
        entities, now = self._mirror.entities, self._now()
        fit = table.fitting(entities, call)
        if isinstance(fit, Failed):
            return fit
        if call.capability in READINGS:
            return await self._read(call, entities)
        effect = table.carry_out(entities, call, now)
        if isinstance(effect, Failed):
            return effect
        if fit[0].risk is Risk.READ:
            as_of = self._mirror.world.as_of
            old: dict[str, Json] = {} if as_of is None else {"as_of": as_of.isoformat()}
            return Done(call.id, {**effect.value, **old})
        if self._link is None:
            return Failed(call.id, "unavailable", self._trouble)
        return await self._act(self._link, call, effect)

    async def _read(self, call: Call, entities: Mapping[str, Entity]) -> Outcome:
        if self._link is None:
            return Failed(call.id, "unavailable", self._trouble)
        try:
            data = service_call(call, entities, self._now())
            result = await self._link.command("call_service", **data)
        except RefusedError as error:
            return refused(call, error)
        except LostError as error:
            return Failed(call.id, "unavailable", error.message)
        value: dict[str, Json] = {
            "states": {name: table.shown(entities[name]) for name in named(call)},
            "changed": [],
            READINGS[call.capability]: entries(call, result, self._now()),
        }
        return Done(call.id, value)

    async def _act(self, link: Link, call: Call, effect: table.Effect) -> Outcome:
        before = self._mirror.entities
        pending = {entity.id: entity for entity in effect.changed}
        stirred = asyncio.Event()

        def watch(entity: Entity) -> None:
            foreseen = pending.get(entity.id)
            if foreseen is not None and confirmed(call, before[entity.id], foreseen, entity):
                del pending[entity.id]
                stirred.set()

        self._mirror.watchers.add(watch)
        try:
            answer = await link.ask("call_service", **service_call(call, before, self._now()))
            answer.add_done_callback(lambda _: stirred.set())
            failure = await _settled(answer, pending, stirred)
        except LostError as error:
            return Failed(call.id, "unavailable", error.message)
        finally:
            self._mirror.watchers.discard(watch)
        if isinstance(failure, RefusedError) and len(pending) == len(effect.changed):
            return refused(call, failure)
        now = self._mirror.entities
        late = {name for name in pending if name not in now or now[name].state not in UNDERWAY}
        unshown = [name for name in named(call) if name in late]
        if failure is not None and not effect.changed:
            unshown = list(named(call))
        if not unshown:
            return Done(call.id, self._value(call, before))
        why = failure.message if failure else "Home Assistant took the command"
        message = f"{why}; nothing shows that it was done: {', '.join(unshown)}"
        if len(unshown) == len(named(call)):
            return Failed(call.id, "unconfirmed", message)
        part: Json = {"entity_id": unshown, "reason": "unconfirmed", "message": message}
        return Done(call.id, {**self._value(call, before), "failed": [part]})

    def _value(self, call: Call, before: Mapping[str, Entity]) -> dict[str, Json]:
        now = self._mirror.entities
        ids = [name for name in named(call) if name in now]
        return {
            "states": {name: table.shown(now[name]) for name in ids},
            "changed": [name for name in ids if now[name] != before.get(name)],
        }

    async def _reach(self) -> None:
        """Wait for the first attempt to connect, or, where it was lost, a moment for the next."""
        self._following.begin()
        if self._link is not None or self._barred:
            return
        self._tried.clear()
        self._hurry.set()
        await _within(self._tried.wait(), HURRY_SECONDS if self._known else None)

    async def _keep(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                async with linked(self._url, self._token) as link:
                    await self._live(link)
            except (PeerError, UserError) as error:
                connected, self._link = self._link is not None, None
                self._lost(error, link.heard if connected else self._now())
                pause = FIRST_PAUSE if connected else min(2 * pause, LONGEST_PAUSE)
            self._known = True
            self._tried.set()
            if self._barred:
                await asyncio.sleep(BARRED_PAUSE)
            self._hurry.clear()
            # Many of us may wait for the same Home Assistant to start.
            await _within(self._hurry.wait(), pause * random.uniform(0.5, 1))  # noqa: S311

    async def _live(self, link: Link) -> None:
        """Follow the home over `link` until it is lost, which is raised."""
        reading = asyncio.create_task(link.read())
        reading.add_done_callback(lambda _: self._mirror.stirred.set())
        self._mirror.stirred.clear()
        try:
            await self._mirror.sync(link)
            self._link, self._barred, self._trouble = link, False, ""
            self._tried.set()
            _log.info("connected to Home Assistant at %s", self._url)
            while True:
                if await _within(self._mirror.stirred.wait(), BEAT_SECONDS):
                    self._mirror.stirred.clear()
                    if link.lost is None:
                        await asyncio.sleep(SETTLE_SECONDS)
                        await self._mirror.sync(link)
                await link.command("ping")
        finally:
            reading.cancel()
            await asyncio.wait({reading})
            if not reading.cancelled():
                reading.result()

    def _lost(self, error: PeerError | UserError, since: datetime) -> None:
        self._mirror.lose(since)
        self._barred = isinstance(error, UserError)
        if error.message != self._trouble:
            self._trouble = error.message
            _log.error("%s (hint: %s)", error.message, error.hint)


async def _settled(
    answer: asyncio.Future[Any], pending: Mapping[str, Entity], stirred: asyncio.Event
) -> PeerError | None:
    """Wait until the states or Home Assistant say that it was done, or for long enough.

    Return what went wrong, None where Home Assistant did not complain.
    """
    loop = asyncio.get_running_loop()
    expects, until = bool(pending), loop.time() + PATIENCE_SECONDS
    answered = False
    while loop.time() < until:
        stirred.clear()
        if expects and not pending:
            return None
        if answer.done() and not answered:
            answered, failure = True, _failure(answer)
            if not expects or isinstance(failure, RefusedError):
                return failure
            until = min(until, loop.time() + CONFIRM_SECONDS)
        await _within(stirred.wait(), until - loop.time())
    if answer.done():
        return _failure(answer)
    answer.cancel()
    return LostError("Home Assistant has not answered", hint="see what it is busy with")


def _failure(answer: asyncio.Future[Any]) -> PeerError | None:
    error = answer.exception()
    return error if isinstance(error, PeerError) else None


async def _within(work: Coroutine[Any, Any, Any], seconds: float | None) -> bool:
    """Run `work` for so long at most; tell whether it came to its end."""
    # Not `wait_for`: in Python 3.11 it forgets a cancellation that comes with the end of `work`.
    try:
        async with asyncio.timeout(seconds):
            await work
    except TimeoutError:
        return False
    return True
