"""The questions that thresholds are certified on: JSON lines, each a question that both answered.

    {"task": "en", "confidence": 0.83, "local": 1, "big": 1}
    {"task": "en", "confidence": 0.41, "local": 0, "big": 1, "tier": "hub"}

`confidence` is the score of the local answer, as `steward.models.confidence.score` makes it, 0 to
1. `local` and `big` say how good the answers of the local model and of the bigger machine were, on
any scale that is the same for both: 0 or 1 for wrong and right, or a judge's marks. `task` is the
kind of question, and `tier` the tier that answered locally; without it, this device. Other keys
are ignored.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from steward.errors import UserError
from steward.models.casework import Case

DEVICE = "device"
"""The tier that a row without one is of."""
MOST = 1_000_000
"""Rows that are read; each takes less than a kilobyte of memory."""
_HINT = 'one JSON object a line: {"task": "en", "confidence": 0.83, "local": 1, "big": 1}'


@dataclass(frozen=True, slots=True)
class Row:
    """One question: the score of the local answer, and how good both answers were."""

    task: str
    confidence: float
    local: float
    big: float
    tier: str = DEVICE

    @property
    def worse(self) -> bool:
        """Whether the local answer was worse than the bigger machine's."""
        return self.local < self.big


def read(path: Path) -> list[Row]:
    """Return the rows of a file, without its empty lines.

    Raises:
        UserError: the file cannot be read, has no rows or too many, or one is not as above; it
            says which line.
    """
    try:
        with path.open(encoding="utf-8") as file:
            found = parsed(file, str(path))
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}", hint=_HINT) from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not text in UTF-8", hint=_HINT) from error
    if not found:
        raise UserError(f"{path} has no questions", hint=_HINT)
    return found


def parsed(lines: Iterable[str], name: str) -> list[Row]:
    """Return the rows in `lines` of what is called `name`.

    Raises:
        UserError: a line is not as above, or there are too many.
    """
    found: list[Row] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        if len(found) == MOST:
            raise UserError(f"{name} has more than {MOST} rows", hint="take a part of them")
        try:
            found.append(_row(json.loads(line)))
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            why = f"it has no {error}" if isinstance(error, KeyError) else str(error)
            raise UserError(f"{name}, line {number}: {why}", hint=_HINT) from error
    return found


def judged(cases: Iterable[Case]) -> list[Row]:
    """Return a row for each case whose answers were judged, of the tier that answered first.

    A case whose only answer was kept counts as well: "same" says that it was good enough, "big"
    that it was not.
    """
    found: list[Row] = []
    for case in cases:
        if case.verdict and case.answers:
            first = case.answers[0]
            local, big = float(case.verdict != "big"), float(case.verdict != "local")
            found.append(Row(case.language, first.score, local, big, first.tier))
    return found


def _row(item: object) -> Row:
    if not isinstance(item, dict):
        raise ValueError("it is no JSON object")
    task, tier = item["task"], item.get("tier", DEVICE)
    if not (isinstance(task, str) and task and isinstance(tier, str) and tier):
        raise ValueError("`task` and `tier` are names")
    numbers = [item["confidence"], item["local"], item["big"]]
    if any(not isinstance(n, int | float) or not math.isfinite(n) for n in numbers):
        raise ValueError("`confidence`, `local` and `big` are numbers")
    confidence, local, big = map(float, numbers)
    if not 0 <= confidence <= 1:
        raise ValueError("`confidence` is from 0 to 1")
    return Row(task, confidence, local, big, tier)
