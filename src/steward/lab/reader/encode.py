"""Examples as arrays: the pieces of a sentence, the marks and tags of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from tokenizers import Tokenizer

from steward.lab.reader.corpus import COMPOUND, NONE
from steward.lab.reader.examples import Example
from steward.lab.reader.network import Batch
from steward.plan.parts.atoms import tokens
from steward.plan.reader.marks import marks

LENGTHS = (16, 24, 32, 48)
"""A batch is filled up to one of these, so that few shapes are compiled; longer ones are cut."""

BEGIN, PAD, END = 0, 1, 2


@dataclass(frozen=True)
class Encoded:
    """One example in numbers; `tagged` is 0 where its tags mean nothing."""

    pieces: tuple[int, ...]
    marks: tuple[int, ...]
    tags: tuple[int, ...]
    label: int
    tagged: int


def encode(
    examples: Sequence[Example], tokenizer: Tokenizer, labels: Sequence[str]
) -> list[Encoded]:
    """Return each example in pieces, those that begin and end a text around them."""
    number = {label: index for index, label in enumerate(labels)}
    limit = LENGTHS[-1] - 2
    found = []
    for example in examples:
        known = marks(example.text, tokens(example.text, example.world))
        said = tokenizer.encode(example.text, add_special_tokens=False)
        spans = said.offsets[:limit]
        found.append(
            Encoded(
                (BEGIN, *said.ids[:limit], END),
                (0, *(max(known[a:b], default=0) for a, b in spans), 0),
                (0, *(max(example.tags[a:b], default=0) for a, b in spans), 0),
                number[example.label],
                int(example.label not in (NONE, COMPOUND)),
            )
        )
    return found


def batch(examples: Sequence[Encoded]) -> Batch:
    """Return the examples as one batch, filled up to the next of `LENGTHS`."""
    longest = max(len(one.pieces) for one in examples)
    length = next(length for length in LENGTHS if length >= longest)

    def rows(name: str, fill: int) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
        table = np.full((len(examples), length), fill, np.int32)
        for row, one in zip(table, examples, strict=True):
            values = getattr(one, name)
            row[: len(values)] = values
        return table

    pieces = rows("pieces", PAD)
    return {
        "pieces": jnp.asarray(pieces),
        "marks": jnp.asarray(rows("marks", 0)),
        "tags": jnp.asarray(rows("tags", 0)),
        "held": jnp.asarray(pieces != PAD, jnp.float32),
        "label": jnp.asarray([one.label for one in examples]),
        "tagged": jnp.asarray([one.tagged for one in examples], jnp.float32),
    }
