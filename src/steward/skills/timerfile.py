"""The SQLite file that timers live in, shared by every process that sets or rings them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from steward.errors import StateError
from steward.skills.timing import Timer, Timers

BUSY_SECONDS = 5.0
"""How long to wait for another process that writes."""

_TABLE = (
    "CREATE TABLE IF NOT EXISTS timer (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, "
    "seconds REAL NOT NULL, language TEXT NOT NULL, area TEXT, ends REAL, left REAL NOT NULL)"
)


class TimerFile:
    """The timers at `path`; every transaction is whole or absent after a crash at any instant.

    The methods raise StateError, which says why, when the file is damaged or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, or make it."""
        self._path = path
        with self._explained():
            try:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise StateError(
                    f"cannot make the folder {path.parent}: {error.strerror}",
                    hint="choose another folder with [paths] state, or mend its permissions",
                ) from error
            # SQLite would open a read-only file, and leave read-only files beside it.
            effective = os.access in os.supports_effective_ids
            if path.exists() and not os.access(path, os.W_OK, effective_ids=effective):
                raise StateError(f"{path} cannot be written", hint=_HINTS[sqlite3.SQLITE_READONLY])
            self._connection = sqlite3.connect(
                path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                found = self._connection.execute("PRAGMA quick_check(1)").fetchone()[0]
                if found != "ok":
                    raise self._damaged(found)
                self._use_wal()
                with self._transaction():
                    self._connection.execute(_TABLE)
                    # Written every time: it shows whether the file can be written.
                    self._connection.execute("PRAGMA user_version = 1")
                    self._read()
            except BaseException:
                self._connection.close()
                raise

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def changing(self) -> Iterator[tuple[Timers, list[Timers]]]:
        """Hold the write lock: gives the timers, and a list to append the new ones to, if any."""
        with self._explained(), self._transaction():
            before = self._read()
            after: list[Timers] = []
            yield before, after
            if after:
                self._write(before, after[-1])

    def next_end(self) -> float | None:
        """Return when the next running timer ends, in seconds since 1970; None when none runs."""
        with self._explained():
            row = self._connection.execute("SELECT min(ends) FROM timer").fetchone()
            return None if row[0] is None else float(row[0])

    def _use_wal(self) -> None:
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            # Whoever else opens the file at this instant makes the same change.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        # Cannot tear a transaction; may lose the last ones when the power fails.
        self._connection.execute("PRAGMA synchronous = NORMAL")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def _read(self) -> Timers:
        rows = self._connection.execute(
            "SELECT id, name, seconds, language, area, ends, left FROM timer ORDER BY id"
        )
        return tuple(Timer(*row) for row in rows)

    def _write(self, before: Timers, after: Timers) -> None:
        kept = {timer.id for timer in after}
        gone = [(timer.id,) for timer in before if timer.id not in kept]
        self._connection.executemany("DELETE FROM timer WHERE id = ?", gone)
        old = set(before)
        self._connection.executemany(
            "INSERT OR REPLACE INTO timer (id, name, seconds, language, area, ends, left) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (t.id or None, t.name, t.seconds, t.language, t.area, t.ends, t.left)
                for t in after
                if t not in old
            ],
        )

    def _damaged(self, what: str) -> StateError:
        return StateError(
            f"{self._path} is damaged: {what}",
            hint="move it away (nothing is deleted); a new one is then made, without timers",
        )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
            if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR):
                raise self._damaged(str(error)) from error
            hint = _HINTS.get(code, "see whether the file, its folder and its disk are well")
            raise StateError(f"{self._path}: {error}", hint=hint) from error


_HINTS = {
    sqlite3.SQLITE_FULL: "free some space on the disk; the last request was not done",
    sqlite3.SQLITE_READONLY: "make it, its -wal and -shm files and its folder writable",
    sqlite3.SQLITE_CANTOPEN: "make sure that it is a file, in a folder that you may write to",
    sqlite3.SQLITE_BUSY: "another program holds it: find which (fuser), and try again",
}
