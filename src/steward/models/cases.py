"""Hard cases: turns that were not understood, failed, or were put to a model; kept if asked to.

Each is encrypted in a SQLite file, with a key in a file beside it that only its owner can read: a
copy of the one without the other tells nothing. What holds a password or a code is not kept at all.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from steward.errors import StateError, UserError
from steward.events import Event
from steward.models.casework import Case, Casework, Correction, Told
from steward.statefile import StateFile

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

FOLDER = "cases"
"""Its name in the folder of the state."""
Verdict = Literal["local", "same", "big"]
"""Whose answer was better: the nearest tier's, neither's, or the bigger machine's, asked or not."""
_TABLE = (
    "CREATE TABLE IF NOT EXISTS hard (id INTEGER PRIMARY KEY AUTOINCREMENT, token BLOB NOT NULL)"
)
_READ = "SELECT id, token FROM hard ORDER BY id"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A kept case and its number."""

    number: int
    case: Case


class Cases:
    """The cases in the folder `state`, at most `most` of them; the oldest go first.

    Several processes may use it at once. The methods but `note` raise StateError where it is
    damaged or cannot be written. Nothing is made before there is a case.
    """

    def __init__(self, state: Path, most: int, clock: Callable[[], float] = time.time) -> None:
        self._folder, self._most = state / FOLDER, most
        self._work = Casework(clock)
        self._opened: StateFile | None = None
        self._known: Fernet | None = None
        self._numbers: dict[str, int] = {}

    def close(self) -> None:
        """Close the file."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def note(self, event: Event) -> None:
        """Keep what an Event completes. A case that cannot be kept is an error in the log only."""
        try:
            match self._work.note(event):
                case Told(origin, case):
                    self._numbers[origin] = self.keep(case)
                case Correction(origin, said) if origin in self._numbers:
                    self._change(self._numbers.pop(origin), correction=said)
                case _:
                    pass
        except StateError as error:
            _log.error("a hard case is not kept: %s", error)

    def keep(self, case: Case) -> int:
        """Add a case and return its number."""
        file = self._file()
        with file.explained(), file.transaction():
            done = file.connection.execute(
                "INSERT INTO hard (token) VALUES (?)", (self._sealed(case),)
            )
            file.connection.execute(
                "DELETE FROM hard WHERE id NOT IN (SELECT id FROM hard ORDER BY id DESC LIMIT ?)",
                (self._most,),
            )
        return int(done.lastrowid or 0)

    def all(self) -> tuple[Numbered, ...]:
        """Return the cases, the oldest first."""
        if not (self._folder / "cases.db").exists():
            return ()
        file = self._file()
        with file.explained():
            rows = file.connection.execute(_READ).fetchall()
        return tuple(Numbered(number, self._unsealed(token)) for number, token in rows)

    def judge(self, number: int, verdict: Verdict) -> None:
        """Keep whose answer was better in a case.

        Raises:
            UserError: there is no such case, or no model answered in it.
        """
        found = {each.number: each.case for each in self.all()}
        if number not in found:
            raise UserError(f"there is no case {number}", hint="steward tiers cases")
        if not any(answer.text for answer in found[number].answers):
            raise UserError(
                f"no model has answered in case {number}",
                hint="only answers of models can be judged: steward tiers cases",
            )
        self._change(number, verdict=verdict)

    def erase(self, numbers: Iterable[int] | None = None) -> int:
        """Delete the cases with these numbers, or all; return how many there were.

        What was deleted is overwritten in the file.
        """
        chosen = [n.number for n in self.all() if numbers is None or n.number in set(numbers)]
        if chosen:
            file = self._file()
            with file.explained():
                with file.transaction():
                    file.connection.executemany(
                        "DELETE FROM hard WHERE id = ?", [(number,) for number in chosen]
                    )
                file.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return len(chosen)

    def _change(self, number: int, **changes: str) -> None:
        file = self._file()
        with file.explained(), file.transaction():
            row = file.connection.execute(
                "SELECT token FROM hard WHERE id = ?", (number,)
            ).fetchone()
            if row is not None:
                case = replace(self._unsealed(row[0]), **changes)  # type: ignore[arg-type]
                file.connection.execute(
                    "UPDATE hard SET token = ? WHERE id = ?", (self._sealed(case), number)
                )

    def _file(self) -> StateFile:
        if self._opened is None:
            self._opened = StateFile(self._folder / "cases.db", _TABLE, _READ, "the hard cases")
            self._opened.connection.execute("PRAGMA secure_delete = ON")
        return self._opened

    def _sealed(self, case: Case) -> bytes:
        return self._cipher().encrypt(json.dumps(asdict(case), ensure_ascii=False).encode())

    def _unsealed(self, token: bytes) -> Case:
        from cryptography.fernet import InvalidToken

        try:
            return Case.of(json.loads(self._cipher().decrypt(token)))
        except (InvalidToken, ValueError, KeyError, TypeError) as error:
            raise self._broken("a case cannot be read with the key beside it") from error

    def _cipher(self) -> Fernet:
        # Lazy: its library takes 10 MB, for those who let cases be kept only.
        from cryptography.fernet import Fernet

        if self._known is None:
            path = self._folder / "cases.key"
            try:
                self._make_key(path, Fernet.generate_key())
                self._known = Fernet(path.read_bytes())
            except OSError as error:
                raise self._broken(error.strerror or str(error)) from error
            except ValueError as error:
                raise self._broken("its key is none") from error
        return self._known

    def _make_key(self, path: Path, key: bytes) -> None:
        """Write a key unless there is one; whoever comes second uses the first one's."""
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(key)
            if not path.exists():
                # A link fails where there is one by now, and the key is never there in part.
                os.link(draft, path)
        except FileExistsError:
            return
        finally:
            draft.unlink()

    def _broken(self, why: str) -> StateError:
        return StateError(
            f"the hard cases in {self._folder} cannot be used: {why}",
            hint="delete that folder to begin anew, without the cases",
        )
