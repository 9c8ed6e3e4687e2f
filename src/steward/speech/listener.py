"""Listens while somebody speaks: words so far, the end of the turn, and what was said.

The sound so far is recognised again and again, each time there is so much more of it, and at once
when a pause begins. If nothing is said after that, this last reading is the final one: the work is
over when the pause is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import soxr

from steward.errors import AudioError
from steward.speech.activity import RATE, WINDOW, ActivityStream, Samples, SpeechDetector
from steward.speech.ending import STEP, Turn, ended, step
from steward.speech.partial import stable_words
from steward.types import AudioChunk, Completeness, Recognizer, Sense, Utterance

FIRST = 0.5
"""Seconds of speech before the first words are worth looking for."""
GROWTH = 0.4
"""How much longer the sound must be to be read again, as a share; all readings of a sentence
together cost at most so many times the last as the series of lengths adds up to: 3.5."""
SHORTEST_GROWTH = 0.5
"""Seconds below which that is too little."""


@dataclass(frozen=True, slots=True)
class Partial:
    """The words so far. The first of them, `stable`, have come out alike twice and stay."""

    text: str
    stable: str
    language: str | None
    kind: Literal["partial"] = "partial"


@dataclass(frozen=True, slots=True)
class Final:
    """A turn is over: what was said, in seconds of its sound until when, and when that was known.

    The `utterance` is empty when nobody said anything.
    """

    utterance: Utterance
    spoken_until: float
    known_at: float
    kind: Literal["final"] = "final"


Heard: TypeAlias = Partial | Final


@dataclass(frozen=True, slots=True)
class _Reading:
    utterance: Utterance
    meaning: Completeness
    covers: int
    """Windows of the turn that were read."""


_NOTHING = _Reading(Utterance("", None, 0.0), Completeness.UNSURE, 0)


class Listener:
    """Turns a stream of sound into the words of one turn. Any number of turns may run at once."""

    def __init__(self, recognizer: Recognizer, detector: SpeechDetector, sense: Sense) -> None:
        self._recognizer = recognizer
        self._detector = detector
        self._sense = sense

    async def listen(
        self, sound: AsyncIterator[AudioChunk], language: str | None = None
    ) -> AsyncGenerator[Heard, None]:
        """Yield `Partial`s while somebody speaks in `sound`, and the `Final` as soon as he is done.

        The turn ends by itself, or where `sound` ends. Closing the iterator stops the work.

        Raises:
            AudioError: the pieces are no 16-bit samples, or not all of one rate.
        """
        hearing = _Hearing(self._detector)
        reader = _Reader(self._recognizer, self._sense, language)
        shown, stable = "", ""
        try:
            async for chunk in sound:
                hearing.take(chunk)
                reading = reader.done()
                if reading is not None and (text := reading.utterance.text):
                    stable = stable_words(stable, shown, text)
                    shown = text
                    yield Partial(text, stable, reading.utterance.language)
                if ended(hearing.turn, reader.meaning(hearing.turn)):
                    break
                if reader.due(hearing.turn):
                    reader.start(hearing)
            final = await reader.final(hearing)
            turn = hearing.turn
            yield Final(final.utterance, turn.spoken_until, turn.heard * STEP)
        finally:
            reader.stop()


class _Hearing:
    """The sound of a turn, at 16 kHz, and the voice activity in it."""

    def __init__(self, detector: SpeechDetector) -> None:
        self._activity = ActivityStream(detector)
        self._resampler: soxr.ResampleStream | None = None
        self._rate = 0
        self._pcm = bytearray()
        self.turn = Turn()

    def take(self, chunk: AudioChunk) -> None:
        """Hear one more piece."""
        if len(chunk.pcm) % 2 or chunk.rate <= 0 or chunk.rate != (self._rate or chunk.rate):
            raise AudioError(
                f"{len(chunk.pcm)} bytes at {chunk.rate} Hz do not go on a sound of {self._rate}",
                hint="send signed 16-bit little-endian mono PCM, all of it at one rate",
            )
        self._rate = chunk.rate
        samples = self._resampled(np.frombuffer(chunk.pcm, "<i2"))
        self._pcm += samples.tobytes()
        for probability in self._activity.feed(_floats(samples)):
            self.turn = step(self.turn, float(probability))

    def sound(self) -> AudioChunk:
        """Return all of it so far that has been judged."""
        return AudioChunk(bytes(self._pcm[: 2 * WINDOW * self.turn.heard]), RATE)

    def _resampled(self, samples: np.ndarray[tuple[int], np.dtype[np.int16]]) -> _Integers:
        if self._rate == RATE:
            return samples
        if self._resampler is None:
            self._resampler = soxr.ResampleStream(self._rate, RATE, 1, dtype="int16")
        resampled: _Integers = self._resampler.resample_chunk(samples)
        return resampled


_Integers: TypeAlias = np.ndarray[tuple[int], np.dtype[np.int16]]


class _Reader:
    """Reads the sound of a turn in the background, at most once at a time."""

    def __init__(self, recognizer: Recognizer, sense: Sense, language: str | None) -> None:
        self._recognizer = recognizer
        self._sense = sense
        self._language = language
        self._task: asyncio.Task[_Reading] | None = None
        self._covers = 0
        self._last = _NOTHING

    def done(self) -> _Reading | None:
        """Return what a reading found that has come to its end since this was asked last."""
        if self._task is None or not self._task.done():
            return None
        task, self._task = self._task, None
        self._last = task.result()
        return self._last

    def meaning(self, turn: Turn) -> Completeness:
        """Return the meaning of all that was said, unsure while not all of it has been read."""
        return self._last.meaning if self._last.covers >= turn.said else Completeness.UNSURE

    def due(self, turn: Turn) -> bool:
        """Tell whether the sound should be read now."""
        if not turn.begun or turn.said <= self._covers:
            return False
        if turn.pause:
            return True
        new = (turn.heard - self._covers) * STEP
        wanted = max(SHORTEST_GROWTH, GROWTH * self._covers * STEP) if self._covers else FIRST
        return self._task is None and new >= wanted and turn.voiced * STEP >= FIRST

    def start(self, hearing: _Hearing) -> asyncio.Task[_Reading]:
        """Read the sound so far; a reading of less is not waited for."""
        self.stop()
        self._covers = hearing.turn.heard
        self._task = asyncio.create_task(self._read(hearing.sound(), self._covers))
        return self._task

    def stop(self) -> None:
        """End the reading that is under way."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def final(self, hearing: _Hearing) -> _Reading:
        """Return what was said in the whole turn, from the last reading where that has it all."""
        turn = hearing.turn
        if not turn.begun:
            return _NOTHING
        if self._last.covers >= turn.said:
            return self._last
        task = self._task
        if task is None or self._covers < turn.said:
            task = self.start(hearing)
        self._last = await task
        self._task = None
        return self._last

    async def _read(self, sound: AudioChunk, covers: int) -> _Reading:
        heard = await self._recognizer.recognize(sound, self._language)
        meaning = Completeness.UNSURE
        if heard.text:
            meaning = await self._sense.completeness(heard.text, heard.language)
        return _Reading(heard, meaning, covers)


def _floats(samples: _Integers) -> Samples:
    return samples.astype(np.float32) / np.float32(32_768)
