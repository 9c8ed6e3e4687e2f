"""Several models under one budget of memory: who comes first is served first."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager

from steward.errors import ModelError
from steward.models.llama import Llama
from steward.models.stream import PLAIN
from steward.thinking import Generation, Message, Token

log = logging.getLogger(__name__)


class Pooled:
    """A model that is loaded while there is room for it; a LanguageModel."""

    def __init__(self, pool: Pool, name: str, load: Callable[[], Llama], need: int) -> None:
        self._pool = pool
        self.name = name
        self.load = load
        self.need = need
        self.model: Llama | None = None
        self.users = 0
        self.used = 0

    @property
    def held(self) -> int:
        """The bytes of memory to count for it: 0 while it is not loaded."""
        return max(self.need, self.model.memory()) if self.model is not None else 0

    async def generate(
        self, messages: Sequence[Message], options: Generation = PLAIN
    ) -> AsyncGenerator[Token, None]:
        """Yield the answer token by token, as `Llama.generate` does.

        Raises:
            ModelError: as `Llama.generate`; or the model cannot be loaded, or is larger than the
                whole budget.
        """
        async with (
            self._pool.lease(self) as model,
            aclosing(model.generate(messages, options)) as answer,
        ):
            async for token in answer:
                yield token


class Pool:
    """Models that share `budget` bytes of memory; without one, each stays loaded.

    One that is in use is never unloaded. While somebody waits for room, those who come later wait
    behind him, also for a model that is loaded: else it would never fall idle.
    """

    def __init__(self, budget: int | None) -> None:
        self._budget = budget
        self._members: list[Pooled] = []
        self._turn = asyncio.Lock()
        self._idle = asyncio.Event()
        self._waits = False
        self._count = 0

    def add(self, name: str, load: Callable[[], Llama], need: int) -> Pooled:
        """Return a model that `load` loads at its first use; it `need`s so many bytes."""
        member = Pooled(self, name, load, need)
        self._members.append(member)
        return member

    @asynccontextmanager
    async def lease(self, member: Pooled) -> AsyncGenerator[Llama, None]:
        """Hold the model of `member`, loaded if need be.

        Raises:
            ModelError: it cannot be loaded, or is larger than the whole budget.
        """
        if self._waits or (model := member.model) is None:
            async with self._turn:
                model = member.model or await self._load(member)
                self._enter(member)
        else:
            self._enter(member)
        try:
            yield model
        finally:
            member.users -= 1
            if not member.users:
                self._idle.set()

    def close(self) -> None:
        """Unload all models."""
        for member in self._members:
            self._unload(member)

    def _enter(self, member: Pooled) -> None:
        self._count += 1
        member.used = self._count
        member.users += 1

    async def _load(self, member: Pooled) -> Llama:
        await self._make_room(member)
        member.model = await asyncio.to_thread(member.load)
        return member.model

    async def _make_room(self, member: Pooled) -> None:
        if self._budget is None:
            return
        if member.need > self._budget:
            raise ModelError(
                f"{member.name} needs {_mb(member.need)} MB, all models together may take "
                f"{_mb(self._budget)} MB",
                hint="set a larger `memory` under [models], or a smaller `context` or model",
            )
        self._waits = True
        try:
            while sum(each.held for each in self._members) + member.need > self._budget:
                self._idle.clear()
                idle = [each for each in self._members if each.model and not each.users]
                if idle:
                    self._unload(min(idle, key=lambda each: each.used))
                else:
                    await self._idle.wait()
        finally:
            self._waits = False

    def _unload(self, member: Pooled) -> None:
        if member.model is not None:
            log.info("%s is unloaded: %d MB", member.name, _mb(member.held))
            member.model.close()
            member.model = None


def _mb(count: int) -> int:
    return round(count / 1e6)
