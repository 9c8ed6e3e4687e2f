"""Which processor this machine has."""

from __future__ import annotations

import platform
from pathlib import Path


def processor() -> str:
    """Return its name, by which llama.cpp chooses its kernels.

    Python's own `platform` does not know it on Linux.
    """
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
