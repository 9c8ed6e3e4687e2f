"""What is kept of each tier: its money of today, its breaker, why it failed last."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from steward.models.tiers.breaker import CLOSED, Breaker
from steward.statefile import StateFile, Worker

FILE = "tiers.db"
"""Its name in the folder of the state."""
_TABLE = "CREATE TABLE IF NOT EXISTS tier (name TEXT PRIMARY KEY, account TEXT NOT NULL)"
_READ = "SELECT name, account FROM tier"


@dataclass(frozen=True, slots=True)
class Account:
    """`spent` is the money of the `day` (ISO 8601) so far, with what is set aside for questions
    under way; `trouble` is why it failed last, empty when it has answered since."""

    day: str = ""
    spent: float = 0.0
    breaker: Breaker = CLOSED
    trouble: str = ""

    def on(self, day: str) -> Account:
        """Return the account as it is on `day`: another day begins with nothing spent."""
        return self if self.day == day else replace(self, day=day, spent=0.0)

    def books(self, day: str, money: float) -> Account:
        """Return the account with `money` more spent on `day`, or set aside."""
        today = self.on(day)
        return replace(today, spent=today.spent + money)

    def settles(self, day: str, aside: float, money: float) -> Account:
        """Return the account after what was set `aside` on `day` came to `money`.

        If it is another day by now, that money is of no day that still counts.
        """
        return self if self.day != day else replace(self, spent=self.spent - aside + money)


class Accounts:
    """The accounts in the file at `path`, which several processes share."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it.

        Raises:
            StateError: it cannot be used.
        """
        self._file = StateFile(path, _TABLE, _READ, "what was spent today")
        self._worker = Worker("tiers")

    def close(self) -> None:
        """Finish what is under way and close the file."""
        self._worker.close()
        self._file.close()

    async def read(self, name: str) -> Account:
        """Return the account of the tier `name`, a new one where there is none.

        Raises:
            StateError: the file cannot be used.
        """
        return await self._worker.do(lambda: self._read(name))

    async def change(self, name: str, change: Callable[[Account], Account]) -> Account:
        """Let `change` make another account of the tier's; nobody else's change comes between.

        Raises:
            StateError: the file cannot be used; nothing has changed.
        """
        return await self._worker.do(lambda: self._change(name, change))

    def _read(self, name: str) -> Account:
        with self._file.explained():
            row = self._file.connection.execute(f"{_READ} WHERE name = ?", (name,)).fetchone()
        return _account(row)

    def _change(self, name: str, change: Callable[[Account], Account]) -> Account:
        do = self._file.connection.execute
        with self._file.explained(), self._file.transaction():
            after = change(_account(do(f"{_READ} WHERE name = ?", (name,)).fetchone()))
            do("INSERT OR REPLACE INTO tier VALUES (?, ?)", (name, json.dumps(asdict(after))))
        return after


def _account(row: tuple[str, str] | None) -> Account:
    if row is None:
        return Account()
    try:
        kept = json.loads(row[1])
        return Account(**kept | {"breaker": Breaker(**kept["breaker"])})
    except (ValueError, TypeError, KeyError) as error:
        # Told as any other damage of the file is.
        raise sqlite3.DatabaseError(f"the account of {row[0]}: {error}") from error
