"""The machines that this one is paired with, and the code that lets in one more; kept on disk.

A machine is a guest of its hub: it uses what the hub offers. `Hub` and `Guest` are what is kept of
each other on either side.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import time

from steward.errors import StateError, UserError
from steward.pairing.exchange import DIGITS
from steward.pairing.identity import fingerprint
from steward.statefile import StateFile

SECONDS = 120.0
"""How long a code is good for, once."""
TRIES = 3
"""How often a wrong code may be tried before it is good for nothing."""
FILE = "pairings.db"
_TABLE = (
    "CREATE TABLE IF NOT EXISTS machine (side TEXT NOT NULL, name TEXT NOT NULL, "
    "certificate TEXT NOT NULL, address TEXT NOT NULL, token TEXT NOT NULL, since TEXT NOT NULL, "
    "PRIMARY KEY (side, name))"
)
_OPEN = (
    "CREATE TABLE IF NOT EXISTS invitation (code TEXT NOT NULL, until REAL NOT NULL, "
    "tries INTEGER NOT NULL, guest TEXT NOT NULL)"
)
_ALL = "SELECT name, certificate, address, token, since FROM machine"


@dataclass(frozen=True, slots=True)
class Hub:
    """A hub that this machine may use: its certificate (PEM) and what lets us use its API.

    `address` is "host:port", where it was when it was paired; `since` is ISO 8601.
    """

    name: str
    certificate: str
    address: str
    token: str
    since: str


@dataclass(frozen=True, slots=True)
class Guest:
    """A machine that may use this one, by its certificate (PEM); `since` is ISO 8601."""

    name: str
    certificate: str
    since: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """A code that is shown, until when in seconds of the epoch, and how many tries are left.

    `guest` is the name of the machine that has used it, empty before.
    """

    code: str
    until: float
    tries: int
    guest: str

    def open(self, now: float) -> bool:
        """Tell whether a machine may try it `now`."""
        return not self.guest and self.tries > 0 and now < self.until


class Pairings:
    """What is kept in the folder `state`; several processes may use it at once.

    The methods raise StateError, which says why, when the file is damaged or cannot be written.
    """

    def __init__(self, state: Path, now: Callable[[], float] = time) -> None:
        """Open the file, or make it. `now` gives the seconds of the epoch."""
        path = state / FILE
        try:
            state.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
        except OSError as error:
            raise StateError(
                f"cannot make {path}: {error.strerror}",
                hint="choose another folder with [paths] state, or mend its permissions",
            ) from error
        self._now = now
        self._file = StateFile(path, _TABLE, _ALL, "the pairings")
        with self._file.explained():
            self._file.connection.execute(_OPEN)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def hubs(self) -> tuple[Hub, ...]:
        """Return the hubs that this machine may use, by name."""
        return tuple(Hub(*row) for row in self._rows("hub"))

    def guests(self) -> tuple[Guest, ...]:
        """Return the machines that may use this one, by name."""
        return tuple(Guest(name, pem, since) for name, pem, _, _, since in self._rows("guest"))

    def hub(self, name: str) -> Hub:
        """Return the hub of that name.

        Raises:
            UserError: this machine is not paired with one.
        """
        hubs = self.hubs()
        for hub in hubs:
            if hub.name == name:
                return hub
        known = ", ".join(hub.name for hub in hubs) or "none"
        raise UserError(
            f"this machine is not paired with {name!r} (it is with: {known})",
            hint="`steward pair` there shows a code, then here: steward pair with ITS-ADDRESS",
        )

    def guest(self, certificate: bytes) -> Guest | None:
        """Return whose `certificate` (DER) it is, if it may use this machine."""
        shown = fingerprint(certificate)
        return next((one for one in self.guests() if fingerprint(one.certificate) == shown), None)

    def keep_hub(self, name: str, certificate: str, address: str, token: str) -> Hub:
        """Keep a hub that has just been paired, in the place of what was known of it before."""
        with self._file.explained(), self._file.transaction():
            self._insert("hub", name, certificate, address, token)
        return self.hub(name)

    def may_join(self, name: str, certificate: str) -> bool:
        """Tell whether a guest may be called `name`: nobody else is."""
        others = (one for one in self.guests() if one.name == name)
        return all(one.certificate == certificate for one in others)

    def remove(self, side: str, name: str) -> bool:
        """Forget the "hub" or "guest" of that name; return whether there was one."""
        query = "DELETE FROM machine WHERE side = ? AND name = ?"
        with self._file.explained(), self._file.transaction():
            return self._file.connection.execute(query, (side, name)).rowcount > 0

    def invite(self) -> Invitation:
        """Return a new code; one that was shown before is good for nothing now."""
        digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        made = Invitation(digits, self._now() + SECONDS, TRIES, "")
        with self._file.explained(), self._file.transaction():
            self._file.connection.execute("DELETE FROM invitation")
            row = (made.code, made.until, made.tries, made.guest)
            self._file.connection.execute("INSERT INTO invitation VALUES (?, ?, ?, ?)", row)
        return made

    def invitation(self) -> Invitation | None:
        """Return the code that was shown last, whether it is still good or not."""
        with self._file.explained():
            row = self._file.connection.execute("SELECT * FROM invitation").fetchone()
        return Invitation(*row) if row else None

    def withdraw(self, digits: str) -> None:
        """Let this code be good for nothing; one that was shown since stays."""
        with self._file.explained(), self._file.transaction():
            self._file.connection.execute("DELETE FROM invitation WHERE code = ?", (digits,))

    def attempt(self) -> str | None:
        """Return the code for one try of a guest, which counts; None when none is to be had."""
        with self._file.explained(), self._file.transaction():
            shown = self.invitation()
            if shown is None or not shown.open(self._now()):
                return None
            self._file.connection.execute("UPDATE invitation SET tries = tries - 1")
            return shown.code

    def welcome(self, digits: str, name: str, certificate: str) -> bool:
        """Keep the guest who has proven that he knows the code, which is used up by that.

        Returns whether it was still good: of two at once only the first is let in.
        """
        with self._file.explained(), self._file.transaction():
            shown = self.invitation()
            late = shown is None or shown.guest or self._now() >= shown.until
            if late or shown is None or shown.code != digits:
                return False
            # A machine has one name, the last.
            query = "DELETE FROM machine WHERE side = 'guest' AND certificate = ?"
            self._file.connection.execute(query, (certificate,))
            self._insert("guest", name, certificate, "", "")
            self._file.connection.execute("UPDATE invitation SET guest = ?", (name,))
            return True

    def _rows(self, side: str) -> list[tuple[str, str, str, str, str]]:
        with self._file.explained():
            query = f"{_ALL} WHERE side = ? ORDER BY name"
            return self._file.connection.execute(query, (side,)).fetchall()

    def _insert(self, side: str, name: str, certificate: str, address: str, token: str) -> None:
        since = datetime.fromtimestamp(self._now()).astimezone().isoformat(timespec="seconds")
        row = (side, name, certificate, address, token, since)
        query = "INSERT OR REPLACE INTO machine VALUES (?, ?, ?, ?, ?, ?)"
        self._file.connection.execute(query, row)


@contextmanager
def opened(state: Path) -> Iterator[Pairings]:
    """Open the pairings kept in `state` for the length of a `with`."""
    with closing(Pairings(state)) as pairings:
        yield pairings
