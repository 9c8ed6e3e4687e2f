"""Where bytes are read by offset: a file of this machine, or one behind an http(s) address."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from steward.errors import ModelError, UserError

HUB = "https://huggingface.co"
"""Where Hugging Face files are, unless $HF_ENDPOINT names a mirror."""
_HINT = "name a file of this machine, an http(s) address, or hf:OWNER/REPOSITORY/FILE"


class Source(Protocol):
    """Bytes that can be read by offset."""

    @property
    def name(self) -> str:
        """Where they are, for messages."""
        ...

    @property
    def size(self) -> int:
        """How many bytes there are."""
        ...

    def read(self, offset: int, count: int) -> bytes:
        """Return `count` bytes from `offset`, fewer only at the end.

        Raises:
            ModelError: the file cannot be read.
            PeerError: the server did not give them.
        """
        ...


class LocalFile:
    """A file of this machine."""

    def __init__(self, path: Path) -> None:
        """Open `path`; raises ModelError where that cannot be."""
        self.name = str(path)
        try:
            self._file = path.open("rb")
            self.size = os.fstat(self._file.fileno()).st_size
        except OSError as error:
            raise ModelError(
                f"cannot read the model {path}: {error.strerror}", hint=_HINT
            ) from error

    def read(self, offset: int, count: int) -> bytes:
        """Return bytes; see `Source`."""
        try:
            return os.pread(self._file.fileno(), count, offset)
        except OSError as error:
            raise ModelError(
                f"cannot read {self.name} at byte {offset}: {error.strerror}",
                hint="the disk may be failing; fetch the file again",
            ) from error

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def address(where: str) -> str | None:
    """Return the http(s) address that `where` stands for, or None where it is a path.

    `hf:OWNER/REPOSITORY/FILE` (or `…/REPOSITORY@REVISION/FILE`) and the address of a page of a
    Hugging Face file become the address of its bytes, at the mirror that $HF_ENDPOINT names.

    Raises:
        UserError: it begins as an address and is none, or names no file.
    """
    if where.startswith("hf:"):
        owner, _, rest = where.removeprefix("hf:").partition("/")
        repository, _, member = rest.partition("/")
        repository, _, revision = repository.partition("@")
        if not (owner and repository and member):
            raise UserError(
                f"{where} names no file", hint="write hf:OWNER/REPOSITORY/FILE, with the .gguf file"
            )
        return hub_url(f"{owner}/{repository}", revision or "main", member)
    if where.startswith(f"{HUB}/"):
        page = where.removeprefix(HUB).partition("?")[0].replace("/blob/", "/resolve/", 1)
        return hub_base() + page
    if not where.startswith(("http://", "https://")):
        return None
    try:
        urlsplit(where)
    except ValueError as error:
        raise UserError(f"no address of a file: {error}", hint="check how it is written") from error
    return where


def hub_base() -> str:
    """Return where Hugging Face's files are: the hub, or the mirror in $HF_ENDPOINT."""
    return os.environ.get("HF_ENDPOINT", HUB).rstrip("/")


def hub_url(repository: str, revision: str, member: str) -> str:
    """Return the address of a file in a Hugging Face repository at a revision."""
    return f"{hub_base()}/{repository}/resolve/{revision}/{member}"


@contextmanager
def opened(where: str) -> Iterator[Source]:
    """Open a path or an address, as `address` understands it, for as long as the block runs.

    Proxies are those of the usual environment variables.

    Raises:
        UserError: it names no file.
        ModelError: the file is missing or unreadable.
        PeerError: the server refuses, or cannot give parts of a file.
    """
    url = address(where)
    if url is None:
        file = LocalFile(Path(where).expanduser())
        try:
            yield file
        finally:
            file.close()
        return
    # Lazy: an HTTP client, for those who look at a file elsewhere.
    from steward.models.web import web_file

    with web_file(url) as remote:
        yield remote
