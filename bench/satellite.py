"""What the Wyoming door and a satellite take: time by service, and the device's memory and work.

    python bench/satellite.py

Recordings of tests/data/speech; the door and its client on one machine, so without a network.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import psutil
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.satellite import RunSatellite
from wyoming.tts import Synthesize

from results import percentiles, publish, table
from steward.audio.files import read_audio, write_wav
from steward.audio.pcm import RATE, from_samples, to_samples
from steward.butler import Butler
from steward.cli.wyoming import services
from steward.config import Config, Paths, WyomingConfig
from steward.serve.wyoming.server import opened
from steward.wiring import assemble

SPEECH = Path(__file__).parents[1] / "tests" / "data" / "speech"
TIMES = 20
PIECE = 1024
LISTENED = 60.0
"""Seconds for which a satellite listens to speech that is not for it."""


async def main() -> None:
    """Measure, and write the results."""
    with tempfile.TemporaryDirectory() as folder:
        times = await door(Path(folder))
        device = await listening(Path(folder))
    rows = [(name, *(f"{value[p]:.0f}" for p in ("p50", "p90"))) for name, value in times.items()]
    body = table(["service", "p50, ms", "p90, ms"], rows)
    body += (
        f"\n\n`steward satellite`, a minute of speech that is not for it, then a command: "
        f"{device['pss_mb']:.0f} MB (PSS; {device['rss_mb']:.0f} MB resident with the files of "
        f"libraries that are mapped), {device['core_s_per_s']:.3f} core-s/s."
    )
    publish("satellite", "Wyoming and satellites", {"ms": times, "device": device}, body)


async def door(state: Path) -> dict[str, dict[str, float]]:
    """Return the milliseconds of each service."""
    config = Config(paths=Paths(state=state), wyoming=WyomingConfig(port=0))
    parts = assemble(config)
    butler = Butler(parts)
    await butler.warm()
    async with (
        opened(services(butler, parts, config), config.wyoming) as port,
        AsyncTcpClient("127.0.0.1", port) as peer,
    ):
        found = {}
        for name in ("en", "zh"):
            found[f"recording's end to its words, {name}"] = await timed(heard(peer, name))
        lines = {"en": "turn on the living room light", "zh": "打开客厅的灯"}
        for name, line in lines.items():
            found[f"a sentence done, {name}"] = await timed(done(peer, line))
        lines = {"en": "The living room light is on.", "zh": "客厅的灯打开了。"}
        for name, line in lines.items():
            found[f"a text to its first sound, {name}"] = await timed(said(peer, line))
    return found


async def timed(once: Callable[[], Awaitable[float]]) -> dict[str, float]:
    """Return the percentiles of what `once` measures, in milliseconds."""
    return percentiles([1000 * await once() for _ in range(TIMES)])


def heard(peer: AsyncTcpClient, language: str) -> Callable[[], Awaitable[float]]:
    """Send a recording as fast as it was made; measure from its end."""
    sound = read_audio(SPEECH / f"living_room_light_{language}.wav")

    async def once() -> float:
        await peer.write_event(Transcribe(language=language).event())
        await peer.write_event(AudioStart(RATE, 2, 1).event())
        begun = time.perf_counter()
        for at in range(0, len(sound.pcm), 2 * PIECE):
            await asyncio.sleep(begun + at / 2 / RATE - time.perf_counter())
            part = sound.pcm[at : at + 2 * PIECE]
            await peer.write_event(AudioChunk(RATE, 2, 1, part).event())
        await peer.write_event(AudioStop().event())
        return await until(peer, "transcript")

    return once


def done(peer: AsyncTcpClient, line: str) -> Callable[[], Awaitable[float]]:
    """Have a sentence carried out."""

    async def once() -> float:
        await peer.write_event(Transcript(line).event())
        return await until(peer, "handled")

    return once


def said(peer: AsyncTcpClient, line: str) -> Callable[[], Awaitable[float]]:
    """Have a text said; measure to the first of its sound."""

    async def once() -> float:
        await peer.write_event(Synthesize(line).event())
        first = await until(peer, "audio-chunk")
        await until(peer, "audio-stop")
        return first

    return once


async def until(peer: AsyncTcpClient, kind: str) -> float:
    """Return the seconds until an event of `kind` comes."""
    begun = time.perf_counter()
    while (event := await peer.read_event()) is not None:
        if event.type == kind:
            return time.perf_counter() - begun
    raise RuntimeError(f"no {kind}")


async def listening(folder: Path) -> dict[str, float]:
    """Return what a satellite takes that hears other speech, then a command that it sends."""
    other = np.tile(to_samples(read_audio(SPEECH / "living_room_light_en.wav")), 60)
    word = to_samples(read_audio(SPEECH / "jarvis_1.flac"))
    wav = folder / "said.wav"
    sounds = [other[: int(LISTENED * RATE)], word, other[: 4 * RATE]]
    write_wav(wav, [from_samples(np.concatenate(sounds), RATE)])
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        str(Path(sys.executable).with_name("steward")),
        "satellite",
        "--port",
        str(port),
    ]
    command += ["--wav", str(wav), "--say", str(folder / "say.wav")]
    process = await asyncio.to_thread(subprocess.Popen, command)
    try:
        async with await _reached(port) as hub:
            await hub.write_event(RunSatellite().event())
            before, begun = _worked(process), time.monotonic()
            await asyncio.sleep(LISTENED / 2)
            worked = (_worked(process) - before) / (time.monotonic() - begun)
            # It sends what follows the word: the voice activity's network works, too.
            while (event := await hub.read_event()) is not None and event.type != "audio-chunk":
                pass
            await asyncio.sleep(2)
            memory = psutil.Process(process.pid).memory_full_info()
        return {
            "core_s_per_s": round(worked, 4),
            "pss_mb": round(memory.pss / 1e6, 1),
            "rss_mb": round(memory.rss / 1e6, 1),
        }
    finally:
        process.kill()
        process.wait()


async def _reached(port: int) -> AsyncTcpClient:
    """Return a client of a satellite that is starting."""
    async with asyncio.timeout(60):
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return AsyncTcpClient("127.0.0.1", port)
            await asyncio.sleep(0.2)


def _worked(process: subprocess.Popen[bytes]) -> float:
    times = psutil.Process(process.pid).cpu_times()
    return times.user + times.system


if __name__ == "__main__":
    asyncio.run(main())
