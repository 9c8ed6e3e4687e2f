"""A light command through every door: how long it takes, and how many a second for fifty clients.

The whole server runs in a process of its own, as `steward` starts it, and so does Home Assistant
2024.3.3 with its demo integration, which gets the same through its own REST and conversation API.
Each answer is compared with what was asked for. The clients share the machine with the server.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TypeAlias

import httpx
import httpx2
import matplotlib.pyplot as plt
from homeassistants import HomeAssistant, free_port, home_assistant
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import TextContent
from websockets.asyncio.client import connect
from wyoming.asr import Transcript
from wyoming.client import AsyncTcpClient
from wyoming.handle import Handled

from results import HERE, busy, percentiles, publish, table
from steward.serve.mcp.offer import TOOLS, schema
from steward.serve.tokens import Scope, opened
from turn import STEWARD, USUAL, cold_ask

CLIENTS = 50
MOST = {"page": 32, "wyoming_handle": 16}
"""Doors that let in 32 at once; by Wyoming those that have left count for a moment more."""
SINGLE = 200
"""Commands one after the other, of one client."""
COLD = 12
"""Commands of the command line, each a process."""
ON, OFF = "turn on the kitchen light", "turn off the kitchen light"
HA_LIGHT = "light.kitchen_lights"
HA_ON, HA_OFF = "turn on kitchen lights", "turn off kitchen lights"

Press: TypeAlias = Callable[[bool], Awaitable[bool]]
"""Switches the light on or off; tells whether the answer says so."""
Door: TypeAlias = Callable[[], AbstractAsyncContextManager[Press]]


def right(reply: str, on: bool) -> bool:
    """Tell whether `reply` says that the light is now as it was to be."""
    return reply == f"The kitchen light is {'on' if on else 'off'}."


@asynccontextmanager
async def page(url: str, token: str) -> AsyncIterator[Press]:
    """The page's WebSocket, open all the time."""
    headers = {"Authorization": f"Bearer {token}"}
    address = url.replace("http", "ws") + "/ws"
    async with connect(address, additional_headers=headers, max_size=None) as socket:
        count = 0

        async def press(on: bool) -> bool:
            nonlocal count
            count += 1
            turn, said = f"t{count}", ""
            say = {"type": "say", "turn": turn, "text": ON if on else OFF}
            await socket.send(json.dumps(say))
            async for message in socket:
                event = json.loads(message) if isinstance(message, str) else {}
                if event.get("turn") == turn and event["kind"] == "replied":
                    said = event["reply"]["text"]
                if event.get("turn") == turn and event["kind"] == "ended":
                    break
            return right(said, on)

        yield press


@asynccontextmanager
async def ask(url: str, token: str) -> AsyncIterator[Press]:
    """POST /api/ask, by a connection that is kept."""
    async with _http(token) as http:

        async def press(on: bool) -> bool:
            answer = await http.post(f"{url}/api/ask", json={"text": ON if on else OFF})
            return answer.is_success and right(answer.json()["reply"], on)

        yield press


@asynccontextmanager
async def openai(url: str, token: str) -> AsyncIterator[Press]:
    """POST /v1/chat/completions with the model `steward`, by a connection that is kept."""
    async with _http(token) as http:

        async def press(on: bool) -> bool:
            said = [{"role": "user", "content": ON if on else OFF}]
            body = {"model": "steward", "messages": said}
            answer = await http.post(f"{url}/v1/chat/completions", json=body)
            if not answer.is_success:
                return False
            return right(answer.json()["choices"][0]["message"]["content"], on)

        yield press


@asynccontextmanager
async def mcp(url: str, token: str, tool: str) -> AsyncIterator[Press]:
    """MCP by streamable HTTP, by the SDK's client: `say` or `act`."""
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http)) as client,
    ):

        async def press(on: bool) -> bool:
            said = {"text": ON if on else OFF}
            light = {"entity_id": ["light.kitchen_light"]}
            act = {"capability": f"light.turn_{'on' if on else 'off'}", "arguments": light}
            result = await client.call_tool(tool, said if tool == "say" else act)
            text = result.content[0]
            if not isinstance(text, TextContent) or result.is_error:
                return False
            return tool == "act" or right(text.text, on)

        yield press


@asynccontextmanager
async def wyoming(port: int) -> AsyncIterator[Press]:
    """The Wyoming service `handle`, by a connection for each command, as Home Assistant does."""

    async def press(on: bool) -> bool:
        said = ""
        with suppress(ConnectionError):
            async with AsyncTcpClient("127.0.0.1", port) as client:
                await client.write_event(Transcript(ON if on else OFF).event())
                while not said and (event := await client.read_event()) is not None:
                    if Handled.is_type(event.type):
                        said = Handled.from_event(event).text or ""
        return right(said, on)

    yield press


@asynccontextmanager
async def ha_rest(house: HomeAssistant) -> AsyncIterator[Press]:
    """Home Assistant's own REST API, by a connection that is kept."""
    async with _http(house.token) as http:

        async def press(on: bool) -> bool:
            service = f"{house.url}/api/services/light/turn_{'on' if on else 'off'}"
            answer = await http.post(service, json={"entity_id": HA_LIGHT})
            return answer.is_success

        yield press


@asynccontextmanager
async def ha_conversation(house: HomeAssistant) -> AsyncIterator[Press]:
    """Home Assistant's own conversation API, by a connection that is kept."""
    async with _http(house.token) as http:

        async def press(on: bool) -> bool:
            body = {"text": HA_ON if on else HA_OFF, "language": "en"}
            answer = await http.post(f"{house.url}/api/conversation/process", json=body)
            kind = answer.json()["response"]["response_type"] if answer.is_success else ""
            return bool(kind == "action_done")

        yield press


def _http(token: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(headers=headers, timeout=60, trust_env=False)


async def single(door: Door) -> dict[str, float]:
    """Return the milliseconds of commands of one client, one after the other."""
    times, wrong = [], 0
    async with door() as press:
        for number in range(SINGLE + 4):
            began = time.perf_counter()
            wrong += not await press(number % 2 == 0)
            times.append((time.perf_counter() - began) * 1000)
    return {**percentiles(times[4:]), "wrong": wrong}


async def many(door: Door, clients: int, seconds: float) -> dict[str, float]:
    """Return the milliseconds, and the commands a second, of `clients` for so many seconds."""
    times: list[float] = []
    wrong = 0
    until = 0.0
    ready = asyncio.Barrier(clients + 1)

    async def client(number: int) -> None:
        nonlocal wrong
        async with door() as press:
            await press(True)
            await ready.wait()
            on = number % 2 == 0
            while (began := time.perf_counter()) < until:
                wrong += not await press(on)
                times.append((time.perf_counter() - began) * 1000)
                on = not on

    async with asyncio.TaskGroup() as group:
        for number in range(clients):
            group.create_task(client(number))
        until = time.perf_counter() + 10**9
        await ready.wait()
        until = time.perf_counter() + seconds
    figures = {
        **percentiles(times),
        "clients": clients,
        "per_second": round(len(times) / seconds, 1),
    }
    return {**figures, "commands": len(times), "wrong": wrong}


@contextmanager
def steward(folder: Path) -> Iterator[tuple[str, int, str]]:
    """Start the whole server with every door open; give its address, Wyoming port, and a token."""
    state, port = folder / "state", free_port()
    file = folder / "steward.toml"
    file.write_text(
        f"[paths]\nstate = {str(state)!r}\n[server]\nport = 0\nrate = 100000\n"
        f'[wyoming]\nlisten = "on"\nport = {port}\n[mcp]\nserve = "on"\n'
    )
    with opened(state) as tokens:
        token = tokens.create("bench", Scope.CONTROL)
    command = [str(STEWARD), "--config", str(file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=USUAL)
    try:
        assert process.stdout is not None
        found = None
        while found is None:
            line = process.stdout.readline()
            assert line, "the server ended"
            found = re.search(r"http://\S+", line)
        yield found.group().rstrip("/"), port, token
    finally:
        process.terminate()
        process.wait(30)


def measure(doors: Mapping[str, Door], seconds: float) -> dict[str, dict[str, dict[str, float]]]:
    """Return the figures of each door: of one client, then of many."""
    found = {}
    for name, door in doors.items():
        alone = asyncio.run(single(door))
        crowd = asyncio.run(many(door, MOST.get(name, CLIENTS), seconds))
        found[name] = {"single": alone, "many": crowd}
        print(name, alone, crowd, flush=True)
    return found


def command_line(folder: Path) -> dict[str, float]:
    """Return the milliseconds of commands that are processes of their own."""
    return percentiles([cold_ask(folder, ON) * 1000 for _ in range(COLD)])


def body(
    found: Mapping[str, Mapping[str, Mapping[str, float]]], cli: Mapping[str, float], note: str
) -> str:
    """Return the table, and what it leaves out."""
    headings = ("door", "p50 ms", "p99 ms", "clients", "p50 ms", "p99 ms", "a second", "wrong")
    rows: list[tuple[object, ...]] = []
    for name, figures in found.items():
        one, all_ = figures["single"], figures["many"]
        wrong = one["wrong"] + all_["wrong"]
        shown = (all_["clients"], all_["p50"], all_["p99"], all_["per_second"], wrong)
        rows.append((name.replace("_", " "), one["p50"], one["p99"], *shown))
    rows.append(("`steward ask`, a process each", cli["p50"], cli["p99"], "-", "-", "-", "-", 0))
    size = len(json.dumps([(name, TOOLS[name][0], schema(name)) for name in TOOLS]))
    return (
        f'{table(headings, rows)}\n\nOne client first, then many at once; "wrong" counts answers '
        "that do not say what was asked for. `steward ask` starts a process for each command, so "
        f"that many at once would measure Python's start. The list of MCP tools has {size} "
        f"characters.{note}\n\n![](results/doors.png)"
    )


def plot(found: Mapping[str, Mapping[str, Mapping[str, float]]]) -> None:
    """Draw the commands a second of each door."""
    names = list(found)[::-1]
    rates = [found[name]["many"]["per_second"] for name in names]
    colors = ["#c65f00" if name.startswith("home_assistant") else "#2f6db5" for name in names]
    figure, axes = plt.subplots(figsize=(7, 0.5 * len(names) + 1))
    bars = axes.barh([name.replace("_", " ") for name in names], rates, color=colors)
    axes.bar_label(bars, padding=3)
    axes.set_xlabel("light commands a second, many clients")
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(HERE / "results" / "doors.png", dpi=100)
    plt.close(figure)


def main() -> None:
    """Measure all, beside Home Assistant in the same run, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long many clients ask")
    parser.add_argument("--only", nargs="*", default=[], help="doors to measure; writes nothing")
    options, note = parser.parse_args(), busy()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with steward(folder) as (url, port, token), home_assistant(folder / "ha") as house:
            doors: dict[str, Door] = {
                "page": partial(page, url, token),
                "api_ask": partial(ask, url, token),
                "openai": partial(openai, url, token),
                "mcp_say": partial(mcp, url, token, "say"),
                "mcp_act": partial(mcp, url, token, "act"),
                "wyoming_handle": partial(wyoming, port),
                "home_assistant_REST": partial(ha_rest, house),
                "home_assistant_conversation": partial(ha_conversation, house),
            }
            chosen = {key: door for key, door in doors.items() if key in (options.only or doors)}
            found = measure(chosen, options.seconds)
        if options.only:
            return
        with tempfile.TemporaryDirectory() as other:
            cli = command_line(Path(other))
    plot(found)
    figures = {"seconds": options.seconds, "busy": bool(note), "doors": found, "steward_ask": cli}
    publish("doors", "A light command through every door", figures, body(found, cli, note))


if __name__ == "__main__":
    main()
