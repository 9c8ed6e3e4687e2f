"""`steward heads`: train a language model's heads, which guess what it says next."""

from __future__ import annotations

import time
from dataclasses import asdict
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from steward.cli.console import AsJson, log, out, print_json
from steward.errors import DeviceError, UserError

if TYPE_CHECKING:
    from steward.lab.heads.train import Point

_LEAST = 16
"""Rounds that are enough to learn anything from."""


def heads(
    context: typer.Context,
    work: Annotated[Path, typer.Option(help="The folder of the answers; a later run goes on.")],
    model: Annotated[
        str, typer.Argument(help="A listed model or a GGUF file; without: the one under \\[model].")
    ] = "",
    rounds: Annotated[int, typer.Option(min=_LEAST, help="How many times 16 answers.")] = 240,
    minutes: Annotated[float, typer.Option(min=0, help="No new answers after these.")] = 60,
    epochs: Annotated[int, typer.Option(min=1, help="How often all is learned from.")] = 5,
    threads: Annotated[int, typer.Option(min=1, help="Of the model that answers.")] = 1,
    seed: Annotated[int, typer.Option(help="The same seed makes the same heads.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Let a model answer, and train heads that guess what it says; `steward tune` tries them.

    They are written beside the weights, and never change what the model says.
    """
    try:
        # Lazy: JAX belongs to the extra `train`.
        from steward.lab.heads.train import learn
    except ModuleNotFoundError as error:
        raise DeviceError(
            f"training needs {error.name}, which is not installed", hint="make extra-train"
        ) from error
    from steward.lab.heads.corpus import Corpus
    from steward.models.admission import admit, located
    from steward.models.ahead.heads import place_of, write_heads
    from steward.models.ahead.network import Network
    from steward.models.seals import Seals
    from steward.models.store import Store

    config = context.obj
    store = Store(config.paths.cache)
    path, listed = located(model or config.model.source, store)
    total = admit(path, config.model.context, Seals(store.root.parent), listed).sha256
    network, end = Network(path), time.monotonic() + 60 * minutes
    made = Corpus(network, work, threads).rounds(rounds)
    answers = []
    for each in takewhile(lambda _: time.monotonic() < end, made):
        answers.append(each)
        log.print(f"answered {len(answers)} of {rounds} rounds")
    if len(answers) < _LEAST:
        raise UserError(
            f"{len(answers)} rounds are too few to learn from",
            hint="run it again, with more --minutes: it goes on",
        )
    curve: list[Point] = []

    def report(point: Point) -> None:
        curve.append(point)
        shares = " ".join(f"{share:.2f}" for share in point.right)
        log.print(f"{point.epoch}: loss {point.held_loss:.3f}, right by distance: {shares}")

    file = place_of(store.root.parent, total)
    write_heads(file, *learn(answers, network, epochs, seed, report))
    if as_json:
        print_json({"file": str(file), "curve": [asdict(point) for point in curve]})
        return
    out.print(f"{file}\nnext: steward tune {model}", highlight=False, markup=False, soft_wrap=True)
