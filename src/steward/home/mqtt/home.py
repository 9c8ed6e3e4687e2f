"""The devices of an MQTT broker as a Home."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from steward.config import MqttConfig
from steward.errors import StewardError
from steward.events import Emit
from steward.home.following import Following, ending
from steward.home.mirror import Mirror, obey, there
from steward.home.mqtt.devices import Devices
from steward.home.mqtt.link import check, connected, together
from steward.home.mqtt.orders import assumed, orders, shows
from steward.home.mqtt.reading import told
from steward.home.mqtt.thing import Message, Thing, asked
from steward.home.services import table
from steward.types import Call, Capability, Done, Entity, Failed, Outcome, World

if TYPE_CHECKING:
    from aiomqtt import Client

PATIENCE = 5.0
"""Seconds that a device has to show what it was told, and the broker to answer."""
_ECHO = 3.0
"""Seconds that the broker has to return a message to its sender."""
_AT_ONCE = 100
"""Topics of one subscription: a broker queues no more than a thousand retained messages."""
_BACKOFF = (0.25, 10.0)
"""Shortest and longest pause, in seconds, before the next try to connect."""

_log = logging.getLogger(__name__)


class MqttHome:
    """What is announced to a broker by Home Assistant's discovery, as a Home.

    A Call is published once, with QoS 1. It is Done when the device's own state shows it; where a
    device tells no state, when the broker has taken the message. Where neither happens it is
    unconfirmed, and never sent again.
    """

    def __init__(
        self,
        config: MqttConfig,
        emit: Emit,
        now: Callable[[], datetime],
        *,
        patience: float = PATIENCE,
    ) -> None:
        """Show the devices of the broker of `config`; `now` tells the time, with a zone.

        Raises:
            ConfigError: the password or the certificates cannot be read.
        """
        check(config)
        self._config = config
        self._now = now
        self._patience = patience
        self._mirror = Mirror(emit, now)
        self._devices = Devices(config.discovery, config.areas)
        self._sync = f"{config.name}/sync/{uuid.uuid4().hex[:12]}"
        self._echoes: dict[str, asyncio.Event] = {}
        self._news = asyncio.Event()
        self._settled = False
        self._client: Client | None = None
        self._broken = asyncio.Event()
        self._following = Following(self._keep)

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        """Home Assistant's services, which say what a device is told, and `home.get_states`."""
        return table.capabilities()

    @property
    def seen(self) -> World:
        """The devices as they were last heard of, at once and from any thread."""
        return self._mirror.seen

    async def world(self) -> World:
        """Return the devices as they were last heard of; the first time, connect."""
        self._following.begin()
        await self._mirror.tried(self._patience)
        return self._mirror.seen

    async def watch(self) -> None:
        """Follow the devices until cancelled; a broken connection is made again."""
        await self._following.watch()

    def close(self) -> None:
        """Let go of the broker."""
        self._following.close()

    async def perform(self, call: Call) -> Outcome:
        """Carry out `call` on each device that it names, or refuse it before anything is sent."""
        await self.world()
        return await obey(self._mirror, call, self._now(), self._act)

    async def _keep(self) -> None:
        pause = _BACKOFF[0]
        while True:
            try:
                async with connected(self._config, patience=self._patience) as client:
                    await self._run(client)
            except StewardError as error:
                if ending():
                    return
                if self._mirror.lose():
                    pause = _BACKOFF[0]
                    _log.error("%s", error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _BACKOFF[1])

    async def _run(self, client: Client) -> None:
        self._devices = Devices(self._config.discovery, self._config.areas, self._devices)
        self._settled = False
        self._news.clear()
        self._broken = broken = asyncio.Event()
        self._client = client
        try:
            await together(self._read(client), self._listen(client))
        finally:
            self._client, self._settled = None, False
            broken.set()

    async def _read(self, client: Client) -> None:
        async for message in client.messages:
            topic = str(message.topic)
            payload = message.payload if isinstance(message.payload, bytes) else b""
            if topic == self._sync:
                echo = self._echoes.pop(payload.decode("ascii", "replace"), None)
                if echo is not None:
                    echo.set()
                continue
            change = self._devices.hear(topic, payload)
            if change.announced:
                self._news.set()
            if self._settled:
                if change.announced:
                    self._mirror.begin(self._devices.areas)
                    self._mirror.drop(change.gone)
                self._mirror.heard(change.entities)

    async def _listen(self, client: Client) -> None:
        """Subscribe to what is announced, then to what that tells, and to news of both."""
        prefix = self._config.discovery
        await client.subscribe(self._sync, qos=1)
        # Without QoS: thousands of retained messages would not fit in the broker's queue for us.
        await client.subscribe([(f"{prefix}/+/+/config", 0), (f"{prefix}/+/+/+/config", 0)])
        await self._echo(client)
        heard: set[str] = set()
        while not ending():
            self._news.clear()
            topics = iter(sorted(self._devices.topics - heard))
            while part := list(islice(topics, _AT_ONCE)):
                await client.subscribe([(topic, 1) for topic in part])
                heard.update(part)
                await self._echo(client)
            if not self._settled:
                self._settle()
                # Devices that keep no state at the broker tell it when Home Assistant comes.
                await client.publish(f"{prefix}/status", "online", qos=1)
            if not ending():
                await self._news.wait()

    async def _echo(self, client: Client) -> None:
        """Wait until the broker has sent what it had retained: it sends in order."""
        name = uuid.uuid4().hex
        self._echoes[name] = echo = asyncio.Event()
        await client.publish(self._sync, name, qos=1)
        try:
            await asyncio.wait_for(echo.wait(), _ECHO)
        except TimeoutError:
            _log.warning("the broker does not let Steward write to %s", self._sync)
            self._echoes.pop(name, None)

    def _settle(self) -> None:
        """Show what is known now, in the place of what was known of the last connection."""
        entities = self._devices.entities
        ids = {entity.id for entity in entities}
        self._mirror.drop([each for each in self._mirror.entities if each not in ids])
        self._mirror.begin(self._devices.areas)
        self._settled = True
        self._mirror.heard(entities)

    async def _act(self, call: Call, before: Entity, after: Entity) -> Outcome:
        client, broken = self._client, self._broken
        if client is None or not self._settled:
            return Failed(call.id, "unavailable", "the MQTT broker cannot be reached")
        thing = self._devices.thing(before.id)
        try:
            messages = orders(thing, call, before, after)
        except (ValueError, ArithmeticError) as error:
            return Failed(call.id, "error", f"{before.name}: {error}")
        if not messages:
            return Failed(call.id, "unsupported", f"{before.name} cannot be told that")
        taken = await self._publish(client, broken, messages)
        watched = set(asked(call, before, after)) <= told(thing)
        if not taken and not (watched and await self._shown(thing, call, before, after)):
            lost = "the connection to the MQTT broker broke while it was told"
            return Failed(call.id, "unconfirmed", f"{before.name}: {lost}")
        if taken and not await self._shown(thing, call, before, after):
            return Failed(call.id, "unconfirmed", f"{before.name} was told, and does not show it")
        if taken and not watched:
            now = assumed(thing, call, before, after, self._mirror.entities[before.id])
            self._devices.assume(now)
            self._mirror.put([now])
        return Done(call.id, there(self._mirror, before))

    async def _publish(
        self, client: Client, broken: asyncio.Event, messages: tuple[Message, ...]
    ) -> bool:
        """Publish `messages`, each once; return whether the broker has taken them all."""
        from aiomqtt import MqttError

        for each in messages:
            sending = asyncio.ensure_future(
                client.publish(each.topic, each.payload, qos=each.qos, retain=each.retain)
            )
            try:
                if not await _before(broken, sending):
                    return False
            except MqttError:
                return False
        return True

    async def _shown(self, thing: Thing, call: Call, before: Entity, after: Entity) -> bool:
        return await self._mirror.until(
            lambda entities: (
                before.id in entities and shows(thing, call, before, after, entities[before.id])
            ),
            self._patience,
        )


async def _before(event: asyncio.Event, work: Awaitable[None]) -> bool:
    """Wait for `work`; return whether it was done before `event` happened."""
    doing = asyncio.ensure_future(work)
    happening = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait({doing, happening}, return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            return False
        await doing
        return True
    finally:
        happening.cancel()
        doing.cancel()
