"""The weights store: a folder of verified files, one sub-folder a set.

<cache>/weights/<set>/<file>       complete and verified when it was put there
<cache>/weights/.downloads/        what is on its way; safe to delete
<cache>/weights/.lock              held by the one process that fetches
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from steward.errors import ModelError, PeerError
from steward.models import catalogue
from steward.models.catalogue import Catalogue, WeightsFile, WeightsSet
from steward.models.disk import sha256, writing

if TYPE_CHECKING:
    from steward.models.archives import Archives

log = logging.getLogger(__name__)

SETUP = "run: make setup (in a checkout) or: steward setup"
"""The hint that repairs a missing or damaged file."""
OnProgress: TypeAlias = Callable[[str, int, int], None]
"""Told the name of a set, the bytes fetched so far and the bytes to fetch in all."""
_SPARE = 64 << 20
"""Bytes of disk that a fetch leaves free for everybody else."""


def _ignore(name: str, done: int, total: int) -> None:
    """Take progress and do nothing with it."""


class Store:
    """The weights of this user, under `cache`; what exists is told by the catalogue."""

    def __init__(self, cache: Path, listed: Catalogue | None = None) -> None:
        self.root = cache / "weights"
        self.listed = listed if listed is not None else catalogue.read()

    def folder(self, name: str) -> Path:
        """Return the folder of a complete set.

        Only names and sizes are checked, which takes microseconds; `verify` reads the content.

        Raises:
            ModelError: no such set is listed, or a file of it is missing or of the wrong size.
        """
        for file in self._set(name).files:
            self._check(name, file)
        return self.root / name

    def locate(self, source: str) -> Path:
        """Return the folder of the listed set `source`, or the path that `source` is.

        Raises:
            ModelError: it is neither, or a file of the set is missing or of the wrong size.
        """
        path = Path(source).expanduser()
        if source in self.listed.sets or not path.exists():
            return self.folder(source)
        return path

    def file(self, name: str, filename: str) -> Path:
        """Return one file of a set.

        Raises:
            ModelError: no such file is listed, or it is missing or of the wrong size.
        """
        for file in self._set(name).files:
            if file.name == filename:
                return self._check(name, file)
        known = ", ".join(file.name for file in self._set(name).files)
        raise ModelError(f"{filename} is not a file of the set {name}", hint=f"it has {known}")

    def verify(self, name: str) -> None:
        """Read every file of a set and compare its SHA-256.

        Raises:
            ModelError: no such set is listed, or a file of it is missing or not as it should be.
        """
        for file in self._set(name).files:
            path = self._check(name, file)
            if sha256(path) != file.sha256:
                raise ModelError(
                    f"{path} is damaged: its SHA-256 is not the listed one", hint=SETUP
                )

    def missing(self, names: Iterable[str] | None = None) -> tuple[str, ...]:
        """Return which of `names` (the default sets if left away) are not there in full."""
        chosen = self.listed.defaults if names is None else tuple(names)
        return tuple(name for name in chosen if not self._complete(name))

    def fetch_defaults(self, on_progress: OnProgress = _ignore) -> None:
        """Fetch every set that a default installation needs; raises like `fetch`."""
        for name in self.listed.defaults:
            self.fetch(name, on_progress)

    def fetch(self, name: str, on_progress: OnProgress = _ignore) -> None:
        """Bring a set into the store, fetching only what is missing or damaged.

        A file gets its name only when it is complete and its SHA-256 is right. What an interrupted
        fetch had is used by the next one. Several processes may call this at once: one fetches,
        the others wait and then find everything there.

        Raises:
            ModelError: no such set is listed, or the disk is full or cannot be written.
            PeerError: a registry or server did not give the right bytes.
        """
        # Lazy: an HTTP client and more, for the one time that something is fetched.
        from filelock import FileLock

        from steward.models.archives import Archives

        weights = self._set(name)
        downloads = self.root / ".downloads"
        with writing(downloads):
            downloads.mkdir(parents=True, exist_ok=True)
            (self.root / name).mkdir(exist_ok=True)
        with FileLock(self.root / ".lock"):
            wanted = [file for file in weights.files if not self._intact(name, file)]
            archives = Archives(self.listed, downloads, wanted, name, on_progress)
            self._check_space(name, wanted, archives.total)
            for file in wanted:
                self._place(name, file, archives)
            archives.finish()

    def _place(self, name: str, file: WeightsFile, archives: Archives) -> None:
        """Join the parts of a file and give it its name."""
        final = self.root / name / file.name
        draft = archives.folder / f"{name}-{file.name.replace('/', '-')}.draft"
        digest = hashlib.sha256()
        size = 0
        # The archives come first: a draft is written only when nothing more can be missing.
        for part in file.parts:
            archives.have(part)
        with writing(final), draft.open("wb") as out:
            for part in file.parts:
                for block in archives.blocks(part):
                    size += len(block)
                    if size > file.size:
                        break
                    digest.update(block)
                    out.write(block)
            out.flush()
            os.fsync(out.fileno())
        if size != file.size or digest.hexdigest() != file.sha256:
            draft.unlink()
            archives.forget(file)
            raise PeerError(
                f"what was fetched for {final} is not the listed file: its SHA-256 differs",
                hint="try again; if it stays so, the source or a mirror serves something else",
            )
        with writing(final):
            final.parent.mkdir(parents=True, exist_ok=True)
            draft.replace(final)
        log.info("%s is in place", final)

    def _check_space(self, name: str, wanted: list[WeightsFile], fetching: int) -> None:
        """Refuse at once what cannot end well."""
        needed = sum(file.size for file in wanted) + fetching
        free = shutil.disk_usage(self.root).free
        if wanted and free < needed + _SPARE:
            raise ModelError(
                f"{name} needs {needed >> 20} MiB under {self.root}, {free >> 20} MiB are free",
                hint="free some space, or set another `cache` under [paths]",
            )

    def _set(self, name: str) -> WeightsSet:
        try:
            return self.listed.sets[name]
        except KeyError:
            known = ", ".join(self.listed.sets)
            raise ModelError(f"no weights are called {name!r}", hint=f"there are {known}") from None

    def _check(self, name: str, file: WeightsFile) -> Path:
        path = self.root / name / file.name
        if not path.is_file():
            raise ModelError(f"the weights file {path} is missing", hint=SETUP)
        size = path.stat().st_size
        if size != file.size:
            raise ModelError(
                f"the weights file {path} has {size} bytes instead of {file.size}", hint=SETUP
            )
        return path

    def _complete(self, name: str) -> bool:
        paths = [(self.root / name / file.name, file.size) for file in self._set(name).files]
        return all(path.is_file() and path.stat().st_size == size for path, size in paths)

    def _intact(self, name: str, file: WeightsFile) -> bool:
        path = self.root / name / file.name
        return path.is_file() and path.stat().st_size == file.size and sha256(path) == file.sha256
