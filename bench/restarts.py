"""The server is killed in the middle of use: is a command lost without a word, or done twice?

    python bench/restarts.py [--commands 40]

A program adds numbered things to the shopping list, one command after the other, by /api/ask and by
OpenAI's chat in turn. Meanwhile the server is killed (SIGKILL) again and again, at any moment, and
started anew. The program sends a command that broke again, under the same name, until it is
answered. Counted are commands that are on the list once, twice, or not at all, and of the last how
many the program was told of (409: nobody knows what became of it).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import socket
import sys
import tempfile
from collections import Counter
from pathlib import Path

import httpx

from results import publish, table
from steward.serve.tokens import Scope, opened

SEED = 7
ALIVE = (0.05, 6.0)
"""Seconds for which a server that has just answered may live."""
STEWARD = Path(sys.executable).with_name("steward")
WORDS = ("apple", "brush", "candle", "drill", "eggplant", "fork", "glue", "honey", "iron", "jam")
"""Things are called by two of these: no two commands add the same."""


class Server:
    """A server that can be killed, on one port and with one home."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._file = folder / "steward.toml"
        self._file.write_text(
            f'[server]\nport = {port}\n[paths]\nstate = "{folder}/state"\n[wake]\ndiary = "off"\n'
        )
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = await asyncio.create_subprocess_exec(
            STEWARD, "--config", self._file, stdout=-3, stderr=-3, env=dict(os.environ)
        )
        async with httpx.AsyncClient(trust_env=False) as client:
            while True:
                try:
                    await client.get(f"{self.url}/health")
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
                else:
                    return

    async def kill(self) -> None:
        """Kill it at once."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()


async def command(client: httpx.AsyncClient, number: int, thing: str) -> int:
    """Send one command until it is answered; return the status."""
    text, tries = f"add {thing} to the shopping list", 0
    while True:
        try:
            if number % 2:
                body = {"text": text, "turn": f"command-{number}"}
                answer = await client.post("/api/ask", json=body)
            else:
                chat = {"model": "steward", "messages": [{"role": "user", "content": text}]}
                headers = {"x-stainless-retry-count": str(tries)}
                answer = await client.post("/v1/chat/completions", json=chat, headers=headers)
        except httpx.TransportError:
            tries += 1
            await asyncio.sleep(0.2)
            continue
        return answer.status_code


async def measure(commands: int) -> dict[str, object]:
    """Send the commands while the server is killed, and count what is on the list."""
    chance, things = random.Random(SEED), [f"{a} {b}" for a in WORDS for b in WORDS if a != b]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server, statuses, kills = Server(folder), dict[str, int](), 0
        with opened(folder / "state") as tokens:
            token = tokens.create("bench", Scope.TALK)
        await server.start()

        async def send() -> None:
            headers = {"Authorization": f"Bearer {token}"}
            async with httpx.AsyncClient(
                base_url=server.url, headers=headers, timeout=60, trust_env=False
            ) as client:
                for number in range(commands):
                    statuses[things[number]] = await command(client, number, things[number])
                world = (await client.get("/api/world")).json()
                items.update(
                    item["summary"].lower()
                    for entity in world["entities"]
                    for item in entity["attributes"].get("items", ())
                )

        items: Counter[str] = Counter()
        sending = asyncio.create_task(send())
        while not (await asyncio.wait({sending}, timeout=chance.uniform(*ALIVE)))[0]:
            if len(statuses) < commands:
                await server.kill()
                kills += 1
                await server.start()
        sending.result()
        await server.kill()
    lost = [thing for thing in statuses if not items[thing]]
    return {
        "commands": commands,
        "kills": kills,
        "once": sum(items[thing] == 1 for thing in statuses),
        "twice": sum(items[thing] > 1 for thing in statuses),
        "absent_and_told": sum(statuses[thing] != 200 for thing in lost),
        "absent_without_a_word": sum(statuses[thing] == 200 for thing in lost),
        "told_that_nobody_knows": sum(status == 409 for status in statuses.values()),
    }


def main() -> None:
    """Measure, and publish the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commands", type=int, default=40)
    found = asyncio.run(measure(parser.parse_args().commands))
    headings = [key.replace("_", " ") for key in found]
    title = "Commands while the server is killed and started again"
    publish("restarts", title, found, table(headings, [list(found.values())]))


if __name__ == "__main__":
    main()
