"""What is kept in files is for its owner, also while it is written."""

from __future__ import annotations

from pathlib import Path

from steward.statefile import StateFile


def test_all_files_are_for_their_owner_wherever_they_are(tmp_path: Path) -> None:
    open_to_all = tmp_path / "state"
    open_to_all.mkdir(mode=0o755)
    table = "CREATE TABLE IF NOT EXISTS t (said TEXT)"
    file = StateFile(open_to_all / "said.db", table, "SELECT said FROM t", "what was said")
    with file.transaction():
        file.connection.execute("INSERT INTO t VALUES ('private')")
    modes = {path.name: path.stat().st_mode & 0o077 for path in open_to_all.iterdir()}
    file.close()
    assert modes == {"said.db": 0, "said.db-wal": 0, "said.db-shm": 0}
