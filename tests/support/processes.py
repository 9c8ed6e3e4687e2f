"""Programs of others that a test starts, kills and starts again."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
STATION = ROOT / "examples" / "pump-station"


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Peer:
    """A server process that listens on `port`; what it prints is in `log`, beside what it keeps."""

    def __init__(self, command: Sequence[str | Path], port: int, log: Path) -> None:
        self.port = port
        self.folder = log.parent
        self._command = [str(part) for part in command]
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it listens."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            assert self._process.poll() is None, self.log()
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise TimeoutError(f"it does not listen: {self.log()}")

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def log(self) -> str:
        """Return what it has printed."""
        return self._log.read_text(encoding="utf-8", errors="replace")


def station(protocol: str, folder: Path) -> Peer:
    """Return the pump station of the examples, speaking "modbus" or "opcua"."""
    port = free_port()
    command: list[str | Path] = [sys.executable, STATION / "station.py", f"--{protocol}", str(port)]
    return Peer(command, port, folder / f"{protocol}.log")


def broker(folder: Path, *lines: str, anonymous: bool = True) -> Peer:
    """Return mosquitto, which keeps what it is told to retain, with more `lines` of settings."""
    port = free_port()
    settings = folder / "mosquitto.conf"
    usual = (
        f"listener {port} 127.0.0.1",
        f"allow_anonymous {str(anonymous).lower()}",
        "persistence true",
        f"persistence_location {folder}/",
        "autosave_interval 1",
        "autosave_on_changes true",
        "set_tcp_nodelay true",
        "user root",
    )
    settings.write_text("\n".join((*usual, *lines)) + "\n", encoding="utf-8")
    return Peer(["/usr/sbin/mosquitto", "-c", settings], port, folder / "mosquitto.log")
