"""Listens while somebody speaks: words so far, the end of the turn, and what was said.

The sound so far is recognised again and again, each time there is so much more of it, and at once
when a pause begins. If nothing is said after that, this last reading is the final one: the work is
over when the pause is. The others are drafts, made to be shown.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import soxr

from steward.errors import AudioError
from steward.hearing import Completeness, Final, Partial, Sense, Stir, Stream, Words
from steward.speech.activity import RATE, WINDOW, ActivityStream, Samples, SpeechDetector
from steward.speech.ending import (
    RESIDUE,
    STEP,
    Turn,
    begin_anew,
    ended,
    forget,
    is_residue,
    step,
    too_long,
)
from steward.speech.partial import stable_words
from steward.speech.stirring import Stirring, hearken, level
from steward.types import AudioChunk, Recognizer, Utterance

FIRST = 0.5
"""Seconds of speech before the first words are worth looking for."""
GROWTH = 0.4
"""How much longer the sound must be to be read again, as a share; all readings of a sentence
together cost at most so many times the last as the series of lengths adds up to: 3.5."""
SHORTEST_GROWTH = 0.5
"""Seconds below which that is too little."""


@dataclass(frozen=True, slots=True)
class _Reading:
    utterance: Utterance
    meaning: Completeness
    covers: int
    """Windows of the turn that were read."""
    draft: bool


_NOTHING = _Reading(Utterance("", None, 0.0), Completeness.UNSURE, 0, False)


class Listener:
    """An Ear: voice activity, meaning and a recogniser. Any number of turns may run at once."""

    def __init__(
        self, recognizer: Callable[[], Awaitable[Recognizer]], detector: SpeechDetector
    ) -> None:
        """Name the parts; the `recognizer` is asked for when there is something to read."""
        self._recognizer = recognizer
        self._detector = detector

    async def listen(
        self, stream: Stream, sense: Sense, language: str | None = None
    ) -> AsyncGenerator[Words, None]:
        """Yield `Stir`s, `Partial`s while somebody speaks, and the `Final` as soon as he is done.

        Closing the iterator stops the work.

        Raises:
            AudioError: the pieces are no 16-bit samples, or not all of one rate.
        """
        hearing = _Hearing(self._detector, RESIDUE if stream.after_word else 0)
        reader = _Reader(self._recognizer, sense, language)
        begun, stirred, shown, stable = False, False, "", ""
        try:
            async for chunk in stream.pieces:
                hearing.take(chunk)
                turn = hearing.turn
                if hearing.stirring.now and not (stirred or begun):
                    yield Stir()
                stirred = hearing.stirring.now
                if begun and not turn.begun:
                    reader.begin_anew()
                if turn.begun and not begun:
                    yield Partial("", "", None)
                begun = turn.begun
                reading = reader.done()
                meaning = reader.meaning(turn)
                residue = is_residue(turn, meaning)
                if residue and reader.whole(turn) and ended(turn, Completeness.FINISHED):
                    hearing.begin_anew()
                    continue
                if reading is not None and not residue and (text := reading.utterance.text):
                    stable = stable_words(stable, shown, text)
                    shown = text
                    yield Partial(text, stable, reading.utterance.language)
                # What may be the wake word yet is no turn, however long its reading takes.
                if not residue and _over(stream, turn, meaning):
                    break
                if reader.due(turn):
                    reader.start(hearing, draft=not turn.pause)
            stopped = time.perf_counter()
            final, turn = await reader.final(hearing), hearing.turn
            known = turn.heard_until
            lag = known - turn.spoken_until + time.perf_counter() - stopped
            yield Final(final.utterance, turn.spoken_until, known, lag)
        finally:
            reader.stop()


def _over(stream: Stream, turn: Turn, meaning: Completeness) -> bool:
    return too_long(turn) if stream.held else ended(turn, meaning, stream.nobody)


class _Hearing:
    """The sound of a turn, at 16 kHz, and the voice activity in it."""

    def __init__(self, detector: SpeechDetector, residue: int) -> None:
        self._activity = ActivityStream(detector)
        self._resampler: soxr.ResampleStream | None = None
        self._rate = 0
        self._pcm = bytearray()
        self.turn, self.stirring = Turn(residue=residue), Stirring()

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
            window = self._pcm[2 * WINDOW * self.turn.heard :][: 2 * WINDOW]
            loudness = level(_floats(np.frombuffer(window, np.int16)))
            self.stirring = hearken(self.stirring, loudness, float(probability))
            self._become(step(self.turn, float(probability)))
        self._become(forget(self.turn))

    def begin_anew(self) -> None:
        """Forget all but the pause that it is in."""
        self._become(begin_anew(self.turn))

    def _become(self, turn: Turn) -> None:
        del self._pcm[: 2 * WINDOW * (turn.skipped - self.turn.skipped)]
        self.turn = turn

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

    def __init__(
        self,
        recognizer: Callable[[], Awaitable[Recognizer]],
        sense: Sense,
        language: str | None,
    ) -> None:
        self._recognizer = recognizer
        self._sense = sense
        self._language = language
        self._task: asyncio.Task[_Reading] | None = None
        self._covers = 0
        self._draft = False
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
        return self._last.meaning if self.whole(turn) else Completeness.UNSURE

    def whole(self, turn: Turn) -> bool:
        """Tell whether all that was said has been read."""
        return self._last.covers >= turn.said and not self._last.draft

    def due(self, turn: Turn) -> bool:
        """Tell whether the sound should be read now."""
        if not turn.begun:
            return False
        if turn.pause:
            return turn.said > self._covers or self._draft
        new = (turn.heard - self._covers) * STEP
        wanted = max(SHORTEST_GROWTH, GROWTH * self._covers * STEP) if self._covers else FIRST
        return self._task is None and new >= wanted and turn.voiced * STEP >= FIRST

    def start(self, hearing: _Hearing, *, draft: bool) -> asyncio.Task[_Reading]:
        """Read the sound so far; a reading of less is not waited for."""
        self.stop()
        self._covers, self._draft = hearing.turn.heard, draft
        self._task = asyncio.create_task(self._read(hearing.sound(), self._covers, draft))
        return self._task

    def stop(self) -> None:
        """End the reading that is under way."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def begin_anew(self) -> None:
        """Forget what was read: it is of no turn."""
        self.stop()
        self._covers, self._draft, self._last = 0, False, _NOTHING

    async def final(self, hearing: _Hearing) -> _Reading:
        """Return what was said in the whole turn, from the last reading where that has it all."""
        turn = hearing.turn
        if not turn.begun:
            return _NOTHING
        if self.whole(turn):
            return self._last
        task = self._task
        if task is None or self._covers < turn.said or self._draft:
            task = self.start(hearing, draft=False)
        self._last = await task
        self._task = None
        return _NOTHING if is_residue(turn, self._last.meaning) else self._last

    async def _read(self, sound: AudioChunk, covers: int, draft: bool) -> _Reading:
        recognizer = await self._recognizer()
        heard = await recognizer.recognize(sound, self._language, draft=draft)
        meaning = Completeness.UNSURE
        if heard.text and not draft:
            meaning = await self._sense.completeness(heard.text, heard.language)
        return _Reading(heard, meaning, covers, draft)


def _floats(samples: _Integers) -> Samples:
    return samples.astype(np.float32) / np.float32(32_768)
