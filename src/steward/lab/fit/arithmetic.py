"""How fast this machine multiplies matrices: `python -m steward.lab.fit.arithmetic`.

A process of its own, as numpy decides on its threads when it is loaded.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

_SIDE = 1024
_SECONDS = 0.5
_LIMIT = 60.0
_POOLS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "MKL_NUM_THREADS")


def flops(threads: int) -> float:
    """Return the operations a second on 32-bit numbers that so many threads do."""
    environment = {**os.environ, **dict.fromkeys(_POOLS, str(threads))}
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-P", "-m", __name__],
        env=environment,
        capture_output=True,
        text=True,
        timeout=_LIMIT,
        check=True,
    )
    return float(done.stdout)


def _best() -> float:
    """Return operations/s of the best product within half a second."""
    import numpy as np

    matrix = np.full((_SIDE, _SIDE), 0.5, np.float32)
    best, end = float("inf"), time.perf_counter() + _SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter()
        np.matmul(matrix, matrix)
        best = min(best, time.perf_counter() - start)
    return 2 * _SIDE**3 / best


if __name__ == "__main__":
    sys.stdout.write(f"{_best()}\n")
