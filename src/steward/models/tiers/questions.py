"""The file of the questions that wait until the line is back, and of the answers that came."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from steward.errors import StateError
from steward.statefile import StateFile, Worker
from steward.thinking import Answer, Inquiry, Message

FILE = "questions.db"
"""Its name in the folder of the state."""
MAX_WAITING = 100
"""Questions that wait at most."""
KEPT_SECONDS = 7 * 86_400.0
"""How long an answer that was told is kept."""
_TABLE = (
    "CREATE TABLE IF NOT EXISTS question (id INTEGER PRIMARY KEY AUTOINCREMENT, "
    "inquiry TEXT NOT NULL, asked REAL NOT NULL, leased REAL NOT NULL DEFAULT 0, "
    "answered REAL, tier TEXT NOT NULL DEFAULT '', answer TEXT NOT NULL DEFAULT '', "
    "told INTEGER NOT NULL DEFAULT 0)"
)
_READ = "SELECT id, inquiry, asked, answered, tier, answer FROM question"


@dataclass(frozen=True, slots=True)
class Waiter:
    """A question that waits or waited: `asked` and `answered` are in seconds since 1970.

    `answered` is None as long as it waits. An answer by no `tier` says that there is none.
    """

    id: int
    inquiry: Inquiry
    asked: float
    answered: float | None
    tier: str
    answer: str


class Questions:
    """The questions in the file at `path`, which several processes share.

    Each method is one transaction, and raises StateError where the file cannot be used. Times are
    in seconds since 1970.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, or make it."""
        self._file = StateFile(path, _TABLE, f"{_READ} LIMIT 1", "what was asked")
        self._worker = Worker("questions")

    def close(self) -> None:
        """Finish what is under way and close the file."""
        self._worker.close()
        self._file.close()

    async def keep(self, inquiry: Inquiry, now: float) -> bool:
        """Let `inquiry` wait; False where too many do."""
        return await self._worker.do(lambda: self._keep(inquiry, now))

    async def take(self, now: float, lease: float) -> Waiter | None:
        """Return the question that waits longest, if nobody has it, and hold it for `lease` s."""
        return await self._worker.do(lambda: self._take(now, lease))

    async def release(self, number: int, now: float) -> None:
        """Give back a question that was taken; others are taken before it is again."""
        sql = "UPDATE question SET leased = ? WHERE id = ?"
        await self._worker.do(lambda: self._do(sql, now, number))

    async def answer(self, waiter: Waiter, answer: Answer | None, now: float) -> Waiter | None:
        """Write the answer of a question; None where it has one by now, or is forgotten."""
        tier, text = (answer.tier, answer.text) if answer else ("", "")
        sql = (
            "UPDATE question SET answered = ?, tier = ?, answer = ? "
            "WHERE id = ? AND answered ISNULL"
        )
        written = await self._worker.do(lambda: self._do(sql, now, tier, text, waiter.id))
        return replace(waiter, answered=now, tier=tier, answer=text) if written else None

    async def tell(self, number: int) -> None:
        """Note that the answer to a question has been told."""
        sql = "UPDATE question SET told = 1 WHERE id = ?"
        await self._worker.do(lambda: self._do(sql, number))

    async def untold(self) -> tuple[Waiter, ...]:
        """Return what was answered and not told, the oldest first."""
        return await self._worker.do(lambda: self._all("WHERE answered NOTNULL AND NOT told"))

    async def all(self) -> tuple[Waiter, ...]:
        """Return all that wait, and those that were answered in the last week, the oldest first."""
        return await self._worker.do(lambda: self._all("ORDER BY id"))

    async def drop(self, number: int) -> bool:
        """Forget the question with this number; tells whether there was one."""
        return await self._worker.do(lambda: self._do("DELETE FROM question WHERE id = ?", number))

    def _keep(self, inquiry: Inquiry, now: float) -> bool:
        do = self._file.connection.execute
        with self._file.explained(), self._file.transaction():
            do("DELETE FROM question WHERE told AND answered < ?", (now - KEPT_SECONDS,))
            waiting = do("SELECT count(*) FROM question WHERE answered ISNULL").fetchone()[0]
            if waiting >= MAX_WAITING:
                return False
            text = json.dumps(asdict(inquiry), ensure_ascii=False)
            do("INSERT INTO question (inquiry, asked) VALUES (?, ?)", (text, now))
        return True

    def _take(self, now: float, lease: float) -> Waiter | None:
        # A lease beyond what one can be is of a clock that was set back.
        free = "WHERE answered ISNULL AND (leased <= ? OR leased > ?) ORDER BY leased, id LIMIT 1"
        with self._file.explained(), self._file.transaction():
            found = self._select(free, now, now + lease)
            for waiter in found:
                sql = "UPDATE question SET leased = ? WHERE id = ?"
                self._file.connection.execute(sql, (now + lease, waiter.id))
        return found[0] if found else None

    def _do(self, sql: str, *values: float | str) -> bool:
        with self._file.explained(), self._file.transaction():
            return self._file.connection.execute(sql, values).rowcount > 0

    def _all(self, where: str) -> tuple[Waiter, ...]:
        with self._file.explained():
            return self._select(where)

    def _select(self, where: str, *values: float) -> tuple[Waiter, ...]:
        rows = self._file.connection.execute(f"{_READ} {where}", values).fetchall()
        return tuple(Waiter(row[0], _inquiry(row[0], row[1]), *row[2:]) for row in rows)


def _inquiry(number: int, text: str) -> Inquiry:
    try:
        kept: Mapping[str, Any] = json.loads(text)
        before = tuple(Message(**message) for message in kept["before"])
        return Inquiry(**{**kept, "before": before, "documents": tuple(kept["documents"])})
    except (ValueError, TypeError, KeyError) as error:
        raise StateError(
            f"question {number} that waits is damaged: {error}",
            hint="move questions.db in the folder of the state away (nothing is deleted)",
        ) from error
