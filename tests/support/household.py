"""A hub, satellites and the cloud as processes of their own, which a test starts and ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from processes import free_port
from waiting import eventually

from steward.models.tiers.accounts import FILE, Account, Accounts
from steward.pairing.address import Address
from steward.pairing.identity import identity
from steward.pairing.joining import Asked, join
from steward.pairing.pairings import Hub, opened
from steward.serve.tokens import local_key

STEWARD = str(Path(sys.executable).with_name("steward"))


@dataclass
class Told:
    """Events of a hub, as JSON."""

    all: list[dict[str, Any]] = field(default_factory=list)

    def kinds(self) -> set[str]:
        """Return which kinds there were."""
        return {event["kind"] for event in self.all}

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return those of a kind."""
        return [event for event in self.all if event["kind"] == kind]


class Household:
    """Processes with a folder each below `folder`; `log` is what the hub has said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "hub.log"
        self.page = free_port()
        self.door = Address("127.0.0.1", free_port())
        self._started: list[subprocess.Popen[bytes]] = []

    def start_hub(self, more: str = "") -> None:
        """Start a hub, with `more` of a configuration."""
        self.config("hub").write_text(
            f'[paths]\nstate = "{self.folder / "hub"}"\n'
            f"[server]\nport = {self.page}\n"
            f'[hub]\nlisten = "on"\nhost = "127.0.0.1"\nport = {self.door.port}\nname = "study"\n'
            f"{more}",
            encoding="utf-8",
        )
        with self.log.open("ab") as log:
            self._start([STEWARD, "--verbose", "--config", str(self.config("hub"))], log)

    async def pair(self, name: str) -> Hub:
        """Pair the machine `name` with the hub."""
        with opened(self.folder / "hub") as pairings:
            return await self._join(name, pairings.invite().code)

    async def pair_by_command(self, name: str) -> Hub:
        """Pair the machine `name` with the hub, by the code that `steward pair` shows."""
        command = [STEWARD, "--config", str(self.config("hub")), "pair", "--json"]
        process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        try:
            async with asyncio.timeout(60):
                shown = json.loads(await process.stdout.readuntil(b"}"))
                kept = await self._join(name, shown["code"])
                assert await process.wait() == 0
        except BaseException:
            process.kill()
            raise
        return kept

    async def _join(self, name: str, code: str) -> Hub:
        with opened(self.folder / name) as pairings:
            own = identity(self.folder / name)
            return await join(own, self.door, Asked(code, name), pairings)

    def start_satellite(self, name: str, wav: Path, say: Path, hub: str = "study") -> None:
        """Start a satellite that is paired already; `wav` is its microphone, `say` what it says."""
        config = self.config(name)
        config.write_text(f'[paths]\nstate = "{self.folder / name}"\n', encoding="utf-8")
        command = [STEWARD, "--config", str(config), "satellite", "--hub", hub, "--name", name]
        command += ["--area", "Living Room", "--wav", str(wav), "--say", str(say)]
        with (self.folder / f"{name}.log").open("ab") as log:
            self._start(command, log)

    @asynccontextmanager
    async def listening(self, *kinds: str) -> AsyncIterator[Told]:
        """Give the hub's events of these `kinds`, as they come."""
        told = Told()
        url = f"http://127.0.0.1:{self.page}/api/events?kinds={','.join(kinds)}"
        key = {"Authorization": f"Bearer {local_key(self.folder / 'hub')}"}
        begun = asyncio.Event()

        async def listen() -> None:
            async with (
                httpx.AsyncClient(timeout=None, trust_env=False) as client,
                client.stream("GET", url, headers=key) as answer,
            ):
                answer.raise_for_status()
                async for line in answer.aiter_lines():
                    begun.set()
                    if line.startswith("data: "):
                        told.all.append(json.loads(line.removeprefix("data: ")))

        task = asyncio.create_task(listen())
        try:
            async with asyncio.timeout(20):
                await begun.wait()
            yield told
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def states(self) -> dict[str, str]:
        """Return the state of every entity of the hub's home."""
        key = {"Authorization": f"Bearer {local_key(self.folder / 'hub')}"}
        async with httpx.AsyncClient(timeout=20, trust_env=False) as client:
            answer = await client.get(f"http://127.0.0.1:{self.page}/api/world", headers=key)
        return {entity["id"]: entity["state"] for entity in answer.json()["entities"]}

    async def mend(self, tier: str) -> None:
        """Let the hub ask a tier again that has failed, as it would after a while."""
        with closing(Accounts(self.folder / "hub" / FILE)) as accounts:
            await accounts.change(tier, lambda _: Account())

    def config(self, name: str) -> Path:
        """Return the configuration of a machine."""
        return self.folder / f"{name}.toml"

    async def until_said(self, words: str, seconds: float = 60) -> None:
        """Wait until the hub has logged `words`."""
        await eventually(lambda: words in self.log.read_text(encoding="utf-8"), seconds)

    def ended(self, number: int = -1) -> bool:
        """Tell whether a process that was started has ended."""
        return self._started[number].poll() is not None

    def close(self) -> None:
        """End all of them."""
        for process in self._started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(20)

    def _start(self, command: list[str], log: object) -> None:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)  # type: ignore[call-overload]
        self._started.append(process)
