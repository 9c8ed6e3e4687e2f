"""Resident memory of the meaning stage alone, in a process that has nothing else.

    python bench/memory.py           measures in a new process, and publishes
    python bench/memory.py --here    measures in this one: prints JSON, megabytes after each step

No speech is loaded. As in the server, freed memory goes back to the system.
"""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
from functools import partial
from itertools import pairwise

import psutil

SAID = {"en": "could you turn the hall lamp on", "zh": "把走廊的灯打开吧"}
FOREIGN = {"zh": "打开爆米花机"}
"""What needs the dictionary: a Chinese name for a thing with an English one."""
TALK = {"en": "how are you today", "zh": "你今天怎么样"}


def resident() -> float:
    """Return the megabytes of memory that this process holds."""
    gc.collect()
    return round(psutil.Process().memory_info().rss / 1e6, 1)


async def measure() -> dict[str, float]:
    """Load one part after the other, use it, and return the megabytes held after each."""
    found = {"python": resident()}
    # Imported here because what importing costs is a part of what is measured.
    from steward.config import Config
    from steward.home.services.table import capabilities
    from steward.lazy import Lazy
    from steward.models.open import open_model
    from steward.models.reader import OnnxReader
    from steward.models.store import Store
    from steward.plan.cascade import decide
    from steward.plan.dialogue.context import first_stage
    from steward.plan.talk.smalltalk import talk_stage
    from steward.serve.memory import thrifty
    from steward.types import Area, Entity, Utterance, World

    thrifty()
    hall = Entity("light.hall", "Hall Lamp", "off", "hall", ("走廊灯",))
    maker = Entity("switch.maker", "Popcorn Maker", "off", "hall")
    world = World(areas=(Area("hall", "Hall", aliases=("走廊",)),), entities=(hall, maker))
    config = Config()
    reader = OnnxReader()
    first = first_stage(config.languages, capabilities(), reader)
    found["imports"] = resident()
    for language, text in SAID.items():
        await decide([first], Utterance(text, language), world)
    found["rules"] = resident()
    for text in SAID.values():
        reader.read(text, [0] * len(text))
    found["reader"] = resident()
    for language, text in FOREIGN.items():
        await decide([first], Utterance(text, language), world)
    found["dictionary"] = resident()
    model = Lazy(partial(open_model, config.model, Store(config.paths.cache)))
    talk = talk_stage(model.get)
    for language, text in TALK.items():
        await decide([talk], Utterance(text, language), world)
    found["small talk"] = resident()
    return found


def main() -> None:
    """Measure in a process that has not loaded what publishing needs, and publish."""
    from results import publish, table

    said = subprocess.run(
        [sys.executable, __file__, "--here"], check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(said.stdout)
    steps = list(found.items())
    rows = [(name, f"{after - before:.0f}") for (_, before), (name, after) in pairwise(steps)]
    rows = [("python", f"{steps[0][1]:.0f}"), *rows, ("**all**", f"**{steps[-1][1]:.0f}**")]
    title = "Resident memory of understanding, no speech loaded"
    publish("memory", title, {"resident_mb": found}, table(("part", "MB"), rows))


if __name__ == "__main__":
    if "--here" in sys.argv:
        print(json.dumps(asyncio.run(measure())))
    else:
        main()
