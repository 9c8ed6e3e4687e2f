"""The shelf: model files that this user fetched beyond the weights list.

<cache>/models/<file>.gguf      complete and checked when it was put there; its seal tells the rest
<cache>/models/.downloads/      what is on its way; safe to delete
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from steward.errors import ModelError, PeerError, UserError
from steward.models.disk import sha256, writing
from steward.models.gguf import read_header
from steward.models.seals import Seal, Seals
from steward.models.shape import shape_of
from steward.models.shown import shown
from steward.models.source import address, opened

OnBytes: TypeAlias = Callable[[int, int], None]
"""Told the bytes that are there and the bytes in all."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}\.gguf")
_SUM = re.compile(r"[0-9a-f]{64}")
_SPARE = 64 << 20
"""Bytes of disk that a fetch leaves free for everybody else."""
_COPIED = 16 << 20


@dataclass(frozen=True)
class Kept:
    """A file on the shelf."""

    name: str
    path: Path
    seal: Seal


class Shelf:
    """The models of this user, under `cache`."""

    def __init__(self, cache: Path) -> None:
        self.root = cache / "models"
        self.seals = Seals(cache)

    def kept(self) -> tuple[Kept, ...]:
        """Return what is there, by name; a file that somebody put there himself has no seal."""
        found = ((path, self.seals.find(path)) for path in sorted(self.root.glob("*.gguf")))
        return tuple(Kept(path.name, path, seal) for path, seal in found if seal is not None)

    def find(self, name: str) -> Path | None:
        """Return the file that is called `name`, with or without its ending."""
        for wanted in (name, f"{name}.gguf"):
            path = self.root / wanted
            if _NAME.fullmatch(wanted) and path.is_file():
                return path
        return None

    def get(self, where: str, on_bytes: OnBytes, *, expected: str = "") -> Kept:
        """Bring the GGUF file at `where` (`source.address`) to the shelf, and seal it.

        What an interrupted call fetched is used by the next one; a file that is there and damaged
        is fetched anew, to be what it was. Of several at once, one fetches;
        the others wait and find it there. `expected` is its SHA-256, where somebody published it;
        Hugging Face's answers tell it.

        Raises:
            UserError: `where` names no GGUF file, or another file of that name is there.
            ModelError: the file is damaged or no language model, or the disk is full.
            PeerError: the right bytes did not come.
        """
        # Lazy: for the one time that something is fetched.
        from filelock import FileLock

        url = address(where)
        name = Path((url or where).partition("?")[0]).name
        if not _NAME.fullmatch(name):
            raise UserError(
                f"{shown(url) if url else where} names no .gguf file",
                hint="name one: hf:OWNER/REPOSITORY/FILE",
            )
        if expected and not _SUM.fullmatch(expected):
            raise UserError(f"{expected} is no SHA-256", hint="it has 64 digits, 0 to 9 and a to f")
        source = shown(url) if url else str(Path(where).expanduser().resolve())
        downloads = self.root / ".downloads"
        with writing(downloads):
            downloads.mkdir(parents=True, exist_ok=True)
        with FileLock(downloads / f"{name}.lock"):
            path = self.root / name
            if path.exists():
                there = self._there(path, source, expected)
                if isinstance(there, Kept):
                    return there
                expected = there
            part = downloads / f"{hashlib.sha256((url or source).encode()).hexdigest()[:16]}.part"
            if url is None:
                self._copy(Path(source), part, on_bytes)
            else:
                expected = self._fetch(url, part, on_bytes, expected)
            return self._place(part, path, source, expected)

    def remove(self, name: str) -> None:
        """Delete a file. Raises UserError: there is none of that name."""
        path = self.find(name)
        if path is None:
            names = ", ".join(entry.name for entry in self.kept()) or "none"
            raise UserError(f"there is no model {name!r:.80} to remove", hint=f"there are: {names}")
        with writing(path):
            path.unlink()
            self.seals.forget(path)

    def _there(self, path: Path, source: str, expected: str) -> Kept | str:
        """Return the file that is there; of a damaged one that `source` gave, the sum it had."""
        known = self.seals.find(path)
        if known and known.source not in ("", source):
            raise UserError(
                f"{path.name} is there already, from {known.source}",
                hint=f"remove it first: steward models rm {path.name}",
            )
        try:
            return Kept(path.name, path, self.seals.check(path, expected))
        except ModelError:
            if known is None or known.source != source:
                raise
            return expected or known.sha256

    def _copy(self, original: Path, part: Path, on_bytes: OnBytes) -> None:
        # Looked at first: what is no model is not worth a copy.
        with opened(str(original)) as source:
            shape_of(original.name, [read_header(source)])
            self._check_space(original.name, source.size)
            with writing(part), part.open("wb") as out:
                while piece := source.read(out.tell(), _COPIED):
                    out.write(piece)
                    on_bytes(out.tell(), source.size)

    def _fetch(self, url: str, part: Path, on_bytes: OnBytes, expected: str) -> str:
        # Lazy: an HTTP client, for the one time that something is fetched.
        from steward.models.download import download
        from steward.models.web import announced

        size, told = announced(url)
        if expected and told and expected != told:
            raise PeerError(
                f"{shown(url)} has the SHA-256 {told}, not {expected}",
                hint="check the sum and the address",
            )
        have = part.stat().st_size if part.exists() else 0
        self._check_space(shown(url), size - have)
        download(url, part, size, lambda done: on_bytes(done, size))
        return expected or told

    def _check_space(self, what: str, missing: int) -> None:
        free = shutil.disk_usage(self.root).free
        if free < missing + _SPARE:
            raise ModelError(
                f"{what} needs {missing >> 20} MiB under {self.root}, {free >> 20} MiB are free",
                hint="free some space (steward models rm), or set another `cache` under [paths]",
            )

    def _place(self, part: Path, path: Path, source: str, expected: str) -> Kept:
        """Give what was fetched its name, when it is right."""
        if expected and sha256(part) != expected:
            part.unlink()
            raise PeerError(
                f"what came from {source} is not the file that was wanted: its SHA-256 differs",
                hint="try again; if it stays so, the source or a mirror serves something else",
            )
        try:
            with opened(str(part)) as file:
                shape_of(path.name, [read_header(file)])
            with writing(path):
                with part.open("rb+") as synced:
                    os.fsync(synced.fileno())
                # Of a file that its owner removed by hand: it says nothing of this one.
                self.seals.forget(path)
                part.replace(path)
            seal = replace(self.seals.check(path, expected), source=source)
        except ModelError:
            # Whole and wrong: to go on with it would help nobody.
            part.unlink(missing_ok=True)
            path.unlink(missing_ok=True)
            raise
        self.seals.keep(path, seal)
        return Kept(path.name, path, seal)
