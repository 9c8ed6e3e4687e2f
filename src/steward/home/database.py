"""The SQLite file that a home lives in: opening it, its tables, and what can go wrong with it."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from steward.errors import StateError
from steward.types import Area, Entity, Floor, Json, World

APPLICATION_ID = 0x53545744
"""Marks the file as ours ("STWD"), sqlite.org/pragma.html#pragma_application_id."""

SCHEMA_VERSION = 1
"""Kept in `user_version`; 0 is an empty file."""

BUSY_SECONDS = 5.0
"""How long to wait for another process that writes."""

_TABLES = (
    "CREATE TABLE floor (position INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, "
    "name TEXT NOT NULL, aliases TEXT NOT NULL)",
    "CREATE TABLE area (position INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, "
    "name TEXT NOT NULL, aliases TEXT NOT NULL, floor TEXT)",
    "CREATE TABLE entity (position INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, "
    "name TEXT NOT NULL, aliases TEXT NOT NULL, area TEXT, unit TEXT, "
    "state TEXT NOT NULL, attributes TEXT NOT NULL)",
)


def connect(path: Path, first: Callable[[], World]) -> sqlite3.Connection:
    """Open the home at `path`; a file that is not there yet is made, holding `first()`.

    Every transaction is whole or absent after a crash of the process at any instant. WAL with
    `synchronous = NORMAL` can lose the last transactions, never tear one, when the power fails
    (sqlite.org/pragma.html#pragma_synchronous); it saves a disk flush per command.

    Raises:
        StateError: it cannot be opened, read or written, is damaged, or is not a home.
    """
    with explained(path):
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StateError(
                f"cannot make the folder {path.parent}: {error.strerror}",
                hint="choose another folder with [paths] state, or mend its permissions",
            ) from error
        _check_writable(path)
        connection = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            _check(connection, path)
            _use_wal(connection)
            with transaction(connection):
                if _pragma(connection, "user_version") == 0:
                    for statement in _TABLES:
                        connection.execute(statement)
                    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                    write_world(connection, first())
                # Written even when it is there already: it shows whether the file can be written.
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        except BaseException:
            connection.close()
            raise
        return connection


def _check_writable(path: Path) -> None:
    # SQLite would open a read-only file, and leave read-only -wal and -shm files beside it.
    effective = os.access in os.supports_effective_ids
    if path.exists() and not os.access(path, os.W_OK, effective_ids=effective):
        what, hint = _MEANINGS[sqlite3.SQLITE_READONLY]
        raise StateError(f"{path}: {what}", hint=hint)


def _check(connection: sqlite3.Connection, path: Path) -> None:
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise _damaged(path, str(found))
    version = _pragma(connection, "user_version")
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if version == 0 and tables == 0:
        return
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise StateError(
            f"{path} is a database, but not a home of Steward",
            hint="choose another folder with [paths] state",
        )
    if version != SCHEMA_VERSION:
        raise StateError(
            f"{path} has format {version}; this Steward knows {SCHEMA_VERSION}",
            hint="use the Steward that wrote it, or move the file away to start afresh",
        )


def _use_wal(connection: sqlite3.Connection) -> None:
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        # Whoever else opens the file at this instant makes the same change.
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
    connection.execute("PRAGMA synchronous = NORMAL")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def data_version(connection: sqlite3.Connection) -> int:
    """Return a number that differs from the last one when another connection has committed."""
    return _pragma(connection, "data_version")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold the write lock for the block; all of it is kept, or after an exception none of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def read_world(connection: sqlite3.Connection, path: Path) -> World:
    """Return what the file holds; call it inside a transaction.

    Raises:
        StateError: what stands there is not a home.
    """
    floors = connection.execute("SELECT id, name, aliases FROM floor ORDER BY position")
    areas = connection.execute("SELECT id, name, floor, aliases FROM area ORDER BY position")
    entities = connection.execute(
        "SELECT id, name, state, area, aliases, unit, attributes FROM entity ORDER BY position"
    )
    try:
        return World(
            tuple(Floor(key, name, _names(aliases)) for key, name, aliases in floors),
            tuple(Area(key, name, floor, _names(aliases)) for key, name, floor, aliases in areas),
            tuple(
                Entity(key, name, state, area, _names(aliases), unit, _mapping(attributes))
                for key, name, state, area, aliases, unit, attributes in entities
            ),
        )
    except (ValueError, TypeError) as error:
        raise _damaged(path, str(error)) from error


def _names(text: str) -> tuple[str, ...]:
    return tuple(str(name) for name in json.loads(text))


def _mapping(text: str) -> dict[str, Json]:
    read = json.loads(text)
    if not isinstance(read, dict):
        raise TypeError(f"{text:.40} is not a mapping")
    return read


def write_world(connection: sqlite3.Connection, world: World) -> None:
    """Replace all that the file holds with `world`; call it inside a transaction."""
    for table in ("floor", "area", "entity"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 (the names stand above)
    connection.executemany(
        "INSERT INTO floor (id, name, aliases) VALUES (?, ?, ?)",
        [(f.id, f.name, _text(f.aliases)) for f in world.floors],
    )
    connection.executemany(
        "INSERT INTO area (id, name, aliases, floor) VALUES (?, ?, ?, ?)",
        [(a.id, a.name, _text(a.aliases), a.floor) for a in world.areas],
    )
    connection.executemany(
        "INSERT INTO entity (id, name, aliases, area, unit, state, attributes) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (e.id, e.name, _text(e.aliases), e.area, e.unit, e.state, _text(dict(e.attributes)))
            for e in world.entities
        ],
    )


def write_states(connection: sqlite3.Connection, entities: Iterable[Entity]) -> None:
    """Write state and attributes of `entities`; call it inside a transaction."""
    connection.executemany(
        "UPDATE entity SET state = ?, attributes = ? WHERE id = ?",
        [(e.state, _text(dict(e.attributes)), e.id) for e in entities],
    )


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _damaged(path: Path, what: str) -> StateError:
    return StateError(
        f"{path} is damaged: {what}",
        hint=f"move it and {path.name}-wal away (nothing is deleted); a new one is then made",
    )


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors in the block into a StateError that says what to do about `path`."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            raise _damaged(path, str(error)) from error
        what, hint = _MEANINGS.get(code, (str(error), "see whether the file and its disk are well"))
        raise StateError(f"{path}: {what}", hint=hint) from error


_MEANINGS = {
    sqlite3.SQLITE_FULL: ("the disk is full", "free some space; the last command was not done"),
    sqlite3.SQLITE_READONLY: (
        "it cannot be written",
        "make it, its -wal and -shm files and its folder writable",
    ),
    sqlite3.SQLITE_PERM: (
        "it cannot be written",
        "make it, its -wal and -shm files and its folder writable",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "it cannot be opened",
        "make sure that it is a file, in a folder that you may write to",
    ),
    sqlite3.SQLITE_BUSY: (
        f"another program has held it for {BUSY_SECONDS:g} seconds",
        "find who has it open (fuser), and try again",
    ),
    sqlite3.SQLITE_IOERR: (
        "the disk failed to read or write",
        "see whether the disk is full, over its quota, or broken",
    ),
}
