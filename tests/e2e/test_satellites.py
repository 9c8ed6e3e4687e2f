"""A hub, and two satellites that are programs of their own: each has its command done, aloud."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import satellites
from homeassistants import free_port
from waiting import eventually

from steward.audio.files import read_audio, write_wav
from steward.audio.pcm import RATE, Samples, from_samples, to_samples
from steward.butler import Butler
from steward.config import Config, Paths, SatelliteConfig
from steward.events import Heard, Spoke
from steward.serve.wyoming.satellites import Link
from steward.wiring import assemble

SPEECH = Path(__file__).parents[1] / "data" / "speech"
MOST_MB = 80
"""What a satellite may take of a small device's memory."""


def pause(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE), np.float32)


def spoken(name: str) -> Samples:
    samples = to_samples(read_audio(SPEECH / name))
    loud = np.flatnonzero(np.abs(samples) > 0.02)
    return samples[loud[0] : loud[-1]]


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    made = tmp_path / "said.wav"
    parts = [pause(4), spoken("jarvis_1.flac"), pause(0.3), spoken("living_room_light_en.wav")]
    write_wav(made, [from_samples(np.concatenate([*parts, pause(1)]), RATE)])
    return made


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[bytes]]]:
    made: list[subprocess.Popen[bytes]] = []
    yield made
    for process in made:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def memory(process: subprocess.Popen[bytes]) -> float:
    """Return the share of a process in the memory that is used, in MB."""
    lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith("Pss:"))


async def test_each_satellite_has_its_command_done(
    tmp_path: Path, wav: Path, processes: list[subprocess.Popen[bytes]]
) -> None:
    file = tmp_path / "steward.toml"
    file.write_text(f'[paths]\nstate = "{tmp_path / "state"}"\n', encoding="utf-8")
    config = Config(paths=Paths(state=tmp_path / "state"))
    parts = assemble(config)
    butler = Butler(parts)
    await butler.warm()
    ports = [free_port(), free_port()]
    said = [tmp_path / "ours.wav", tmp_path / "theirs.raw"]
    processes.append(satellites.ours(file, ports[0], wav, said[0]))
    processes.append(satellites.theirs(ports[1], wav, said[1]))
    heard: list[Heard] = []
    aloud: set[str] = set()

    async def watch() -> None:
        async with butler.subscribe() as events:
            async for event in events:
                if isinstance(event, Heard):
                    heard.append(event)
                elif isinstance(event, Spoke):
                    aloud.add(event.turn)

    await eventually(lambda: all(map(satellites.listening, ports)), 60)
    tasks = [asyncio.create_task(watch())]
    for name, port in zip(("ours", "theirs"), ports, strict=True):
        link = Link(butler, name, SatelliteConfig(host="127.0.0.1", port=port, area=None))
        tasks.append(asyncio.create_task(link.run()))
    await eventually(lambda: len(heard) == 2 and len(aloud) == 2, 60)
    assert memory(processes[0]) < MOST_MB
    await eventually(lambda: said[0].exists() and processes[0].poll() is not None, 60)
    await eventually(lambda: said[1].exists() and said[1].stat().st_size > 20_000, 60)
    assert {event.origin.who for event in heard} == {"ours", "theirs"}
    for event in heard:
        assert "living room light" in event.utterance.text.lower()
    assert next(e for e in heard if e.origin.who == "ours").utterance.area == "living_room"
    assert read_audio(said[0]).seconds > 1
    lamps = [e for e in (await butler.world()).entities if e.id == "light.living_room_light"]
    assert [lamp.state for lamp in lamps] == ["on"]
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
