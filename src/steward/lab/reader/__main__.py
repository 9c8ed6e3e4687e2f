"""Make the reader anew: `python -m steward.lab.reader` (about 25 minutes on two cores)."""

from __future__ import annotations

import json
import logging
import random
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from steward.config import load
from steward.lab.reader.corpus import Template, labels, read_corpus
from steward.lab.reader.export import export
from steward.lab.reader.intents import sampled
from steward.lab.reader.network import start
from steward.lab.reader.train import Point, parted, train
from steward.lab.reader.vocabulary import kept_pieces, save, tokenizer
from steward.models.checkpoint import read_checkpoint
from steward.models.store import Store

CORPUS = Path(__file__).with_name("templates")
ENCODER = "multilingual-e5-small"
"""The set of weights that training starts from."""


def make(
    out: Annotated[Path, typer.Option(help="folder of reader.onnx, reader.json, curve.json")],
    examples: Annotated[int, typer.Option(help="sentences to train on")] = 120_000,
    seed: Annotated[int, typer.Option(help="the same seed makes the same sentences")] = 1,
) -> None:
    """Train the reader on the corpus and write it to a folder.

    Example: python -m steward.lab.reader --out /tmp/reader
    """
    logging.basicConfig(level=logging.WARNING)
    store = Store(load().paths.cache)
    store.fetch(ENCODER)
    checkpoint = read_checkpoint(store.file(ENCODER, "e5-small-q4.bin"))
    rng = random.Random(seed)
    packaged = (*sampled(rng, "en"), *sampled(rng, "zh"))
    templates = (*read_corpus(CORPUS), *packaged)
    kept = kept_pieces(checkpoint)
    words = tokenizer(checkpoint, kept)
    names = labels(templates)
    curve: list[Point] = []
    out.mkdir(parents=True, exist_ok=True)
    with Progress() as progress:
        task = progress.add_task("training", total=examples)

        def report(point: Point) -> None:
            curve.append(point)
            progress.update(task, completed=point.examples)
            progress.console.print(
                f"{point.examples:>7} loss {point.loss:.3f} label {point.label:.3f} "
                f"whole {point.whole:.3f} {point.seconds:.0f} s"
            )

        begun = start(checkpoint, kept, len(names), seed)
        made = train(begun, templates, words, examples, seed, report)
    export(made, names, out / "reader.onnx")
    save(words, out / "reader.json")
    (out / "curve.json").write_text(json.dumps(_record(templates, seed, curve), indent=1))


def _record(templates: tuple[Template, ...], seed: int, curve: list[Point]) -> dict[str, object]:
    trained, held = parted(templates)
    return {
        "seed": seed,
        "templates": len(trained),
        "validation_templates": len(held),
        "labels": len(labels(templates)),
        "curve": [asdict(point) for point in curve],
    }


if __name__ == "__main__":
    typer.run(make)
