"""`steward explain` as its user runs it: it tells everything and does nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

STEWARD = Path(sys.executable).with_name("steward")


def steward(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    file = tmp_path / "steward.toml"
    file.write_text(f'[paths]\nstate = "{tmp_path / "state"}"\n')
    return subprocess.run(
        [STEWARD, "--config", file, *arguments], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("sentence", ["turn on the kitchen light", "打开厨房的灯"])
def test_a_sentence_is_explained_and_nothing_is_done(tmp_path: Path, sentence: str) -> None:
    before = steward(tmp_path, "home", "--json").stdout
    done = steward(tmp_path, "explain", sentence, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["kind"] == "calls"
    assert found["deeds"][0]["capability"] == "light.turn_on"
    assert steward(tmp_path, "home", "--json").stdout == before


def test_it_is_readable_and_says_what_is_not_asked(tmp_path: Path) -> None:
    done = steward(tmp_path, "explain", "who painted the ceiling")
    assert done.returncode == 0, done.stderr
    assert "I would do nothing" in done.stdout.splitlines()[0]
    assert "smalltalk" in done.stdout
