"""The doctor, on this machine with everything there, and on one without weights."""

from __future__ import annotations

from pathlib import Path

from steward.config import Config, Paths, Server
from steward.lab.doctor import examine


async def test_a_healthy_machine_has_no_complaints(tmp_path: Path) -> None:
    config = Config(server=Server(port=0), paths=Paths(state=tmp_path))
    findings = await examine(config)
    assert [f for f in findings if not f.ok] == []
    parts = {finding.part for finding in findings}
    assert {"home", "understanding", "language model", "speech en", "speech zh"} <= parts


async def test_missing_weights_are_named_with_the_fix(tmp_path: Path) -> None:
    paths = Paths(state=tmp_path / "state", cache=tmp_path / "cache")
    findings = await examine(Config(server=Server(port=0), paths=paths))
    bad = {finding.part: finding for finding in findings if not finding.ok}
    assert {"weights whisper-base", "language model", "speech zh"} <= set(bad)
    assert all("setup" in finding.hint for finding in bad.values())
    good = {finding.part for finding in findings if finding.ok}
    assert {"home", "understanding"} <= good
