"""Speaking over him: how soon he halts, and how soon what he was saying is over.

    python bench/over.py FOLDER [--times 100]

He is asked through the page's socket what he can do, and somebody speaks while he answers: "stop"
and the like by the voices here, and the beginnings of the recordings in FOLDER and FOLDER/read,
each in its own room, by the clock. Counted is from the first sound of speech until the page is told
to halt, and until what he was saying is over.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from websockets.asyncio.client import ClientConnection, connect

from cookies import cookie
from corpus.turns import AFTER, LOUD, replay, room
from results import HERE, percentiles, publish, table
from steward.audio.files import read_audio
from steward.audio.pcm import RATE, Samples, join, resample, to_samples
from steward.butler import Butler
from steward.config import Config
from steward.serve.run import serve
from steward.speech.voices import Voices
from steward.wiring import assemble

PICTURE = HERE.parent / "docs" / "images" / "over.png"
BEFORE = 2.0
"""Seconds that he has spoken into the recording's own room before somebody speaks over him."""
OVER_TARGET = 200
STOPS = (("Stop.", "en"), ("Be quiet!", "en"), ("停。", "zh"), ("别说了。", "zh"))
HALT = 500.0
"""Milliseconds that he halts when something stirs."""
NEVER = 10_000.0
"""Milliseconds that stand for a recording which he did not notice."""
QUESTION = "What can you do?"


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


def picture(halted: Sequence[float], silenced: Sequence[float]) -> None:
    """Draw how often he is still after how long."""
    figure, axes = plt.subplots(figsize=(4.5, 3.4))
    for label, style, times in (("halts", "-", halted), ("is silenced", ":", silenced)):
        xs, ys = np.sort(np.array(times)), 100 * np.arange(1, len(times) + 1) / len(times)
        axes.step(xs, ys, style, where="post", color="#1d4b40", label=label)
    axes.axvline(OVER_TARGET, color="#b03a2e", linewidth=0.8)
    axes.set(xlabel="ms after somebody begins", ylabel="% of times", xlim=(0, 400))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.25, linewidth=0.6)
    axes.set_ylim(0, 101)
    axes.legend(frameon=False, loc="lower right", fontsize=8)
    figure.tight_layout()
    figure.savefig(PICTURE, dpi=110)
    plt.close(figure)


def main() -> None:
    """Speak over him and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--times", type=int, default=100)
    options = parser.parse_args()
    before = round(os.getloadavg()[0], 1)
    files = sorted([*options.folder.glob("*.wav"), *(options.folder / "read").glob("*")])
    halted, silenced = zip(*asyncio.run(over(files, options.times)), strict=True)
    after = round(os.getloadavg()[0], 1)
    stills = {
        what: {"within 200 ms": sum(ms <= OVER_TARGET for ms in some), "ms": percentiles(some)}
        for what, some in (("halted", halted), ("silenced", silenced))
    }
    rows = [
        (what, len(halted), still["within 200 ms"], *still["ms"].values())
        for what, still in stills.items()
    ]
    body = table(("he", "times", f"within {OVER_TARGET} ms", "p50 ms", "p90 ms", "p99 ms"), rows)
    body += (
        f"\n\nLoad average while measured: {before} at first, {after} at last.\n\n"
        "![Still when spoken over](../docs/images/over.png)"
    )
    picture(halted, silenced)
    publish("over", "Speaking over him", {"load": [before, after], "over": stills}, body)


if __name__ == "__main__":
    main()
