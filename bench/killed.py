"""Peers that are killed and started again in the middle of use: what became of every command.

Commands follow each other without a pause while the other side is ended by SIGKILL at random
moments. Each carries a number of its own, which the peer writes down when it does it; so what he
said of a command can be compared with what was done.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import re
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil
from devices import Devices
from processes import STATION, Peer, broker, free_port, station

from results import HERE, busy, publish, table
from steward.config import McpServer, McpTool, MqttConfig
from steward.home.mqtt.home import MqttHome
from steward.home.plant.home import PlantHome, driver
from steward.home.plant.map import Modbus, OpcUa, read
from steward.skills.mcp.tools import McpTools
from steward.types import Call, Done, Failed, Json, Meaning, Outcome, Risk

KILLS = 10
SEED = 20261121
UP = (0.3, 1.0)
"""Seconds of use before it is killed: the shortest and the longest."""
DOWN = 0.3
"""Seconds until it is started again."""
PATIENCE = 90.0
"""Seconds after which a peer that does not come back counts as lost."""
UNRULY = Path(__file__).parents[1] / "tests" / "support" / "unruly.py"


@dataclass(frozen=True)
class Trial:
    """One peer: how it gets the command of a number, is killed, started, and what it wrote down."""

    ask: Callable[[int], Awaitable[Outcome]]
    kill: Callable[[], None]
    start: Callable[[], None]
    did: Callable[[], Counter[int]]


@asynccontextmanager
async def mcp_stdio(folder: Path) -> AsyncIterator[Trial]:
    """An MCP server that he starts himself."""
    journal = folder / "journal"
    command = (sys.executable, str(UNRULY), str(journal))
    skill = McpTools({"peer": McpServer(command=command, tools=_tools())})

    def kill() -> None:
        for child in psutil.Process().children():
            if str(journal) in child.cmdline():
                child.kill()

    yield Trial(lambda number: _count(skill, number), kill, lambda: None, lambda: _noted(journal))
    await skill.close()


@asynccontextmanager
async def mcp_http(folder: Path) -> AsyncIterator[Trial]:
    """An MCP server that somebody else starts."""
    journal, port = folder / "journal", free_port()
    peer = Peer((sys.executable, UNRULY, journal, str(port)), port, folder / "log")
    peer.start()
    url = f"http://127.0.0.1:{port}/mcp"
    skill = McpTools({"peer": McpServer(url=url, tools=_tools())})
    yield Trial(lambda n: _count(skill, n), peer.kill, peer.start, lambda: _noted(journal))
    await skill.close()
    peer.kill()


@asynccontextmanager
async def plant(folder: Path, protocol: str) -> AsyncIterator[Trial]:
    """The pump station of the examples."""
    peer = station(protocol, folder)
    peer.start()
    found = read(STATION / f"{protocol}.yaml")
    if found.modbus:
        device = Modbus(host="127.0.0.1", port=peer.port, poll=0.05, timeout=1)
        aimed = found.model_copy(update={"modbus": device})
    else:
        server = OpcUa(url=f"opc.tcp://127.0.0.1:{peer.port}", interval=0.05, timeout=1)
        aimed = found.model_copy(update={"opcua": server})
    home = PlantHome(aimed, driver(aimed), lambda _: None, lambda: datetime.now().astimezone())
    watching = asyncio.create_task(home.watch())

    async def ask(number: int) -> Outcome:
        target: dict[str, Json] = {"entity_id": ["number.flow"], "value": 1 + number / 1000}
        return await home.perform(Call("c", "number.set_value", Meaning("bench"), target))

    def did() -> Counter[int]:
        flows = re.findall(r"^flow ([\d.]+)", peer.log(), re.MULTILINE)
        return Counter(round((float(flow) - 1) * 1000) for flow in flows)

    yield Trial(ask, peer.kill, peer.start, did)
    watching.cancel()
    home.close()
    peer.kill()


@asynccontextmanager
async def mqtt(folder: Path) -> AsyncIterator[Trial]:
    """The broker between him and a device, a number that tells its state."""
    peer = broker(folder)
    peer.start()
    devices = Devices(peer.port)
    await devices.start()
    config = MqttConfig(host="127.0.0.1", port=peer.port)
    home = MqttHome(config, lambda _: None, lambda: datetime.now().astimezone(), patience=1)
    watching = asyncio.create_task(home.watch())

    async def ask(number: int) -> Outcome:
        target: dict[str, Json] = {"entity_id": ["number.pump_speed"], "value": number}
        return await home.perform(Call("c", "number.set_value", Meaning("bench"), target))

    def did() -> Counter[int]:
        return Counter(int(value) for topic, value in devices.commands if topic.startswith("esp"))

    await home.world()
    yield Trial(ask, peer.kill, peer.start, did)
    watching.cancel()
    await asyncio.wait({watching})
    devices.stop()
    peer.kill()


def _tools() -> dict[str, McpTool]:
    return {"count": McpTool(risk=Risk.ACT)}


async def _count(skill: McpTools, number: int) -> Outcome:
    given: dict[str, Json] = {"word": f"n{number}", "times": 1}
    return await skill.perform(Call("c", "peer.count", Meaning("bench"), given))


def _noted(journal: Path) -> Counter[int]:
    return Counter(int(number) for number in re.findall(r"'n(\d+)'", journal.read_text()))


async def measure(trial: Trial) -> dict[str, float]:
    """Kill the peer again and again, and return what became of all commands."""
    chance, said, back = random.Random(SEED), dict[int, Outcome](), list[float]()
    await _until_done(trial, said)
    for _ in range(KILLS):
        life = asyncio.create_task(asyncio.sleep(chance.uniform(*UP)))
        while not life.done():
            await _one(trial, said)
        # In the middle of one: it is killed while the next waits for its answer.
        under_way = asyncio.create_task(_one(trial, said))
        await asyncio.sleep(chance.uniform(0, 0.003))
        await asyncio.to_thread(trial.kill)
        await under_way
        down = time.perf_counter() + DOWN
        while time.perf_counter() < down:
            await _one(trial, said)
        await asyncio.to_thread(trial.start)
        began = time.perf_counter()
        await _until_done(trial, said)
        back.append(time.perf_counter() - began)
    return {**compared(said, trial.did()), "back_s": round(statistics.median(back), 2)}


def compared(said: dict[int, Outcome], did: Counter[int]) -> dict[str, int]:
    """Return how often he was right, and how often not, about what was done."""
    reasons = {n: each.reason if isinstance(each, Failed) else "done" for n, each in said.items()}
    refused = [n for n, reason in reasons.items() if reason not in ("done", "unconfirmed")]
    return {
        "commands": len(said),
        "done": sum(reason == "done" for reason in reasons.values()),
        "refused": len(refused),
        "unconfirmed": sum(reason == "unconfirmed" for reason in reasons.values()),
        "said_done_was_not": sum(r == "done" and not did[n] for n, r in reasons.items()),
        "said_refused_was_done": sum(did[n] > 0 for n in refused),
        "done_twice": sum(times > 1 for times in did.values()),
    }


async def _one(trial: Trial, said: dict[int, Outcome]) -> Outcome:
    number = len(said)
    said[number] = Failed("c", "error", "no word of it")
    said[number] = outcome = await trial.ask(number)
    # What is refused at once would otherwise be asked for thousands of times.
    await asyncio.sleep(0.002 if isinstance(outcome, Done) else 0.02)
    return outcome


async def _until_done(trial: Trial, said: dict[int, Outcome]) -> None:
    end = time.perf_counter() + PATIENCE
    while not isinstance(await _one(trial, said), Done):
        if time.perf_counter() > end:
            raise TimeoutError("it did not come back")


async def trials(folder: Path) -> dict[str, dict[str, float]]:
    """Measure each peer."""
    doors: dict[str, Callable[[Path], AbstractAsyncContextManager[Trial]]] = {
        "MCP server, stdio": mcp_stdio,
        "MCP server, HTTP": mcp_http,
        "Modbus TCP": lambda place: plant(place, "modbus"),
        "OPC UA": lambda place: plant(place, "opcua"),
        "MQTT broker": mqtt,
    }
    found = {}
    for number, (name, door) in enumerate(doors.items()):
        place = folder / str(number)
        place.mkdir()
        async with door(place) as trial:
            found[name] = await measure(trial)
        print(name, found[name], flush=True)
    return found


def home_assistant() -> tuple[object, ...]:
    """Return the row of Home Assistant, of which `homes.py` keeps account."""
    kept = json.loads((HERE / "results" / "homes.json").read_text(encoding="utf-8"))["killed"]
    told = kept["told"]
    refused = kept["commands"] - told["done"] - told["unconfirmed"]
    counts = (kept["commands"], told["done"], refused, told["unconfirmed"])
    wrong = (kept["told as done, not given"], "-", kept["given twice"])
    return ("Home Assistant", *counts, *wrong, kept["back after the start, s"])


def published(found: Mapping[str, Mapping[str, float]], note: str) -> None:
    """Write the figures of all peers; `note` says how they were taken."""
    keys = list(next(iter(found.values())))
    rows: list[tuple[object, ...]] = [
        (name, *(figures[key] for key in keys)) for name, figures in found.items()
    ]
    rows.append(home_assistant())
    headings = ("peer", *(key.removesuffix("_s").replace("_", " ") for key in keys[:-1]), "back, s")
    told = (
        f"Each peer was killed {KILLS} times in the middle of a command. Of what is refused he "
        "says that it was not done, of what is unconfirmed that nobody knows. Back is the median "
        f"from its start until the first command was done again.{note} Home Assistant was killed 3 "
        "times, by `bench/homes.py`, which does not look whether what it refused was done."
    )
    body = f"{table(headings, rows)}\n\n{told}"
    data = {"kills": KILLS, "busy": bool(note), "peers": found}
    publish("killed", "Peers killed in the middle of use", data, body)


def main() -> None:
    """Measure all and write the results."""
    note = busy()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(trials(Path(folder)))
    published(found, note)


if __name__ == "__main__":
    main()
