"""Home Assistant as the home, beside a home of our own of the same size.

A Home Assistant with 3,000 lamps (templates) and its demo is started. Measured are the memory that
holding it takes, turns from a typed sentence to the reply, and what becomes of commands while it is
killed and started again.
"""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import psutil

from results import percentiles, publish, table

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
from homeassistants import HomeAssistant, home_assistant

from steward.butler import Butler
from steward.config import Config, load
from steward.events import Acted, Replied
from steward.home.homeassistant.home import HomeAssistantHome, look
from steward.home.homeassistant.link import linked
from steward.home.homeassistant.token import write_token
from steward.home.local import LocalHome
from steward.home.open import open_home
from steward.types import Call, Done, Failed, Json, Meaning, Utterance
from steward.wiring import assemble

FIRST = """
amber ancient autumn azure brass bright bronze calm cherry clever copper coral crystal curious
dapper eager early ember fancy gentle glossy golden grand happy hazel humble ivory jolly kind
lively lofty lucky lunar mellow merry mighty modest noble nimble olive pearl polar proud quiet
rapid royal ruby rustic sandy silver
"""
SECOND = """
acorn anchor antler arrow badger barley basil beaver birch bison boulder bramble cactus canyon
cedar clover comet cricket daisy dolphin dragon eagle falcon fern finch fjord fox gazelle geyser
ginger glacier heron hickory iris jasmine juniper kestrel lagoon lark lemur lilac lynx magnolia
maple meadow mongoose moose nettle orchid osprey otter panther pebble pelican poplar puffin quartz
raven saffron sparrow
"""
NAMES = [f"{one} {other}" for one, other in product(FIRST.split(), SECOND.split())]
ROOMS, TURNS, WARMING, SAID = 100, 40, 4, 20
KILLS, GIVEN, GIVEN_IN_VAIN = 3, 30, 3


def lamps() -> str:
    """Return the configuration of one template light for each name."""
    lines = ["light:", "  - platform: template", "    lights:"]
    for name in NAMES:
        key = name.replace(" ", "_")
        lines += [
            f"      {key}:",
            f"        friendly_name: {name.title()}",
            f"        unique_id: {key}",
        ]
        lines += [f"        {service}: []" for service in ("turn_on", "turn_off", "set_level")]
    return "\n".join(lines) + "\n"


async def furnish(peer: HomeAssistant) -> None:
    """Spread the lamps over rooms."""
    async with linked(peer.url, peer.token) as link:
        reading = asyncio.create_task(link.read())
        rooms = [
            await link.command("config/area_registry/create", name=f"Hall {number}")
            for number in range(ROOMS)
        ]
        for number, name in enumerate(NAMES):
            where = rooms[number % ROOMS]["area_id"]
            entity = f"light.{name.replace(' ', '_')}"
            await link.command("config/entity_registry/update", entity_id=entity, area_id=where)
        reading.cancel()


async def held(file: Path) -> dict[str, float]:
    """Return what holding the home of the configuration `file` takes, in this process.

    The libraries are loaded before, and not counted.
    """
    config = load(file)
    gc.collect()
    before = psutil.Process().memory_info().rss
    began = time.perf_counter()
    home = open_home(config, lambda _: None)
    world = await home.world()
    took = time.perf_counter() - began
    gc.collect()
    after = psutil.Process().memory_info().rss
    return {"entities": len(world.entities), "mb": (after - before) / 2**20, "seconds": took}


async def turns(configs: Mapping[str, Config]) -> dict[str, dict[str, dict[str, float]]]:
    """Return the times of typed turns that switch one lamp each, in the homes by turns."""
    butlers = {name: Butler(assemble(config)) for name, config in configs.items()}
    running = [asyncio.create_task(butler.run()) for butler in butlers.values()]
    whole: dict[str, list[float]] = {name: [] for name in butlers}
    acting: dict[str, list[float]] = {name: [] for name in butlers}
    lamps = NAMES[:: len(NAMES) // SAID]
    for number in range(TURNS + WARMING):
        lamp, how = lamps[number % len(lamps)], "on" if number < len(lamps) else "off"
        for name, butler in butlers.items():
            began = time.perf_counter()
            async for event in butler.turn(Utterance(f"turn {how} the {lamp}", "en")):
                if isinstance(event, Acted):
                    assert isinstance(event.outcome, Done), event
                    acting[name].append(event.ms)
                if isinstance(event, Replied):
                    whole[name].append((time.perf_counter() - began) * 1000)
    for task in running:
        task.cancel()
    return {
        name: {
            "turn": percentiles(whole[name][WARMING:]),
            "command": percentiles(acting[name][WARMING:]),
        }
        for name in butlers
    }


async def killed(peer: HomeAssistant) -> dict[str, Any]:
    """Give commands while Home Assistant is killed and started again; return what became of them.

    Each asks for a brightness of its own, so that an observer of Home Assistant's own log of
    services sees whether one was given twice.
    """
    home = HomeAssistantHome(peer.url, peer.token, lambda _: None)
    watching = asyncio.create_task(home.watch())
    await home.world()
    seen: Counter[int] = Counter()
    told: dict[int, str] = {}
    back: list[float] = []
    waited: list[float] = []

    async def give() -> str:
        value = len(told) + 1
        arguments: dict[str, Json] = {"entity_id": ["light.bed_light"], "brightness": value}
        began = time.perf_counter()
        outcome = await home.perform(Call("c", "light.turn_on", Meaning("Bench"), arguments))
        waited.append(time.perf_counter() - began)
        told[value] = outcome.reason if isinstance(outcome, Failed) else "done"
        return told[value]

    for _ in range(KILLS):
        async with linked(peer.url, peer.token) as link:
            reading = asyncio.create_task(link.read())
            await link.subscribe(
                "subscribe_events", lambda event: _note(event, seen), event_type="call_service"
            )
            for _ in range(GIVEN):
                await give()
            killer = asyncio.create_task(asyncio.to_thread(_kill_soon, peer))
            while await give() == "done":
                pass
            await killer
            reading.cancel()
        for _ in range(GIVEN_IN_VAIN):
            await give()
        await asyncio.to_thread(peer.start)
        started = time.perf_counter()
        while (await home.world()).as_of is not None:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
        back.append(time.perf_counter() - started)
    watching.cancel()
    return {
        "commands": len(told),
        "told": dict(Counter(told.values())),
        "given twice": sum(count - 1 for count in seen.values()),
        "told as done, not given": sum(
            1 for value, how in told.items() if how == "done" and value not in seen
        ),
        "longest wait, s": round(max(waited), 1),
        "back after the start, s": round(max(back), 2),
    }


def _kill_soon(peer: HomeAssistant) -> None:
    # Before the values, which end at 255, are all given.
    time.sleep(0.05)
    peer.kill()


def _note(event: Any, seen: Counter[int]) -> None:
    value = event["data"]["service_data"].get("brightness")
    if isinstance(value, int):
        seen[value] += 1


def in_new_process(file: Path) -> dict[str, float]:
    """Return what `held` says in a process that has held nothing yet."""
    line = [sys.executable, __file__, "--held", str(file)]
    said = subprocess.run(line, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(said.stdout)
    return found


async def measure(folder: Path, peer: HomeAssistant) -> dict[str, Any]:
    """Measure Home Assistant, and a home of ours with the same world."""
    ours, theirs = folder / "ours.toml", folder / "theirs.toml"
    ours.write_text(f'[paths]\nstate = "{folder / "ours"}"\n', encoding="utf-8")
    theirs.write_text(
        f'[paths]\nstate = "{folder / "theirs"}"\n[home_assistant]\nurl = "{peer.url}"\n',
        encoding="utf-8",
    )
    write_token(folder / "theirs", peer.token)
    await furnish(peer)
    world = await look(peer.url, peer.token)
    local = LocalHome(folder / "ours" / "home.db", lambda _: None)
    await local.load(world)
    local.close()
    files = {"Home Assistant": theirs, "ours": ours}
    held = {name: await asyncio.to_thread(in_new_process, file) for name, file in files.items()}
    times = await turns({name: load(file) for name, file in files.items()})
    return {"held": held, "turns": times, "killed": await killed(peer)}


def page(found: dict[str, Any]) -> str:
    """Return the figures as tables."""
    rows = [
        (
            name,
            f"{found['held'][name]['entities']:.0f}",
            f"{found['held'][name]['mb']:.1f}",
            f"{found['held'][name]['seconds']:.2f}",
            *(f"{found['turns'][name]['command'][key]:.1f}" for key in ("p50", "p99")),
            *(f"{found['turns'][name]['turn'][key]:.1f}" for key in ("p50", "p99")),
        )
        for name in found["held"]
    ]
    heads = ("home", "entities", "MB", "read in s", "command p50 ms", "p99", "turn p50 ms", "p99")
    ratio = found["turns"]["Home Assistant"]["turn"]["p50"] / found["turns"]["ours"]["turn"]["p50"]
    killed = [(key, value) for key, value in found["killed"].items() if key != "told"]
    killed[1:1] = [(f"told as {key}", value) for key, value in found["killed"]["told"].items()]
    return (
        f"{table(heads, rows)}\n\nA turn takes {ratio:.2f} times as long as with a home of ours. "
        f"Home Assistant 2024.3.3 runs on the same cores.\n\nKilled {KILLS} times while commands "
        f"came one after the other, and started again:\n\n{table(('', ''), killed)}"
    )


def main() -> None:
    """Measure and publish."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with home_assistant(folder / "peer", lamps()) as peer:
            found = asyncio.run(measure(folder, peer))
    publish("homes", "Home Assistant as the home, 3,000 entities", found, page(found))


if __name__ == "__main__":
    if "--held" in sys.argv:
        print(json.dumps(asyncio.run(held(Path(sys.argv[-1])))))
    else:
        main()
