"""Phrases made in advance: sound on disk, by what is said and by which voice."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

MOST = 500
"""Phrases that are kept, the newest: about 40 MB."""


class Phrases:
    """The phrases of one voice, a file of 16-bit samples each, in a folder of their own.

    What is there was made by the same `voice`: its name and the sum of what makes its sound.
    """

    def __init__(self, folder: Path, voice: str) -> None:
        """Keep them in `folder`, which is made when there is something to keep."""
        self._folder, self._voice = folder, voice

    def get(self, said: str) -> bytes | None:
        """Return the samples of `said`; None when it was not made."""
        try:
            return self._file(said).read_bytes()
        except FileNotFoundError:
            return None

    def put(self, said: str, pcm: bytes) -> None:
        """Keep the samples of `said`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: another process may read it now.
        made = self._folder / f"{os.getpid()}.part"
        made.write_bytes(pcm)
        made.replace(self._file(said))
        kept = sorted(self._folder.glob("*.pcm"), key=lambda file: file.stat().st_mtime)
        for old in kept[:-MOST]:
            old.unlink(missing_ok=True)

    def _file(self, said: str) -> Path:
        name = hashlib.sha256("\n".join((self._voice, said)).encode()).hexdigest()
        return self._folder / f"{name}.pcm"
