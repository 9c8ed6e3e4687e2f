"""From the end of speech to the words and to the first sound of the reply; and speaking over him.

    python bench/listen.py FOLDER [--over 100]

FOLDER holds manifest.json, a list of {"file", "text", "language"}, and those recordings of people.
To them come the commands in commands/, spoken by the voices here, for there are few of people.
Each is replayed as fast as it was spoken, 20 ms of sound every 20 ms by the clock, and then the
silence of a room, into the whole butler with the demo home, who has rehearsed his replies in it, as
he does when it is quiet. Speech begins and ends with the first and the last hundredth of a second
that is at most 25 dB below the loudest: what is quieter is breath and room. A turn that ends before
is one cut off. A command is what the butler understood; after anything else he waits longer.

Then he is spoken over: on a real server a page has him tell what he can do, and a recording, or
the voices' "stop" and "停", begins while he does. Counted is from the first sound of speech until
the page is told to halt, and until what he was saying is over.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from websockets.asyncio.client import ClientConnection, connect

from cookies import cookie
from results import percentiles, publish, table
from steward.audio.files import read_audio
from steward.audio.pcm import RATE, Samples, from_samples, join, resample, to_samples
from steward.butler import Butler
from steward.config import Config
from steward.events import Heard, Hearing, Planned, Spoke
from steward.hearing import Stream
from steward.home.services.table import foresee
from steward.rehearsal import Rehearsal, sentences
from steward.serve.run import serve
from steward.speech.voices import Voices
from steward.types import AudioChunk, Call, Calls, Outcome
from steward.wiring import Parts, assemble

HERE = Path(__file__).parent
PICTURE = HERE.parent / "docs" / "images" / "listen.png"
PIECE = RATE // 50
BEFORE = 2.0
"""Seconds that he has spoken into the recording's own room before somebody speaks over him."""
AFTER = 4.0
"""Seconds of a quiet room after each recording; no turn waits longer."""
QUIET = 1e-4
LOUD = 25.0
"""Decibels."""
TARGETS = {"en": (500, 800), "zh": (1000, None)}
"""Milliseconds to the first sound after a command: half of all below the first, nine tenths below
the second."""
OVER_TARGET = 200
STOPS = (("Stop.", "en"), ("Be quiet!", "en"), ("停。", "zh"), ("别说了。", "zh"))
HALT = 500.0
"""Milliseconds that he halts when something stirs."""
NEVER = 10_000.0
"""Milliseconds that stand for a recording which he did not notice."""
QUESTION = "What can you do?"


@dataclass(frozen=True)
class Sound:
    """A recording with the language that is spoken in it, of a person or of the voices here."""

    name: str
    language: str
    samples: Samples
    person: bool


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


def speech_begins(samples: Samples) -> float:
    """Return when speech begins, in seconds, to a hundredth: hum and hiss may come before it.

    That is where the sound above 300 Hz is first 12 dB above its quietest twentieth, and at most
    25 dB below its loudest, with no quarter of a second of quiet between it and where it is first
    within 15 dB: a rustle that is over long before somebody speaks is not speech.
    """
    frames = np.lib.stride_tricks.sliding_window_view(samples, 320)[::160] * np.hanning(320)
    power = (np.abs(np.fft.rfft(frames)[:, 6:]) ** 2).sum(axis=1)
    db = 10 * np.log10(power + 1e-10)
    loud = np.flatnonzero((db > np.percentile(db, 5) + 12) & (db > db.max() - LOUD))
    before = loud[: np.flatnonzero(db[loud] > db.max() - 15)[0] + 1]
    parted = np.flatnonzero(np.diff(before) > 25)
    return float(before[parted[-1] + 1] if parted.size else before[0]) / 100


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
    """Return the recordings of the folder in both languages, and the commands."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    found = [
        Sound(
            entry["file"], entry["language"], to_samples(read_audio(folder / entry["file"])), True
        )
        for entry in manifest
        if entry["language"] in TARGETS
    ]
    voices = Voices(config.paths.cache / "weights", 2)
    for language in TARGETS:
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


async def turns(folder: Path) -> list[Replay]:
    """Replay every sound once, each in a conversation of its own."""
    with tempfile.TemporaryDirectory() as state:
        config = Config.model_validate({"paths": {"state": state}})
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


async def receive(socket: ClientConnection, *kinds: str) -> str:
    """Wait for a message of these kinds and return which; sound is of the kind "spoke"."""
    async for message in socket:
        kind = "spoke" if isinstance(message, bytes) else json.loads(message)["kind"]
        if kind in kinds:
            return str(kind)
    raise AssertionError("the server is gone")


async def over_once(url: str, samples: Samples) -> tuple[float, float]:
    """Speak over him once; return the milliseconds until he halts, and until he is silenced."""
    onset, halted, stirred, over = BEFORE + speech_begins(samples), NEVER, -NEVER, NEVER
    address, headers = f"{url.replace('http', 'ws')}ws", await cookie(url)
    async with connect(address, additional_headers=headers, max_size=None, proxy=None) as socket:
        start = {"type": "audio_start", "rate": RATE, "held": False, "turn": "over"}
        await socket.send(json.dumps(start))
        say = {"type": "say", "text": QUESTION, "turn": "asked", "aloud": True}
        await socket.send(json.dumps(say))
        await receive(socket, "spoke")
        begun = time.perf_counter()

        async def speak() -> None:
            async for piece in replay(np.concatenate([room(samples, BEFORE), samples]), AFTER):
                await socket.send(piece.pcm)

        def passed() -> float:
            return (time.perf_counter() - begun - onset) * 1000

        speaking = asyncio.create_task(speak())
        try:
            async with asyncio.timeout(10):
                while over == NEVER:
                    kind, now = await receive(socket, "stirring", "hearing"), passed()
                    if now > stirred + HALT:
                        # He had gone on.
                        halted = now
                    stirred = now
                    over = now if kind == "hearing" else over
        except TimeoutError:
            pass
        finally:
            speaking.cancel()
        return halted, over


async def over(files: Sequence[Path], count: int) -> list[tuple[float, float]]:
    """Speak over him `count` times with what people say in `files`, and with the STOPS."""
    with tempfile.TemporaryDirectory() as state:
        paths = {"paths": {"state": state}, "server": {"port": 0}}
        config = Config.model_validate(paths)
        butler = Butler(assemble(config))
        await butler.warm()
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(serve(butler, config, ready.set_result))
        url, found = await ready, []
        voices = Voices(config.paths.cache / "weights", 2)
        spoken = {}
        for words, language in STOPS:
            said = join([piece async for piece in voices.speak(words, language)])
            spoken[words] = to_samples(resample(said, RATE))
        spoken |= {file.name: to_samples(read_audio(file))[: 3 * RATE] for file in files}
        for name, samples in itertools.islice(itertools.cycle(spoken.items()), count):
            found.append(await over_once(url, samples))
            print(f"{name} {found[-1][0]:.0f} {found[-1][1]:.0f} ms", flush=True)
        serving.cancel()
        await asyncio.wait({serving})
        return found


def summary(results: Sequence[Replay]) -> dict[str, Any]:
    """Return percentiles in milliseconds; those cut off are counted, and left out of them."""
    whole = [r for r in results if r.words >= 0]
    spoke = [r.first * 1000 for r in whole if r.first is not None]
    return {
        "sounds": len(results),
        "cut off": len(results) - len(whole),
        "words ms": percentiles([r.words * 1000 for r in whole]) if whole else {},
        "first sound ms": percentiles(spoke) if spoke else {},
        "core-s/s": round(float(np.median([r.core for r in results])), 3),
        "partial readings": round(float(np.mean([r.partials for r in results])), 1),
    }


def picture(results: Sequence[Replay], halted: Sequence[float], silenced: Sequence[float]) -> None:
    """Draw how many are answered, and how often he is still, after how long."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), width_ratios=(3, 2))
    for language, colour in (("en", "#1d4b40"), ("zh", "#b5760b")):
        some = [r for r in results if r.sound.language == language and r.command and r.words >= 0]
        for label, style, values in (
            ("words", ":", [r.words for r in some]),
            ("first sound", "-", [r.first for r in some if r.first is not None]),
        ):
            xs = np.sort(np.array(values)) * 1000
            ys = 100 * np.arange(1, len(xs) + 1) / max(1, len(xs))
            left.step(xs, ys, style, where="post", color=colour, label=f"{language}: {label}")
    left.set(xlabel="ms after the end of speech", ylabel="% of commands", xlim=(0, 2500))
    left.set_title("Commands", loc="left", fontsize=11)
    for label, style, times in (("halts", "-", halted), ("is silenced", ":", silenced)):
        xs, ys = np.sort(np.array(times)), 100 * np.arange(1, len(times) + 1) / len(times)
        right.step(xs, ys, style, where="post", color="#1d4b40", label=label)
    right.axvline(OVER_TARGET, color="#b03a2e", linewidth=0.8)
    right.set(xlabel="ms after somebody begins", ylabel="% of times", xlim=(0, 400))
    right.set_title("Still when spoken over", loc="left", fontsize=11)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", alpha=0.25, linewidth=0.6)
        axes.set_ylim(0, 101)
    right.legend(frameon=False, loc="lower right", fontsize=8)
    left.legend(frameon=False, loc="lower right", fontsize=8)
    figure.tight_layout()
    figure.savefig(PICTURE, dpi=110)
    plt.close(figure)


def main() -> None:
    """Replay everything and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--over", type=int, default=100, help="how often he is spoken over")
    options = parser.parse_args()
    before = round(os.getloadavg()[0], 1)
    results = asyncio.run(turns(options.folder))
    files = sorted([*options.folder.glob("*.wav"), *(options.folder / "read").glob("*")])
    halted, silenced = zip(*asyncio.run(over(files, options.over)), strict=True)
    groups = {
        f"{language}, {kind}{' by people' if person else ' by voices'}": [
            r
            for r in results
            if (r.sound.language, r.sound.person, r.command)
            == (language, person, kind == "commands")
        ]
        for language in TARGETS
        for person in (True, False)
        for kind in ("commands", "other")
    }
    rows = {name: summary(some) for name, some in groups.items() if some}
    stills = {
        what: {"within 200 ms": sum(ms <= OVER_TARGET for ms in some), "ms": percentiles(some)}
        for what, some in (("halted", halted), ("silenced", silenced))
    }
    after = round(os.getloadavg()[0], 1)
    data = {
        "load": [before, after],
        "turns": rows,
        "over": {"times": len(halted), **stills},
    }
    body = table(
        ("said", "sounds", "cut off", "words p50/p90/p99", "first sound p50/p90/p99", "core-s/s"),
        [
            (name, row["sounds"], row["cut off"], _three(row["words ms"]),
             _three(row["first sound ms"]), row["core-s/s"])
            for name, row in rows.items()
        ],
    )  # fmt: skip
    spoken = f"Spoken over {len(halted)} times, within {OVER_TARGET} ms he " + " and ".join(
        f"{what} {sum(ms <= OVER_TARGET for ms in some)} times ({_three(percentiles(some))} ms)"
        for what, some in (("halted", halted), ("was silenced", silenced))
    )
    lines = (
        f"{body}\n\nMilliseconds after the end of speech, by the clock. {spoken}. "
        f"Load average while measured: {before} at first, "
        f"{after} at last, on a machine that others use.\n\n"
        "![Latency](../docs/images/listen.png)"
    )
    picture(results, halted, silenced)
    publish("listen", "Listening", data, lines)


def _three(points: dict[str, float]) -> str:
    return " / ".join(f"{value:.0f}" for value in points.values()) or "-"


if __name__ == "__main__":
    main()
