"""Train heads for a language model: `python -m steward.lab.heads`."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import asdict
from itertools import takewhile
from pathlib import Path
from typing import Annotated

import typer

from steward.config import load
from steward.lab.heads.collect import Answer
from steward.lab.heads.corpus import Corpus
from steward.lab.heads.train import Point, learn
from steward.models.admission import admit, located
from steward.models.ahead.heads import FOLDER, SUFFIX, write_heads
from steward.models.ahead.network import Network
from steward.models.seals import Seals
from steward.models.store import Store

_LEAST = 16


def make(
    work: Annotated[Path, typer.Option(help="folder of the answers; a later run goes on")],
    model: Annotated[str, typer.Option(help="a listed model or a GGUF file")] = (
        "smollm2-135m-instruct"
    ),
    out: Annotated[Path | None, typer.Option(help="the file; else where tune finds it")] = None,
    rounds: Annotated[int, typer.Option(min=_LEAST, help="sixteen answers each")] = 240,
    minutes: Annotated[float, typer.Option(help="no new answers after these")] = 1e9,
    epochs: Annotated[int, typer.Option(min=1, help="how often all is learned from")] = 12,
    threads: Annotated[int, typer.Option(min=1, help="of the model that answers")] = 1,
    seed: Annotated[int, typer.Option(help="the same seed makes the same heads")] = 1,
) -> None:
    """Let a model answer, and train heads that guess what it says; `steward tune` tries them.

    Example: python -m steward.lab.heads --work /tmp/heads
    """
    logging.basicConfig(level=logging.WARNING)
    store = Store(load().paths.cache)
    path, listed = located(model, store)
    cache = store.root.parent
    total = admit(path, 2048, Seals(cache), listed).sha256
    network, end = Network(path), time.monotonic() + 60 * minutes
    collected = takewhile(
        lambda _: time.monotonic() < end, Corpus(network, work, threads).rounds(rounds)
    )
    found: list[list[Answer]] = []
    for number, answers in enumerate(collected, 1):
        found.append(answers)
        typer.echo(f"answers: {number} of {rounds} rounds", err=True)
    if len(found) < _LEAST:
        typer.echo(f"\n{len(found)} rounds are too few to learn from; run it again to go on")
        raise typer.Exit(1)
    target = out or cache / FOLDER / f"{total}{SUFFIX}"
    curve: list[Point] = []

    def report(point: Point) -> None:
        curve.append(point)
        shares = " ".join(f"{share:.2f}" for share in point.right)
        typer.echo(
            f"{point.epoch:>3} loss {point.loss:.3f} held {point.held_loss:.3f} right {shares}"
        )

    write_heads(target, *learn(found, network, epochs, seed, report))
    (work / "curve.json").write_text(json.dumps([asdict(point) for point in curve], indent=1))
    typer.echo(f"written: {target} ({target.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    typer.run(make)
