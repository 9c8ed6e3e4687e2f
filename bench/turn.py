"""Turns on this machine: time of each step, cold start, memory; and two peers in the same run.

The peers get the same commands: plain `hassil` with the packaged sentences and this home's names,
which only recognises, and the plain language model with the whole home in its prompt.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil
from hassil.intents import Intents, SlotList, TextSlotList
from hassil.recognize import recognize
from home_assistant_intents import get_intents
from websockets.asyncio.client import connect

from cookies import cookie
from results import percentiles, publish, table
from steward.audio.files import read_audio
from steward.butler import Butler
from steward.config import Config
from steward.serve.record import record
from steward.thinking import Generation, LanguageModel, Message
from steward.types import AudioChunk, Utterance, World
from steward.wiring import assemble

RECORDINGS = Path(__file__).parents[1] / "tests" / "data" / "speech"
COMMANDS = (
    "turn on the kitchen light",
    "turn off the living room light",
    "close the living room curtain",
    "is the front door locked",
    "what time is it",
    "set the bedroom air conditioner to 22 degrees",
    "turn on the kitchen light and close the living room curtain",
    "打开厨房的灯",
    "把卧室的空调调到二十四度",
    "现在几点",
)
SMALL_TALK = ("hello", "open the pod bay doors", "who won the 1987 cup?")
REPEATS = 20
TOKENS = 48
STEWARD = Path(sys.executable).with_name("steward")
USUAL = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


Steps = dict[str, list[float]]


async def measure(butler: Butler, said: Sequence[Utterance | AudioChunk], aloud: bool) -> Steps:
    """Run every turn once and return the milliseconds of each step and of all until the reply."""
    steps: dict[str, list[float]] = {}
    for one in said:
        began = time.perf_counter()
        events = []
        total = 0.0
        async for event in butler.turn(one, aloud=aloud):
            events.append(event)
            if event.kind == "replied":
                total = (time.perf_counter() - began) * 1000
        ms = record(events)["ms"]
        assert isinstance(ms, Mapping)
        for step, value in {**ms, "until reply": total}.items():
            assert isinstance(value, float)
            steps.setdefault(step, []).append(value)
    return steps


def summary(steps: Steps) -> dict[str, dict[str, float]]:
    """Return the percentiles of each step."""
    return {step: percentiles(values) for step, values in steps.items()}


def hassil_peer(world: World) -> Callable[[str], object]:
    """Return a function that recognises an English command with `hassil` alone."""
    packaged = get_intents("en")
    assert packaged is not None
    intents = Intents.from_dict(packaged)
    lists: dict[str, SlotList] = {
        "name": TextSlotList.from_tuples(
            (entity.name, entity.name, {"domain": entity.domain}) for entity in world.entities
        ),
        "area": TextSlotList.from_strings(area.name for area in world.areas),
        "floor": TextSlotList.from_strings(floor.name for floor in world.floors),
    }
    return lambda text: recognize(text, intents, slot_lists=lists)


async def model_peer(model: LanguageModel, world: World, text: str) -> tuple[float, float, bool]:
    """Ask the plain model for a call, the whole home in its prompt.

    Returns the milliseconds to its first token and to its last, and whether what it wrote is the
    JSON object that was asked for, naming an entity that exists.
    """
    home = "\n".join(f"{e.id} ({e.name}): {e.state}" for e in world.entities)
    prompt = (
        "You control this home:\n"
        f"{home}\n"
        'Answer with one JSON object: {"service": "light.turn_on", "entity_id": "light.x"}'
    )
    messages = (Message("system", prompt), Message("user", text))
    began = time.perf_counter()
    first, words = 0.0, ""
    async for token in model.generate(messages, Generation(max_tokens=TOKENS)):
        first = first or (time.perf_counter() - began) * 1000
        words += token.text
    return first, (time.perf_counter() - began) * 1000, names_an_entity(words, world)


def names_an_entity(words: str, world: World) -> bool:
    """Tell whether `words` hold a JSON object with a service and an entity of `world`."""
    found = re.search(r"\{[^{}]*\}", words)
    try:
        call = json.loads(found.group()) if found else {}
    except json.JSONDecodeError:
        return False
    ids = {entity.id for entity in world.entities}
    return bool(call.get("service")) and str(call.get("entity_id")) in ids


def configured(folder: Path, port: int = 0) -> Path:
    """Write a configuration with its state in `folder`, and return its path."""
    file = folder / "steward.toml"
    state = folder / "state"
    file.write_text(f"[paths]\nstate = {str(state)!r}\n[server]\nport = {port}\n", encoding="utf-8")
    return file


def cold_ask(folder: Path, text: str) -> float:
    """Return the seconds of a whole `steward ask` in a new process, as Python comes.

    So it keeps the bytecode of what it imports, even where the environment tells it not to.
    """
    began = time.perf_counter()
    command = [str(STEWARD), "--config", str(configured(folder)), "ask", text]
    subprocess.run(command, check=True, capture_output=True, env=USUAL)
    return time.perf_counter() - began


def server(folder: Path) -> dict[str, float]:
    """Start the whole server, run ten mixed turns in it, and return its start and its memory."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [STEWARD, "--config", configured(folder)], stdout=subprocess.PIPE, text=True, env=USUAL
    )
    try:
        assert process.stdout is not None
        found = None
        while found is None:
            line = process.stdout.readline()
            assert line, "the server ended"
            found = re.search(r"http://\S+", line)
        url = found.group().rstrip("/")
        start = time.perf_counter() - began
        asyncio.run(mixed_turns(url))
        memory = psutil.Process(process.pid).memory_info().rss / 1e6
    finally:
        process.terminate()
        process.wait(30)
    return {"seconds_to_first_page": round(start, 2), "rss_mb_after_ten_turns": round(memory, 1)}


async def mixed_turns(url: str) -> None:
    """Run ten turns over the page's WebSocket: typed and spoken, both languages, all aloud."""
    texts = [*COMMANDS[:3], *COMMANDS[7:9], *SMALL_TALK[:2]]
    sounds = [read_audio(path) for path in recordings()][:3]
    address, headers = url.replace("http", "ws") + "/ws", await cookie(url)
    async with connect(address, additional_headers=headers, max_size=None) as socket:
        for number, said in enumerate([*texts, *sounds]):
            name = f"turn{number}"
            if isinstance(said, AudioChunk):
                start = {"type": "audio_start", "turn": name, "rate": said.rate, "aloud": True}
                await socket.send(json.dumps(start))
                for at in range(0, len(said.pcm), 3200):
                    await socket.send(said.pcm[at : at + 3200])
                await socket.send(json.dumps({"type": "audio_end"}))
            else:
                say = {"type": "say", "turn": name, "text": said, "aloud": True}
                await socket.send(json.dumps(say))
            async for message in socket:
                if isinstance(message, str) and '"ended"' in message and name in message:
                    break


def recordings() -> list[Path]:
    """Return the committed recordings of commands."""
    return sorted(RECORDINGS.glob("living_room_light_*.wav"))


async def turns(folder: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Measure typed commands, small talk and recordings, and the peers on the same commands."""
    config = Config.model_validate({"paths": {"state": folder / "turns"}})
    parts = assemble(config)
    butler = Butler(parts)
    await butler.warm()
    typed = [Utterance(text) for text in COMMANDS]
    await measure(butler, typed, aloud=False)
    found = {
        "typed command": summary(await measure(butler, typed * REPEATS, aloud=False)),
        "small talk": summary(
            await measure(butler, [Utterance(text) for text in SMALL_TALK] * 5, aloud=False)
        ),
        "spoken command": summary(
            await measure(butler, [read_audio(path) for path in recordings()] * 5, aloud=True)
        ),
    }
    world = await parts.home.world()
    english = [text for text in COMMANDS if text.isascii()]
    recognise = hassil_peer(world)
    times: list[float] = []
    for text in english * REPEATS:
        began = time.perf_counter()
        recognise(text)
        times.append((time.perf_counter() - began) * 1000)
    found["peer: plain hassil"] = {"until reply": percentiles(times)}
    answers = [await model_peer(await parts.model.get(), world, text) for text in english]
    found["peer: plain model, whole home in the prompt"] = {
        "first token": percentiles([first for first, _, _ in answers]),
        "until reply": percentiles([last for _, last, _ in answers]),
    }
    usable = sum(usable for _, _, usable in answers) / len(answers)
    found["peer: plain model, whole home in the prompt"]["usable calls"] = {"share": usable}
    return found


def main() -> None:
    """Measure everything and write the results."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cold_ask(folder, COMMANDS[0])
        cold = percentiles([cold_ask(folder, COMMANDS[0]) for _ in range(5)])
        whole = server(folder)
        found = asyncio.run(turns(folder))
    ours = found["typed command"]["until reply"]["p50"]
    ratios = {
        kind: round(steps["until reply"]["p50"] / ours, 2)
        for kind, steps in found.items()
        if kind.startswith("peer")
    }
    data = {"turns_ms": found, "ratio_to_typed_command_p50": ratios, "server": whole}
    data |= {"cold_ask_seconds": cold}
    rows = [
        (kind, step, *(values.get(p, "") for p in ("p50", "p90", "p99")))
        for kind, steps in found.items()
        for step, values in steps.items()
        if "p50" in values
    ]
    body = table(("turn", "step", "p50 ms", "p90 ms", "p99 ms"), rows)
    lines = [f"{kind}: {ratio} times the p50 of a typed command" for kind, ratio in ratios.items()]
    lines += [
        f"cold `steward ask`: {cold['p50']} s (p50)",
        f"server: first page after {whole['seconds_to_first_page']} s, "
        f"{whole['rss_mb_after_ten_turns']} MB resident after ten mixed turns",
    ]
    publish("turn", "Turns", data, body + "\n\n" + "\n".join(f"- {line}" for line in lines))


if __name__ == "__main__":
    main()
