"""The process that a model runs in: started, watched, ended."""

from __future__ import annotations

import json
import logging
import secrets
import subprocess
import sys
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, cast

import psutil

from steward.errors import ModelError
from steward.models.engine import EngineSettings
from steward.models.worker import Order, Started

log = logging.getLogger(__name__)

_LAST_WORDS = 400
_ANEW = "for a listed model run: steward setup"


class Worker:
    """A running `steward.models.worker`. It ends with `stop`, or when this is forgotten."""

    def __init__(self, path: Path, settings: EngineSettings, folder: Path) -> None:
        """Start the process and load the model; takes a second or so.

        Raises:
            ModelError: llama.cpp refuses the file or the settings, or ends while it loads.
        """
        self.key = secrets.token_hex(32)
        self._path = path
        verbose = log.isEnabledFor(logging.DEBUG)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the process)
        # -P: a json.py in the folder where somebody stands is none of ours.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "steward.models.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if verbose else self._errors,
            text=True,
        )
        self._end = weakref.finalize(self, _end, self._process, self._errors)
        cores = psutil.cpu_count(logical=False) or 1
        started = self._begin(Order(str(path), settings, cores, self.key, str(folder), verbose))
        self.url, self.version = started.url, started.version

    def _begin(self, order: Order) -> Started:
        orders, answers = cast(IO[str], self._process.stdin), cast(IO[str], self._process.stdout)
        try:
            orders.write(order.to_json() + "\n")
            orders.flush()
            line = answers.readline()
        except BrokenPipeError:
            line = ""
        started = Started(**json.loads(line)) if line else Started(failure=self.last_words())
        if started.failure:
            self.stop()
            raise ModelError(
                f"llama.cpp cannot load {self._path}: {started.failure}",
                hint="the file is damaged, too large for this machine, or not for these settings "
                f"under [model]; {_ANEW}",
            )
        return started

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def memory(self) -> int:
        """Return the bytes of memory that the process holds, 0 if it has ended."""
        try:
            return int(psutil.Process(self.pid).memory_info().rss)
        except psutil.NoSuchProcess:
            return 0

    def last_words(self) -> str:
        """Return the end of what the process wrote, to say why it has ended."""
        status = self._process.wait()
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip()[-_LAST_WORDS:]
        return f"its process ended with {status}{': ' if said else ''}{said}"

    def stop(self) -> None:
        """End the process, which gives all of its memory back."""
        self._end()


def _end(process: subprocess.Popen[str], errors: IO[bytes]) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout, errors):
        with suppress(BrokenPipeError):
            # What it has not read any more may be lost.
            cast(IO[Any], pipe).close()
    process.wait()
