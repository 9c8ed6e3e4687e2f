"""The commands of `steward wake`: a wake word of one's own."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from steward import terminal
from steward.audio.attention import Likelihood
from steward.audio.diary import FOLDER, Diary
from steward.audio.files import read_audio
from steward.audio.pcm import to_samples
from steward.config import Config
from steward.errors import DeviceError, UserError
from steward.models.store import Store
from steward.speech.whisper import WhisperRecognizer

if TYPE_CHECKING:
    from steward.lab.wake.recordings import Recordings

NICENESS = 15
"""Training gives way to everything else on this machine."""

app = typer.Typer(
    help="Make a wake word of your own; see what woke him.",
    epilog='Example: steward wake train "hey Jarvis"',
)
out = Console()
log = Console(stderr=True)


@app.callback()
def wake() -> None:
    """Make a wake word of your own; see what woke him."""


@app.command(epilog='Example: steward wake train "Jarvis" "hey Jarvis" --out jarvis')
def train(
    context: typer.Context,
    phrases: Annotated[list[str], typer.Argument(help="What shall wake him, in any wording.")],
    out: Annotated[Path, typer.Option(help="The folder to write.")] = Path("wake-word"),
    recordings: Annotated[
        Path | None, typer.Option(help="A folder of recordings of the word, better with three.")
    ] = None,
    speech: Annotated[
        Path | None, typer.Option(help="A folder of other speech, the more the better.")
    ] = None,
    with_diary: Annotated[
        bool, typer.Option("--diary", help="Learn from the false wakes marked in the diary.")
    ] = False,
    false_alarms: Annotated[
        float, typer.Option(help="False wakes an hour that may be.", min=0.01, max=100)
    ] = 0.1,
    folds: Annotated[
        int, typer.Option(help="Write so many more, each blind to some of the recordings.", min=0)
    ] = 0,
    seed: Annotated[int, typer.Option(help="The same seed makes the same speech.")] = 1,
) -> None:
    """Make a wake word from text, in minutes: the voices here say it, and what is nearly it.

    The folder gets first.onnx, second.onnx, word.json, report.md (and .json) and curve.svg; its
    part speech/ only spares a second training the generating, and may be deleted.
    """
    try:
        # Lazy: JAX and ONNX belong to the extra `train`.
        from steward.lab.wake import report
        from steward.lab.wake import train as lab
    except ModuleNotFoundError as error:
        raise DeviceError(
            f"training needs {error.name}, which is not installed",
            hint="make extra-train",
        ) from error
    config: Config = context.obj
    store = Store(config.paths.cache)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"cannot write to {out}: {error.strerror}", hint="name a folder with --out"
        ) from error
    real = _recordings(config, recordings, speech, with_diary)
    os.nice(max(0, NICENESS - os.nice(0)))
    with terminal.progress(log) as on_progress:
        lab.fetch(store, on_progress)
    likelihood = _likelihood(config, store)
    with terminal.steps(log) as on_step:
        made = lab.train(
            phrases, out, store, on_step, seed, None, real, likelihood, false_alarms, folds
        )
    report.write(made, out)
    log.print(report.text(made), highlight=False, markup=False)


def _recordings(config: Config, words: Path | None, speech: Path | None, diary: bool) -> Recordings:
    """Read what real people said: folders of the word and of other speech, marked false wakes."""
    from steward.lab.wake.recordings import Recordings, read

    kept = Diary(config.paths.state / FOLDER, datetime.now).entries() if diary else ()
    return Recordings(
        words=read(words) if words else (),
        others=read(speech) if speech else (),
        false=tuple(to_samples(read_audio(entry.file)) for entry in kept if entry.false),
    )


def _likelihood(config: Config, store: Store) -> Likelihood:
    """Return what tells how well a phrase fits a sound: the recogniser of the configuration."""
    vad = store.file("silero-vad", "silero_vad.onnx")
    return WhisperRecognizer(store.locate(config.speech.model), vad, os.cpu_count() or 1).likelihood


@app.command(epilog="Example: steward wake diary --false 3")
def diary(
    context: typer.Context,
    false: Annotated[
        int | None, typer.Option(help="Mark the wake with this number as a false one.")
    ] = None,
) -> None:
    """List what woke him in the last day, and the false wakes that were marked."""
    config: Config = context.obj
    kept = Diary(config.paths.state / FOLDER, datetime.now)
    if false is not None:
        entry = kept.mark(false)
        log.print(f"marked as false: {entry.file}", highlight=False, soft_wrap=True)
    else:
        out.print(terminal.diary_table(kept.entries()))
