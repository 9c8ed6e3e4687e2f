"""A recogniser that also tells who speaks, of the people who are known."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TypeVar

import numpy as np
import soxr

from steward.errors import AudioError, DeviceError
from steward.speech.activity import RATE, Samples, SpeechDetector
from steward.speech.people import People, Sentence, enrolled, whose
from steward.speech.speaker import SHORTEST, SpeakerEncoder, elsewhere, spoken, unit
from steward.speech.worker import Worker
from steward.types import GUEST, AudioChunk, Recognizer, Speaker, Utterance

T = TypeVar("T")

ROOMS = 4
"""In how many rooms a sentence is put when somebody is enrolled."""

_log = logging.getLogger(__name__)


class KnownVoices:
    """An Acquaintance."""

    def __init__(
        self,
        people: People,
        encoder: Callable[[], Awaitable[SpeakerEncoder]],
        detector: Callable[[], Awaitable[SpeechDetector]],
    ) -> None:
        """Name the parts; the networks are asked for when there is a voice to compare."""
        self._people = people
        self._encoder, self._detector = encoder, detector
        self._worker = Worker("speaker")

    async def who(self, audio: AudioChunk) -> Speaker | None:
        """Return whose voice is in `audio`; None where nobody is known.

        When that cannot be found out, everybody is a guest, and the log says why.
        """
        try:
            people = self._people.known()
            if not people:
                return None
            voice = await self._heard(_voice, audio)
        except DeviceError as error:
            # He must not be deaf because he does not know who speaks.
            _log.error("nobody is known by his voice: %s", error)
            return GUEST
        return GUEST if voice is None else whose(voice, people)

    async def people(self) -> Mapping[str, str]:
        """Return who is known, in the order of their names, and since which ISO date.

        Raises:
            StateError: that cannot be read.
        """
        known = await asyncio.to_thread(self._people.known)
        return {person.name: person.since for person in known}

    async def forget(self, name: str) -> bool:
        """Forget who is called so; return whether there was somebody.

        Raises:
            StateError: the known people cannot be read or written.
        """
        return await asyncio.to_thread(self._people.delete, name)

    async def enrol(self, name: str, since: str, sentences: Mapping[str, AudioChunk]) -> None:
        """Know from now on who says `sentences`, each known by what to call it in an error.

        Raises:
            UserError: the name cannot be used, or too many people are known.
            AudioError: there is too little speech, or it is not of one person.
            ModelError: weights are missing or damaged.
            StateError: the known people cannot be read or written.
        """
        said: dict[str, Sentence] = {}
        for label, audio in sentences.items():
            heard = await self._heard(sentence, audio)
            if heard is None:
                raise AudioError(
                    f"there is no speech in {label}", hint="say a whole sentence, near by"
                )
            said[label] = heard
        person = enrolled(name, since, said)
        await asyncio.to_thread(self._people.add, person)

    async def _heard(
        self, take: Callable[[Samples, SpeakerEncoder], T], audio: AudioChunk
    ) -> T | None:
        """Return what `take` makes of the speech in `audio`, None when there is too little."""
        encoder, detector = await self._encoder(), await self._detector()

        def job() -> T | None:
            speech = _speech(audio, detector)
            return take(speech, encoder) if len(speech) >= SHORTEST * RATE else None

        return await self._worker.run(job)


class KnowingRecognizer:
    """A Recognizer whose utterances tell whose voice it was, where somebody is known.

    Drafts do not: they are made while somebody still speaks.
    """

    def __init__(self, recognizer: Recognizer, voices: KnownVoices) -> None:
        self._recognizer, self._voices = recognizer, voices

    async def recognize(
        self, audio: AudioChunk, language: str | None = None, *, draft: bool = False
    ) -> Utterance:
        """Return what was said in `audio`, and by whom."""
        if draft:
            return await self._recognizer.recognize(audio, language, draft=True)
        who = asyncio.create_task(self._voices.who(audio))
        try:
            heard = await self._recognizer.recognize(audio, language)
            return replace(heard, speaker=await who)
        finally:
            who.cancel()


def _speech(audio: AudioChunk, detector: SpeechDetector) -> Samples:
    samples = np.frombuffer(audio.pcm, "<i2").astype(np.float32) / np.float32(32_768)
    if audio.rate != RATE and samples.size:
        samples = soxr.resample(samples, audio.rate, RATE)
    return spoken(samples, detector.spans(samples))


def _voice(speech: Samples, encoder: SpeakerEncoder) -> Samples:
    return encoder.encode(speech)


def sentence(speech: Samples, encoder: SpeakerEncoder) -> Sentence:
    """Return what 16 kHz `speech` enrols somebody with, also as if in other rooms."""
    # A fixed seed: the same sentences make the same person.
    rng = np.random.default_rng(0)
    far = [encoder.encode(elsewhere(speech, rng)) for _ in range(ROOMS)]
    return Sentence(encoder.encode(speech), unit(np.mean(far, axis=0)), len(speech) / RATE)
