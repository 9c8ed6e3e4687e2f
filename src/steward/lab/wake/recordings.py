"""Recordings of real people: of the wake word, and of anything else.

Generated voices alone teach the networks to tell what is generated from what is not; recordings
of other speech teach them to tell words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from steward.audio.files import read_audio
from steward.audio.mel import SPAN, STEP, mel
from steward.audio.pcm import RATE, Samples, to_samples
from steward.audio.wake import HOP, WINDOW
from steward.errors import UserError
from steward.lab.wake import network, rooms
from steward.lab.wake.corpus import Clip
from steward.lab.wake.embedding import Embedding
from steward.lab.wake.examples import LATEST, LENGTH, heard
from steward.lab.wake.rooms import Random


@dataclass(frozen=True, slots=True)
class Recordings:
    """What real people said: the wake `words`, one a recording, and `others`, hours of anything.

    Every `HELD`th of the others is not learnt from: the thresholds are chosen by it, too. `false`
    are the sounds of false wakes.
    """

    words: tuple[Samples, ...] = ()
    others: tuple[Samples, ...] = ()
    false: tuple[Samples, ...] = ()

    @property
    def learnt(self) -> tuple[Samples, ...]:
        """What is learnt from, and is not the word."""
        return tuple(s for i, s in enumerate(self.others) if i % HELD) + TIMES * self.false

    @property
    def held(self) -> tuple[Samples, ...]:
        """The others that the thresholds are chosen by."""
        return self.others[::HELD]


HELD = 5
TIMES = 5
"""How often a false wake counts: it is two seconds among hours."""
Example = tuple[Clip, Samples, float]
"""A clip, the sound of an example of it, and the seconds since the clip's end."""
COPIES = 20
"""Examples made of one recording of the word."""
PASSES = 2
"""How often other speech is gone through: first as it is, then each time otherwise."""
_HOPS = (0.2, 0.25)
"""Seconds from one example of other speech to the next: in the first pass, in the others."""
_PIECE = 3.0
_PRECEDED, _WORD = 0.3, (0.7, 1.0)
"""How often something is said before a recorded word, and how many seconds the word lasts."""
_SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")


def read(folder: Path) -> tuple[Samples, ...]:
    """Return the recordings in a folder and the folders in it, in the order of their names.

    Raises:
        UserError: there are none.
        AudioError: one of them is no sound.
    """
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in _SUFFIXES)
    if not files:
        raise UserError(
            f"{folder} holds no recordings", hint=f"put {', '.join(_SUFFIXES)} files into it"
        )
    return tuple(to_samples(read_audio(file)) for file in files)


def pieces(sounds: Sequence[Samples]) -> list[Samples]:
    """Return other speech in pieces of three seconds, each at full scale."""
    size = int(_PIECE * RATE)
    return [
        _loud(sound[at : at + size])
        for sound in sounds
        for at in range(0, max(1, len(sound) - size // 2), size)
    ]


def ends(
    recordings: Sequence[Samples], embedding: Embedding, head: network.Parameters
) -> list[float]:
    """Return where the word ends in each recording, in seconds, by a head that knows the word."""
    found = []
    for sound in recordings:
        mels = mel(np.pad(sound, (LENGTH, RATE // 2)))
        windows = np.lib.stride_tricks.sliding_window_view(mels, WINDOW, axis=0)[::HOP]
        embedded = embedding(windows.transpose(0, 2, 1).astype(np.float16))
        judged = network.judge(network.head, head, embedded)
        best = int(judged[:, 0].argmax())
        at = ((best * HOP + WINDOW - 1) * STEP + SPAN - LENGTH) / RATE
        found.append(float(np.clip(at - judged[best, 1], 0, len(sound) / RATE)))
    return found


def words(
    recordings: Sequence[Samples], until: Sequence[float], around: Sequence[Samples], seed: int
) -> Iterator[Example]:
    """Yield examples of the word, which ends in `recordings` at `until` (seconds)."""
    rng = np.random.default_rng(seed)
    for sound, end in zip(recordings, until, strict=True):
        clip = Clip("wake", "", False, sound)
        for _ in range(COPIES):
            factor, since = rng.uniform(0.9, 1.12), rng.uniform(0, LATEST)
            said = np.pad(rooms.shifted(sound, factor), LENGTH)
            begin = int((end / factor + since) * RATE)
            window = _loud(said[begin : begin + LENGTH])
            if around and rng.random() < _PRECEDED:
                # Something else is said just before: "hey", or a sentence that goes on.
                before = around[int(rng.integers(len(around)))]
                free = LENGTH - int((since + rng.uniform(*_WORD)) * RATE)
                part = before[-free:] * np.float32(rng.uniform(0.3, 1.0))
                window[free - len(part) : free] += part
            # The recording brings a room of its own.
            yield clip, heard(window, around, rng, room=0.25), since


def count(sounds: Sequence[Samples]) -> int:
    """Return about how many examples `others` makes of sounds."""
    seconds = sum(len(sound) for sound in sounds) / RATE
    return int(seconds / _HOPS[0] + (PASSES - 1) * seconds / _HOPS[1])


def others(sounds: Sequence[Samples], around: Sequence[Samples], seed: int) -> Iterator[Example]:
    """Yield examples of what is not the word, of all of `sounds`, `PASSES` times."""
    rng = np.random.default_rng(seed)
    for turn in range(PASSES):
        for sound in sounds:
            yield from _windows(sound, around, rng, as_it_is=turn == 0)


def _windows(
    sound: Samples, around: Sequence[Samples], rng: Random, as_it_is: bool
) -> Iterator[Example]:
    clip = Clip("other", "", False, sound)
    hop = int(_HOPS[0 if as_it_is else 1] * RATE)
    said = sound if as_it_is else rooms.shifted(sound, rng.uniform(0.85, 1.18))
    said = np.pad(said, (LENGTH // 2, LENGTH // 3))
    for begin in range(int(rng.integers(hop)), len(said) - LENGTH, hop):
        window = said[begin : begin + LENGTH]
        yield clip, window if as_it_is else heard(_loud(window), around, rng, room=0.4), 0.0


def _loud(samples: Samples) -> Samples:
    peak = np.abs(samples).max(initial=1e-6)
    made: Samples = samples / np.float32(peak)
    return made
