"""The butler's own sets of homes and sentences (`steward eval home`), with a given model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import sqrt
from pathlib import Path

from steward.config import Config
from steward.lab.evaluate.cases import read_sets
from steward.lab.evaluate.report import counts
from steward.lab.evaluate.run import run
from steward.lab.shrink.choices import Score


def score(path: Path, folder: Path, config: Config, *, on: Callable[[int, int], None]) -> Score:
    """Run every sentence of a set with the model at `path`, which may act on what nothing else
    understood; one that passes counts.

    Raises:
        FixturesError: the folder is no such set.
        ModelError: the model cannot be run.
    """
    cases = read_sets([folder])
    wanted = config.model.model_copy(update={"source": str(path), "tools": "on"})
    tried = config.model_copy(update={"model": wanted})
    results = asyncio.run(run(tried, cases, lambda done: on(done, len(cases))))
    found = counts(results)
    share = int(str(found["passed"])) / len(results)
    return Score(folder.name, len(results), share, sqrt(share * (1 - share) / len(results)))
