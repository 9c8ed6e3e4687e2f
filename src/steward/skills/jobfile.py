"""The SQLite file that planned jobs live in, shared by every process that plans or runs them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from steward.errors import StateError
from steward.skills.planning import Add, Job, Jobs
from steward.statefile import StateFile

_TABLE = (
    "CREATE TABLE IF NOT EXISTS job (id INTEGER PRIMARY KEY AUTOINCREMENT, "
    "job TEXT NOT NULL, due REAL NOT NULL)"
)
_ALL = "SELECT id, job, due FROM job ORDER BY id"


class JobFile:
    """The jobs at `path`; every transaction is whole or absent after a crash at any instant.

    The methods raise StateError, which says why, when the file is damaged or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, or make it."""
        self._path = path
        self._file = StateFile(path, _TABLE, _ALL, "what was planned")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @contextmanager
    def changing(self) -> Iterator[tuple[Jobs, list[Jobs]]]:
        """Hold the write lock: gives the jobs, and a list to append the new ones to, if any."""
        with self._file.explained(), self._file.transaction():
            before = tuple(self._job(*row) for row in self._file.connection.execute(_ALL))
            after: list[Jobs] = []
            yield before, after
            if after:
                _write(self._file.connection, before, after[-1])

    def next_due(self) -> float | None:
        """Return when the next job is due, in seconds since 1970; None when there is none."""
        with self._file.explained():
            row = self._file.connection.execute("SELECT min(due) FROM job").fetchone()
            return None if row[0] is None else float(row[0])

    def _job(self, name: int, job: str, due: float) -> Job:
        try:
            return Job(name, Add.model_validate_json(job), due)
        except ValidationError as error:
            raise StateError(
                f"{self._path}: job {name} is damaged: {error.errors()[0]['msg']}",
                hint="move the file away (nothing is deleted) and plan anew",
            ) from error


def _write(connection: sqlite3.Connection, before: Jobs, after: Jobs) -> None:
    kept = {job.id for job in after}
    gone = [(job.id,) for job in before if job.id not in kept]
    connection.executemany("DELETE FROM job WHERE id = ?", gone)
    old = {job.id: job for job in before}
    connection.executemany(
        "INSERT OR REPLACE INTO job (id, job, due) VALUES (?, ?, ?)",
        [
            (job.id or None, job.add.model_dump_json(), job.due)
            for job in after
            if old.get(job.id) is not job
        ],
    )
