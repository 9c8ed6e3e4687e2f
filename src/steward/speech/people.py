"""The people whose voices are known: kept encrypted, listed, compared, forgotten.

One file holds all of them, names too, encrypted with a key in a file beside it that only its owner
can read: a copy of the one without the other tells nothing. Whoever can read the whole folder can
read the voices; nothing on a machine that works unattended could prevent it.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from steward.errors import AudioError, StateError, UserError
from steward.speech.activity import Samples
from steward.speech.speaker import unit
from steward.types import GUEST, Speaker

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

LIKELY = 0.8
"""A voice is somebody's from this score on; who then is missed and mistaken: bench/RESULTS.md."""
_SLOPE, _MIDDLE = 35.74, 0.7287
"""The logistic curve from likeness to score, as `bench/who.py --calibrate` fits it."""
LEAST = 5.0
"""Seconds of speech that somebody is enrolled with, at the least."""
_ALIKE = 0.72
"""A sentence that is less like the others than this is not of the same person."""
MOST = 32
"""People who can be known; a household has fewer."""
LONGEST_NAME = 40
_HINT = "delete the folder {} to forget everybody, and enrol them again"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is known since an ISO date, by two vectors of length 1.

    `near` is the voice as it was heard, `far` as it would sound in other rooms and noise: with the
    first alone every third sentence from elsewhere was a guest's (bench/LOG.md).
    """

    name: str
    since: str
    near: tuple[float, ...]
    far: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """What somebody is enrolled with: the vectors of one sentence, and its seconds of speech."""

    near: Samples
    far: Samples
    seconds: float


def score(likeness: float) -> float:
    """Return how likely two voices are one, as `Speaker.score`, from the product of the vectors."""
    return 1 / (1 + math.exp(-_SLOPE * (likeness - _MIDDLE)))


def whose(voice: Samples, people: Sequence[Person]) -> Speaker:
    """Return who of `people` speaks with `voice`, or a guest."""
    if not people:
        return GUEST
    vectors = np.array([(person.near, person.far) for person in people], np.float32)
    likeness = (vectors @ voice).max(axis=1)
    best = int(np.argmax(likeness))
    found = score(float(likeness[best]))
    return Speaker(people[best].name if found >= LIKELY else None, found)


def enrolled(name: str, since: str, sentences: Mapping[str, Sentence]) -> Person:
    """Return who is called `name` and said `sentences`, each by what to call it in an error.

    Raises:
        UserError: the name cannot be used.
        AudioError: that is too little speech, or they are not of one person.
    """
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise UserError(
            f"{name!r} cannot be the name of a person", hint=f"use 1 to {LONGEST_NAME} letters"
        )
    seconds = sum(sentence.seconds for sentence in sentences.values())
    if seconds < LEAST:
        raise AudioError(
            f"{seconds:.1f} seconds of speech are too few to know a voice by",
            hint=f"say three whole sentences: {LEAST:.0f} seconds or more",
        )
    near = np.sum([sentence.near for sentence in sentences.values()], axis=0)
    far = np.sum([sentence.far for sentence in sentences.values()], axis=0)
    for label, sentence in sentences.items():
        if len(sentences) > 1 and float(sentence.near @ unit(near - sentence.near)) < _ALIKE:
            raise AudioError(
                f"{label} does not sound like the others",
                hint="record all of them by one person, one after the other, in a quiet room",
            )
    return Person(name, since, _numbers(unit(near)), _numbers(unit(far)))


class People:
    """The file of those who are known, in `folder`; several processes may use it at once.

    Where nobody is known there is no file, and looking costs a few microseconds. The methods raise
    StateError, which says why, when it cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        """Name the folder; it is made when the first person is added."""
        self._folder = folder
        self._file, self._key = folder / "people.enc", folder / "people.key"
        self._seen: tuple[int, int] | None = None
        self._people: tuple[Person, ...] = ()

    def known(self) -> tuple[Person, ...]:
        """Return who is known, in the order of their names."""
        try:
            stat = self._file.stat()
        except FileNotFoundError:
            self._seen, self._people = None, ()
            return ()
        except OSError as error:
            raise self._broken(error) from error
        seen = (stat.st_mtime_ns, stat.st_ino)
        if seen != self._seen:
            self._people = self._read()
            self._seen = seen
        return self._people

    def add(self, person: Person) -> None:
        """Keep `person`, in the place of whoever had that name in any case.

        Raises:
            UserError: there are as many people as can be known.
        """
        with self._changing():
            others = [p for p in self.known() if p.name.casefold() != person.name.casefold()]
            if len(others) >= MOST:
                raise UserError(
                    f"{MOST} people are known already", hint="steward people delete NAME"
                )
            self._write((*others, person))

    def delete(self, name: str) -> bool:
        """Forget who is called so; return whether there was somebody."""
        if not self._folder.is_dir():
            return False
        with self._changing():
            people = self.known()
            rest = [person for person in people if person.name.casefold() != name.casefold()]
            if rest:
                self._write(rest)
            elif people:
                self._file.unlink()
                self._key.unlink(missing_ok=True)
            return len(rest) < len(people)

    def _read(self) -> tuple[Person, ...]:
        from cryptography.fernet import InvalidToken

        try:
            plain = self._cipher().decrypt(self._file.read_bytes())
            return tuple(
                Person(p["name"], p["since"], _numbers(p["near"]), _numbers(p["far"]))
                for p in json.loads(plain)
            )
        except OSError as error:
            raise self._broken(error) from error
        except (InvalidToken, ValueError, KeyError, TypeError) as error:
            raise StateError(
                f"{self._file} cannot be read with the key beside it",
                hint=_HINT.format(self._folder),
            ) from error

    def _write(self, people: Sequence[Person]) -> None:
        listed = [asdict(person) for person in sorted(people, key=lambda p: p.name.casefold())]
        draft = self._file.with_suffix(".part")
        draft.unlink(missing_ok=True)
        _write_private(draft, self._cipher().encrypt(json.dumps(listed).encode()))
        draft.replace(self._file)

    def _cipher(self) -> Fernet:
        # Lazy: its library takes 10 MB, for those who let voices be known only.
        from cryptography.fernet import Fernet

        if not self._key.exists() and not self._file.exists():
            _write_private(self._key, Fernet.generate_key())
        return Fernet(self._key.read_bytes())

    @contextmanager
    def _changing(self) -> Iterator[None]:
        from filelock import FileLock

        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with FileLock(self._folder / ".lock"):
                yield
        except OSError as error:
            raise self._broken(error) from error

    def _broken(self, error: OSError) -> StateError:
        return StateError(
            f"the people in {self._folder} cannot be kept: {error.strerror}",
            hint="see whether the folder and its disk are well and yours",
        )


def _numbers(vector: Iterable[float]) -> tuple[float, ...]:
    return tuple(map(float, vector))


def _write_private(path: Path, data: bytes) -> None:
    """Write a new file that nobody but its owner can read at any instant."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
