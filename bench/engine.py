"""The first token of a home question: cold, from disk after a restart, and from memory.

    python bench/engine.py --cold      measures one start without anything kept (half a minute)
    python bench/engine.py --warm      measures starts with the prompt kept on disk, and memory
    python bench/engine.py             publishes what both have measured

The prompt lists a home's things in 2,000 tokens. Each start is a new process of Python and of the
model; the weights are in the page cache of the system, as after a restart of the service.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from steward.config import Config
from steward.models.engine import EngineSettings
from steward.models.llama import Llama
from steward.models.prefixes import Prefixes
from steward.models.process import Worker
from steward.models.server import LlamaServer
from steward.models.store import Store
from steward.plan.talk.smalltalk import ask
from steward.thinking import Generation, Message, Token

THINGS = 98
"""Lines of the prompt: 2,000 tokens."""
SETTINGS = EngineSettings(context=3072)
STARTS = 5
KEPT = Path(tempfile.gettempdir()) / "steward-bench-engine"
MEASURED = KEPT / "measured.json"
LIMIT = 500_000_000
ROOMS = ("Kitchen", "Hall", "Study", "Bath", "Attic", "Porch", "Cellar", "Nursery")


def home() -> Message:
    """Return a prompt that lists a home's things."""
    rows = []
    for index in range(THINGS):
        room, lit = ROOMS[index % len(ROOMS)], "on" if index % 3 else "off"
        name = f"{room} Lamp {index // len(ROOMS) + 1}"
        rows.append(f'light.{name.lower().replace(" ", "_")} "{name}", {room}, {lit}')
    return Message("system", "You control a home. Things:\n" + "\n".join(rows))


def open_llama(folder: Path) -> Llama:
    """Return the packaged model, with room for the prompt."""
    return Llama(weights(), SETTINGS, prefixes=Prefixes(folder, LIMIT))


def weights() -> Path:
    """Return the packaged model's file."""
    (path,) = Store(Config().paths.cache).folder("smollm2-135m-instruct").glob("*.gguf")
    return path


async def first(model: Llama, question: str, stable: int) -> float:
    """Return the seconds to the first token."""
    start = time.perf_counter()
    chat = (home(), Message("user", question))
    tokens: AsyncGenerator[Token, None] = model.generate(chat, Generation(4, stable=stable))
    async with aclosing(tokens):
        await anext(tokens)
    return time.perf_counter() - start


async def start(folder: str, stable: str) -> None:
    """Print what one start takes, as JSON; this process is new."""
    begun = time.perf_counter()
    model = open_llama(Path(folder))
    loaded = time.perf_counter() - begun
    asked = await first(model, "Is the hall lamp on?", int(stable))
    again = await first(model, "Which lamps are off in the study?", int(stable))
    model.close()
    print(json.dumps({"load_s": loaded, "first_s": asked, "again_s": again}))


async def talk(folder: str) -> None:
    """Print the seconds of the first small talk of a start; this process is new."""
    model = open_llama(Path(folder))
    begun = time.perf_counter()
    await ask("how are you today", "en", model)
    print(json.dumps({"first_s": time.perf_counter() - begun}))
    model.close()


def talked() -> dict[str, float]:
    """Return the seconds of the first small talk, with nothing kept and with the prompt on disk."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--talk", folder]
        runs = [
            subprocess.run(command, check=True, capture_output=True, text=True).stdout
            for _ in ("cold", "warm")
        ]
    cold, warm = (json.loads(run)["first_s"] for run in runs)
    return {"cold_s": cold, "warm_s": warm}


def started(folder: Path, stable: int) -> dict[str, float]:
    """Return what a start in a new process takes."""
    command = [sys.executable, __file__, "--start", str(folder), str(stable)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(said)
    return found


def held() -> int:
    """Return the bytes that this process and its children hold, what they share divided."""
    here = psutil.Process()
    return sum(p.memory_full_info().pss for p in (here, *here.children(recursive=True)))


async def memory(folder: Path) -> dict[str, float]:
    """Return the megabytes that a loaded model takes, and what is left of them when it is freed."""
    before = held()
    model = open_llama(folder)
    await first(model, "Is the hall lamp on?", 1)
    loaded = held()
    model.close()
    freed = held()
    return {"loaded_mb": (loaded - before) / 1e6, "kept_mb": (freed - before) / 1e6}


def keep(**found: Any) -> None:
    """Add to what has been measured; each part may be measured in its own quiet minute."""
    KEPT.mkdir(exist_ok=True)
    known = json.loads(MEASURED.read_text()) if MEASURED.exists() else {}
    MEASURED.write_text(json.dumps({**known, **found}))


def publish_all() -> None:
    """Publish both parts."""
    from results import busy, publish, table

    found = json.loads(MEASURED.read_text())
    cold, warm, given = found["cold"], found["warm"], found["memory"]
    small = found["talk"]
    times = cold["first_s"] / warm["first_s"]
    restart = (cold["load_s"] + cold["first_s"]) / (warm["load_s"] + warm["first_s"])
    rows = [
        ("nothing kept", f"{cold['load_s']:.2f}", f"{cold['first_s']:.2f}", "1"),
        ("prompt on disk", f"{warm['load_s']:.2f}", f"{warm['first_s']:.2f}", f"{times:.0f}"),
        (
            "prompt in memory",
            "",
            f"{warm['again_s']:.2f}",
            f"{cold['first_s'] / warm['again_s']:.0f}",
        ),
    ]
    body = (
        f"A question to a prompt of {found['tokens']} tokens, SmolLM2-135M Q4_1; medians of "
        f"{STARTS} starts where the prompt is on disk.{busy()}\n\n"
        + table(("", "load, s", "first token, s", "times faster"), rows)
        + f"\n\nWith loading, a restart is {restart:.0f} times faster to its first token. The "
        f"prompt takes {found['file_mb']:.0f} MB on disk. The loaded model takes "
        f"{given['loaded_mb']:.0f} MB; {given['kept_mb']:.1f} MB are left when it is freed. "
        f"The first small talk after a start takes {small['cold_s']:.2f} s with nothing kept, "
        f"{small['warm_s']:.2f} s with its prompt on disk."
    )
    publish("engine", "First token of a home question, and memory given back", found, body)


def main() -> None:
    """Measure a part, or publish."""
    prompts = KEPT / "prompts"
    match sys.argv[1:]:
        case ["--start", folder, stable]:
            asyncio.run(start(folder, stable))
        case ["--talk", folder]:
            asyncio.run(talk(folder))
        case ["--cold"]:
            keep(cold=started(prompts, 0))
        case ["--warm"]:
            if not any(prompts.glob("*")):
                started(prompts, 1)
            runs = [started(prompts, 1) for _ in range(STARTS)]
            (file,) = prompts.iterdir()
            keep(
                warm={name: median(run[name] for run in runs) for name in runs[0]},
                memory=asyncio.run(memory(prompts)),
                talk=talked(),
                file_mb=file.stat().st_size / 1e6,
                tokens=asyncio.run(count(prompts)),
            )
        case _:
            publish_all()


async def count(folder: Path) -> int:
    """Return how many tokens the prompt has, by the model's own count."""
    path = weights()
    worker = Worker(path, SETTINGS, folder)
    server = LlamaServer(worker, path.name, 60.0)
    text = await server.text_of([home()], whole=False)
    found = await server.ask("/tokenize", {"content": text})
    worker.stop()
    return len(found["tokens"])


if __name__ == "__main__":
    main()
