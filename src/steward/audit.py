"""The audit log: every act, who asked for it and through which door, why it was done, and how.

An entry is written before the first Call of a turn is carried out and completed when the turn is
over: one that stays "begun" is of a turn that the program did not survive. What was sent to other
machines is kept beside it, by `outgoing.py`.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic_core import to_jsonable_python

from steward.errors import StateError
from steward.events import Acted, Ended, Event, Heard, JobDone, Performed, Planned, Replied
from steward.outgoing import Outgoing
from steward.statefile import StateFile
from steward.types import Call, Calls, Failed, Json, Origin, Outcome, Utterance

MAX_ACTS = 50_000
"""Entries kept at most, 30 MB or so; the oldest go first."""
HIDDEN = "•••"
"""What stands for a secret."""
_SECRET = frozenset(
    {"access_token", "api_key", "code", "key", "password", "pin", "secret", "token"}
)
"""Arguments that nobody shall read here, such as an alarm's code."""
_CODE = re.compile(
    r"(?i)((?:\b(?:code|pin|password|passcode)\b|密码|口令|验证码)\W*(?:is|是|为)?\W*)[\w-]*\d[\w-]*"
)
"""A code that is said, even where no Call takes it."""
_DAY = 86_400.0
_TABLE = (
    "CREATE TABLE IF NOT EXISTS act (id INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, "
    "door TEXT NOT NULL, who TEXT NOT NULL, turn TEXT NOT NULL, said TEXT NOT NULL, "
    "speaker TEXT NOT NULL, stage TEXT NOT NULL, confidence REAL NOT NULL, calls TEXT NOT NULL, "
    "outcomes TEXT NOT NULL, reply TEXT NOT NULL, result TEXT NOT NULL)"
)
_COLUMNS = (
    "id, time, door, who, turn, said, speaker, stage, confidence, calls, outcomes, reply, result"
)
_SEARCHED = "door || ' ' || who || ' ' || said || ' ' || speaker || ' ' || calls || ' ' || reply"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Act:
    """One entry: `time` in seconds since 1970, `said` what was said, empty of a tap.

    `speaker` is a known voice's name or empty, `stage` and `confidence` say why (which stage of the
    cascade made the plan, and how sure it was), `calls` what was called, `outcomes` what came of
    it; `result` is "begun", "done", "failed" (one Call at least) or "cancelled".
    """

    id: int
    time: float
    door: str
    who: str
    turn: str
    said: str
    speaker: str
    stage: str
    confidence: float
    calls: tuple[dict[str, Any], ...]
    outcomes: tuple[dict[str, Any], ...]
    reply: str
    result: str


@dataclass
class _Turn:
    """A turn under way; `row` is its open entry, 0 where there is none."""

    origin: Origin
    utterance: Utterance
    row: int = 0
    outcomes: tuple[Outcome, ...] = ()
    secrets: tuple[str, ...] = ()


class Audit:
    """The log kept in the folder `state` for `days`; several processes may write and read it."""

    def __init__(self, state: Path, days: int, clock: Callable[[], float] = time.time) -> None:
        self._path = state / "audit.db"
        self._days = days
        self._clock = clock
        self._opened: StateFile | None = None
        self._turns: dict[str, _Turn] = {}
        self.sent = Outgoing(state, days, clock)
        """What left this device, byte for byte."""

    def close(self) -> None:
        """Close the files."""
        self.sent.close()
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def note(self, event: Event) -> None:
        """Keep what an Event tells of an act.

        A log that cannot be written is an error in the program's own log: whether a lamp goes on
        must not depend on it.
        """
        self.sent.note(event)
        try:
            self._note(event)
        except StateError as error:
            _log.error("an act is missing in the audit log: %s", error)

    def _note(self, event: Event) -> None:
        match event:
            case Heard():
                self._turns[event.turn] = _Turn(event.origin, event.utterance)
            case Planned() if isinstance(event.plan.body, Calls) and event.turn in self._turns:
                self._begin(self._turns[event.turn], event, event.plan.body.calls)
            case Acted() if event.turn in self._turns:
                self._turns[event.turn].outcomes += (event.outcome,)
            case Replied() if event.turn in self._turns:
                self._end(self._turns[event.turn], "done", event.reply.text)
            case Ended():
                if (turn := self._turns.pop(event.turn, None)) is not None:
                    self._end(turn, event.how)
            case Performed():
                call, secrets = hidden(event.call), secrets_of(event.call)
                values = (event.origin.door, event.origin.who, "", "", "", "tap", 1.0)
                outcomes = _masked(_text((event.outcome,)), secrets)
                self._insert(event.time, *values, _text((call,)), outcomes, "", _how(event.outcome))
            case JobDone() if event.how != "reminder":
                values = ("schedule", "", "", event.text, "", "schedule", 1.0)
                how = "done" if event.how == "done" else "failed"
                self._insert(event.time, *values, "[]", "[]", "", how)
            case _:
                pass

    def _begin(self, turn: _Turn, planned: Planned, calls: Sequence[Call]) -> None:
        turn.secrets = tuple(secret for call in calls for secret in secrets_of(call))
        said, speaker = turn.utterance.text, turn.utterance.speaker
        turn.row = self._insert(
            planned.time,
            turn.origin.door,
            turn.origin.who,
            planned.turn,
            _masked(said, turn.secrets),
            (speaker.name or "") if speaker else "",
            planned.plan.stage,
            planned.plan.confidence,
            _text(tuple(hidden(call) for call in calls)),
            "[]",
            "",
            "begun",
        )

    def _end(self, turn: _Turn, how: str, reply: str = "") -> None:
        """Complete the entry; who speaks over the reply, after that, changes nothing of it."""
        if not turn.row:
            return
        failed = any(isinstance(outcome, Failed) for outcome in turn.outcomes)
        outcomes = _masked(_text(turn.outcomes), turn.secrets)
        result = "failed" if failed else how
        with self._writing() as file:
            file.connection.execute(
                "UPDATE act SET outcomes = ?, reply = ?, result = ? WHERE id = ?",
                (outcomes, _masked(reply, turn.secrets), result, turn.row),
            )
        turn.row = 0

    def _insert(self, *values: str | float) -> int:
        names = _COLUMNS.partition(", ")[2]
        with self._writing() as file:
            do = file.connection.execute
            row = do(f"INSERT INTO act ({names}) VALUES ({', '.join('?' * 12)})", values).lastrowid  # noqa: S608 - constants
            do("DELETE FROM act WHERE time < ?", (self._clock() - self._days * _DAY,))
            do("DELETE FROM act WHERE id <= ?", ((row or 0) - MAX_ACTS,))
        return row or 0

    def find(self, who: Origin, turn: str) -> Act | None:
        """Return what `who` had done last in the turn of this name, or of this name and ".…".

        Raises:
            StateError: the log cannot be read.
        """
        where = "WHERE (turn = ? OR turn GLOB ? || '.*') AND door = ? AND who = ?"
        values = (turn, turn, who.door, who.who)
        found = self._select(f"{where} ORDER BY id DESC LIMIT 1", values)
        return found[0] if found else None

    def search(
        self, words: str = "", *, door: str = "", before: int | None = None, limit: int = 50
    ) -> tuple[Act, ...]:
        """Return the latest acts, the newest first, that hold every one of `words`.

        With `door` only those through it, with `before` only those older than that entry.

        Raises:
            StateError: the log cannot be read.
        """
        tests = ["time >= ?"]
        parameters: list[str | float] = [self._clock() - self._days * _DAY]
        for word in words.split():
            tests.append(f"{_SEARCHED} LIKE ? ESCAPE '\\'")
            literal = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            parameters.append(f"%{literal}%")
        if door:
            tests.append("door = ?")
            parameters.append(door)
        if before is not None:
            tests.append("id < ?")
            parameters.append(before)
        where = f"WHERE {' AND '.join(tests)} ORDER BY id DESC LIMIT ?"
        return self._select(where, (*parameters, limit))

    def _select(self, where: str, values: Sequence[str | float]) -> tuple[Act, ...]:
        file = self._file()
        with file.explained():
            rows = file.connection.execute(f"SELECT {_COLUMNS} FROM act {where}", values).fetchall()  # noqa: S608 - constants
        return tuple(_act(row) for row in rows)

    @contextmanager
    def _writing(self) -> Iterator[StateFile]:
        file = self._file()
        with file.explained(), file.transaction():
            yield file

    def _file(self) -> StateFile:
        # Opened at the first act: most commands of the command line do none.
        if self._opened is None:
            read = f"SELECT {_COLUMNS} FROM act LIMIT 1"  # noqa: S608 - constants
            self._opened = StateFile(self._path, _TABLE, read, "what was logged")
            self._path.chmod(0o600)
            with self._opened.explained():
                for column in ("turn", "time"):
                    index = f"CREATE INDEX IF NOT EXISTS act_{column} ON act ({column})"
                    self._opened.connection.execute(index)
        return self._opened


def hidden(call: Call) -> Mapping[str, Json]:
    """Return what the log says of `call`, without what is secret."""
    arguments: dict[str, Json] = {
        name: HIDDEN if name in _SECRET else value for name, value in call.arguments.items()
    }
    return {"capability": call.capability, "arguments": arguments}


def secrets_of(call: Call) -> tuple[str, ...]:
    """Return the secrets among the arguments of `call`, which no text may hold either."""
    return tuple(str(value) for name, value in call.arguments.items() if name in _SECRET and value)


def _act(row: Sequence[Any]) -> Act:
    entry = dict(zip(_COLUMNS.split(", "), row, strict=True))
    parsed = {name: tuple(json.loads(entry[name])) for name in ("calls", "outcomes")}
    return Act(**entry | parsed)


def _masked(text: str, secrets: Sequence[str]) -> str:
    text = _CODE.sub(rf"\1{HIDDEN}", text)
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return text


def _text(value: Any) -> str:
    return json.dumps(to_jsonable_python(value, inf_nan_mode="strings"), ensure_ascii=False)


def _how(outcome: Outcome) -> str:
    return "failed" if isinstance(outcome, Failed) else "done"
