"""What passes between a microphone and its words: a stream of sound, and what is heard of it."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from steward.types import AudioChunk, Utterance

ANSWER = 8.0
"""Seconds after a question of his in which the answer to it needs no wake word."""
TRIGGERED = 5.0
"""Seconds after a trigger (a button, a motion, an arm raised) in which the wake word is said."""
NOBODY = 8.0
"""Seconds in which somebody who has opened the microphone begins to speak, or has left."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Sound that is still coming in: `pieces` of 16-bit mono, all at one rate.

    A turn of it ends where the pieces do. Unless it is `held`, it ends before that, when whoever
    spoke is done, or when in `nobody` seconds nobody has begun; infinity waits for ever.
    It may begin `after_word`, a wake word, the end of which is then still in it. `area` is the id
    of the area that it comes from, if that is not the butler's. Where an `answer` is waited for,
    what does not answer the butler's last question is nobody's turn.
    """

    pieces: AsyncIterator[AudioChunk]
    held: bool = False
    nobody: float = NOBODY
    after_word: bool = False
    answer: bool = False
    area: str | None = None

    @classmethod
    def standing(cls, pieces: AsyncIterator[AudioChunk]) -> Stream:
        """Return a stream whose turn may be long in coming: the butler still speaks."""
        return cls(pieces, nobody=math.inf)


async def until(
    pieces: AsyncIterator[AudioChunk], over: Callable[[], bool]
) -> AsyncGenerator[AudioChunk, None]:
    """Yield `pieces` until `over` says that somebody else is to have them, who can read on."""
    while not over() and (piece := await anext(pieces, None)) is not None:
        yield piece


@dataclass(frozen=True, slots=True)
class Stir:
    """Something has begun that may be a voice: within half a second a `Partial` tells, or none."""

    kind: Literal["stir"] = "stir"


@dataclass(frozen=True, slots=True)
class Partial:
    """The words so far, none when somebody has only begun to speak.

    The first of them, `stable`, have come out alike twice and stay.
    """

    text: str
    stable: str
    language: str | None
    kind: Literal["partial"] = "partial"


@dataclass(frozen=True, slots=True)
class Final:
    """A turn is over: what was said, in seconds of its sound until when, and when that was known.

    The `utterance` is empty when nobody said anything. `lag` are the seconds from the last speech
    to the words, if the sound came as it was made.
    """

    utterance: Utterance
    spoken_until: float
    known_at: float
    lag: float
    kind: Literal["final"] = "final"


Words: TypeAlias = Stir | Partial | Final


class Completeness(StrEnum):
    """How far a sentence is that somebody is still speaking, by its meaning."""

    FINISHED = "finished"
    """A whole command, question or answer: nothing more is needed."""
    OPEN = "open"
    """Something must follow: "turn on the"."""
    UNSURE = "unsure"
    """Words that tell neither."""


@runtime_checkable
class Sense(Protocol):
    """Judges by their meaning whether words are a whole sentence."""

    async def completeness(self, text: str, language: str | None) -> Completeness:
        """Tell how far `text` is, the words so far of a sentence in `language`."""


@dataclass(frozen=True, slots=True)
class Wake:
    """A wake word was heard.

    `word` is its name; `end` says when it ended, in seconds since the stream began; `first` and
    `second` are what the two networks gave it, 0 to 1. `sound` is what they heard. `after` is the
    sound from the word's end until now: recognition takes it, then the stream's next pieces.
    """

    word: str
    end: float
    first: float
    second: float
    sound: AudioChunk
    after: AudioChunk


@runtime_checkable
class Ear(Protocol):
    """Hears the turns of a stream of sound, one a call."""

    def listen(
        self, stream: Stream, sense: Sense, language: str | None = None
    ) -> AsyncGenerator[Words, None]:
        """Yield `Stir`s, `Partial`s while somebody speaks, and the `Final` when he is done."""


class Attention(Protocol):
    """A microphone that is always open, and waits for its wake word."""

    async def woken(self, within: float | None = None) -> Wake | None:
        """Wait until the word is said; None when the sound has ended.

        Where something has told that it will come, it is waited for `within` so many seconds of
        sound; None when it did not come.
        """
        ...

    async def idle(self, trigger: Awaitable[object]) -> bool:
        """Let the sound pass unheard until `trigger` is there; False when the sound has ended."""
        ...

    def following(self, wake: Wake) -> AsyncIterator[AudioChunk]:
        """Give the sound since the word that has just woken, without a gap, as it comes."""
        ...


@runtime_checkable
class Acquaintance(Protocol):
    """Knows people by their voices."""

    async def people(self) -> Mapping[str, str]:
        """Return who is known, in the order of their names, and since which ISO date."""

    async def enrol(self, name: str, since: str, sentences: Mapping[str, AudioChunk]) -> None:
        """Know from now on who says `sentences`, each known by what to call it in an error."""

    async def forget(self, name: str) -> bool:
        """Forget who is called so; return whether there was somebody."""
