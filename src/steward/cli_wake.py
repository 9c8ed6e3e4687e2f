"""The commands of `steward wake`: a wake word of one's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from steward import terminal
from steward.config import Config
from steward.errors import DeviceError, UserError
from steward.models.store import Store

NICENESS = 15
"""Training gives way to everything else on this machine."""

app = typer.Typer(
    help="Make a wake word of your own.", epilog='Example: steward wake train "hey Jarvis"'
)
log = Console(stderr=True)


@app.callback()
def wake() -> None:
    """Make a wake word of your own."""


@app.command(epilog='Example: steward wake train "Jarvis" "hey Jarvis" --out jarvis')
def train(
    context: typer.Context,
    phrases: Annotated[list[str], typer.Argument(help="What shall wake him, in any wording.")],
    out: Annotated[Path, typer.Option(help="The folder to write.")] = Path("wake-word"),
    seed: Annotated[int, typer.Option(help="The same seed makes the same speech.")] = 1,
) -> None:
    """Make a wake word from text alone, in minutes: the voices here say it, and what is nearly it.

    The folder gets first.onnx, second.onnx, word.json, report.md (and .json) and curve.svg; its
    part speech/ only spares a second training the generating, and may be deleted.
    """
    try:
        # Lazy: JAX and ONNX belong to the extra `train`.
        from steward.lab.wake import report
        from steward.lab.wake.train import fetch
        from steward.lab.wake.train import train as trained_on
    except ModuleNotFoundError as error:
        raise DeviceError(
            f"training needs {error.name}, which is not installed",
            hint="pip install 'steward-edge[train]'",
        ) from error
    config: Config = context.obj
    store = Store(config.paths.cache)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"cannot write to {out}: {error.strerror}", hint="name a folder with --out"
        ) from error
    os.nice(max(0, NICENESS - os.nice(0)))
    with terminal.progress(log) as on_progress:
        fetch(store, on_progress)
    with terminal.steps(log) as on_step:
        made = trained_on(phrases, out, store, on_step, seed)
    report.write(made, out)
    log.print(report.text(made), highlight=False, markup=False)
