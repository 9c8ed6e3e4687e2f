"""A program that is killed at any instant leaves a home that some prefix of its commands made."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from steward.home.fixtures import demo
from steward.home.local import LocalHome
from steward.home.services.table import Effect, carry_out
from steward.types import Call, Json, Meaning, World

KILLS = 50
SEED = 20261121
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)

NURSERY = """
# Reads lines of JSON [path, commands, begun, pause]: a child performs the commands one after the
# other and is killed `pause` seconds after it has started, or, if `begun`, has done the first;
# prints how many of them it had done by then.
import asyncio, json, os, signal, sys, time
from datetime import UTC, datetime
from pathlib import Path
from steward.home.local import LocalHome
from steward.types import Call, Done, Meaning

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)

async def stream(path, commands, out):
    home = LocalHome(Path(path), lambda event: None, now=lambda: NOW)
    for capability, arguments in commands:
        outcome = await home.perform(Call("c", capability, Meaning("Test"), arguments))
        assert isinstance(outcome, Done), outcome
        os.write(out, b".")

for line in sys.stdin:
    path, commands, begun, pause = json.loads(line)
    said, out = os.pipe()
    child = os.fork()
    if child == 0:
        asyncio.run(stream(path, commands, out))
        os._exit(0)
    os.close(out)
    done = len(os.read(said, 1)) if begun else 0
    time.sleep(pause)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the commands ran out before the child was killed"
    while piece := os.read(said, 65536):
        done += len(piece)
    os.close(said)
    print(done, flush=True)
"""


@pytest.fixture
def nursery() -> Iterator[Callable[[Path, int, bool, float], int]]:
    """Performs commands from a number on in a process that is killed; gives how many it said."""
    process = subprocess.Popen(
        [sys.executable, "-c", NURSERY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    asked, told = process.stdin, process.stdout
    assert asked is not None
    assert told is not None

    def killed(path: Path, first: int, begun: bool, pause: float) -> int:
        commands = [command(number) for number in range(first, first + 3000)]
        asked.write(json.dumps([str(path), commands, begun, pause]) + "\n")
        asked.flush()
        return int(told.readline())

    with process:
        yield killed
        asked.close()
    assert process.returncode == 0


def command(number: int) -> tuple[str, dict[str, Json]]:
    """The commands of the stream: each leaves a home unlike all before it, over many entities."""
    level = number % 200 + 1
    lights = ["light.living_room_light", "light.bedroom_light", "light.desk_lamp"]
    commands: tuple[tuple[str, dict[str, Json]], ...] = (
        ("light.turn_on", {"entity_id": lights, "brightness": level}),
        (
            "todo.add_item",
            {"entity_id": ["todo.shopping_list", "todo.chores"], "item": f"{number}"},
        ),
        ("scene.turn_on", {"entity_id": ["scene.movie_night", "scene.good_night"]}),
    )
    return commands[number % 3]


def after(world: World, number: int) -> World:
    capability, arguments = command(number)
    entities = {entity.id: entity for entity in world.entities}
    effect = carry_out(entities, Call("c", capability, Meaning("Test"), arguments), NOW)
    assert isinstance(effect, Effect)
    entities |= {entity.id: entity for entity in effect.changed}
    return World(world.floors, world.areas, tuple(entities.values()))


async def world_of(path: Path) -> World:
    home = LocalHome(path, lambda event: None)
    world = await home.world()
    home.close()
    return world


async def test_the_state_is_always_that_of_a_prefix(
    tmp_path: Path, nursery: Callable[[Path, int, bool, float], int]
) -> None:
    chance = random.Random(SEED)
    path = tmp_path / "home.db"
    world, number = demo(), 0
    for _ in range(KILLS):
        done = nursery(path, number, True, chance.uniform(0.0, 0.04))
        found = await world_of(path)
        for _ in range(done):
            world = after(world, number)
            number += 1
        # Killed between the end of its transaction and saying so, it did one more.
        if found != world:
            world = after(world, number)
            number += 1
        assert found == world
    assert number >= KILLS


async def test_killed_while_the_file_is_made(
    tmp_path: Path, nursery: Callable[[Path, int, bool, float], int]
) -> None:
    chance = random.Random(SEED)
    for attempt in range(20):
        path = tmp_path / f"{attempt}.db"
        done = nursery(path, 0, False, chance.uniform(0.0, 0.08))
        worlds = [demo()]
        for number in range(done + 1):
            worlds.append(after(worlds[-1], number))
        assert await world_of(path) in worlds[done:]
