"""`steward distil`: a model learns from another, and can learn in the bits of its file."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from steward.lab.shrink.cut import rows
from steward.lab.shrink.lessons import Example, lesson_of
from steward.lab.shrink.model import F16, Types, Weights, load
from steward.lab.shrink.rounding import KINDS, Kind, as_filed
from steward.lab.shrink.sensitivity import matrices, usable
from steward.lab.shrink.train import Lesson, OnTrained, Recipe, perplexity, teacher_of, train
from steward.lab.shrink.work import digest
from steward.models.ahead.network import Network
from steward.models.disk import sha256
from steward.models.formats import BY_NAME

_MEASURED = 32
"""Rows of text held back, at most."""


@dataclass(frozen=True)
class Distilled:
    """The student after its training, the types that its file shall have, the loss of each step,
    and perplexities on texts that nothing was learnt from: of the student before and after, as its
    file has it, and of the teacher (None without one)."""

    weights: Weights
    types: Types
    curve: tuple[float, ...]
    before: float
    after: float
    teacher: float | None


def distil(
    path: Path,
    teacher: Path | None,
    texts: Sequence[str],
    examples: Sequence[Example],
    recipe: Recipe,
    kind: Kind | None,
    cache: Path,
    on: OnTrained,
) -> tuple[Distilled, Path]:
    """Train the model in `path`; return it, and the folder to delete once it is written.

    `examples` are learnt beside the `texts`. With a `kind`, its matrices are rounded to that type
    as they learn. Started again with the same arguments, it goes on where it was killed.

    Raises:
        UserError: there is too little text.
        ModelError: a model is damaged, or the teacher does not know the student's tokens.
    """
    weights = load(path)
    knowing = None if teacher is None else load(teacher)
    taught = None if knowing is None else teacher_of(knowing, weights)
    network = Network(path)
    learnt, held = rows(network, texts)
    held = held[:_MEASURED]
    lesson = Lesson.of(learnt)
    if examples:
        more = lesson_of(network, examples, learnt.shape[1])
        lesson = Lesson(
            np.concatenate((lesson.rows, more.rows)), np.concatenate((lesson.counts, more.counts))
        )
    kinds = _kinds(weights, kind)
    full = Recipe(**{**asdict(recipe), "kinds": kinds})
    parents = [sha256(each) for each in (path, teacher) if each is not None]
    about = (parents, asdict(full), lesson.rows.tobytes().hex(), lesson.counts.tobytes().hex())
    folder = cache / "shrink" / digest(*about)
    before = perplexity(as_filed(weights, kinds), held)
    student, curve = train(weights, lesson, taught, full, folder, on)
    after = perplexity(as_filed(student, kinds), held)
    top = None
    if taught is not None:
        # Rows of the student's tokens, as the teacher numbers them.
        top = perplexity(taught.weights, taught.tokens[held])
    types = {name: BY_NAME[kinds[name]] if name in kinds else F16 for name in matrices(student)}
    return Distilled(student, types, curve, before, after, top), folder


def done_with(folder: Path) -> None:
    """Delete what a training kept, once its model is written."""
    shutil.rmtree(folder, ignore_errors=True)


def _kinds(weights: Weights, kind: Kind | None) -> dict[str, Kind]:
    """Return the matrices that can be packed as `kind`."""
    if kind is None:
        return {}
    wanted = BY_NAME[kind]
    return {
        name: kind
        for name in matrices(weights)
        if usable(weights.tensors[name].shape, wanted) == wanted
    }


def kind_of(bits: int) -> Kind | None:
    """Return the type of so many bits: 4, 8, or 16 for none."""
    return {4: KINDS[0], 8: KINDS[1]}.get(bits)
