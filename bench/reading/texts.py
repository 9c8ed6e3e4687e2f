"""The decoders' task: a sentence in, "label | words that are kept |" out."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

import jax.numpy as jnp
import numpy as np
from tokenizers import Tokenizer

from reading.decoder import Batch
from steward.lab.reader.corpus import COMPOUND, NONE
from steward.lab.reader.examples import DROP, ITEM, KEEP, SPARE, Example
from steward.plan.parts.atoms import tokens
from steward.plan.reader.marks import marks

LENGTHS = ((24, 16), (32, 20), (48, 28), (64, 40), (96, 56), (128, 72))
"""Pieces in all, and of the target: a batch is filled up to one of these; longer ones are cut."""

_SIGNS = {KEEP: "", SPARE: " -", ITEM: " +"}


@dataclass(frozen=True)
class Vocabulary:
    """A tokenizer, and the pieces that stand between sentence and target and at the end."""

    tokenizer: Tokenizer
    begin: int
    end: int


@dataclass(frozen=True)
class Written:
    """One example in numbers; the first `named` pieces of the `target` are its label."""

    sentence: tuple[int, ...]
    marks: tuple[int, ...]
    target: tuple[int, ...]
    named: int


def target(example: Example) -> tuple[str, str]:
    """Return the label and the kept words as they are to be written."""
    kept = []
    if example.label not in (NONE, COMPOUND):
        tagged = zip(example.text, example.tags, strict=True)
        for tag, group in groupby(tagged, key=lambda pair: pair[1]):
            words = "".join(letter for letter, _ in group).strip()
            if tag != DROP and words:
                kept.append(f"{_SIGNS[tag]} {words} |")
    return f"{example.label} |", "".join(kept)


def written(examples: Sequence[Example], vocabulary: Vocabulary) -> list[Written]:
    """Return each example in pieces."""
    found = []
    for example in examples:
        known = marks(example.text, tokens(example.text, example.world))
        said = vocabulary.tokenizer.encode(example.text, add_special_tokens=False)
        label, kept = (
            vocabulary.tokenizer.encode(text, add_special_tokens=False).ids
            for text in target(example)
        )
        found.append(
            Written(
                (*said.ids, vocabulary.begin),
                (*(max(known[a:b], default=0) for a, b in said.offsets), 0),
                (*label, *kept, vocabulary.end),
                len(label),
            )
        )
    return found


def batch(examples: Sequence[Written]) -> Batch:
    """Return the examples as one batch."""
    length = max(len(one.sentence) + len(one.target) for one in examples)
    longest = max(len(one.target) for one in examples)
    fitting = (pair for pair in LENGTHS if pair[0] >= length and pair[1] >= longest)
    length, longest = next(fitting, LENGTHS[-1])
    number = len(examples)
    pieces, known = np.zeros((2, number, length), np.int32)
    goal, counted, named = np.zeros((3, number, longest), np.int32)
    for row, one in enumerate(examples):
        # What does not fit is cut from the sentence: a target that is cut cannot be right.
        end = one.target[:longest]
        said = one.sentence[-(length - len(end)) :]
        pieces[row, : len(said) + len(end)] = (*said, *end)
        known[row, : len(said)] = one.marks[-len(said) :]
        goal[row, : len(end)] = end
        counted[row, : len(end)] = 1
        named[row, : one.named] = 1
    begin = [min(len(one.sentence), length - min(len(one.target), longest)) - 1 for one in examples]
    return {
        "pieces": jnp.asarray(pieces),
        "marks": jnp.asarray(known),
        "begin": jnp.asarray(begin, jnp.int32),
        "target": jnp.asarray(goal),
        "counted": jnp.asarray(counted, jnp.float32),
        "named": jnp.asarray(named, jnp.float32),
    }


def batches(
    source: Iterator[Example], vocabulary: Vocabulary, size: int, ahead: int, seed: int
) -> Iterator[Batch]:
    """Yield batches of `size` sentences of like length, out of `ahead` sentences at a time."""
    rng = random.Random(seed)
    while made := written(list(islice(source, ahead)), vocabulary):
        made.sort(key=lambda one: len(one.sentence) + len(one.target))
        groups = [made[i : i + size] for i in range(0, len(made), size)]
        rng.shuffle(groups)
        yield from map(batch, groups)
