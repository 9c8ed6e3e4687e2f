"""Each fuzz target for a few seconds; ten minutes of each are for `run.py`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("atheris", reason="no wheel for this Python")

FOLDER = Path(__file__).parent
TARGETS = sorted(
    file.stem for file in FOLDER.glob("*.py") if file.stem not in ("run", Path(__file__).stem)
)


@pytest.mark.parametrize("target", TARGETS)
def test_no_bytes_break_it(target: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, FOLDER / "run.py", target, "--seconds", "3"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    # A target that reads nothing would find no new ways through the code.
    found = re.findall(r"cov: (\d+)", done.stderr)
    assert int(found[-1]) > int(found[0])
