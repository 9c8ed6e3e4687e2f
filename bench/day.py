"""A day of sound through an open microphone, as fast as it can be heard: does memory stay flat?

    python bench/day.py [--hours 24]

The room hums and hisses, every half hour somebody gives a command (tests/data/speech, each
language in turn), and every ten minutes something knocks, plays a tune or sweeps through the whole
range of loudness. The whole butler hears it, with the demo home. Resident memory is read at each
full hour; the first hour, in which everything is loaded and used, is what the others are held to.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from memory import resident
from results import publish
from sounds import RATE, coloured, mains, pulses, tune
from steward.audio.files import read_audio
from steward.audio.pcm import from_samples, to_samples
from steward.butler import Butler
from steward.config import Config
from steward.events import Acted, Heard
from steward.hearing import Stream
from steward.serve.memory import thrifty
from steward.types import AudioChunk
from steward.wiring import assemble

SPEECH = Path(__file__).parents[1] / "tests" / "data" / "speech"
HOUR = 3600
MINUTE = 60
PIECE = RATE // 4
MOST = 0.05
"""How much memory may grow, as a share."""


class Day(AsyncIterator[AudioChunk]):
    """So many hours of sound; `seconds` of it have been taken."""

    def __init__(self, hours: float) -> None:
        self.seconds = 0.0
        self._samples = self._minutes(round(hours * MINUTE))
        self._piece: Iterator[NDArray[np.float32]] = iter(())

    def _minutes(self, count: int) -> Iterator[NDArray[np.float32]]:
        room = 0.003 * mains(50, MINUTE) + 0.001 * coloured(0, 1, MINUTE)
        noises = (pulses(1, 2, MINUTE), tune(1, 0.5, 3, MINUTE), coloured(2, 0, MINUTE))
        commands = [to_samples(read_audio(file)) for file in sorted(SPEECH.glob("living*.wav"))]
        for minute in range(count):
            sound = room.astype(np.float32)
            if minute % 30 == 5:
                said = commands[minute // 30 % len(commands)]
                sound[RATE : RATE + len(said)] += said
            elif minute % 10 == 0:
                swell = np.linspace(0, 1, len(sound))
                sound += (swell * noises[minute // 10 % len(noises)]).astype(np.float32)
            yield np.clip(sound, -1, 1)

    async def __anext__(self) -> AudioChunk:
        """Return the next piece; what is ready may run before."""
        await asyncio.sleep(0)
        piece = next(self._piece, None)
        if piece is None:
            samples = next(self._samples, None)
            if samples is None:
                raise StopAsyncIteration
            self._piece = (samples[at : at + PIECE] for at in range(0, len(samples), PIECE))
            piece = next(self._piece)
        self.seconds += len(piece) / RATE
        return from_samples(piece, RATE)


async def measure(hours: float) -> dict[str, object]:
    """Let him hear the day; return the megabytes at each full hour, and what was heard and done."""
    thrifty()
    begun, megabytes, heard, acts = time.perf_counter(), list[float](), 0, 0
    with tempfile.TemporaryDirectory() as state:
        butler = Butler(assemble(Config.model_validate({"paths": {"state": state}})))
        await butler.warm()
        day = Day(hours)
        while day.seconds < hours * HOUR - 1:
            async for event in butler.turn(Stream.standing(day), conversation="day"):
                heard += isinstance(event, Heard) and bool(event.utterance.text)
                acts += isinstance(event, Acted)
            if day.seconds >= (len(megabytes) + 1) * HOUR:
                megabytes.append(resident())
                print(f"{len(megabytes)} h: {megabytes[-1]} MB, {heard} heard", flush=True)
    grown = max(megabytes[1:], default=megabytes[0]) / megabytes[0] - 1
    return {
        "hours": hours,
        "megabytes": megabytes,
        "grown": round(grown, 4),
        "heard": heard,
        "acts": acts,
        "took s": round(time.perf_counter() - begun),
    }


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=24.0)
    found = asyncio.run(measure(parser.parse_args().hours))
    megabytes = found["megabytes"]
    assert isinstance(megabytes, list)
    body = (
        f"{found['hours']:.0f} hours of sound, heard in {found['took s']} s: {megabytes[0]} MB "
        f"after the first hour, {max(megabytes)} MB at most, {megabytes[-1]} MB at the end; grown "
        f"by {100 * float(str(found['grown'])):.1f}% at most (wanted: {100 * MOST:.0f}%). "
        f"{found['heard']} sentences were heard and {found['acts']} things done."
    )
    publish("day", "A day of listening", found, body)


if __name__ == "__main__":
    main()
