"""`steward satellite` refuses what would let anybody listen, before it becomes a satellite."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from steward.cli import app
from steward.errors import UserError


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--host", "0.0.0.0"], "--allow"),
        (["--host", "192.168.1.31"], "--allow"),
        (["--allow", "the hub"], "192.168.1.10"),
        (["--allow", "192.168.1.10/24"], "192.168.1.10"),
    ],
)
def test_a_satellite_says_who_may_be_its_hub(arguments: list[str], hint: str) -> None:
    done = CliRunner().invoke(app, ["satellite", *arguments])
    assert isinstance(done.exception, UserError)
    assert hint in done.exception.hint


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--hub", "192.168.1.10", "--allow", "192.168.1.10"], "away"),
        (["--hub", "192.168.1.10", "--host", "0.0.0.0"], "away"),
        (["--code", "123456"], "--hub"),
        (["--hub", "127.0.0.1:1", "--code", "12345"], "042 137"),
        (["--hub", "http://127.0.0.1:1", "--code", "123456"], "192.168.1.10"),
        (["--hub", "127.0.0.1:1"], "--code"),
    ],
)
def test_a_satellite_is_told_how_it_is_paired(
    arguments: list[str], hint: str, tmp_path: Path
) -> None:
    file = tmp_path / "steward.toml"
    file.write_text(f'[paths]\nstate = "{tmp_path / "state"}"\n', encoding="utf-8")
    done = CliRunner().invoke(app, ["--config", str(file), "satellite", *arguments])
    assert isinstance(done.exception, UserError)
    assert hint in done.exception.hint
