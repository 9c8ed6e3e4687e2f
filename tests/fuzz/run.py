"""Fuzzes one reader of outside bytes: `python tests/fuzz/run.py wyoming --seconds 600`.

A target is a module beside this one with `SEEDS`, a few good inputs, and `one`, which reads an
input and may raise only what its reader documents. What breaks it is kept as a file `crash-…` in
the working directory; give that file's name instead of `--seconds` to see it again. What is
reported: a crash, a hang of over five seconds, and more than 200 MB of growth.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import tempfile
from pathlib import Path

import atheris  # type: ignore[import-untyped]

GROWTH_MB = 200
"""Memory beyond what the target had when it was imported."""


def main() -> None:
    """Run the target that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target")
    parser.add_argument("input", nargs="?", type=Path, help="one input, to see it again")
    parser.add_argument("--seconds", type=int, default=10)
    asked = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).parent))
    # libFuzzer limits the peak that the system tells, which counts what this program's starter held
    # when it started it; a child begins anew.
    if child := os.fork():
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    with atheris.instrument_imports(include=["steward"]):
        target = importlib.import_module(asked.target)
    if asked.input:
        target.one(asked.input.read_bytes())
        return
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(target.SEEDS):
            (Path(corpus) / str(number)).write_bytes(seed)
        limits = ["-timeout=5", f"-rss_limit_mb={_megabytes() + GROWTH_MB}", "-max_len=8192"]
        time = [f"-max_total_time={asked.seconds}", "-print_final_stats=1"]
        atheris.Setup([sys.argv[0], corpus, *limits, *time], target.one)
        atheris.Fuzz()


def _megabytes() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1024


if __name__ == "__main__":
    main()
