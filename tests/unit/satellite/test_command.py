"""`steward satellite` refuses what would let anybody listen, before it becomes a satellite."""

from __future__ import annotations

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
