"""Phrases made in advance: sound on disk, by what is said and by which voice."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from steward.types import Mouth

MOST = 500
"""Phrases that are kept, the newest: about 40 MB."""


class Phrases:
    """The phrases of one voice, in a folder of their own: a file each of shapes and samples.

    What is there was made by the same `voice`: its name and the sum of what makes its sound.
    """

    def __init__(self, folder: Path, voice: str) -> None:
        """Keep them in `folder`, which is made when there is something to keep."""
        self._folder, self._voice = folder, voice

    def get(self, said: str) -> tuple[bytes, Mouth] | None:
        """Return the samples of `said` and the mouth that says it; None when it was not made."""
        try:
            head, _, pcm = self._file(said).read_bytes().partition(b"\n")
        except FileNotFoundError:
            return None
        return pcm, tuple((time, shape) for time, shape in json.loads(head))

    def put(self, said: str, pcm: bytes, mouth: Mouth) -> None:
        """Keep the samples of `said`, and the mouth that says it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: another process may read it now.
        made = self._folder / f"{os.getpid()}.part"
        made.write_bytes(json.dumps(mouth).encode() + b"\n" + pcm)
        made.replace(self._file(said))
        kept = sorted(self._folder.glob("*.said"), key=lambda file: file.stat().st_mtime)
        for old in kept[:-MOST]:
            old.unlink(missing_ok=True)

    def _file(self, said: str) -> Path:
        name = hashlib.sha256("\n".join((self._voice, said)).encode()).hexdigest()
        return self._folder / f"{name}.said"
