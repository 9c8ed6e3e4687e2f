"""A recogniser that also tells who speaks, of the people who are known."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import soxr

from steward.errors import AudioError, DeviceError
from steward.speech.activity import RATE, Samples, SpeechDetector
from steward.speech.people import People, Person, enrolled, whose
from steward.speech.speaker import SHORTEST, SpeakerEncoder, spoken
from steward.speech.worker import Worker
from steward.types import GUEST, AudioChunk, Recognizer, Speaker, Utterance

_log = logging.getLogger(__name__)


class KnownVoices:
    """Knows people by their voices."""

    def __init__(
        self,
        people: People,
        encoder: Callable[[], Awaitable[SpeakerEncoder]],
        detector: Callable[[], Awaitable[SpeechDetector]],
    ) -> None:
        """Name the parts; the networks are asked for when there is a voice to compare."""
        self.people = people
        self._encoder, self._detector = encoder, detector
        self._worker = Worker("speaker")

    async def who(self, audio: AudioChunk) -> Speaker | None:
        """Return whose voice is in `audio`; None where nobody is known.

        When that cannot be found out, everybody is a guest, and the log says why.
        """
        try:
            people = self.people.known()
            if not people:
                return None
            voice, _ = await self._voice(audio)
        except DeviceError as error:
            # He must not be deaf because he does not know who speaks.
            _log.error("nobody is known by his voice: %s", error)
            return GUEST
        return GUEST if voice is None else whose(voice, people)

    async def enrol(self, name: str, since: str, sentences: Mapping[str, AudioChunk]) -> Person:
        """Know from now on who says `sentences`, each known by what to call it in an error.

        Raises:
            UserError: the name cannot be used, or too many people are known.
            AudioError: there is too little speech, or it is not of one person.
            ModelError: weights are missing or damaged.
            StateError: the known people cannot be read or written.
        """
        voices: dict[str, tuple[Samples, float]] = {}
        for label, audio in sentences.items():
            voice, seconds = await self._voice(audio)
            if voice is None:
                raise AudioError(
                    f"there is no speech in {label}", hint="say a whole sentence, near by"
                )
            voices[label] = voice, seconds
        person = enrolled(name, since, voices)
        await asyncio.to_thread(self.people.add, person)
        return person

    async def _voice(self, audio: AudioChunk) -> tuple[Samples | None, float]:
        """Return the voice in `audio`, None when there is too little, and its seconds."""
        encoder, detector = await self._encoder(), await self._detector()
        return await self._worker.run(partial(_voice_of, audio, encoder, detector))


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


def _voice_of(
    audio: AudioChunk, encoder: SpeakerEncoder, detector: SpeechDetector
) -> tuple[Samples | None, float]:
    samples = np.frombuffer(audio.pcm, "<i2").astype(np.float32) / np.float32(32_768)
    if audio.rate != RATE and samples.size:
        samples = soxr.resample(samples, audio.rate, RATE)
    speech = spoken(samples, detector.spans(samples), RATE)
    seconds = len(speech) / RATE
    return (encoder.encode(speech) if seconds >= SHORTEST else None), seconds
