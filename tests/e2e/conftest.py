"""A real server with the real butler, and what drives a browser."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

from steward.butler import Butler
from steward.cli.machine import ThisMachine
from steward.config import Config, Paths, Server
from steward.config.tiers import TiersConfig
from steward.serve.run import serve
from steward.wiring import assemble


class Running:
    """A server in a thread of its own, with a home of its own."""

    def __init__(
        self,
        state: Path,
        port: int = 0,
        warm: bool = False,
        persona: str = "steward",
        tiers: Mapping[str, object] | None = None,
    ) -> None:
        self.url = ""
        self._warm = warm
        self.risks: dict[str, str] = {}
        self._config = Config(
            server=Server(port=port),
            paths=Paths(state=state),
            persona=persona,
            tiers=TiersConfig.model_validate(tiers or {}),
        )
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self._loop = asyncio.new_event_loop()

    def start(self) -> str:
        self._thread.start()
        assert self._ready.wait(120)
        if self._failure is not None:
            raise self._failure
        return self.url

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(20)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._task = self._loop.create_task(self._serve())
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        except BaseException as error:
            self._failure = error
            raise
        finally:
            self._ready.set()
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    async def _serve(self) -> None:
        parts = assemble(self._config)
        self.risks = {c.name: c.risk.value for c in parts.home.capabilities}

        def ready(url: str) -> None:
            self.url = url
            self._ready.set()

        butler = Butler(parts)
        if self._warm:
            await butler.warm()
        await serve(butler, self._config, ready, (), ThisMachine(self._config, parts))


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    made = Running(tmp_path / "state")
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def server() -> type[Running]:
    """What makes a server: of a folder for its state, a port, and whether its models are loaded."""
    return Running


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as made:
        yield made
