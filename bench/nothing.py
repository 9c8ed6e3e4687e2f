"""Half an hour in which nobody speaks: does he hear words, does he act?

    python bench/nothing.py [--music FOLDER] [--minutes 30]

Noises of five colours, tunes, knocks, tones and hums (sounds.py), loud and soft, silence, and the
music in FOLDER, go through an open microphone into the whole butler with the demo home, as fast as
he can take them, and in pieces of 30 s through one that is held. Counted are the turns that begin,
those in which there are words, what was done, and how often he would have halted while speaking.
A voice that hums without words is told apart, for it is half a voice.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile
import soxr

from results import publish, table
from sounds import RATE, Sound, everything, humming
from steward.audio.pcm import from_samples
from steward.butler import Butler
from steward.config import Config
from steward.events import Acted, Heard, Hearing, Stirring
from steward.hearing import Stream
from steward.types import AudioChunk
from steward.wiring import assemble

LEVELS = (0.5, 0.05)
PIECE = RATE // 50
HELD = 30
"""Seconds of a recording through a microphone that is held."""


@dataclass(frozen=True)
class Count:
    """What came of so many seconds of sound: turns begun, texts, acts, halts."""

    seconds: float = 0.0
    begun: int = 0
    texts: tuple[str, ...] = ()
    acts: int = 0
    halts: int = 0

    def __add__(self, other: Count) -> Count:
        """Return what came of both."""
        return Count(
            self.seconds + other.seconds,
            self.begun + other.begun,
            self.texts + other.texts,
            self.acts + other.acts,
            self.halts + other.halts,
        )


class Pieces(AsyncIterator[AudioChunk]):
    """A sound in pieces, taken by one turn after the other."""

    def __init__(self, samples: Sound) -> None:
        self._samples, self._at = samples.astype(np.float32), 0

    @property
    def over(self) -> bool:
        """Whether all of it was taken."""
        return self._at >= len(self._samples)

    async def __anext__(self) -> AudioChunk:
        """Return the next piece; what is ready may run before."""
        if self.over:
            raise StopAsyncIteration
        await asyncio.sleep(0)
        piece = self._samples[self._at : self._at + PIECE]
        self._at += len(piece)
        return from_samples(piece, RATE)


async def turn(butler: Butler, said: Stream | AudioChunk) -> Count:
    """Run one turn to its end."""
    found = Count()
    async for event in butler.turn(said):
        if isinstance(event, Hearing) and not event.text:
            found = replace(found, begun=found.begun + 1)
        elif isinstance(event, Stirring):
            found = replace(found, halts=found.halts + 1)
        elif isinstance(event, Heard) and event.utterance.text:
            found = replace(found, texts=(*found.texts, event.utterance.text))
        elif isinstance(event, Acted):
            found = replace(found, acts=found.acts + 1)
    return found


async def hear(butler: Butler, sound: Sound) -> Count:
    """Let him hear `sound` through either microphone."""
    pieces, found = Pieces(sound), Count(2 * len(sound) / RATE)
    while not pieces.over:
        found += await turn(butler, Stream.standing(pieces))
    for begin in range(0, len(sound), HELD * RATE):
        held = sound[begin : begin + HELD * RATE].astype(np.float32)
        found += await turn(butler, from_samples(held, RATE))
    return found


def music(folder: Path, seconds: float) -> Iterator[tuple[str, Sound]]:
    """Yield the music in `folder`, at most so much of each piece, from its second quarter on."""
    for file in sorted(folder.iterdir()):
        samples, rate = soundfile.read(file, always_2d=True)
        begin = len(samples) // 4
        part = samples[begin : begin + int(seconds * rate)].mean(axis=1)
        whole = soxr.resample(part, rate, RATE)
        yield f"music: {file.stem}", whole / max(1e-9, np.abs(whole).max())


async def measure(seconds: float, folder: Path | None) -> dict[str, Count]:
    """Let him hear everything, each sound at each level for so long."""
    with tempfile.TemporaryDirectory() as state:
        butler = Butler(assemble(Config.model_validate({"paths": {"state": state}})))
        await butler.warm()
        found: dict[str, Count] = {}
        sounds = [*everything(seconds), *(music(folder, seconds) if folder else ())]
        for name, sound in [*sounds, ("humming", humming(1, seconds))]:
            kind = name.split(" ")[0].rstrip(":")
            for level in LEVELS:
                count = await hear(butler, level * sound)
                print(f"{name} {level}: {count}", flush=True)
                found[kind] = found.get(kind, Count()) + count
        return found


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--music", type=Path, help="a folder of music without singing")
    parser.add_argument("--minutes", type=float, default=30.0, help="of generated sound, in all")
    options = parser.parse_args()
    kinds = sum(1 for _ in everything(10.0))
    seconds = options.minutes * 60 / kinds / len(LEVELS) / 2
    found = asyncio.run(measure(seconds, options.music))
    rows = [
        (kind, f"{each.seconds / 60:.1f}", each.begun, len(each.texts), each.acts, each.halts)
        for kind, each in found.items()
    ]
    heads = ("sound", "minutes", "turns begun", "with words", "acts", "halts")
    data = {kind: {**vars(each)} for kind, each in found.items()}
    body = table(heads, rows) + (
        "\n\nHalf of the minutes through an open microphone, half through one that is held. "
        "Halts are what would make him stop speaking for half a second."
    )
    publish("nothing", "Nothing said", data, body)


if __name__ == "__main__":
    main()
