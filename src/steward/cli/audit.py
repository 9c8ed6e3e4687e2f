"""`steward audit`: what was done, for whom and why."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from steward.audit import Act, Audit
from steward.cli.console import AsJson, out, print_json


def audit(
    context: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(help="Words that an entry holds.")] = None,
    door: Annotated[str, typer.Option(help="Only through this door: page, cli, openai, …")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many entries at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show what was done: when, who asked through which door, what was said and called, and why."""
    config = context.obj
    with closing(Audit(config.paths.state, config.audit.days)) as log:
        acts = log.search(" ".join(words or ()), door=door, limit=limit)
    if as_json:
        print_json([asdict(act) for act in acts])
    for act in reversed(acts if not as_json else ()):
        out.print(_line(act), highlight=False, markup=False, soft_wrap=True)


def _line(act: Act) -> str:
    when = datetime.fromtimestamp(act.time).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    asked = " ".join(part for part in (act.door, act.who, act.speaker) if part)
    called = ", ".join(str(call["capability"]) for call in act.calls)
    said = f"“{act.said}” " if act.said else ""
    return f"{when}  {act.result:<9}  {asked}: {said}→ {called or '-'} ({act.stage})"
