"""Looking inside: `explain`, `doctor`, `setup`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from steward import terminal
from steward.cli.console import AsJson, log, out, print_json, run
from steward.config import Config
from steward.models.store import Store
from steward.types import Utterance


def explain(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="The sentence.")],
    language: Annotated[str | None, typer.Option(help="Its language, such as en or zh.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what every stage makes of a sentence, and what would be done; nothing is done."""
    from steward.lab import explain as lab

    found = run(lab.explain(context.obj, Utterance(text, language)))
    if as_json:
        print_json(asdict(found))
    else:
        out.print(terminal.explained(found))


def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Check every part and model on this machine by using it."""
    from steward.lab.doctor import examine

    findings = run(examine(context.obj))
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        out.print(terminal.findings_table(findings))
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def setup(
    context: typer.Context,
    more: Annotated[
        list[str] | None, typer.Option("--with", help="Weights beyond these, by their names.")
    ] = None,
) -> None:
    """Fetch the weights that the default configuration needs, and check them."""
    config: Config = context.obj
    store = Store(config.paths.cache)
    with terminal.progress(log) as on_progress:
        store.fetch_defaults(on_progress)
        for name in more or ():
            store.fetch(name, on_progress)
    log.print(f"the weights are complete: {store.root}", highlight=False, soft_wrap=True)
