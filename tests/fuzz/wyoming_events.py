"""Any bytes that a peer may send to the Wyoming door: its events, their fields, their sound."""

from __future__ import annotations

import asyncio

from wyoming.event import Event

from steward.errors import PeerError
from steward.wyoming.sound import Incoming
from steward.wyoming.wire import HEADER, inner, read_event, text

SEEDS = (
    b'{"type": "describe"}\n{"type": "ping", "data": {"text": "a"}}\n',
    b'{"type": "audio-start", "data": {"rate": 16000, "width": 2, "channels": 1}}\n'
    b'{"type": "audio-chunk", "data_length": 41, "payload_length": 4}\n'
    b'{"rate": 16000, "width": 4, "channels": 1}abcd{"type": "audio-stop"}\n',
    b'{"type": "synthesize", "data": {"text": "hi", "voice": {"name": "x", "language": "en"}}}\n',
    '{"type":"transcript", "data": {"text": "灯", "context": {"conversation_id": ""}}}\n'.encode(),
)
_loop = asyncio.new_event_loop()


def one(data: bytes) -> None:
    """Read `data` as a connection's, to its end or to the first thing that is not allowed."""
    try:
        _loop.run_until_complete(_read(data))
    except PeerError as error:
        assert error.hint


async def _read(data: bytes) -> None:
    reader = asyncio.StreamReader(limit=HEADER)
    reader.feed_data(data)
    reader.feed_eof()
    while not reader.at_eof():
        _use(await read_event(reader))


def _use(event: Event) -> None:
    # A field of every kind, whatever the event: the door asks for some of them.
    for said in (text(event, "text"), inner(event, "voice", "name"), event.type):
        said.encode("utf-8", "surrogatepass")
    text(event, "text").encode("utf-8")
    if event.type == "audio-chunk":
        sound = Incoming().received(event)
        assert len(sound.pcm) % 2 == 0
        assert 0 <= sound.seconds < 300
