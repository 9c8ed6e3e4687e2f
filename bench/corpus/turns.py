"""From the end of speech to the words and to the first sound of the reply, in real time.

Each recording is replayed as fast as it was spoken, 20 ms of sound every 20 ms by the clock, and
then the silence of a room, into the whole butler with the demo home, who has rehearsed his replies
in it, as he does when it is quiet. To the recordings come the commands in commands/, spoken by the
voices here, for there are few of people. Speech begins and ends with the first and the last
hundredth of a second that is at most 25 dB below the loudest: what is quieter is breath and room. A
turn that ends before is one cut off. A command is what the butler understood; after anything else
he waits longer. Longer recordings of people are replayed once more, with a pause at their quietest
moment inside.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from results import HERE, percentiles
from steward.audio.files import read_audio
from steward.audio.pcm import RATE, Samples, from_samples, join, resample, to_samples
from steward.butler import Butler
from steward.config import Config
from steward.events import Heard, Hearing, Planned, Spoke
from steward.hearing import Stream
from steward.home.services.table import foresee
from steward.rehearsal import Rehearsal, sentences
from steward.speech.voices import Voices
from steward.types import AudioChunk, Call, Calls, Outcome
from steward.wiring import Parts, assemble

PIECE = RATE // 50
AFTER = 4.0
"""Seconds of a quiet room after each recording; no turn waits longer."""
QUIET = 1e-4
LOUD = 25.0
"""Decibels."""
LANGUAGES = ("en", "zh")
PAUSE = 0.8
"""Seconds of the pause that is put into a recording."""
LONG = 4.0
"""Seconds from which a recording gets one."""
HALTED = 8
"""How many recordings get one at most: each takes its time."""
SOON = 0.25
"""Seconds after the end of speech in which a command should be heard."""


@dataclass(frozen=True)
class Sound:
    """A recording with the language that is spoken in it, of a person or of the voices here."""

    name: str
    language: str
    samples: Samples
    person: bool
    paused: bool = False

    @property
    def kind(self) -> str:
        """Who speaks, and whether he was made to halt."""
        return "people, made to halt" if self.paused else "people" if self.person else "voices"


@dataclass(frozen=True)
class Replay:
    """One replay: seconds after the end of speech, by the clock."""

    sound: Sound
    text: str
    command: bool
    partials: int
    words: float
    first: float | None
    core: float
    """Core-seconds a second of sound, until the words."""


def spoken_within(samples: Samples) -> tuple[float, float]:
    """Return from when to when there is sound, in seconds, to a hundredth."""
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    level = 10 * np.log10((frames**2).mean(axis=1) + 1e-10)
    loud = np.flatnonzero(level > level.max() - LOUD)
    return float(loud[0]) / 100, float(loud[-1] + 1) / 100


def room(samples: Samples, seconds: float) -> Samples:
    """Return noise with the spectrum and the loudness of the quietest twentieth of `samples`."""
    hann = np.hanning(2048)
    frames = np.lib.stride_tricks.sliding_window_view(samples, len(hann))[::160] * hann
    quietest = np.argsort((frames**2).sum(axis=1))[: max(1, len(frames) // 20)]
    power = (np.abs(np.fft.rfft(frames[quietest])) ** 2).mean(axis=0) / (hann**2).sum()
    noise = np.fft.rfft(np.random.default_rng(2).standard_normal(int(seconds * RATE)))
    at = np.linspace(0, 1, len(noise)), np.linspace(0, 1, len(power))
    shaped: Samples = np.fft.irfft(noise * np.interp(*at, np.sqrt(power))).astype(np.float32)
    return shaped


def halting(samples: Samples) -> Samples:
    """Return `samples` with `PAUSE` of their own room at their quietest moment, between a quarter
    and three quarters of them."""
    frames = samples[: len(samples) // 320 * 320].reshape(-1, 320)
    quarter = len(frames) // 4
    power = np.convolve((frames**2).mean(axis=1), np.ones(3), "same")
    at = (quarter + int(np.argmin(power[quarter : 3 * quarter]))) * 320 + 160
    return np.concatenate([samples[:at], room(samples, PAUSE), samples[at:]])


async def replay(samples: Samples, seconds: float) -> AsyncGenerator[AudioChunk, None]:
    """Yield `samples`, then a quiet room for `seconds`, each piece when its last sample is made."""
    room = np.random.default_rng(1).standard_normal(int(seconds * RATE)) * QUIET
    whole = np.concatenate([samples, room.astype(np.float32)])
    begun = time.perf_counter()
    for at in range(0, len(whole), PIECE):
        made = begun + (at + PIECE) / RATE
        await asyncio.sleep(max(0.0, made - time.perf_counter()))
        yield from_samples(whole[at : at + PIECE], RATE)


async def hear(butler: Butler, sound: Sound) -> Replay:
    """Replay one sound and time the turn."""
    ended = spoken_within(sound.samples)[1]
    begun, used = time.perf_counter(), time.process_time()
    words, first, core, text, command, partials = 0.0, None, 0.0, "", False, 0
    stream = Stream(replay(sound.samples, AFTER))
    async for event in butler.turn(stream, aloud=True, conversation=sound.name):
        now = time.perf_counter() - begun - ended
        if isinstance(event, Hearing):
            partials += bool(event.text)
        elif isinstance(event, Heard):
            words, text = now, event.utterance.text
            core = (time.process_time() - used) / (now + ended)
        elif isinstance(event, Planned):
            command = isinstance(event.plan.body, Calls)
        elif isinstance(event, Spoke) and first is None:
            first = now
    return Replay(sound, text, command, partials, words, first, core)


async def sounds(folder: Path, config: Config) -> list[Sound]:
    """Return the recordings of the folder, as they are and halting, and the commands."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    found = [
        Sound(
            entry["file"], entry["language"], to_samples(read_audio(folder / entry["file"])), True
        )
        for entry in manifest
        if entry["language"] in LANGUAGES
    ]
    long = [sound for sound in found if len(sound.samples) >= LONG * RATE][:HALTED]
    found += [replace(each, samples=halting(each.samples), paused=True) for each in long]
    voices = Voices(config.paths.cache / "weights", 2)
    for language in LANGUAGES:
        lines = (HERE / "commands" / f"{language}.txt").read_text(encoding="utf-8").splitlines()
        for line in lines:
            said = join([piece async for piece in voices.speak(line, language)])
            found.append(Sound(line, language, to_samples(resample(said, RATE)), False))
    return found


async def rehearse(parts: Parts) -> None:
    """Make the likely replies, or find them made."""
    home, voice = parts.home, parts.voice
    assert isinstance(voice, Voices)

    def foreseen(call: Call) -> Outcome:
        return foresee(home.seen, call, parts.now())

    rehearsal = Rehearsal(
        parts.hub, parts.stages[0], lambda: home.seen, foreseen, voice, parts.word
    )
    for said in sentences(await home.world()):
        await rehearsal.rehearse(said)


async def measure(folder: Path, config: Config) -> list[Replay]:
    """Replay every sound once, each in a conversation of its own."""
    parts = assemble(config)
    butler = Butler(parts)
    await butler.warm()
    await rehearse(parts)
    everything = await sounds(folder, config)
    for sound in everything[:3]:
        await hear(butler, sound)
    found = []
    for sound in everything:
        found.append(await hear(butler, sound))
        last = found[-1]
        first = "-" if last.first is None else f"{last.first:.2f}"
        print(f"{sound.language} {last.words:6.2f} {first:>5} {last.text}", flush=True)
    return found


def groups(results: Sequence[Replay]) -> dict[str, list[Replay]]:
    """Return the replays by language, whether they are commands, and who speaks."""
    found: dict[str, list[Replay]] = {}
    for each in results:
        kind = "commands" if each.command else "other"
        found.setdefault(f"{each.sound.language}, {kind} by {each.sound.kind}", []).append(each)
    return dict(sorted(found.items()))


def summary(results: Sequence[Replay]) -> dict[str, Any]:
    """Return percentiles in milliseconds; those cut off are counted, and left out of them."""
    whole = [r for r in results if r.words >= 0]
    spoke = [r.first * 1000 for r in whole if r.first is not None]
    return {
        "sounds": len(results),
        "cut off": len(results) - len(whole),
        "words ms": percentiles([r.words * 1000 for r in whole]) if whole else {},
        f"words within {SOON * 1000:.0f} ms": sum(r.words <= SOON for r in whole),
        "first sound ms": percentiles(spoke) if spoke else {},
        "core-s/s": round(float(np.median([r.core for r in results])), 3),
        "partial readings": round(float(np.mean([r.partials for r in results])), 1),
    }


def plot(results: Sequence[Replay], file: Path) -> None:
    """Draw how many commands are heard, and answered, after how long."""
    figure, axes = plt.subplots(figsize=(6, 3.4))
    for language, colour in zip(LANGUAGES, ("#1d4b40", "#b5760b"), strict=True):
        some = [r for r in results if r.sound.language == language and r.command and r.words >= 0]
        for label, style, values in (
            ("words", ":", [r.words for r in some]),
            ("first sound", "-", [r.first for r in some if r.first is not None]),
        ):
            xs = np.sort(np.array(values)) * 1000
            ys = 100 * np.arange(1, len(xs) + 1) / max(1, len(xs))
            axes.step(xs, ys, style, where="post", color=colour, label=f"{language}: {label}")
    axes.set(xlabel="ms after the end of speech", ylabel="% of commands", xlim=(0, 2500))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.25, linewidth=0.6)
    axes.set_ylim(0, 101)
    axes.legend(frameon=False, loc="lower right", fontsize=8)
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    plt.close(figure)
