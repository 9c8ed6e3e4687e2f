"""What servers need of the butler."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from steward.events import Event
from steward.hearing import Acquaintance, Attention, Stream
from steward.serve.engines import Engines
from steward.types import UNASKED, AudioChunk, Json, Origin, Outcome, Utterance, World


class Butler(Protocol):
    """What servers need of `steward.butler.Butler`, which documents it."""

    def turn(
        self,
        said: Utterance | AudioChunk | Stream,
        *,
        aloud: bool = False,
        turn: str | None = None,
        conversation: str = "",
        origin: Origin = UNASKED,
    ) -> AsyncGenerator[Event, None]:
        """Run one turn and yield its Events."""
        ...

    @property
    def engines(self) -> Engines:
        """What other programs may ask by itself."""
        ...

    def subscribe(self) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        """Give an iterator over all Events from now on."""
        ...

    async def attend(self, pieces: AsyncIterator[AudioChunk]) -> Attention:
        """Wait in a sound for the wake word."""
        ...

    async def perform(
        self, capability: str, arguments: Mapping[str, Json], *, origin: Origin = UNASKED
    ) -> Outcome:
        """Carry out one Call."""
        ...

    def hush(self, conversation: str) -> None:
        """Take it for a no that somebody bade him be quiet."""
        ...

    def acquaintance(self) -> Acquaintance:
        """Return who knows people by their voices."""
        ...

    async def world(self) -> World:
        """Return the home as it is now."""
        ...

    async def run(self) -> None:
        """Watch the world until cancelled."""
        ...
