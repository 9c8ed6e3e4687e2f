"""Pruning, distilling and training in four bits, on a model that is trained here in a minute.

    PYTHONPATH=tests/support python bench/shrink_small.py

A Llama of four layers and 0.2 million weights learns the docstrings of some packages, byte by byte,
and is measured on those of others. All that is random has a seed.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import decoders
import numpy as np

from results import publish, table
from shrink_recover import HELD, docstrings
from steward.lab.shrink import prune
from steward.lab.shrink.model import Weights
from steward.lab.shrink.rounding import Kind, as_filed
from steward.lab.shrink.seen import Rows, seen
from steward.lab.shrink.sensitivity import matrices
from steward.lab.shrink.train import Lesson, Recipe, perplexity, teacher_of, train

LEARNT = ("numpy", "optax", "pydantic", "hypothesis")
LENGTH, ROWS, MEASURED = 64, 8192, 256
FIRST = Recipe(steps=1500, batch=16, rate=3e-3)
THEN = Recipe(steps=500, batch=16, rate=1e-3, soft=1.0)
"""By the teacher alone: what a longer training on the text would bring is not counted."""


def _quiet(*_: object) -> None:
    """Hear of progress that nobody watches."""


def rows(packages: tuple[str, ...], count: int) -> Rows:
    """Return evenly taken rows of bytes."""
    data = "\n\n".join(said for package in packages for said in docstrings(package)).encode()
    # The tiny tokenizer's first tokens are the bytes, in another order than they have as numbers.
    found = np.frombuffer(data, np.uint8)[: len(data) // LENGTH * LENGTH].reshape(-1, LENGTH)
    return found[:: max(1, len(found) // count)][:count].astype(np.int32)


def learn(weights: Weights, teacher: Weights | None, recipe: Recipe, learnt: Rows) -> Weights:
    """Return the model after a training."""
    with tempfile.TemporaryDirectory() as folder:
        taught = None if teacher is None else teacher_of(teacher, weights)
        return train(weights, Lesson.of(learnt), taught, recipe, Path(folder), _quiet)[0]


def main() -> None:
    """Train, prune, distil, round, measure and publish."""
    learnt, held = rows(LEARNT, ROWS), rows(HELD, MEASURED)
    whole = learn(decoders.model("llama"), None, FIRST, learnt)
    few = prune.layers(whole, seen(whole, learnt[:64], _quiet), 1)
    taught = learn(few, whole, THEN, learnt)
    kinds: dict[str, Kind] = dict.fromkeys(matrices(whole), "Q4_0")
    longer = learn(whole, whole, THEN, learnt)
    aware = learn(whole, whole, replace(THEN, kinds=kinds), learnt)
    found = {
        "whole": perplexity(whole, held),
        "three of four layers": perplexity(few, held),
        "then distilled": perplexity(taught, held),
        "whole, rounded to Q4_0": perplexity(as_filed(whole, kinds), held),
        "taught as long in 32 bits, then rounded": perplexity(as_filed(longer, kinds), held),
        "taught in the four bits": perplexity(as_filed(aware, kinds), held),
    }
    exact, pruned, mended, plain, later, trained = found.values()
    shares = {
        "recovered": (pruned - mended) / (pruned - exact),
        "rise_removed": (plain - trained) / (plain - exact),
        "rise_removed_in_32_bits": (plain - later) / (plain - exact),
    }
    body = table(("model", "perplexity"), [(k, f"{v:.3f}") for k, v in found.items()])
    body += (
        f"\n\nDistilling brings back {shares['recovered']:.1%} of what the layer took. Training in "
        f"four bits takes away {shares['rise_removed']:.1%} of what rounding adds, as long in 32 "
        f"bits before the rounding {shares['rise_removed_in_32_bits']:.1%}. Perplexity of a "
        f"byte, on {held.size:,} bytes of packages that nothing was learnt from."
    )
    publish(
        "shrink_small",
        "Pruned, distilled and rounded: a tiny model",
        {"perplexity": found, **shares},
        body,
        "PYTHONPATH=tests/support bench/shrink_small.py",
    )


if __name__ == "__main__":
    main()
