"""Events in any order with any values, to a whole connection of the Wyoming door."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import atheris  # type: ignore[import-untyped]
from wyoming.event import Event

from steward.errors import PeerError
from steward.events import Replied
from steward.hearing import Final, Partial, Sense, Stream, Words
from steward.serve.wyoming.services import Services
from steward.serve.wyoming.session import Session
from steward.types import AudioChunk, Plan, Reply, Unknown, Utterance
from steward.wyoming.wire import Eventable, read_event

SEEDS = (b"", bytes(range(256)))
KINDS = (
    "describe",
    "ping",
    "transcribe",
    "detect",
    "audio-start",
    "audio-chunk",
    "audio-chunk",
    "audio-stop",
    "transcript",
    "recognize",
    "synthesize",
    "synthesize-start",
    "synthesize-chunk",
    "synthesize-stop",
    "select-program",
)
KEYS = ("text", "language", "rate", "width", "channels", "voice", "context", "name")
VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1,
    2,
    4,
    16_000,
    1e308,
    "",
    "zh-Hans",
    "灯。on. ",
    "\ud800",
    [],
    {},
    {"name": "steward-zh", "conversation_id": "1"},
    {"name": 7, "conversation_id": []},
)
SOUND = {"rate": 16_000, "width": 2, "channels": 1}
_loop = asyncio.new_event_loop()


class Anybody:
    """A butler, an ear and a voice that do the least there is."""

    languages = frozenset({"en", "zh"})

    async def turn(self, said: Utterance, **_: Any) -> AsyncGenerator[Replied, None]:
        yield Replied("t", 0.0, Reply(said.text, "en"), 0.0)

    async def attend(self, pieces: AsyncIterator[AudioChunk]) -> Anybody:
        self._pieces = pieces
        return self

    async def woken(self) -> None:
        async for _ in self._pieces:
            pass

    async def listen(
        self, stream: Stream, sense: Sense, language: str | None = None
    ) -> AsyncGenerator[Words, None]:
        seconds = 0.0
        async for piece in stream.pieces:
            seconds += piece.seconds
            yield Partial("a b", "a", language)
        yield Final(Utterance("a b", language), seconds, seconds, 0.0)

    async def speak(self, text: str, language: str) -> AsyncGenerator[AudioChunk, None]:
        yield AudioChunk(bytes(2 * len(text)), 22_050 if language == "en" else 24_000)


class Connection:
    """A peer whose events are known; it reads what the door would write."""

    who = "127.0.0.1:1"

    def __init__(self, events: list[bytes]) -> None:
        self._events = events

    async def read(self, patience: float | None = None) -> Event | None:
        await asyncio.sleep(0)
        if not self._events:
            return None
        reader = asyncio.StreamReader()
        reader.feed_data(self._events.pop(0))
        reader.feed_eof()
        return await read_event(reader)

    async def write(self, *messages: Eventable) -> None:
        for message in messages:
            json.dumps(message.event().data, ensure_ascii=False).encode("utf-8")

    async def finish(self) -> None:
        self._events.clear()

    close = finish


def one(data: bytes) -> None:
    """Make events of `data`, and have them served."""
    choose = atheris.FuzzedDataProvider(data)
    events = [_event(choose) for _ in range(choose.ConsumeIntInRange(0, 12))]
    _loop.run_until_complete(_serve(events))


def _event(choose: Any) -> bytes:
    pick = choose.ConsumeIntInRange
    data = dict(SOUND) if choose.ConsumeBool() else {}
    for _ in range(pick(0, 3)):
        data[KEYS[pick(0, len(KEYS) - 1)]] = VALUES[pick(0, len(VALUES) - 1)]
    payload = bytes(pick(0, 9))
    header = {"type": KINDS[pick(0, len(KINDS) - 1)], "data": data, "payload_length": len(payload)}
    return json.dumps(header).encode() + b"\n" + payload


async def _read(said: Utterance) -> Plan:
    return Plan(Unknown(), said.language or "en", "nobody", 0.0)


async def _serve(events: list[bytes]) -> None:
    anybody: Any = Anybody()

    async def ear() -> Any:
        return anybody

    peer: Any = Connection(events)
    services = Services(anybody, ear, anybody, "jarvis", ("en",), _read)
    try:
        async with asyncio.timeout(5):
            await Session(services, peer).run()
    except PeerError as error:
        raise AssertionError("a session ends by itself") from error
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert not left, left
