"""`steward tiers cases` and `steward tiers judge`: the hard cases that are kept on this machine."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from steward.cli.console import AsJson, log, out, print_json
from steward.config import Config
from steward.errors import UserError
from steward.models.cases import Cases, Verdict


def kept(config: Config) -> Cases:
    """Return the cases of a configuration."""
    return Cases(config.paths.state, config.tiers.most_cases)


def cases(
    context: typer.Context,
    erase: Annotated[
        list[int] | None, typer.Option(help="Delete the case with this number; may be repeated.")
    ] = None,
    erase_all: Annotated[bool, typer.Option("--erase-all", help="Delete all of them.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the hard cases: what was not understood, failed, or was put to a model.

    They are kept where the configuration has `cases = "on"` under \\[tiers], encrypted, and never
    leave this machine. With --json they are exported whole.
    """
    config: Config = context.obj
    with closing(kept(config)) as store:
        if erase or erase_all:
            gone = store.erase(None if erase_all else erase)
            if erase and not erase_all and not gone:
                raise UserError("there is no such case", hint="steward tiers cases")
            log.print(f"deleted: {gone}", highlight=False)
            return
        found = store.all()
    if as_json:
        print_json([{"number": each.number, **asdict(each.case)} for each in found])
        return
    if not found and config.tiers.cases == "off":
        why = 'no cases are kept: set `cases = "on"` under [tiers]'
        log.print(why, highlight=False, markup=False)
        return
    shown = Table("number", "when", "said", "stage", "sure", "answered by", "then said", "better")
    for each in found:
        case = each.case
        when = datetime.fromtimestamp(case.time).astimezone().strftime("%Y-%m-%d %H:%M")
        row = (case.said, case.stage, f"{case.confidence:.2f}")
        tiers = ", ".join(answer.tier for answer in case.answers)
        shown.add_row(str(each.number), when, *row, tiers, case.correction, case.verdict)
    out.print(shown, markup=False)


def judge(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="The number of a case.")],
    verdict: Annotated[
        Verdict, typer.Argument(help="local or big: whose answer was better; same: as good.")
    ],
) -> None:
    """Tell whose answer was better in a case, for `steward tiers calibrate --cases`.

    Where only the nearest machine has answered, "same" says that its answer was good enough, and
    "big" that it was not.
    """
    with closing(kept(context.obj)) as store:
        store.judge(number, verdict)
    log.print(f"kept: case {number}, {verdict}", highlight=False)
