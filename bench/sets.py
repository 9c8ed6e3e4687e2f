"""The command line of the measurements on evaluation sets, and what they run."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from steward.lab.evaluate.cases import Case, read_sets

HELD_OUT = Path(__file__).parents[1] / "tests" / "golden" / "homes" / "heldout"
"""Homes that nobody builds with: only what is measured there is published."""


def asked(description: str | None) -> tuple[tuple[Case, ...], bool]:
    """Return the cases that the command line asks for, and whether their figures are published.

    Whoever tries something out names another folder, and with `--every` takes fewer sentences.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("folder", nargs="?", type=Path, default=HELD_OUT)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="one sentence in N")
    chosen = parser.parse_args()
    cases = read_sets([chosen.folder])[:: chosen.every]
    return cases, chosen.every == 1 and chosen.folder.resolve() == HELD_OUT


def sample(cases: Sequence[Case], size: int) -> tuple[Case, ...]:
    """Return `size` of `cases`, evenly spread: the same ones each time."""
    if len(cases) <= size:
        return tuple(cases)
    return tuple(cases[index * len(cases) // size] for index in range(size))
