"""`steward eval`: measuring understanding."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from steward import terminal
from steward.cli.console import AsJson, log, out, print_json, run

app = typer.Typer(
    help="Measure understanding on sets of homes and sentences.",
    epilog="Example: steward eval home tests/golden/homes/dev",
)


@app.callback()
def evaluate() -> None:
    """Measure understanding on sets of homes and sentences."""


@app.command("home", epilog="Example: steward eval home tests/golden/homes/dev --html out.html")
def eval_home(
    context: typer.Context,
    folders: Annotated[list[Path], typer.Argument(help="Folders of sets.")],
    as_json: AsJson = False,
    html: Annotated[
        Path | None, typer.Option(help="Write a page with every failure's trace.")
    ] = None,
) -> None:
    """Run every sentence in a fresh home and compare the whole home before and after."""
    from steward.lab.evaluate import run as lab
    from steward.lab.evaluate.cases import read_sets
    from steward.lab.evaluate.page import write_page
    from steward.lab.evaluate.report import report

    cases = read_sets(folders)
    with terminal.counting(log, "sentences", len(cases)) as on_progress:
        found = report(run(lab.run(context.obj, cases, on_progress)))
    if html is not None:
        write_page(found, html)
    if as_json:
        print_json(found)
    else:
        out.print(terminal.evaluation_table(found))
