"""Questions that wait until the line is back: kept on disk, answered once, told once."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from steward.errors import StateError, StewardError
from steward.events import Brought, Emit
from steward.statefile import StateFile, Worker
from steward.thinking import Inquiry, Message, Resolved

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
_READ = "SELECT id, inquiry, asked, leased, answered, tier, answer, told FROM question"
_log = logging.getLogger(__name__)


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


class Waiting:
    """The questions in the file at `path`, which several processes share.

    A question is answered in one transaction, by one process: who asks for it holds a lease of so
    many `seconds`. If he dies it is asked again when that is over, and if he dies after the answer
    came it is only told.
    """

    def __init__(
        self,
        path: Path,
        climb: Callable[[Inquiry], Awaitable[Resolved]],
        emit: Emit,
        now: Callable[[], datetime],
        *,
        seconds: float,
        poll: float = 1.0,
    ) -> None:
        """`climb` puts an inquiry to the tiers and takes no longer than `seconds`; `poll` is the
        pause of `watch` between looks, in seconds.

        Raises:
            StateError: the file cannot be used.
        """
        self._file = StateFile(path, _TABLE, f"{_READ} LIMIT 1", "what was asked")
        path.chmod(0o600)
        self._worker = Worker("questions")
        self._climb = climb
        self._emit = emit
        self._now = now
        self._lease = seconds + 5.0
        self._poll = poll

    def close(self) -> None:
        """Finish what is under way and close the file."""
        self._worker.close()
        self._file.close()

    async def ask(self, inquiry: Inquiry) -> Resolved:
        """Return what came of `inquiry`; what "waits" has been kept by then.

        Raises:
            StewardError: what the tiers raise, or StateError as it cannot be kept.
        """
        resolved = await self._climb(inquiry)
        if resolved.how != "waits" or await self._worker.do(lambda: self._keep(inquiry)):
            return resolved
        return replace(resolved, how="down")

    async def questions(self) -> tuple[Waiter, ...]:
        """Return all that wait, and those that were answered in the last week, the oldest first.

        Raises:
            StateError: the file cannot be read.
        """
        return await self._worker.do(lambda: self._all("ORDER BY id"))

    async def drop(self, number: int) -> bool:
        """Forget the question with this number; tells whether there was one.

        Raises:
            StateError: the file cannot be written.
        """
        return await self._worker.do(lambda: self._do("DELETE FROM question WHERE id = ?", number))

    async def watch(self) -> None:
        """Ask again what waits, and tell each answer, until cancelled.

        What fails is logged, once, and tried again.
        """
        said = ""
        while True:
            try:
                await self.look()
                said = ""
            except StewardError as error:
                if str(error) != said:
                    said = str(error)
                    _log.error("what waits cannot be asked: %s", said)
            await asyncio.sleep(self._poll)

    async def look(self) -> None:
        """Tell what was answered and not told, and ask for one question that waits.

        Raises:
            StewardError: what the tiers raise, or StateError as the file cannot be used.
        """
        for waiter in await self._worker.do(
            lambda: self._all("WHERE answered NOTNULL AND NOT told")
        ):
            await self._tell(waiter)
        waiter_ = await self._worker.do(self._take)
        if waiter_ is None:
            return
        resolved = None
        try:
            resolved = await self._climb(replace(waiter_.inquiry, can_wait=True))
        finally:
            if resolved is None or resolved.how == "waits":
                await self._worker.do(lambda: self._release(waiter_.id))
        if resolved.how == "waits":
            return
        if (answered := await self._worker.do(lambda: self._answer(waiter_, resolved))) is not None:
            await self._tell(answered)

    async def _tell(self, waiter: Waiter) -> None:
        inquiry, now = waiter.inquiry, self._now().timestamp()
        question, language = inquiry.text, inquiry.language
        self._emit(Brought(now, question, language, waiter.asked, waiter.tier, waiter.answer))
        sql = "UPDATE question SET told = 1 WHERE id = ?"
        await self._worker.do(lambda: self._do(sql, waiter.id))

    def _keep(self, inquiry: Inquiry) -> bool:
        now = self._now().timestamp()
        do = self._file.connection.execute
        with self._file.explained(), self._file.transaction():
            do("DELETE FROM question WHERE told AND answered < ?", (now - KEPT_SECONDS,))
            if (
                do("SELECT count(*) FROM question WHERE answered ISNULL").fetchone()[0]
                >= MAX_WAITING
            ):
                return False
            text = json.dumps(asdict(inquiry), ensure_ascii=False)
            do("INSERT INTO question (inquiry, asked) VALUES (?, ?)", (text, now))
        return True

    def _take(self) -> Waiter | None:
        """Take the lease of the question that waits longest, if nobody holds it."""
        now = self._now().timestamp()
        # A lease beyond what one can be is of a clock that was set back.
        free = "WHERE answered ISNULL AND (leased <= ? OR leased > ?) ORDER BY leased, id LIMIT 1"
        with self._file.explained(), self._file.transaction():
            found = self._select(free, now, now + self._lease)
            for waiter in found:
                sql = "UPDATE question SET leased = ? WHERE id = ?"
                self._file.connection.execute(sql, (now + self._lease, waiter.id))
        return found[0] if found else None

    def _release(self, number: int) -> bool:
        now = self._now().timestamp()
        return self._do("UPDATE question SET leased = ? WHERE id = ?", now, number)

    def _answer(self, waiter: Waiter, resolved: Resolved) -> Waiter | None:
        """Write the answer; None where another process has done so, or the question is dropped."""
        now, answer = self._now().timestamp(), resolved.answer
        tier, text = (answer.tier, answer.text) if answer else ("", "")
        sql = (
            "UPDATE question SET answered = ?, tier = ?, answer = ? "
            "WHERE id = ? AND answered ISNULL"
        )
        written = self._do(sql, now, tier, text, waiter.id)
        return replace(waiter, answered=now, tier=tier, answer=text) if written else None

    def _do(self, sql: str, *values: float | str) -> bool:
        with self._file.explained(), self._file.transaction():
            return self._file.connection.execute(sql, values).rowcount > 0

    def _all(self, where: str) -> tuple[Waiter, ...]:
        with self._file.explained():
            return self._select(where)

    def _select(self, where: str, *values: float) -> tuple[Waiter, ...]:
        rows = self._file.connection.execute(f"{_READ} {where}", values).fetchall()
        return tuple(
            Waiter(number, _inquiry(number, text), asked, answered, tier, answer)
            for number, text, asked, _, answered, tier, answer, _ in rows
        )


def _inquiry(number: int, text: str) -> Inquiry:
    try:
        kept: Mapping[str, Any] = json.loads(text)
        before = tuple(Message(**message) for message in kept["before"])
        return Inquiry(**{**kept, "before": before, "documents": tuple(kept["documents"])})
    except (ValueError, TypeError, KeyError) as error:
        raise StateError(
            f"question {number} that waits is damaged: {error}",
            hint=f"steward tiers drop {number}",
        ) from error
