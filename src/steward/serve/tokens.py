"""Who may talk to the server: tokens with a scope, of which only hashes are kept.

A token is 160 random bits, so that one SHA-256 hides it: nothing that could be guessed is hashed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from steward.errors import StateError, UserError
from steward.statefile import StateFile

FILE = "tokens.db"
THIS_MACHINE = "this machine"
"""Who has the key below: whoever may read the state folder."""
_KEY = "local.key"
_BYTES = 20
_TABLE = (
    "CREATE TABLE IF NOT EXISTS token (name TEXT PRIMARY KEY, scope TEXT NOT NULL, "
    "created TEXT NOT NULL, hash TEXT NOT NULL, cookie_hash TEXT NOT NULL)"
)
_ALL = "SELECT name, scope, created, hash, cookie_hash FROM token ORDER BY created, name"
_NAME = re.compile(r"\w[\w .-]{0,63}")


class Scope(StrEnum):
    """What a token lets do; each includes those before it."""

    TALK = "talk"
    """Speak to the butler, ask the models, read the home."""
    CONTROL = "control"
    """Also act on the home directly, as a tap on the page does."""
    ADMIN = "admin"
    """Also read what others said and did, and change whose voices are known."""

    def includes(self, other: Scope) -> bool:
        """Tell whether whoever has this scope may do what `other` lets do."""
        order = tuple(Scope)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True)
class Grant:
    """Who was let in (a token's name, or the address of a page on this machine), and how far."""

    who: str
    scope: Scope


@dataclass(frozen=True)
class Token:
    """What is kept of a token. `created` is ISO 8601; the hashes are SHA-256 in hexadecimal."""

    name: str
    scope: Scope
    created: str
    hash: str
    cookie_hash: str


def cookie_value(secret: str) -> str:
    """Return what a page's cookie holds: proof of having known `secret`, not the secret itself."""
    return hmac.new(secret.encode(), b"steward page cookie", hashlib.sha256).hexdigest()


def guests_token(guest: str) -> str:
    """Return the name of the token of a machine that is paired with this one."""
    return f"paired {guest}"


def local_key(state: Path) -> str:
    """Return the key of this machine, kept in the folder `state` for its owner's eyes only.

    Raises:
        StateError: the folder cannot be written.
    """
    path = state / _KEY
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            made = state / f"{_KEY}.{secrets.token_hex(8)}"
            made.touch(mode=0o600)
            made.write_text(secrets.token_hex(_BYTES), encoding="ascii")
            # Whoever starts at the same instant must not replace a key that is in use.
            made.rename(path) if not path.exists() else made.unlink()
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StateError(f"cannot read or make {path}: {error}", hint=f"delete {path}") from error
    if len(key) < 2 * _BYTES:
        raise StateError(f"{path} is damaged", hint="delete it; the next start makes a new one")
    return key


class Tokens:
    """The tokens kept in the folder `state`; several processes may use them at once.

    The methods raise StateError, which says why, when the file is damaged or cannot be written.
    """

    def __init__(self, state: Path) -> None:
        """Open the file of tokens, or make it."""
        path = state / FILE
        with _explained(path):
            state.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
        self._file = StateFile(path, _TABLE, _ALL, "the tokens")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def all(self) -> tuple[Token, ...]:
        """Return what is kept of each token, the oldest first."""
        with self._file.explained():
            rows = self._file.connection.execute(_ALL).fetchall()
        return tuple(Token(name, Scope(scope), *rest) for name, scope, *rest in rows)

    def create(self, name: str, scope: Scope) -> str:
        """Return a new token; it cannot be shown again.

        Raises:
            UserError: the name is taken, empty, too long, or holds other than words.
        """
        if not _NAME.fullmatch(name) or name == THIS_MACHINE:
            raise UserError(
                f"{name!r} cannot be a token's name",
                hint="use up to 64 letters, digits, spaces, dots and dashes, such as phone",
            )
        if any(token.name == name for token in self.all()):
            raise UserError(
                f"there is a token {name!r}", hint=f'choose another name, or revoke "{name}" first'
            )
        token = base64.b32encode(secrets.token_bytes(_BYTES)).decode().lower()
        created = datetime.now().astimezone().isoformat(timespec="seconds")
        row = (name, scope.value, created, _hash(token), _hash(cookie_value(token)))
        with self._file.explained(), self._file.transaction():
            self._file.connection.execute("INSERT INTO token VALUES (?, ?, ?, ?, ?)", row)
        return token

    def revoke(self, name: str) -> bool:
        """Forget a token, which lets nobody in from now on; return whether there was one."""
        with self._file.explained(), self._file.transaction():
            gone = self._file.connection.execute("DELETE FROM token WHERE name = ?", (name,))
        return gone.rowcount > 0

    def grant(self, token: str | None, cookie: str | None) -> Grant | None:
        """Return whom a `token`, or the `cookie` that a page got for one, lets in.

        Every token is compared, each in constant time.
        """
        key, baked, found = _hash(token or ""), _hash(cookie or ""), None
        for kept in self.all():
            fits = hmac.compare_digest(kept.hash, key)
            fits |= hmac.compare_digest(kept.cookie_hash, baked)
            if fits:
                found = Grant(kept.name, kept.scope)
        return found


@contextmanager
def opened(state: Path) -> Iterator[Tokens]:
    """Open the tokens kept in `state` for the length of a `with`."""
    with closing(Tokens(state)) as tokens:
        yield tokens


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StateError(
            f"cannot make {path}: {error.strerror}",
            hint="choose another folder with [paths] state, or mend its permissions",
        ) from error


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
