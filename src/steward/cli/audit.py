"""`steward audit`: what was done, for whom and why."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from steward.audit import Act, Audit
from steward.cli.console import AsJson, out, print_json
from steward.outgoing import Left


def audit(
    context: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(help="Words that an entry holds.")] = None,
    door: Annotated[str, typer.Option(help="Only through this door: page, cli, openai, …")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many entries at most.")] = 20,
    sent: Annotated[
        bool, typer.Option("--sent", help="Instead: what left for other machines, byte for byte.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what was done: when, who asked through which door, what was said and called, and why."""
    config = context.obj
    with closing(Audit(config.paths.state, config.audit.days)) as log:
        if sent:
            _show(log.sent.search(limit=limit), as_json)
            return
        acts = log.search(" ".join(words or ()), door=door, limit=limit)
    if as_json:
        print_json([asdict(act) for act in acts])
    for act in reversed(acts if not as_json else ()):
        out.print(_line(act), highlight=False, markup=False, soft_wrap=True)


def _show(left: Sequence[Left], as_json: bool) -> None:
    if as_json:
        print_json([asdict(each) | {"body": each.body.decode()} for each in left])
    for each in reversed(left if not as_json else ()):
        counts = f"{each.tokens_in} + {each.tokens_out} tokens, {each.money:.4g}"
        how = each.failure or (counts if each.ms is not None else "no answer")
        head = f"{_when(each.time)}  {each.tier}  {how}\n{each.body.decode()}"
        out.print(head, highlight=False, markup=False, soft_wrap=True)


def _when(time: float) -> str:
    return datetime.fromtimestamp(time).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _line(act: Act) -> str:
    asked = " ".join(part for part in (act.door, act.who, act.speaker) if part)
    called = ", ".join(str(call["capability"]) for call in act.calls)
    said = f"“{act.said}” " if act.said else ""
    return f"{_when(act.time)}  {act.result:<9}  {asked}: {said}→ {called or '-'} ({act.stage})"
