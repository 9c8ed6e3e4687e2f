"""A real Home Assistant with its demo integration, as the other side of tests and benches.

It lives in a virtual environment of its own, which is made once, by `uv`, and kept from run to run;
so is a configuration in which a user was made, who has a token, and whose rooms hold some of the
demo's things. Python 3.13 and later cannot run this version.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import platformdirs
from filelock import FileLock
from websockets.sync.client import connect

VERSION = "2024.3.3"
PACKAGES = (
    f"homeassistant=={VERSION}",
    "josepy<2",  # 2 removed what acme, as Home Assistant pins it, still imports
    # What the integrations below would install by themselves when they start.
    "PyTurboJPEG==1.7.1",
    "Pillow==10.2.0",
    "SQLAlchemy==2.0.27",
    "aiohttp-fast-url-dispatcher==0.3.0",
    "aiohttp-zlib-ng==0.3.1",
    "aiohttp_cors==0.7.0",
    "fnv-hash-fast==0.5.0",
    "ha-ffmpeg==3.1.0",
    "hassil==1.6.1",
    "home-assistant-frontend==20240307.0",
    "home-assistant-intents==2024.3.12",
    "janus==1.0.0",
    "mutagen==1.47.0",
    "psutil-home-assistant==0.0.1",
    "securetar==2024.2.1",
    "webrtc-noise-gain==1.2.3",
    "wyoming==1.5.3",
    "zeroconf==0.131.0",
)
CONFIGURATION = """
homeassistant:
  name: House
  latitude: 52.37
  longitude: 4.90
  elevation: 0
  unit_system: metric
  currency: EUR
  country: NL
  time_zone: UTC
http:
  server_host: 127.0.0.1
  server_port: {port}
frontend:
conversation:
assist_pipeline:
demo:
logger:
  default: warning
"""
ROOMS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Kitchen": (("厨房",), ("light.kitchen_lights", "cover.kitchen_window")),
    "Living Room": (("客厅",), ("light.living_room_rgbww_lights", "cover.living_room_window")),
    "Bedroom": (("卧室",), ("light.bed_light", "climate.ecobee")),
}
"""Rooms with other names of theirs, and things of the demo that stand in them."""
EXPOSED = ("calendar.calendar_1", "weather.demo_weather_south", "todo.shopping_list")
"""What assistants may use besides what they may by default."""
USER, CLIENT = "owner", "http://127.0.0.1/"
START_SECONDS = 90
"""It starts in five on two idle cores."""


class HomeAssistant:
    """One Home Assistant in `folder`, with all that a test may do to it. Nothing here is async."""

    def __init__(self, folder: Path, more: str = "") -> None:
        """Lay out a configuration of its own in `folder`; `start` starts it.

        `more` is YAML that its configuration holds besides.
        """
        self.python = _environment()
        self.folder = folder
        shutil.copytree(_template(), folder, dirs_exist_ok=True)
        self.token = (folder / "token").read_text(encoding="utf-8")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._more = more
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, on the same port each time, and wait until it has all its entities."""
        self._process = _run(self.python, self.folder, self.port, self._more)
        _wait(lambda: self.get("config")["state"] == "RUNNING", self._process, self.folder)

    def stop(self) -> None:
        """End it the way its own button does: what was changed is written."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut does."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Let it hang: connections stay, nothing is answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def get(self, path: str) -> Any:
        """Return what its REST API has at `path` ("states/light.bed_light")."""
        answer = httpx.get(f"{self.url}/api/{path}", headers=self._headers, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, **data: Any) -> Any:
        """Post `data` to `path` of its REST API and return the answer."""
        url = f"{self.url}/api/{path}"
        answer = httpx.post(url, json=data, headers=self._headers, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def state(self, entity: str) -> str:
        """Return the state of `entity`."""
        return str(self.get(f"states/{entity}")["state"])

    def call(self, service: str, **data: Any) -> None:
        """Call `service` ("light.turn_on")."""
        self.post(f"services/{service.replace('.', '/')}", **data)

    def command(self, kind: str, **data: Any) -> Any:
        """Return the result of one command of its WebSocket API."""
        return command(self.url, self.token, kind, **data)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(60)
            self._process = None


@contextmanager
def home_assistant(folder: Path, more: str = "") -> Iterator[HomeAssistant]:
    """Start a Home Assistant in `folder`, and kill it in the end."""
    peer = HomeAssistant(folder, more)
    try:
        peer.start()
        yield peer
    finally:
        peer.kill()


def command(url: str, token: str, kind: str, **data: Any) -> Any:
    """Return the result of one command of the WebSocket API at `url`."""
    with connect(f"{url.replace('http', 'ws')}/api/websocket", proxy=None, max_size=None) as socket:
        socket.recv()
        socket.send(json.dumps({"type": "auth", "access_token": token}))
        assert json.loads(socket.recv())["type"] == "auth_ok"
        socket.send(json.dumps({"id": 1, "type": kind, **data}))
        answer = json.loads(socket.recv(timeout=30))
        assert answer["success"], answer
        return answer["result"]


def free_port() -> int:
    """Return a port of this machine that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _cache() -> Path:
    return platformdirs.user_cache_path("steward-tests") / f"homeassistant-{VERSION}"


def _environment() -> Path:
    """Return the Python that has Home Assistant; the first time this takes half a minute."""
    wanted = "\n".join(PACKAGES)
    # Another list of packages has another folder: tests that run now may need the old one.
    folder = _cache() / f"venv-{hashlib.sha256(wanted.encode()).hexdigest()[:8]}"
    python, kept = folder / "bin" / "python", folder / "packages.txt"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_suffix(".lock")):
        if kept.exists():
            return python
        shutil.rmtree(folder, ignore_errors=True)
        own = Path(__file__).parents[2] / ".uv" / "bin" / "uv"
        uv = shutil.which("uv") or str(own)
        pip = [uv, "pip", "install", "--quiet", "--python", str(python), *PACKAGES]
        for line in ([uv, "venv", "--quiet", "--python", ">=3.11,<3.13", str(folder)], pip):
            environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
            subprocess.run(line, check=True, timeout=900, env=environment)
        kept.write_text(wanted, encoding="utf-8")
    return python


def _template() -> Path:
    """Return a configuration with a user, a token and rooms."""
    folder = _cache() / "configuration"
    made = repr((ROOMS, EXPOSED))
    with FileLock(folder.with_suffix(".lock")):
        kept = folder / "furnished.txt"
        if kept.exists() and kept.read_text(encoding="utf-8") == made:
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        port = free_port()
        process = _run(_environment(), folder, port)
        try:
            (folder / "token").write_text(_onboard(f"http://127.0.0.1:{port}", process, folder))
        finally:
            # It writes what was changed when it ends.
            process.send_signal(signal.SIGTERM)
            process.wait(60)
        for leftover in folder.glob("home-assistant*"):
            leftover.unlink()
        kept.write_text(made, encoding="utf-8")
    return folder


def _onboard(url: str, process: subprocess.Popen[bytes], folder: Path) -> str:
    """Make the first user, the rooms and a shopping list; return a token that lasts for years.

    The step `core_config` is left out: it looks up on the internet where the house is.
    """
    _wait(lambda: httpx.get(f"{url}/api/onboarding").is_success, process, folder)
    user = {"name": USER, "username": USER, "password": USER, "client_id": CLIENT, "language": "en"}
    code = httpx.post(f"{url}/api/onboarding/users", json=user, timeout=30).json()["auth_code"]
    grant = {"grant_type": "authorization_code", "code": code, "client_id": CLIENT}
    access = httpx.post(f"{url}/auth/token", data=grant, timeout=30).json()["access_token"]
    config = {"url": f"{url}/api/config", "headers": {"Authorization": f"Bearer {access}"}}
    _wait(lambda: httpx.get(**config).json()["state"] == "RUNNING", process, folder)  # type: ignore[arg-type]
    # It has made three rooms by itself, those of `ROOMS`.
    areas = {area["name"]: area for area in command(url, access, "config/area_registry/list")}
    for room, (aliases, things) in ROOMS.items():
        area = areas[room]["area_id"]
        command(url, access, "config/area_registry/update", area_id=area, aliases=aliases)
        for thing in things:
            command(url, access, "config/entity_registry/update", entity_id=thing, area_id=area)
    flow = {"json": {"handler": "shopping_list"}, "headers": config["headers"], "timeout": 30}
    started = httpx.post(f"{url}/api/config/config_entries/flow", **flow).json()  # type: ignore[arg-type]
    flow["json"] = {}
    httpx.post(f"{url}/api/config/config_entries/flow/{started['flow_id']}", **flow)  # type: ignore[arg-type]
    shown = {"assistants": ["conversation"], "entity_ids": EXPOSED, "should_expose": True}
    command(url, access, "homeassistant/expose_entity", **shown)
    lasting = {"client_name": "steward", "lifespan": 3650}
    return str(command(url, access, "auth/long_lived_access_token", **lasting))


def _run(python: Path, folder: Path, port: int, more: str = "") -> subprocess.Popen[bytes]:
    text = CONFIGURATION.format(port=port) + more
    (folder / "configuration.yaml").write_text(text, encoding="utf-8")
    with (folder / "output.txt").open("ab") as output:
        command = [str(python), "-m", "homeassistant", "--skip-pip", "-c", str(folder)]
        return subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)


def _wait(so: Callable[[], bool], process: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with suppress(httpx.HTTPError):
            if so():
                return
        time.sleep(0.1)
    raise RuntimeError(f"Home Assistant did not start:\n{_tail(folder)}")


def _tail(folder: Path) -> str:
    return (folder / "output.txt").read_text(encoding="utf-8", errors="replace")[-3000:]
