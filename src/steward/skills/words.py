"""The owner's words and corrections: learnt at once, kept with the home, never sent anywhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from steward.skills import keeping
from steward.skills.wordfile import WordFile
from steward.statefile import Worker
from steward.types import Call, Capability, Done, Failed, Outcome, Risk, Taught

MAX_WORDS = 200
"""Words that are kept; the oldest make room."""
MAX_EXAMPLES = 2000
"""Corrections that are kept; the oldest make room."""

_WORD, _EXAMPLE = "word", "example"


class Teach(BaseModel):
    """A word: as `steward.types.Taught` has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    phrase: Annotated[str, Field(min_length=1, max_length=40)]
    language: Annotated[str, Field(min_length=1, max_length=35)]
    kind: Literal["name", "routine"]
    meaning: Annotated[str, Field(min_length=1, max_length=2000)]


class Forget(BaseModel):
    """Which word shall be forgotten."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    phrase: str


class Which(BaseModel):
    """Which words shall be told: one, or all of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    phrase: str = ""


class Deed(BaseModel):
    """A Call of a plan, without what only the reply needs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    capability: str
    arguments: dict[str, JsonValue] = {}


class Note(BaseModel):
    """A correction: what was said first, what was done then, and what should have been done."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    language: str
    correction: str
    wrong: tuple[Deed, ...]
    right: tuple[Deed, ...]


class Example(Note):
    """A correction as it is kept, with the local `time` (ISO 8601) at which it was made."""

    time: str


_ARGUMENTS: dict[str, type[BaseModel]] = {
    "words.teach": Teach,
    "words.forget": Forget,
    "words.list": Which,
    "words.note": Note,
}


@cache
def _capabilities() -> tuple[Capability, ...]:
    return tuple(
        Capability(name, model.model_json_schema(), Risk.READ if model is Which else Risk.ACT)
        for name, model in _ARGUMENTS.items()
    )


class Words:
    """A Skill that keeps what the owner taught in the file at `path`.

    The value of a Done is {"word": ..., "before": ...} for `words.teach` (what the phrase meant
    before, or None), {"word": ...} for `words.forget`, {"words": [...]} for `words.list`. A Failed
    is "not_found" when there is no such word.
    """

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        """Open the words at `path`; `now` tells the local time.

        Raises:
            StateError: the file cannot be used; it says why and what to do.
        """
        self._now = now
        self._file = WordFile(path)
        self._worker = Worker("words")

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        """`words.teach`, `forget`, `list` and `note`."""
        return _capabilities()

    async def perform(self, call: Call) -> Outcome:
        """Carry out `call`; begun, it is finished even when the caller is cancelled.

        Raises:
            StateError: the file cannot be written; nothing has changed.
        """
        return await self._worker.do(lambda: self._perform(call))

    async def learned(self) -> tuple[Taught, ...]:
        """Return the words that were taught, the oldest first."""
        kept = await self._worker.do(lambda: self._file.all(_WORD, Teach))
        return tuple(Taught(**word.model_dump()) for _, word in kept)

    async def examples(self) -> tuple[tuple[int, Example], ...]:
        """Return the corrections with their numbers, the oldest first."""
        return await self._worker.do(lambda: self._file.all(_EXAMPLE, Example))

    async def drop(self, number: int) -> bool:
        """Forget the correction with this `number`; tells whether there was one."""
        if number not in {key for key, _ in await self.examples()}:
            return False
        await self._worker.do(lambda: self._file.delete(number))
        return True

    def close(self) -> None:
        """Finish what is under way and close the file."""
        self._worker.close()
        self._file.close()

    def _perform(self, call: Call) -> Outcome:
        model = _ARGUMENTS.get(call.capability)
        if model is None:
            return Failed(call.id, "unsupported", f"there is no {call.capability}")
        arguments = keeping.arguments(call, model)
        if isinstance(arguments, Failed):
            return arguments
        if isinstance(arguments, Note):
            time = self._now().isoformat(timespec="seconds")
            example = Example(**arguments.model_dump(), time=time)
            self._file.put(_EXAMPLE, example, None, MAX_EXAMPLES)
            return Done(call.id)
        words = self._file.all(_WORD, Teach)
        if isinstance(arguments, Which):
            wanted = arguments.phrase.casefold()
            told = [w.model_dump() for _, w in words if wanted in ("", w.phrase.casefold())]
            return Done(call.id, {"words": told})
        phrase = str(arguments.model_dump()["phrase"])
        same = (each for each in words if each[1].phrase.casefold() == phrase.casefold())
        old = next(same, None)
        if isinstance(arguments, Teach):
            self._file.put(_WORD, arguments, old[0] if old else None, MAX_WORDS)
            before = old[1].model_dump() if old else None
            return Done(call.id, {"word": arguments.model_dump(), "before": before})
        if old is None:
            return Failed(call.id, "not_found", f"{phrase!r} was not taught")
        self._file.delete(old[0])
        return Done(call.id, {"word": old[1].model_dump()})
