"""A small SQLite file that several processes of this device share, and the thread that uses it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from steward.errors import StateError

_T = TypeVar("_T")
BUSY_SECONDS = 5.0
"""How long to wait for another process that writes."""


class Worker:
    """One thread that does all work on one file, in order."""

    def __init__(self, name: str) -> None:
        """Make the thread; `name` is what it is called in a debugger."""
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def do(self, work: Callable[[], _T]) -> _T:
        """Return what `work` gives; begun, it is finished even when the caller is cancelled."""
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._pool, work))

    def close(self) -> None:
        """Finish what is under way."""
        self._pool.shutdown(wait=True)


class StateFile:
    """The file at `path`; every transaction is whole or absent after a crash at any instant.

    `table` makes its table if there is none, `read` is one statement that fails on a file of
    another shape, `kept` names what lives in it ("timers"). The methods raise StateError, which
    says why, when the file is damaged or cannot be written.
    """

    def __init__(self, path: Path, table: str, read: str, kept: str) -> None:
        """Open the file, or make it."""
        self._path = path
        self._kept = kept
        with self.explained():
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
            # For its owner alone: the -wal beside it takes its mode, and holds the same.
            with suppress(OSError):  # SQLite says why it cannot be made
                os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self.connection = sqlite3.connect(
                path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                found = self.connection.execute("PRAGMA quick_check(1)").fetchone()[0]
                if found != "ok":
                    raise self._damaged(found)
                self._use_wal()
                with self.transaction():
                    self.connection.execute(table)
                    # Written every time: it shows whether the file can be written.
                    self.connection.execute("PRAGMA user_version = 1")
                    self.connection.execute(read).fetchall()
            except BaseException:
                self.connection.close()
                raise

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def _use_wal(self) -> None:
        try:
            self.connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            # Whoever else opens the file at this instant makes the same change.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        # Cannot tear a transaction; may lose the last ones when the power fails.
        self.connection.execute("PRAGMA synchronous = NORMAL")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the write lock; what is done within is kept only when nothing is raised."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    def _damaged(self, what: str) -> StateError:
        return StateError(
            f"{self._path} is damaged: {what}",
            hint=f"move it away (nothing is deleted); a new one is then made, without {self._kept}",
        )

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn what SQLite raises into a StateError."""
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
