"""`steward listen` on recordings: the word, what is said after it, and waiting again."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from steward.audio.diary import FOLDER, Diary
from steward.audio.files import read_audio, write_wav
from steward.audio.pcm import RATE, Samples, from_samples, join, resample, to_samples
from steward.butler import Butler
from steward.cli.listen import converse
from steward.config import Config, Paths, WakeConfig
from steward.errors import ModelError
from steward.events import Event, Replied
from steward.models.store import Store
from steward.speech.voices import Voices
from steward.types import AudioChunk
from steward.wiring import assemble, local_time

STEWARD = Path(sys.executable).with_name("steward")
SPEECH = Path(__file__).parents[1] / "data" / "speech"


def spoken(name: str) -> Samples:
    """A recording without the silence around it."""
    samples = to_samples(read_audio(SPEECH / name))
    loud = np.flatnonzero(np.abs(samples) > 0.02)
    return samples[loud[0] : loud[-1]]


def pause(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE), np.float32)


@pytest.mark.parametrize("kept", ["on", "off"])
async def test_the_diary_is_kept_or_not(tmp_path: Path, kept: Literal["on", "off"]) -> None:
    config = Config(paths=Paths(state=tmp_path), wake=WakeConfig(diary=kept))
    word = np.concatenate([pause(1), spoken("jarvis_1.flac"), pause(1)])

    async def pieces() -> AsyncIterator[AudioChunk]:
        for at in range(0, len(word), 512):
            yield from_samples(word[at : at + 512], RATE)

    attention = await assemble(config).attend(pieces())
    assert await attention.woken() is not None
    assert len(Diary(tmp_path / FOLDER, local_time).entries()) == (kept == "on")


async def test_a_word_that_is_not_there_is_an_error_with_a_hint(tmp_path: Path) -> None:
    async def silence() -> AsyncIterator[AudioChunk]:
        yield AudioChunk(b"", RATE)

    word = WakeConfig(word=str(tmp_path / "nothing"))
    config = Config(paths=Paths(state=tmp_path), wake=word)
    with pytest.raises(ModelError) as caught:
        await assemble(config).attend(silence())
    assert "wake train" in caught.value.hint


def test_what_follows_the_word_is_done_and_nothing_else(tmp_path: Path) -> None:
    light, chinese = spoken("living_room_light_en.wav"), spoken("living_room_light_zh.wav")
    word, other = spoken("jarvis_1.flac"), spoken("jarvis_2.flac")
    parts = [pause(1), light, pause(2), word, pause(0.8), light, pause(3), other, pause(0.1)]
    sound, reply = tmp_path / "in.wav", tmp_path / "out.wav"
    write_wav(sound, [from_samples(np.concatenate([*parts, chinese, pause(1)]), RATE)])
    config = tmp_path / "steward.toml"
    config.write_text(f'[paths]\nstate = "{tmp_path / "state"}"\n')

    def steward(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [STEWARD, "--config", config, *arguments], capture_output=True, text=True, check=True
        )

    done = steward("listen", "--wav", sound, "--say", reply)
    assert done.stdout.splitlines() == ["The living room light is on.", "客厅的灯打开了。"]
    assert read_audio(reply).seconds > 2
    assert "2 wakes" in steward("wake", "diary").stdout
    steward("wake", "diary", "--false", "1")
    assert "false" in steward("wake", "diary").stdout


@pytest.mark.parametrize(
    ("said", "replies"),
    [
        (["Yes, please."], ["The front door lock is unlocked."]),
        (["What a lovely day it is.", "Yes, please."], []),
        (["Turn on the kitchen light."], []),
    ],
)
async def test_an_answer_needs_no_word_and_nothing_else_is_taken_up(
    tmp_path: Path, store: Store, said: list[str], replies: list[str]
) -> None:
    voices = Voices(store.root, 2)
    parts = [pause(1), spoken("jarvis_1.flac"), pause(0.3)]
    for text in ("Unlock the front door.", *said):
        sounds = [piece async for piece in voices.speak(text, "en")]
        parts += [to_samples(resample(join(sounds), RATE)), pause(2.5)]
    told: list[str] = []

    async def pieces() -> AsyncIterator[AudioChunk]:
        sound = np.concatenate(parts)
        for at in range(0, len(sound), 512):
            yield from_samples(sound[at : at + 512], RATE)

    async def play(sounds: AsyncIterator[AudioChunk]) -> None:
        async for _ in sounds:
            pass

    butler = Butler(assemble(Config(paths=Paths(state=tmp_path))))
    async with butler.subscribe() as events:
        await converse(butler, pieces(), play, live=False)
        told = await replied(events)
    assert told == ["Shall I unlock the front door lock?", *replies]


async def test_behind_a_trigger_only_what_follows_it_is_heard(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    butler = Butler(assemble(Config(paths=Paths(state=tmp_path))))
    await butler.warm()
    word, light = spoken("jarvis_1.flac"), spoken("living_room_light_en.wav")
    once = np.concatenate([pause(0.5), word, pause(0.2), light, pause(2)])
    pressed = asyncio.Event()

    async def pieces() -> AsyncIterator[AudioChunk]:
        for press in (False, True):
            if press:
                pressed.set()
            for at in range(0, len(once), 512):
                await asyncio.sleep(0)
                yield from_samples(once[at : at + 512], RATE)

    async def button() -> bool:
        await pressed.wait()
        pressed.clear()
        return True

    async def play(sounds: AsyncIterator[AudioChunk]) -> None:
        async for _ in sounds:
            pass

    await converse(butler, pieces(), play, button, live=False)
    said = capsys.readouterr().err
    assert said.count("> ") == 1
    assert "light" in said


async def replied(events: AsyncIterator[Event]) -> list[str]:
    """What he has said until now."""
    found: list[str] = []
    while True:
        try:
            event = await asyncio.wait_for(anext(events), 0.1)
        except TimeoutError:
            return found
        if isinstance(event, Replied):
            found.append(event.reply.text)
