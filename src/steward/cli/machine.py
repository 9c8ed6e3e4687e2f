"""This machine, as the page shows it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from steward.config import Config
from steward.models.store import Store
from steward.serve.device import Now, Running
from steward.wiring import Parts


class ThisMachine:
    """What runs here, and what could."""

    def __init__(self, config: Config, parts: Parts) -> None:
        self._config = config
        self._parts = parts
        # Two at once would measure each other.
        self._measuring = asyncio.Lock()
        self._own = psutil.Process()
        psutil.cpu_percent()

    def now(self) -> Now:
        """Return what runs; how busy it is since this was asked last."""
        memory = psutil.virtual_memory()
        parts, last = self._parts, self._parts.meter.last
        return Now(
            busy=psutil.cpu_percent() / 100,
            memory=memory.total,
            free=memory.available,
            own=sum(self._memory()),
            models=(
                Running(
                    part="language",
                    name=_named(self._config.model.source),
                    loaded=parts.model.made,
                    answers=parts.meter.answers,
                    rate=None if last is None else last.rate,
                    first=None if last is None else last.first,
                ),
                Running(
                    part="hearing",
                    name=self._config.speech.model,
                    loaded=parts.recognizer.made,
                ),
            ),
        )

    async def report(self, language: str) -> str:
        """Return the page of `steward fit` for this machine."""
        async with self._measuring:
            return await asyncio.to_thread(self._describe, language)

    def _describe(self, language: str) -> str:
        # Lazy: the lab is not needed to answer, and takes memory.
        from steward.lab.fit.carries import page
        from steward.lab.fit.probe import this_machine
        from steward.lab.fit.settings import Settings

        paths = self._config.paths
        known = this_machine(Store(paths.cache), paths.state, lambda _: None, again=False)
        return page(known, Settings(context=self._config.model.context), language)

    def _memory(self) -> list[int]:
        """Return the resident bytes of this process and of those that it started."""
        sizes = []
        for process in (self._own, *self._own.children(recursive=True)):
            try:
                sizes.append(process.memory_info().rss)
            except psutil.NoSuchProcess:
                # It ended meanwhile.
                continue
        return sizes


def _named(source: str) -> str:
    """Return the name of a model without its way: that may tell where, or a password."""
    if source.startswith(("http://", "https://")):
        return urlsplit(source).hostname or "a bigger machine"
    return Path(source).name
