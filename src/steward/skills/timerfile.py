"""The SQLite file that timers live in, shared by every process that sets or rings them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from steward.skills.timing import Timer, Timers
from steward.statefile import StateFile

_TABLE = (
    "CREATE TABLE IF NOT EXISTS timer (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, "
    "seconds REAL NOT NULL, language TEXT NOT NULL, area TEXT, ends REAL, left REAL NOT NULL)"
)
_ALL = "SELECT id, name, seconds, language, area, ends, left FROM timer ORDER BY id"


class TimerFile:
    """The timers at `path`; every transaction is whole or absent after a crash at any instant.

    The methods raise StateError, which says why, when the file is damaged or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, or make it."""
        self._file = StateFile(path, _TABLE, _ALL, "timers")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @contextmanager
    def changing(self) -> Iterator[tuple[Timers, list[Timers]]]:
        """Hold the write lock: gives the timers, and a list to append the new ones to, if any."""
        with self._file.explained(), self._file.transaction():
            before = self._read()
            after: list[Timers] = []
            yield before, after
            if after:
                self._write(before, after[-1])

    def next_end(self) -> float | None:
        """Return when the next running timer ends, in seconds since 1970; None when none runs."""
        with self._file.explained():
            row = self._file.connection.execute("SELECT min(ends) FROM timer").fetchone()
            return None if row[0] is None else float(row[0])

    def _read(self) -> Timers:
        return tuple(Timer(*row) for row in self._file.connection.execute(_ALL))

    def _write(self, before: Timers, after: Timers) -> None:
        kept = {timer.id for timer in after}
        gone = [(timer.id,) for timer in before if timer.id not in kept]
        self._file.connection.executemany("DELETE FROM timer WHERE id = ?", gone)
        old = set(before)
        self._file.connection.executemany(
            "INSERT OR REPLACE INTO timer (id, name, seconds, language, area, ends, left) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (t.id or None, t.name, t.seconds, t.language, t.area, t.ends, t.left)
                for t in after
                if t not in old
            ],
        )
