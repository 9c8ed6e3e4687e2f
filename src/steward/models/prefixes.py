"""Computed prompts on disk: what a model made of a text that many requests begin with.

One file each, named by what it was computed from (`key`) and by the sum of what is in it. llama.cpp
ends its process when it restores a damaged file, so none whose sum is another is given to it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import secrets
import time
from collections.abc import Mapping
from pathlib import Path

from steward.models.disk import sha256, writing

log = logging.getLogger(__name__)

_KIND = ".prompt"
_PART = ".part"
_PRIVATE = 0o700
_ABANDONED = 3600.0
"""Seconds after which nobody writes a part any more."""


def key_of(facts: Mapping[str, object]) -> str:
    """Return the name of what is computed from `facts`: any other fact, another name."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]


class Prefixes:
    """The files in `folder`, at most `limit` bytes of them; the longest unused go first."""

    def __init__(self, folder: Path, limit: int) -> None:
        """Make the folder, which only its owner may read: prompts tell about a home.

        Raises:
            ModelError: the folder cannot be made.
        """
        self.folder = folder
        self._limit = limit
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True, mode=_PRIVATE)

    def find(self, key: str) -> Path | None:
        """Return the file of `key`, None if there is none; a damaged one is removed."""
        for path in self.folder.glob(f"{key}.*{_KIND}"):
            try:
                whole = path.name == f"{key}.{sha256(path)}{_KIND}"
                if whole:
                    os.utime(path)
                    return path
            except OSError as error:
                log.warning("cannot read the computed prompt %s: %s", path, error)
                continue
            log.warning("the computed prompt %s is damaged: removed", path)
            path.unlink(missing_ok=True)
        return None

    def part(self) -> Path:
        """Return where to write a file before it is kept."""
        return self.folder / f"{secrets.token_hex(8)}{_PART}"

    def keep(self, part: Path, key: str) -> None:
        """Keep the finished file `part` under `key`, and remove what is then too much.

        Raises:
            ModelError: the folder cannot be written.
        """
        with writing(self.folder):
            part.chmod(0o600)
            if part.stat().st_size > self._limit:
                log.warning("a computed prompt of %d bytes is not kept", part.stat().st_size)
                part.unlink()
                return
            for old in self.folder.glob(f"{key}.*{_KIND}"):
                old.unlink(missing_ok=True)
            part.replace(self.folder / f"{key}.{sha256(part)}{_KIND}")
            self._shrink()

    def _shrink(self) -> None:
        total = 0
        for stat, path in sorted(self._files(_KIND), key=_last_use, reverse=True):
            total += stat.st_size
            if total > self._limit:
                path.unlink(missing_ok=True)
        for stat, path in self._files(_PART):
            if stat.st_mtime < time.time() - _ABANDONED:
                path.unlink(missing_ok=True)

    def _files(self, kind: str) -> list[tuple[os.stat_result, Path]]:
        """Return what is there; another process may remove files at the same time."""
        found = []
        for path in self.folder.glob(f"*{kind}"):
            with contextlib.suppress(FileNotFoundError):
                found.append((path.stat(), path))
        return found


def _last_use(file: tuple[os.stat_result, Path]) -> int:
    return file[0].st_mtime_ns
