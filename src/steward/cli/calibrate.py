"""`steward tiers calibrate` and `steward tiers plot`: from which confidence on answers are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from steward.cli import cases
from steward.cli.console import AsJson, log, out, print_json
from steward.config import Config
from steward.errors import UserError

if TYPE_CHECKING:
    from steward.models.certificates import Certificate


def calibrate(
    context: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Questions that both have answered, as JSON lines."),
    ] = None,
    alpha: Annotated[
        float | None,
        typer.Option(min=0.001, max=0.5, help="How many kept answers may be worse, 0.1 for 10%."),
    ] = None,
    with_cases: Annotated[
        bool, typer.Option("--cases", help="Take the hard cases that were judged, too.")
    ] = False,
    dry: Annotated[bool, typer.Option("--dry-run", help="Only tell; keep nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Find from which confidence on a local answer is kept, and prove it on the questions given.

    Each line is {"task": "en", "confidence": 0.83, "local": 1, "big": 1}: the score of the local
    answer, and how good the local and the bigger machine's answers were. Half of the lines finds
    the threshold, the other half tests it. Where it cannot be proven, nothing is kept as sure.
    """
    from steward.lab.tiers.certify import certify_all
    from steward.lab.tiers.rows import judged, read
    from steward.models.certificates import Certificates

    config: Config = context.obj
    rows = [row for path in files or () for row in read(path)]
    if with_cases:
        rows += judged(each.case for each in cases.kept(config).all())
    if not rows:
        raise UserError(
            "there is nothing to calibrate with",
            hint="name a FILE, or judge some cases first: steward tiers judge 12 same",
        )
    made = certify_all(rows, config.tiers.worse if alpha is None else alpha)
    if not dry:
        Certificates(config.paths.state).keep(made)
    _tell(made, as_json)


def plot(
    context: typer.Context,
    html: Annotated[Path, typer.Option("--html", help="The file that is written.")] = Path(
        "risk-coverage.html"
    ),
    as_json: AsJson = False,
) -> None:
    """Draw how many kept answers are worse, by how many are kept: a page to look at."""
    from steward.models.certificates import Certificates

    config: Config = context.obj
    kept = Certificates(config.paths.state).all()
    if not kept:
        raise UserError(
            "nothing is calibrated yet", hint="steward tiers calibrate FILE, then this again"
        )
    if as_json:
        print_json([asdict(each) for each in kept])
        return
    # Lazy: a template engine is needed for nothing else here.
    from steward.lab.tiers.page import render

    try:
        html.write_text(render(kept), encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"cannot write {html}: {error.strerror}", hint="name a file with --html"
        ) from error
    log.print(f"written: {html}", highlight=False, markup=False, soft_wrap=True)


def _tell(made: Sequence[Certificate], as_json: bool) -> None:
    if as_json:
        print_json([asdict(each) for each in made])
        return
    shown = Table("tier", "task", "kept from", "kept", "of these worse", "certified at most")
    for each in made:
        tested = f"{each.kept} of {each.seen}"
        shown.add_row(
            each.tier,
            each.task,
            "-" if each.threshold is None else f"{each.threshold:.2f}",
            tested,
            str(each.worse),
            "nothing" if each.threshold is None else f"{each.alpha:.1%}, sure to {each.sure:.0%}",
        )
    out.print(shown)
    if any(each.threshold is None for each in made):
        log.print(
            "where nothing is certified, no answer counts as sure: give more questions, allow more"
            " with --alpha, or let a better model answer",
            highlight=False,
        )
