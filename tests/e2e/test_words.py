"""The owner's words on the command line: taught in one process, known in the next."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

STEWARD = Path(sys.executable).with_name("steward")


def steward(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    file = folder / "steward.toml"
    file.write_text(f'[paths]\nstate = "{folder / "state"}"\n[model]\nsmalltalk = "off"\n')
    return subprocess.run(
        [STEWARD, "--config", file, *arguments], capture_output=True, text=True, check=False
    )


def calls(folder: Path, text: str) -> list[dict[str, Any]]:
    done = steward(folder, "ask", "--json", text)
    assert done.returncode == 0, done.stderr
    body = json.loads(done.stdout)["plan"]
    found: list[dict[str, Any]] = body.get("calls", [])
    return found


def test_a_name_and_a_routine_outlive_the_process_and_can_be_deleted(tmp_path: Path) -> None:
    assert calls(tmp_path, "call the desk lamp Bertie")[0]["capability"] == "words.teach"
    calls(tmp_path, "我说看书了的时候就打开台灯")
    for sentence in ("turn on Bertie", "看书了"):
        (call,) = calls(tmp_path, sentence)
        assert call["arguments"]["entity_id"] == ["light.desk_lamp"]
    listed = json.loads(steward(tmp_path, "words", "--json").stdout)
    assert [word["phrase"] for word in listed] == ["Bertie", "看书了"]
    assert "Desk Lamp" in steward(tmp_path, "words").stdout
    assert steward(tmp_path, "words", "--delete", "bertie").returncode == 0
    assert calls(tmp_path, "turn on Bertie") == []
    missing = steward(tmp_path, "words", "--delete", "bertie")
    assert missing.returncode == 2 and "hint:" in missing.stderr
