"""Satellites as programs: ours, and `wyoming-satellite` 1.0.0, as many a device has it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import platformdirs
from filelock import FileLock

PACKAGES = ("wyoming-satellite==1.0.0", "wyoming==1.4.1", "pyring-buffer==1.0.0")
MICROPHONE = """
import sys, time, wave
with wave.open(sys.argv[1]) as file:
    pcm = file.readframes(file.getnframes())
begun, number = time.monotonic(), 0
while True:
    part = pcm[number * 2048 :][:2048]
    sys.stdout.buffer.write(part + bytes(2048 - len(part)))
    sys.stdout.buffer.flush()
    number += 1
    time.sleep(max(0, begun + number * 1024 / 16000 - time.monotonic()))
"""
"""Writes a recording as fast as it was made, then silence."""


def ours(config: Path, port: int, wav: Path, say: Path) -> subprocess.Popen[bytes]:
    """Start `steward satellite` with a recording for a microphone, and a file to speak into."""
    steward = Path(sys.executable).with_name("steward")
    where = ["--name", "ours", "--area", "Living Room", "--port", str(port)]
    options = ["--wav", str(wav), "--say", str(say)]
    command = [str(steward), "--config", str(config), "satellite", *where, *options]
    return subprocess.Popen(command, start_new_session=True)


def theirs(port: int, wav: Path, say: Path) -> subprocess.Popen[bytes]:
    """Start `wyoming-satellite`, which sends all it hears; it speaks raw sound into `say`."""
    script = wav.with_suffix(".py")
    script.write_text(MICROPHONE, encoding="utf-8")
    command = [sys.executable, "-m", "wyoming_satellite", "--name", "theirs", "--no-zeroconf"]
    command += ["--uri", f"tcp://127.0.0.1:{port}", "--snd-command", f"tee -a {say}"]
    command += ["--mic-command", f"{sys.executable} {script} {wav}"]
    environment = {**os.environ, "PYTHONPATH": str(_packages())}
    quiet = subprocess.DEVNULL
    return subprocess.Popen(
        command, env=environment, stdout=quiet, stderr=quiet, start_new_session=True
    )


def listening(port: int) -> bool:
    """Tell whether something listens at `port` of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _packages() -> Path:
    folder = platformdirs.user_cache_path("steward-tests") / "wyoming-satellite-1.0.0"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_suffix(".lock")):
        if not (folder / "wyoming_satellite").exists():
            uv = shutil.which("uv") or str(Path(__file__).parents[2] / ".uv" / "bin" / "uv")
            command = [uv, "pip", "install", "--quiet", "--no-deps", "--target", str(folder)]
            subprocess.run([*command, *PACKAGES], check=True, timeout=300)
    return folder
