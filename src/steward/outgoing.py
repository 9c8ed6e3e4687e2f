"""The log of what left this device for other machines, byte for byte: a part of the audit log.

An entry is written before the request leaves and completed with what came of it: one without an
end is of a request that nobody answered, or that the program did not survive.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from steward.errors import StateError
from steward.events import Asked, Asking, Ended, Event, Heard
from steward.statefile import StateFile
from steward.types import UNASKED, Origin

MAX_ENTRIES = 5_000
"""Entries kept at most; the oldest go first. A body has some 100 KB at most, mostly 1 KB."""
_DAY = 86_400.0
_TABLE = (
    "CREATE TABLE IF NOT EXISTS sent (id INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, "
    "turn TEXT NOT NULL, door TEXT NOT NULL, who TEXT NOT NULL, tier TEXT NOT NULL, "
    "body BLOB NOT NULL, ms REAL, failure TEXT NOT NULL DEFAULT '', tokens_in INTEGER NOT NULL "
    "DEFAULT 0, tokens_out INTEGER NOT NULL DEFAULT 0, money REAL NOT NULL DEFAULT 0)"
)
_COLUMNS = "id, time, turn, door, who, tier, body, ms, failure, tokens_in, tokens_out, money"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Left:
    """One request that left: `time` in seconds since 1970, `turn` whose question it was, `door` and
    `who` asked it, `body` as it went to `tier`.

    `ms` is how long the answer took, None while there is none, `failure` why there is none;
    `money` is what it cost by the owner's prices.
    """

    id: int
    time: float
    turn: str
    door: str
    who: str
    tier: str
    body: bytes
    ms: float | None
    failure: str
    tokens_in: int
    tokens_out: int
    money: float


class Outgoing:
    """The log in the folder `state`, kept for `days`; several processes may write and read it."""

    def __init__(self, state: Path, days: int, clock: Callable[[], float] = time.time) -> None:
        self._path = state / "sent.db"
        self._days = days
        self._clock = clock
        self._opened: StateFile | None = None
        self._origins: dict[str, Origin] = {}

    def close(self) -> None:
        """Close the file."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def note(self, event: Event) -> None:
        """Keep what an Event tells of a request to another machine.

        A log that cannot be written is an error in the program's own log.
        """
        try:
            self._note(event)
        except StateError as error:
            _log.error("what left is missing in the audit log: %s", error)

    def _note(self, event: Event) -> None:
        match event:
            case Heard():
                self._origins[event.turn] = event.origin
            case Ended():
                self._origins.pop(event.turn, None)
            case Asking() if event.body:
                who = self._origins.get(event.turn, UNASKED)
                values = (event.time, event.turn, who.door, who.who, event.tier, event.body)
                self._insert(*values)
            case Asked():
                self._complete(event)
            case _:
                pass

    def _insert(self, *values: str | float | bytes) -> None:
        file = self._file()
        with file.explained(), file.transaction():
            do = file.connection.execute
            row = do(
                "INSERT INTO sent (time, turn, door, who, tier, body) VALUES (?, ?, ?, ?, ?, ?)",
                values,
            ).lastrowid
            do("DELETE FROM sent WHERE time < ?", (self._oldest(),))
            do("DELETE FROM sent WHERE id <= ?", ((row or 0) - MAX_ENTRIES,))

    def _complete(self, asked: Asked) -> None:
        file = self._file()
        with file.explained(), file.transaction():
            file.connection.execute(
                "UPDATE sent SET ms = ?, failure = ?, tokens_in = ?, tokens_out = ?, money = ? "
                "WHERE id = (SELECT max(id) FROM sent WHERE turn = ? AND tier = ? AND ms IS NULL)",
                (
                    asked.ms,
                    asked.failure,
                    asked.tokens_in,
                    asked.tokens_out,
                    asked.money,
                    asked.turn,
                    asked.tier,
                ),
            )

    def search(
        self, turn: str = "", *, before: int | None = None, limit: int = 50
    ) -> tuple[Left, ...]:
        """Return what left last, the newest first: of one `turn`, or of all; older than `before`.

        Raises:
            StateError: the log cannot be read.
        """
        file = self._file()
        with file.explained():
            rows = file.connection.execute(
                f"SELECT {_COLUMNS} FROM sent WHERE time >= ? AND (? = '' OR turn = ?) "  # noqa: S608 - constants
                "AND (? IS NULL OR id < ?) ORDER BY id DESC LIMIT ?",
                (self._oldest(), turn, turn, before, before, limit),
            ).fetchall()
        return tuple(Left(*row) for row in rows)

    def _oldest(self) -> float:
        return self._clock() - self._days * _DAY

    def _file(self) -> StateFile:
        # Opened when something leaves: in most homes nothing ever does.
        if self._opened is None:
            read = f"SELECT {_COLUMNS} FROM sent LIMIT 1"  # noqa: S608 - constants
            self._opened = StateFile(self._path, _TABLE, read, "what was sent")
        return self._opened
