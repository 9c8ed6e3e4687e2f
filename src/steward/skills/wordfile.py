"""The SQLite file that the owner's words and his corrections live in."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from steward.errors import StateError
from steward.statefile import StateFile

_TABLE = (
    "CREATE TABLE IF NOT EXISTS word (id INTEGER PRIMARY KEY AUTOINCREMENT, "
    "kind TEXT NOT NULL, body TEXT NOT NULL)"
)
_ALL = "SELECT id, kind, body FROM word ORDER BY id"
_ModelT = TypeVar("_ModelT", bound=BaseModel)


class WordFile:
    """The file at `path`, in which every entry has a number and is of one kind.

    The methods raise StateError, which says why, when the file is damaged or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, or make it."""
        self._path = path
        self._file = StateFile(path, _TABLE, _ALL, "the words that you taught")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def all(self, kind: str, model: type[_ModelT]) -> tuple[tuple[int, _ModelT], ...]:
        """Return the entries of `kind` with their numbers, the oldest first."""
        with self._file.explained():
            rows = self._file.connection.execute(_ALL).fetchall()
        return tuple((key, self._entry(key, body, model)) for key, of, body in rows if of == kind)

    def put(self, kind: str, entry: BaseModel, instead: int | None, most: int) -> None:
        """Keep `entry` in the place of the one numbered `instead`; of a kind the last `most`."""
        with self._file.explained(), self._file.transaction():
            do = self._file.connection.execute
            do(
                "INSERT OR REPLACE INTO word (id, kind, body) VALUES (?, ?, ?)",
                (instead, kind, entry.model_dump_json()),
            )
            do(
                "DELETE FROM word WHERE kind = ? AND id NOT IN "
                "(SELECT id FROM word WHERE kind = ? ORDER BY id DESC LIMIT ?)",
                (kind, kind, most),
            )

    def delete(self, number: int) -> None:
        """Forget the entry with this number."""
        with self._file.explained(), self._file.transaction():
            self._file.connection.execute("DELETE FROM word WHERE id = ?", (number,))

    def _entry(self, key: int, body: str, model: type[_ModelT]) -> _ModelT:
        try:
            return model.model_validate_json(body)
        except ValidationError as error:
            raise StateError(
                f"{self._path}: entry {key} is damaged: {error.errors()[0]['msg']}",
                hint="move the file away (nothing is deleted) and teach the words anew",
            ) from error
