"""Questions with answers and the reasons for them: what a larger model can teach by its words.

Hsieh et al. 2023, "Distilling step-by-step!", arXiv:2305.02301: the student learns to answer, and,
as a second task with a sign of its own, to give the reason. When it is used, only the first is
asked for, so that answers are as short as before.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from steward.errors import UserError
from steward.lab.shrink.train import Lesson
from steward.models.ahead.network import Network

ANSWER, REASON = "\nAnswer: ", "\nReason: "
"""What stands between a question and what is learnt."""
_HINT = 'write one object a line: {"question": "…", "answer": "…", "reason": "…"}'


@dataclass(frozen=True)
class Example:
    """A question, its answer, and why; an empty `reason` teaches none."""

    question: str
    answer: str
    reason: str = ""


def read_examples(path: Path) -> tuple[Example, ...]:
    """Read examples from a file of JSON lines.

    Raises:
        UserError: it cannot be read, or a line is no example.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read {path}: {error}", hint=_HINT) from error
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            given = json.loads(line)
            example = Example(given["question"], given["answer"], given.get("reason", ""))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise UserError(f"line {number} of {path} is no example", hint=_HINT) from error
        parts = (example.question, example.answer, example.reason)
        if not all(isinstance(part, str) for part in parts) or not all(parts[:2]):
            raise UserError(f"line {number} of {path} is no example", hint=_HINT)
        found.append(example)
    return tuple(found)


def lesson_of(network: Network, examples: Sequence[Example], length: int) -> Lesson:
    """Return examples as rows of tokens; only answers and reasons count, and their ends.

    Raises:
        UserError: one is longer than `length` tokens.
    """
    begin = network.tokenize(b"", special=True)[:1]
    end = network.end if network.end >= 0 else 0
    tasks = [
        (example.question + sign, said)
        for example in examples
        for sign, said in ((ANSWER, example.answer), (REASON, example.reason))
        if said
    ]
    rows = np.full((len(tasks), length), end, np.int32)
    counts = np.zeros((len(tasks), length), np.float32)
    for at, (question, said) in enumerate(tasks):
        asked = [*begin, *network.tokenize(question.encode())]
        tokens = [*asked, *network.tokenize(said.encode()), end]
        if len(tokens) > length:
            raise UserError(
                f"an example has {len(tokens)} tokens, and {length} have room: {question:.40}…",
                hint="shorten it, or leave it out",
            )
        rows[at, : len(tokens)] = tokens
        counts[at, len(asked) : len(tokens)] = 1
    return Lesson(rows, counts)
