from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest
import soxr

from steward.audio.files import read_audio
from steward.audio.pcm import from_samples, to_samples
from steward.errors import AudioError
from steward.hearing import NOBODY, Completeness, Final, Partial, Stir, Stream
from steward.lazy import Lazy
from steward.models.store import Store
from steward.speech.activity import Samples, SpeechDetector
from steward.speech.ending import LONGEST
from steward.speech.listener import Listener
from steward.speech.whisper import WhisperRecognizer
from steward.types import AudioChunk, Recognizer, Utterance

SPEECH = Path(__file__).parents[2] / "data" / "speech"


@pytest.fixture(scope="module")
def detector(store: Store) -> SpeechDetector:
    return SpeechDetector(store.file("silero-vad", "silero_vad.onnx"))


class Scripted:
    """Hears as many words as there are half seconds of sound, at once."""

    def __init__(self, text: str) -> None:
        self.words = text.split()
        self.read: list[float] = []
        self.begun = asyncio.Event()
        self.drafts: list[bool] = []
        self.hangs = False
        self.cancelled = False

    async def recognize(
        self, audio: AudioChunk, language: str | None = None, *, draft: bool = False
    ) -> Utterance:
        self.read.append(audio.seconds)
        self.drafts.append(draft)
        self.begun.set()
        if self.hangs:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.cancelled = True
                raise
        return Utterance(" ".join(self.words[: int(audio.seconds * 2)]), "en", 0.9)


class Sense:
    """A sentence is whole when it has its last word."""

    def __init__(self, last: str) -> None:
        self.last = last

    async def completeness(self, text: str, language: str | None) -> Completeness:
        return Completeness.FINISHED if self.last in text else Completeness.OPEN


def recording(name: str = "living_room_light_en.wav") -> Samples:
    return to_samples(read_audio(SPEECH / name))


def quiet(seconds: float) -> Samples:
    return np.zeros(int(seconds * 16_000), np.float32)


async def pieces(samples: Samples, rate: int = 16_000) -> AsyncGenerator[AudioChunk, None]:
    for at in range(0, len(samples), rate // 32):
        yield from_samples(samples[at : at + rate // 32], rate, at / rate)
        # Lets what is ready run, as the time between two pieces does.
        for _ in range(5):
            await asyncio.sleep(0)


def listener(ear: Recognizer, detector: SpeechDetector) -> Listener:
    return Listener(Lazy(lambda: ear).get, detector)


async def hear(
    ears: Listener, stream: Stream | AsyncIterator[AudioChunk], sense: Sense
) -> tuple[list[Partial], Final]:
    if not isinstance(stream, Stream):
        stream = Stream(stream)
    heard = [event async for event in ears.listen(stream, sense)]
    final = heard.pop()
    assert isinstance(final, Final)
    return [event for event in heard if isinstance(event, Partial)], final


async def test_words_come_while_somebody_speaks_and_the_last_reading_is_final(
    detector: SpeechDetector,
) -> None:
    ear = Scripted("turn on the living room")
    sound = pieces(np.concatenate([recording(), quiet(3)]))
    partials, final = await hear(listener(ear, detector), sound, Sense("the"))
    assert partials[0] == Partial("", "", None)
    assert partials[1].text == "turn"
    assert final.utterance.text == partials[-1].text == "turn on the"
    assert partials[-1].stable == "turn"
    # A quarter of a second of silence suffices after what is whole, and nothing is read after it.
    assert 0 < final.known_at - final.spoken_until < 0.15
    assert max(ear.read) < final.known_at
    assert final.lag == pytest.approx(final.known_at - final.spoken_until, abs=0.05)
    assert ear.drafts[0]
    assert not ear.drafts[-1]


@pytest.mark.parametrize("language", ["en", "zh", "de", "es"])
async def test_who_begins_to_speak_is_noticed_within_a_fifth_of_a_second(
    detector: SpeechDetector, language: str
) -> None:
    said = recording(f"living_room_light_{language}.wav")
    level = np.abs(said[: len(said) // 160 * 160].reshape(-1, 160)).max(axis=1)
    onset = 2 + float(np.flatnonzero(level > level.max() / 20)[0]) / 100
    heard = 0.0

    async def sound() -> AsyncIterator[AudioChunk]:
        nonlocal heard
        async for piece in pieces(np.concatenate([quiet(2), said])):
            heard += piece.seconds
            yield piece

    events = listener(Scripted("x"), detector).listen(Stream.standing(sound()), Sense("y"))
    async with aclosing(events):
        assert await anext(events) == Stir()
        assert onset < heard < onset + 0.1
        assert await anext(events) == Partial("", "", None)
    assert heard < onset + 0.2


async def test_a_pause_within_half_a_sentence_is_no_end(detector: SpeechDetector) -> None:
    said = recording()
    halting = np.concatenate([said[:12_800], quiet(1.5), said[12_800:], quiet(4)])
    _, final = await hear(
        listener(Scripted("turn on the living room light"), detector),
        pieces(halting),
        Sense("light"),
    )
    assert final.spoken_until > 1.5 + 1.2
    assert final.utterance.text.endswith("light")


async def test_each_rate_and_the_end_of_the_sound(detector: SpeechDetector) -> None:
    said = soxr.resample(recording(), 16_000, 44_100)
    ear = Scripted("one two three four five six")
    _, final = await hear(listener(ear, detector), pieces(said, 44_100), Sense("never"))
    assert final.utterance.text.startswith("one two three")
    assert final.spoken_until == pytest.approx(1.6, abs=0.15)


async def test_nobody_speaks(detector: SpeechDetector) -> None:
    ear = Scripted("ghosts")
    partials, final = await hear(listener(ear, detector), pieces(quiet(20)), Sense("x"))
    assert not partials
    assert final.utterance.text == ""
    assert final.known_at == pytest.approx(NOBODY, abs=0.1)
    assert not ear.read


async def test_a_standing_stream_waits_for_ever_and_remembers_only_the_last_second(
    detector: SpeechDetector,
) -> None:
    ear = Scripted("turn on the living room")
    sound = pieces(np.concatenate([quiet(2 * LONGEST), recording(), quiet(3)]))
    _, final = await hear(listener(ear, detector), Stream.standing(sound), Sense("the"))
    assert final.utterance.text.startswith("turn on the")
    assert final.spoken_until > 2 * LONGEST
    assert max(ear.read) < 4


class Misheard(Scripted):
    """Takes the end of a wake word for words, after so many passes of the event loop."""

    passes = 0

    async def recognize(
        self, audio: AudioChunk, language: str | None = None, *, draft: bool = False
    ) -> Utterance:
        heard = await super().recognize(audio, language, draft=draft)
        if audio.seconds > 1.2:
            return heard
        for _ in range(self.passes):
            await asyncio.sleep(0)
        return Utterance("this.", "en", 0.9)


# The word ends at 1.85 s of its file, which then is silent for more than a second.
@pytest.mark.parametrize("passes", [0, 400], ids=["at once", "after longer than a pause"])
@pytest.mark.parametrize("since", [1.55, 1.65, 1.75])
async def test_what_is_left_of_the_wake_word_is_nobodys_turn(
    detector: SpeechDetector, since: float, passes: int
) -> None:
    word = to_samples(read_audio(SPEECH / "jarvis_1.flac"))[int(since * 16_000) :]
    sound = np.concatenate([word, quiet(3), recording(), quiet(2)])
    ear = Misheard("turn the light")
    ear.passes = passes
    partials, final = await hear(
        listener(ear, detector), Stream(pieces(sound), after_word=True), Sense("light")
    )
    assert final.utterance.text == "turn the light"
    assert "this." not in [partial.text for partial in partials]
    # The word is not in the sound that was read last.
    assert ear.read[-1] < 1.2 + len(recording()) / 16_000


async def test_nothing_but_the_wake_word_is_nothing_said(detector: SpeechDetector) -> None:
    word = to_samples(read_audio(SPEECH / "jarvis_1.flac"))[int(1.65 * 16_000) :]
    for sound in (word, word[: int(0.35 * 16_000)]):
        ears = listener(Misheard("this."), detector)
        _, final = await hear(ears, Stream(pieces(sound), after_word=True), Sense("light"))
        assert not final.utterance.text


async def test_a_held_stream_ends_only_where_its_sound_does(detector: SpeechDetector) -> None:
    said = np.concatenate([quiet(NOBODY + 1), recording(), quiet(5), recording(), quiet(0.3)])
    ear = Scripted("turn on the living room light " + "again " * 40)
    _, final = await hear(listener(ear, detector), Stream(pieces(said), held=True), Sense("on"))
    assert final.spoken_until > 1 + 1.6 + 5
    assert "again" in final.utterance.text


async def test_closing_it_stops_the_reading(detector: SpeechDetector) -> None:
    ear = Scripted("turn on")
    ear.hangs = True

    async def endless() -> AsyncIterator[AudioChunk]:
        async for piece in pieces(recording()):
            yield piece
        await asyncio.Event().wait()

    async def listen() -> None:
        events = listener(ear, detector).listen(Stream(endless()), Sense("x"))
        async with aclosing(events):
            async for _ in events:
                pass

    task = asyncio.create_task(listen())
    await ear.begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await asyncio.sleep(0)
    assert ear.cancelled


async def test_what_is_no_sound_is_refused(detector: SpeechDetector) -> None:
    async def odd() -> AsyncIterator[AudioChunk]:
        yield AudioChunk(b"\0\0\0", 16_000)

    async def mixed() -> AsyncIterator[AudioChunk]:
        yield AudioChunk(b"\0\0", 16_000)
        yield AudioChunk(b"\0\0", 48_000)

    for sound in (odd(), mixed()):
        with pytest.raises(AudioError):
            await hear(listener(Scripted("x"), detector), sound, Sense("x"))


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("living_room_light_en.wav", "turn on the living room light"),
        ("living_room_light_zh.wav", "打开客厅的灯"),
    ],
)
async def test_real_ears_hear_a_stream_as_they_hear_the_whole(
    store: Store, detector: SpeechDetector, name: str, wanted: str
) -> None:
    vad = store.file("silero-vad", "silero_vad.onnx")
    whisper = WhisperRecognizer(store.folder("whisper-base"), vad, 2)
    sound = pieces(np.concatenate([recording(name), quiet(1)]))
    _, final = await hear(listener(whisper, detector), sound, Sense("room light"))
    assert final.utterance.text.rstrip(".。").casefold() == wanted
    assert final.utterance.confidence > 0.3
