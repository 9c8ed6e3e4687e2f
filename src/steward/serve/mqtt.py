"""Steward as a device of an MQTT broker: others see what he does, and may ask him.

Below the topic NAME: `status` (online or offline, the last will), `state` (a retained JSON object:
what he is doing, the last command and its reply, timers, the model, how often each stage answered)
and `turn`, one message for each turn. With `ask`, a sentence at NAME/ask is a turn; the reply is
its `turn` message. What waits while the broker is away is sent when it is back, in order.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from steward.config import Config, MqttConfig
from steward.errors import StewardError
from steward.events import Ended, Event, Heard, Planned, Replied, TimerFinished
from steward.home.following import ending
from steward.home.mqtt.discovery import ORIGIN
from steward.home.mqtt.link import connected, together
from steward.home.mqtt.thing import Message
from steward.serve.butler import Butler
from steward.types import Call, Done, Json, Meaning, Origin, Skill, Utterance

if TYPE_CHECKING:
    from aiomqtt import Client

MAX_WAITING = 10_000
"""Messages that wait for a broker that is away; beyond that the oldest are given up."""
MAX_SENTENCE = 1000
"""Longest sentence, in bytes, that is taken at NAME/ask."""
PATIENCE = 10.0
"""Seconds that the broker has for each answer."""
_BACKOFF = (0.25, 10.0)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Summary:
    """What is told of Steward: what he does, the last turn, and how often each stage answered."""

    model: str
    doing: str = "idle"
    last: Mapping[str, Json] = field(default_factory=dict[str, Json])
    stages: Mapping[str, int] = field(default_factory=dict[str, int])
    timers: int = 0

    def json(self) -> str:
        """Return it as the payload of `state`."""
        told = {
            "state": self.doing,
            "command": self.last.get("command"),
            "reply": self.last.get("reply"),
            "timers": self.timers,
            "model": self.model,
            "turns": sum(self.stages.values()),
            "stages": self.stages,
        }
        return json.dumps(told, ensure_ascii=False)


def after(known: Summary, event: Event, turns: dict[str, dict[str, Json]]) -> Summary:
    """Return what is known after `event`; `turns` keeps those under way, by their names."""
    if isinstance(event, Heard):
        turns[event.turn] = {
            "turn": event.turn,
            "command": event.utterance.text,
            "language": event.utterance.language,
            "door": event.origin.door,
        }
        return replace(known, doing="busy")
    if isinstance(event, Planned) and event.turn in turns:
        stage = event.plan.stage
        turns[event.turn]["stage"] = stage
        return replace(known, stages={**known.stages, stage: known.stages.get(stage, 0) + 1})
    if isinstance(event, Replied) and event.turn in turns:
        turns[event.turn]["reply"] = event.reply.text
    if isinstance(event, Ended) and event.turn in turns:
        over = {**turns.pop(event.turn), "how": event.how}
        return replace(known, doing="busy" if turns else "idle", last=over)
    return known


def announcement(config: MqttConfig) -> tuple[Message, ...]:
    """Return what tells Home Assistant, and whoever understands its discovery, of Steward."""
    name = config.name
    shared: dict[str, Json] = {
        "availability_topic": f"{name}/status",
        "device": {
            "identifiers": [f"steward_{name}"],
            "name": name.capitalize(),
            "model": "Butler",
        },
        "origin": {"name": ORIGIN},
    }
    parts: dict[str, dict[str, Json]] = {
        "state": {"name": "State"},
        "command": {"name": "Last Command"},
        "reply": {"name": "Last Reply"},
        "timers": {"name": "Timers", "state_class": "measurement"},
        "model": {"name": "Model", "entity_category": "diagnostic"},
        "turns": {
            "name": "Turns",
            "state_class": "total_increasing",
            "json_attributes_topic": f"{name}/state",
            "json_attributes_template": "{{ value_json.stages | tojson }}",
        },
    }
    told = [
        Message(
            f"{config.discovery or 'homeassistant'}/sensor/{name}/{key}/config",
            json.dumps(
                {
                    **part,
                    **shared,
                    "unique_id": f"steward_{name}_{key}",
                    "state_topic": f"{name}/state",
                    # A state has at most 255 characters.
                    "value_template": f"{{{{ (value_json.{key} | string)[:255] }}}}",
                }
            ),
            retain=True,
        )
        for key, part in parts.items()
    ]
    if config.ask == "on":
        ask = {"name": "Ask", "command_topic": f"{name}/ask", "max": 255, **shared}
        topic = f"{config.discovery or 'homeassistant'}/text/{name}/ask/config"
        told.append(
            Message(topic, json.dumps({**ask, "unique_id": f"steward_{name}_ask"}), retain=True)
        )
    return tuple(told)


def will(config: MqttConfig) -> tuple[str, str]:
    """Return the topic that says whether he is there, and what the broker says when he is not."""
    return f"{config.name}/status", "offline"


class Device:
    """Steward as a device: `run` keeps him known at the broker of `config`, until cancelled."""

    def __init__(self, butler: Butler, config: Config, skills: Sequence[Skill] = ()) -> None:
        """Tell of `butler`; the timers are asked of that one of `skills` that keeps them."""
        source = config.model.source
        self._butler = butler
        self._config = config.mqtt
        self._summary = Summary(config.model.name if "://" in source else source)
        self._turns: dict[str, dict[str, Json]] = {}
        self._waiting: deque[Message] = deque()
        self._more = asyncio.Event()
        self._asking: set[asyncio.Task[None]] = set()
        self._timers = next(
            (s for s in skills if any(c.name == "timers.status" for c in s.capabilities)), None
        )

    async def run(self) -> None:
        """Follow the butler and tell of him; a broken connection is made again."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow())
            group.create_task(self._tell())

    async def _follow(self) -> None:
        while True:
            async with self._butler.subscribe() as events:
                async for event in events:
                    await self._take(event)

    async def _take(self, event: Event) -> None:
        before = self._summary
        self._summary = after(before, event, self._turns)
        if isinstance(event, Ended | TimerFinished):
            self._summary = replace(self._summary, timers=await self._count())
        if isinstance(event, Ended) and self._summary.last is not before.last:
            turn = json.dumps(self._summary.last, ensure_ascii=False)
            self._put(Message(f"{self._config.name}/turn", turn))
        if self._summary != before:
            self._put(Message(f"{self._config.name}/state", self._summary.json(), retain=True))

    async def _count(self) -> int:
        if self._timers is None:
            return 0
        outcome = await self._timers.perform(Call("count", "timers.status", Meaning("count")))
        value = outcome.value if isinstance(outcome, Done) else None
        timers = value.get("timers") if isinstance(value, Mapping) else None
        return len(timers) if isinstance(timers, list | tuple) else 0

    def _put(self, message: Message) -> None:
        if len(self._waiting) >= MAX_WAITING:
            _log.warning("given up, too much waits for the broker: %s", self._waiting.popleft())
        self._waiting.append(message)
        self._more.set()

    async def _tell(self) -> None:
        pause, said = _BACKOFF[0], ""
        while True:
            try:
                gone = will(self._config)
                async with connected(self._config, patience=PATIENCE, last_will=gone) as client:
                    pause, said = _BACKOFF[0], ""
                    await self._be_there(client)
            except StewardError as error:
                if ending():
                    return
                if error.message != said:
                    said = error.message
                    _log.error("%s", error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _BACKOFF[1])

    async def _be_there(self, client: Client) -> None:
        from aiomqtt import MqttError

        try:
            await together(self._send(client), self._hear(client))
        finally:
            # The last will is for who goes without a word; and there is nobody to tell, if it is
            # the broker that has gone.
            with suppress(MqttError):
                await client.publish(will(self._config)[0], "offline", qos=1, retain=True)

    async def _send(self, client: Client) -> None:
        """Say hello, then what waits: each message leaves the queue when the broker has it."""
        name = self._config.name
        for each in announcement(self._config):
            await client.publish(each.topic, each.payload, qos=1, retain=True)
        await client.publish(f"{name}/status", "online", qos=1, retain=True)
        await client.publish(f"{name}/state", self._summary.json(), qos=1, retain=True)
        while True:
            while self._waiting:
                first = self._waiting[0]
                await client.publish(first.topic, first.payload, qos=1, retain=first.retain)
                if self._waiting and self._waiting[0] is first:
                    self._waiting.popleft()
            self._more.clear()
            if ending():
                return
            await self._more.wait()

    async def _hear(self, client: Client) -> None:
        if self._config.ask == "on":
            await client.subscribe(f"{self._config.name}/ask", qos=1)
        async for message in client.messages:
            payload = message.payload if isinstance(message.payload, bytes) else b""
            # What is retained was said to nobody, some time ago.
            if message.retain or not payload.strip() or len(payload) > MAX_SENTENCE:
                continue
            task = asyncio.create_task(self._ask(payload.decode("utf-8", "replace")))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

    async def _ask(self, text: str) -> None:
        turn = self._butler.turn(
            Utterance(text), conversation="mqtt", origin=Origin("mqtt", self._config.name)
        )
        try:
            async with aclosing(turn) as events:
                async for _ in events:
                    pass
        except StewardError as error:
            _log.error("%s", error)
