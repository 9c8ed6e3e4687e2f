"""How the butler was told to speak: kept in a small file, for the next reply and the next start."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from steward.errors import StateError
from steward.skills.keeping import arguments
from steward.types import Call, Capability, Done, Failed, Outcome

FASTER, LOUDER = 1.2, 1.5
"""What one "faster" and one "louder" multiply by."""
LIMITS = (0.5, 2.0)
"""Of both, against what is configured."""
HOLDS = timedelta(hours=8)
"""So long a whisper that was asked for, or the usual voice at night, counts."""
MAX_BYTES = 1000
"""A longer file is none of ours."""

Factor = Annotated[float, Field(ge=LIMITS[0], le=LIMITS[1])]


class Chosen(BaseModel):
    """What he was told: factors of speed and loudness, and whether to whisper `until` then.

    `whisper` is None where he was told neither to nor not to.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    speed: Factor = 1.0
    loudness: Factor = 1.0
    whisper: bool | None = None
    until: datetime | None = None


class Change(BaseModel):
    """What to change."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    change: Literal["slower", "faster", "louder", "softer", "whisper", "normal"]


def changed(before: Chosen, change: Change, now: datetime) -> Chosen:
    """Return what is chosen after `change`, the same as before at the limit of what can be."""
    match change.change:
        case "slower":
            return before.model_copy(update={"speed": _within(before.speed / FASTER)})
        case "faster":
            return before.model_copy(update={"speed": _within(before.speed * FASTER)})
        case "louder":
            return before.model_copy(update={"loudness": _within(before.loudness * LOUDER)})
        case "softer":
            return before.model_copy(update={"loudness": _within(before.loudness / LOUDER)})
        case "whisper":
            return before.model_copy(update={"whisper": True, "until": now + HOLDS})
        case "normal":
            return Chosen(whisper=False, until=now + HOLDS)


def _within(factor: float) -> float:
    return min(LIMITS[1], max(LIMITS[0], round(factor, 3)))


class Speaking:
    """A Skill that keeps in the file at `path` how he was told to speak.

    The value of a Done is {"changed": …}, false where he is at the limit already.
    """

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        """Name the file, which is made at the first change, and the clock."""
        self._path, self._now = path, now

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        """`voice.set`."""
        return _capabilities()

    def chosen(self) -> Chosen:
        """Return what he was told that still counts.

        Raises:
            StateError: the file cannot be read, or is damaged.
        """
        try:
            with self._path.open("rb") as file:
                found = Chosen.model_validate_json(file.read(MAX_BYTES))
        except FileNotFoundError:
            return Chosen()
        except (OSError, ValidationError) as error:
            raise StateError(
                f"{self._path} cannot be used: {error}",
                hint="move it away (nothing is deleted); he then speaks as configured",
            ) from error
        if found.until is not None and found.until <= self._now():
            return found.model_copy(update={"whisper": None, "until": None})
        return found

    async def perform(self, call: Call) -> Outcome:
        """Change how he speaks."""
        if call.capability != "voice.set":
            return Failed(call.id, "unsupported", f"a voice has no {call.capability}")
        change = arguments(call, Change)
        if isinstance(change, Failed):
            return change
        before = self.chosen()
        after = changed(before, change, self._now())
        self._keep(after)
        told = change.change in ("whisper", "normal")
        return Done(call.id, {"changed": told or after != before})

    def _keep(self, chosen: Chosen) -> None:
        made = self._path.with_suffix(f".{os.getpid()}.part")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            made.write_text(chosen.model_dump_json(), encoding="utf-8")
            made.replace(self._path)
        except OSError as error:
            raise StateError(
                f"cannot write {self._path}: {error.strerror}",
                hint="free some space, or make its folder writable",
            ) from error


@cache
def _capabilities() -> tuple[Capability, ...]:
    return (Capability("voice.set", Change.model_json_schema()),)
