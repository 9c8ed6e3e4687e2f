"""How often the reader that is shipped is right on sayings that it was never trained on, and when
it says how sure it is.

    python bench/reader.py
    python bench/reader.py --folder /tmp/reader      one that is not shipped: printed, not published
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

from results import percentiles, publish, table
from steward.lab.reader import corpus
from steward.lab.reader.corpus import COMPOUND, NONE
from steward.lab.reader.examples import Example
from steward.lab.reader.intents import sampled
from steward.lab.reader.train import parted, stream
from steward.models.reader import SHIPPED, OnnxReader
from steward.plan.parts.atoms import tokens
from steward.plan.reader.marks import marks
from steward.thinking import Reader

EXAMPLES = 1500
TRAINED, PROOF = 1, 3
"""Seeds: that of training, which samples the packaged sentences, and one that made no example."""

SURE = (0.0, 0.5, 0.7, 0.8, 0.9, 1.01)


@dataclass(frozen=True)
class Read:
    """What became of one sentence: its `label` and its label with `whole` tags right or not, how
    `sure` the reader was of the label, and the milliseconds it took."""

    language: str
    label: bool
    whole: bool
    sure: float
    ms: float


def judge(reader: Reader, example: Example) -> Read:
    """Let `reader` read `example`, and compare."""
    known = marks(example.text, tokens(example.text, example.world))
    began = time.perf_counter()
    reading = reader.read(example.text, known)
    taken = (time.perf_counter() - began) * 1000
    best, sure = reading.labels[0]
    said = [max(range(4), key=row.__getitem__) for row in reading.tags]
    spaces = [character.isspace() for character in example.text]
    alike = all(a == b or blank for a, b, blank in zip(said, example.tags, spaces, strict=True))
    right = best == example.label
    tagged = example.label not in (NONE, COMPOUND)
    return Read(example.language, right, right and (alike or not tagged), sure, taken)


def share(found: Sequence[Read], what: str) -> float:
    """Return the share of `found` whose `what` is right, NaN when there is none."""
    return sum(getattr(one, what) for one in found) / len(found) if found else float("nan")


def main() -> None:
    """Read, count, publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=SHIPPED)
    folder: Path = parser.parse_args().folder
    rng = random.Random(TRAINED)
    packaged = (*sampled(rng, "en"), *sampled(rng, "zh"))
    templates = (*corpus.read_corpus(Path(corpus.__file__).with_name("templates")), *packaged)
    _, held = parted(templates)
    reader = OnnxReader(folder)
    wanted = list(islice(stream(held, random.Random(PROOF)), EXAMPLES))
    judge(reader, wanted[0])
    found = [judge(reader, each) for each in wanted[1:]]
    groups = {"all": found}
    for language in ("en", "zh"):
        groups[language] = [one for one in found if one.language == language]
    for low, high in pairwise(SURE):
        name = f"sure from {low:.1f}" + (f" to {high:.1f}" if high <= 1 else "")
        groups[name] = [one for one in found if low <= one.sure < high]
    rows = [
        (name, len(some), f"{share(some, 'label'):.1%}", f"{share(some, 'whole'):.1%}")
        for name, some in groups.items()
    ]
    times = percentiles([one.ms for one in found])
    data = {
        "templates": len(held),
        "ms": times,
        "groups": {
            name: {
                "sentences": len(some),
                "label": share(some, "label"),
                "whole": share(some, "whole"),
            }
            for name, some in groups.items()
        },
    }
    heads = ("sentences", "number", "label right", "with every tag right")
    body = f"{table(heads, rows)}\n\nOne core, p50 {times['p50']} ms, p99 {times['p99']} ms."
    if folder == SHIPPED:
        publish("reader", "The trained reader, on sayings it never saw", data, body)
    else:
        print(json.dumps(data, indent=1))


if __name__ == "__main__":
    main()
