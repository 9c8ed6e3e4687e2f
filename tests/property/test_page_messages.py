"""Whatever a page sends, the server answers or refuses, and lives on."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from pages import page
from websockets.exceptions import ConnectionClosed

from steward.config import Config, Paths, Server
from steward.errors import UserError
from steward.events import Ended, Event, Heard, Hub
from steward.hearing import Acquaintance, Attention, Stream, Wake
from steward.serve.engines import Engines
from steward.serve.messages import read
from steward.serve.run import serve
from steward.types import UNASKED, AudioChunk, Done, Json, Origin, Outcome, Utterance, World

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
kinds = st.sampled_from(["say", "audio_start", "audio_end", "cancel", "tap"])
shaped = st.fixed_dictionaries(
    {"type": kinds | values},
    optional={
        "text": st.text(max_size=50) | values,
        "turn": st.text(max_size=10) | values,
        "rate": st.integers(-1, 200_000) | values,
        "aloud": values,
        "held": values,
        "capability": st.sampled_from(["light.turn_on", "x"]) | values,
        "arguments": st.dictionaries(st.text(max_size=5), values) | values,
        "ref": st.integers() | values,
    },
).map(json.dumps)
messages = st.one_of(shaped, st.text(max_size=200), st.binary(max_size=300), values.map(json.dumps))


class _Asleep:
    def __init__(self, pieces: AsyncIterator[AudioChunk]) -> None:
        self._pieces = pieces

    async def woken(self, within: float | None = None) -> None:
        async for _ in self._pieces:
            pass

    async def idle(self, trigger: Awaitable[object]) -> bool:
        raise AssertionError(trigger)

    def following(self, wake: Wake) -> AsyncIterator[AudioChunk]:
        raise AssertionError(wake)


class _Echo:
    def __init__(self) -> None:
        self.hub = Hub()

    async def turn(
        self,
        said: Utterance | AudioChunk | Stream,
        *,
        aloud: bool = False,
        turn: str | None = None,
        conversation: str = "",
        origin: Origin = UNASKED,
    ) -> AsyncGenerator[Event, None]:
        if isinstance(said, Stream):
            text = " ".join([str(len(piece.pcm)) async for piece in said.pieces])
            yield Heard(turn or "", time.time(), Utterance(text), 1.0)
        yield Ended(turn or "", time.time(), "done")

    @property
    def engines(self) -> Engines:
        return None  # type: ignore[return-value]  # nobody asks

    async def attend(self, pieces: AsyncIterator[AudioChunk]) -> Attention:
        return _Asleep(pieces)

    def hush(self, conversation: str) -> None:
        pass

    def subscribe(self) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        return self.hub.subscribe()

    async def perform(
        self, capability: str, arguments: Mapping[str, Json], *, origin: Origin = UNASKED
    ) -> Outcome:
        return Done("tap", arguments)

    def acquaintance(self) -> Acquaintance:
        raise AssertionError("nobody asks")

    async def world(self) -> World:
        return World()

    async def run(self) -> None:
        await asyncio.Event().wait()


async def _send_all(sent: list[str | bytes]) -> None:
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    state = TemporaryDirectory()
    config = Config(server=Server(port=0), paths=Paths(state=Path(state.name)))
    task = asyncio.create_task(serve(_Echo(), config, ready.set_result))
    try:
        async with page(await ready) as socket:
            for message in sent:
                await socket.send(message)
            await socket.send('{"type": "say", "text": "still here", "turn": "last-one"}')
            async with asyncio.timeout(10):
                while "last-one" not in str(await socket.recv()):
                    pass
    except ConnectionClosed as error:
        raise AssertionError(f"the page was closed by {sent!r}") from error
    finally:
        task.cancel()
        await asyncio.wait({task})
        state.cleanup()
    assert len(asyncio.all_tasks()) == 1


@given(st.text() | shaped)
def test_a_message_is_read_or_refused(text: str) -> None:
    try:
        message = read(text)
    except UserError as error:
        assert error.hint
    else:
        assert message.type in {"say", "audio_start", "audio_end", "cancel", "tap"}


@settings(max_examples=30, deadline=None)
@given(st.lists(messages, max_size=12))
def test_no_messages_break_a_page(sent: list[str | bytes]) -> None:
    asyncio.run(_send_all(sent))
