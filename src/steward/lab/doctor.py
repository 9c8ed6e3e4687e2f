"""Checks every part and model on this machine by using it."""

from __future__ import annotations

import asyncio
import shutil
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import httpx
import psutil

from steward.audio.microphone import devices
from steward.audio.pcm import join
from steward.config import Config
from steward.errors import DeviceError, StewardError
from steward.models.store import Store
from steward.plan.cascade import decide
from steward.thinking import Message
from steward.types import Call, Calls, Failed, Json, Meaning, Utterance
from steward.wiring import Parts, assemble

MEMORY = 1_200_000_000
"""Bytes of free memory that the whole server needs, with all its models loaded."""
SPOKEN = {"en": ("Turn on the kitchen light.", "kitchen"), "zh": ("打开厨房的灯。", "厨房")}
"""What each voice says for the recogniser to hear, and what must be in what it heard."""
SPARE_DISK = 200 << 20
"""Bytes that must be free for state and logs."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: its `part`, whether it is `ok`, what was `seen`, the `hint` that repairs it."""

    part: str
    ok: bool
    seen: str
    hint: str = ""


async def examine(config: Config) -> tuple[Finding, ...]:
    """Check everything that `config` uses, one thing after the other, and return what was found."""
    checks: list[tuple[str, Callable[[], Awaitable[str]]]] = [
        ("machine", _machine),
        ("disk", partial(_disk, config.paths.state)),
        ("address", partial(_address, config)),
        ("microphone", _microphone),
    ]
    checks += [(f"weights {name}", partial(_weights, config, name)) for name in _sets(config)]
    found = [await _try(part, check) for part, check in checks]
    try:
        parts = assemble(config)
    except StewardError as error:
        return (*found, Finding("home", False, error.message, error.hint))
    checks = [
        ("home", partial(_home, parts)),
        ("understanding", partial(_understanding, parts)),
        ("language model", partial(_language_model, parts)),
    ]
    checks += [(f"speech {language}", partial(_speech, parts, language)) for language in SPOKEN]
    return (*found, *[await _try(part, check) for part, check in checks])


async def _try(part: str, check: Callable[[], Awaitable[str]]) -> Finding:
    try:
        return Finding(part, True, await check())
    except StewardError as error:
        return Finding(part, False, error.message, error.hint)


def _sets(config: Config) -> tuple[str, ...]:
    """Return the names of the weights that `config` uses, out of those that setup fetches."""
    listed = Store(config.paths.cache).listed
    swapped = {"whisper-base": config.speech.model, "smollm2-135m-instruct": config.model.source}
    return tuple(name for name in listed.defaults if swapped.get(name, name) == name)


async def _weights(config: Config, name: str) -> str:
    store = Store(config.paths.cache)
    await asyncio.to_thread(store.verify, name)
    return f"complete, sums right, {store.folder(name)}"


async def _machine() -> str:
    cores = psutil.cpu_count(logical=False) or 1
    free = psutil.virtual_memory().available
    if free < MEMORY:
        raise DeviceError(
            f"{free / 1e9:.1f} GB of memory are free; Steward needs {MEMORY / 1e9:.1f}",
            hint='end other programs, or switch small talk off: [model] smalltalk = "off"',
        )
    python = ".".join(map(str, sys.version_info[:3]))
    return f"{cores} cores, {free / 1e9:.1f} GB of memory free, Python {python}"


async def _disk(state: Path) -> str:
    there = next(path for path in (state, *state.parents) if path.exists())
    free = shutil.disk_usage(there).free
    if free < SPARE_DISK:
        raise DeviceError(
            f"{free / 1e6:.0f} MB are free where the state is kept, {state}",
            hint="make room, or set `state` under [paths] to another disk",
        )
    return f"{free / 1e9:.1f} GB free at {state}"


async def _address(config: Config) -> str:
    host, port = config.server.host, config.server.port
    where = f"{host}:{port}"
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if await _is_steward(config):
                return f"Steward is running at {where}"
            raise DeviceError(
                f"{where} cannot be listened on: {error.strerror}",
                hint="set another `port` under [server]",
            ) from error
    return f"{where} is free"


async def _is_steward(config: Config) -> bool:
    try:
        async with httpx.AsyncClient(timeout=3) as client:
            url = f"http://{config.server.host}:{config.server.port}/health"
            return bool((await client.get(url)).json() == {"status": "ok"})
    except (httpx.HTTPError, ValueError):
        return False


async def _home(parts: Parts) -> str:
    world = await parts.home.world()
    if world.as_of is not None:
        raise DeviceError(
            f"since {world.as_of:%H:%M} it, or a part of it, cannot be reached",
            hint="see what steward --verbose says, and whether the systems it names are running",
        )
    call = Call("check", "home.get_states", Meaning("HassGetState"), {"entity_id": []})
    if world.entities:
        arguments: dict[str, Json] = {"entity_id": [world.entities[0].id]}
        outcome = await parts.home.perform(replace(call, arguments=arguments))
        if isinstance(outcome, Failed):
            raise DeviceError(outcome.message, hint="steward home reset brings the demo home back")
    return f"{len(world.entities)} entities in {len(world.areas)} areas"


async def _understanding(parts: Parts) -> str:
    world = await parts.home.world()
    began = time.perf_counter()
    plan = await decide(parts.stages[:1], Utterance("what time is it", "en"), world)
    if not isinstance(plan.body, Calls):
        raise DeviceError(
            "a plain question was not understood", hint="reinstall Steward: make setup"
        )
    return f"read by the {plan.stage} in {(time.perf_counter() - began) * 1000:.0f} ms"


async def _language_model(parts: Parts) -> str:
    model = await parts.model.get()
    began = time.perf_counter()
    tokens = []
    async with aclosing(model.generate((Message("user", "Hello!"),))) as answer:
        async for token in answer:
            tokens.append(token.text)  # noqa: PERF401 - an asynchronous comprehension cannot close
    if not tokens:
        raise DeviceError("the language model says nothing", hint="choose another [model] source")
    speed = len(tokens) / (time.perf_counter() - began)
    return f"{speed:.0f} tokens a second: {''.join(tokens).strip()!r}"


async def _speech(parts: Parts, language: str) -> str:
    sentence, wanted = SPOKEN[language]
    began = time.perf_counter()
    sounds = [sound async for sound in parts.voice.speak(sentence, language)]
    made = time.perf_counter()
    recognizer = await parts.recognizer.get()
    heard = await recognizer.recognize(join(sounds))
    took = time.perf_counter() - made
    if wanted not in heard.text.casefold():
        raise DeviceError(
            f"said {sentence!r}, heard {heard.text!r}",
            hint="fetch the weights again: steward setup",
        )
    return f"said in {made - began:.1f} s, heard in {took:.1f} s: {heard.text!r}"


async def _microphone() -> str:
    try:
        names = devices()
    except DeviceError as error:
        # Typed text, recordings and the page's microphone work without one.
        return f"none: {error.message} ({error.hint})"
    return ", ".join(names) if names else "none"
