"""A diary of wakes: the sound of each is kept for a day, so that a false one can be told.

One that is marked as false is kept until somebody deletes it: `steward wake train --diary` learns
from it. Every entry is a WAV file, named by when it was, the word, and how sure the second network
was: 20261121T170309.120-jarvis-0.93.wav.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from steward.audio.files import write_wav
from steward.errors import StateError, StewardError, UserError
from steward.hearing import Wake

KEPT = timedelta(days=1)
"""How long an entry is kept that is not marked."""
FOLDER = "wakes"
"""Folder of the diary within that of the state."""
_NAME = re.compile(
    r"(?P<when>\d{8}T\d{6}\.\d{3})-(?P<word>\w+)-(?P<sure>\d\.\d\d)(?P<false>-false)?"
)
_WHEN = "%Y%m%dT%H%M%S.%f"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """One wake: when it was (local time), the word, how sure (0 to 1), and whether it is marked."""

    when: datetime
    word: str
    sure: float
    false: bool
    file: Path


class Diary:
    """The entries in a folder, which is made when there is one to keep."""

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._now = now

    def keep(self, wake: Wake) -> None:
        """Write down a wake, and forget what is too old; a full disk costs the entry only."""
        now = self._now().replace(tzinfo=None)
        name = f"{now.strftime(_WHEN)[:-3]}-{wake.word}-{wake.second:.2f}.wav"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_wav(self._folder / name, (wake.sound,))
            for entry in self.entries():
                if not entry.false and now - entry.when > KEPT:
                    entry.file.unlink(missing_ok=True)
        except (OSError, StewardError) as error:
            _log.warning("the wake is not in the diary: %s", error)

    def entries(self) -> tuple[Entry, ...]:
        """Return all entries, the oldest first."""
        found = [entry for file in self._folder.glob("*.wav") if (entry := _entry(file))]
        return tuple(sorted(found, key=lambda entry: entry.file.name))

    def mark(self, number: int) -> Entry:
        """Mark the entry with this number, from 1, as a false wake.

        Raises:
            UserError: there is no such entry.
            StateError: the folder cannot be written to.
        """
        entries = self.entries()
        if not 0 < number <= len(entries):
            raise UserError(
                f"the diary has {len(entries)} wakes and no number {number}",
                hint="see them: steward wake diary",
            )
        entry = entries[number - 1]
        if entry.false:
            return entry
        marked = entry.file.with_name(f"{entry.file.stem}-false.wav")
        try:
            entry.file.rename(marked)
        except OSError as error:
            raise StateError(
                f"{entry.file} cannot be marked: {error.strerror}",
                hint="see who may write to that folder",
            ) from error
        return Entry(entry.when, entry.word, entry.sure, True, marked)


def _entry(file: Path) -> Entry | None:
    """Return what a file's name tells, None where it is none of ours."""
    name = _NAME.fullmatch(file.stem)
    if name is None:
        return None
    try:
        when = datetime.strptime(name["when"], _WHEN)
    except ValueError:
        return None
    return Entry(when, name["word"], float(name["sure"]), bool(name["false"]), file)
