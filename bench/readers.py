"""Which small model should read what the grammar does not know: seven candidates, equally long.

    python bench/readers.py                   eight minutes of both cores each
    python bench/readers.py --minutes 3 --only encoder-3

All are trained on the same stream of examples and scored on the same sentences of templates that
none of them ever sees; results are written after each candidate. The budget counts the work of the
training steps, examples made meanwhile included; compiling and scoring cost nothing. Two learning
rates of each are tried for an eighth of the budget first. `--only` keeps what the other candidates
got in as many minutes.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

from reading import speed
from reading.candidates import PROOF, Candidate, Workshop
from reading.fitting import Fitted, Point, chosen
from results import HERE, publish, table
from steward.config import load
from steward.lab.reader import corpus
from steward.lab.reader.export import export
from steward.lab.reader.intents import sampled
from steward.models.reader import SHIPPED
from steward.models.store import Store

TEMPLATES = Path(corpus.__file__).with_name("templates")
PLOT = HERE.parent / "docs" / "images" / "readers.png"
KINDS = {
    "encoder-12": "encoder, 12 layers of multilingual-e5-small, the upper 4 trained",
    "encoder-6": "encoder, its lowest 6 layers",
    "encoder-3": "encoder, its lowest 3 layers",
    "encoder-6-scratch": "encoder, 6 layers, random start",
    "decoder-scratch": "decoder, 6 layers, random start",
    "smollm2-full": "SmolLM2-135M, all of it trained",
    "smollm2-lora": "SmolLM2-135M, LoRA of rank 8",
}


def show(point: Point) -> None:
    """Print a point of a curve."""
    print(
        f"  {point.seconds:6.0f} s {point.examples:6} examples, loss {point.loss:.3f}, "
        f"label {point.label:.3f}, whole {point.whole:.3f}",
        flush=True,
    )


def measured(candidate: Candidate, made: Fitted, names: Sequence[str]) -> dict[str, Any]:
    """Return the figures of a trained candidate."""
    whole = candidate.joined(candidate.frozen, made.free)
    row: dict[str, Any] = {
        "parameters": sum(value.size for value in whole.values()),
        "trained_parameters": sum(value.size for value in made.free.values()),
        "bytes": candidate.size,
        "examples": made.curve[-1].examples,
        "label": made.curve[-1].label,
        "whole": made.curve[-1].whole,
        "rate": made.rate,
        "rates_tried": candidate.rates,
        "wall_s": made.seconds,
        "pieces_read": candidate.prompt,
        "pieces_written": candidate.answer,
        "curve": [asdict(point) for point in made.curve],
    }
    if candidate.shape:
        row["ms"] = speed.decoder_ms(candidate.shape, candidate.prompt, candidate.answer)
        return row
    row["ms"] = speed.encoder_ms(whole, candidate.prompt)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reader.onnx"
        export(whole, names, path)
        row["bytes"] = path.stat().st_size
        row["ms_8_bits"] = speed.onnx_ms(path, candidate.prompt)
    return row


def plot(found: Mapping[str, Mapping[str, Any]], shipped: Path) -> None:
    """Draw the curves of all, and that of the reader that is shipped."""
    figure, axes = pyplot.subplots(1, 3, figsize=(13, 4), sharey=True)
    for axis, share in zip(axes[:2], ("label", "whole"), strict=True):
        for name, row in found.items():
            curve = row["curve"]
            axis.plot(
                [point["seconds"] / 60 for point in curve],
                [point[share] for point in curve],
                marker="o",
                label=KINDS[name],
            )
        axis.set(xlabel="minutes of training, both cores", title=f"{share} right")
    axes[0].set(ylabel="share of unseen sentences", ylim=(0, 1))
    axes[1].legend(fontsize=7)
    if shipped.exists():
        curve = json.loads(shipped.read_text(encoding="utf-8"))["curve"]
        for share in ("label", "whole"):
            points = [point[share] for point in curve]
            axes[2].plot([point["examples"] for point in curve], points, label=share)
        axes[2].set(xlabel="examples", title="the reader that is shipped")
        axes[2].legend()
    for axis in axes:
        axis.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(PLOT, dpi=110)


def body(found: Mapping[str, Mapping[str, Any]], minutes: float) -> str:
    """Return the table as Markdown."""
    headings = ("model", "million weights", "MB", "examples seen", "label", "whole", "ms")
    rows = [
        (
            KINDS[name],
            f"{row['parameters'] / 1e6:.0f}",
            f"{row['bytes'] / 1e6:.0f}",
            row["examples"],
            f"{row['label']:.1%}",
            f"{row['whole']:.1%}",
            f"{row['ms']:.0f}" + (f" ({row['ms_8_bits']:.1f})" if "ms_8_bits" in row else ""),
        )
        for name, row in found.items()
    ]
    words = (
        f"{minutes:g} minutes of both cores each, the same examples, scored on {PROOF} sentences "
        "of templates that none has seen. MB: 8 bits a weight, SmolLM2 4. ms: a usual sentence on "
        "one core, 32-bit weights, the same runtime (in brackets: 8 bits, as shipped)."
    )
    return f"{words}\n\n{table(headings, rows)}\n\n![curves](../docs/images/readers.png)"


def before(minutes: float, only: Sequence[str] | None) -> dict[str, Any]:
    """Return what an earlier run of as many minutes found, if only some candidates are wanted."""
    file = HERE / "results" / "readers.json"
    old = json.loads(file.read_text(encoding="utf-8")) if only and file.exists() else {}
    return dict(old["candidates"]) if old.get("minutes") == minutes else {}


def main() -> None:
    """Train, score, and write it down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=8, help="of training, for each")
    parser.add_argument("--only", choices=KINDS, nargs="+", help="these candidates")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    packaged = (*sampled(rng, "en"), *sampled(rng, "zh"))
    templates = (*corpus.read_corpus(TEMPLATES), *packaged)
    workshop = Workshop(templates, Store(load().paths.cache), options.seed)
    found = before(options.minutes, options.only)
    for name, make in workshop.makers().items():
        if options.only and name not in options.only:
            continue
        print(KINDS[name], flush=True)
        candidate = make()
        made = chosen(candidate, 60 * options.minutes, show)
        found[name] = measured(candidate, made, workshop.names)
        found = {kind: found[kind] for kind in KINDS if kind in found}
        plot(found, SHIPPED / "curve.json")
        data = {
            "minutes": options.minutes,
            "seed": options.seed,
            "templates": len(workshop.trained),
            "validation_templates": len(workshop.held),
            "candidates": found,
        }
        publish("readers", "small models for reading", data, body(found, options.minutes))


if __name__ == "__main__":
    main()
