"""Files of weights on this disk: how they are written and checked."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from steward.errors import ModelError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the file system's refusals under `path` into a ModelError with a hint."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            hint = f"free some space on the disk of {path.parent}, then try again"
        else:
            hint = f"make {path.parent} writable, or set another `cache` under [paths]"
        raise ModelError(f"cannot write {path}: {error.strerror or error}", hint=hint) from error


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
