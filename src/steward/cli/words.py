"""`steward words`: what the owner taught the butler."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from steward import terminal
from steward.cli.console import AsJson, out, print_json, run
from steward.config import Config
from steward.errors import UserError
from steward.home.open import open_home
from steward.skills.words import Words
from steward.types import Call, Done, Meaning


def words(
    context: typer.Context,
    examples: Annotated[
        bool, typer.Option("--examples", help="Your corrections instead, as labelled examples.")
    ] = False,
    delete: Annotated[
        str | None, typer.Option(help="Forget this word; with --examples the one numbered so.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List or delete what you taught the butler: names, routines and corrections."""
    config: Config = context.obj
    kept = Words(config.paths.state / "words.db", lambda: datetime.now().astimezone())
    if delete is not None:
        run(_forget(kept, delete, examples))
        return
    if examples:
        noted = run(kept.examples())
        rows = [{"id": key, **example.model_dump()} for key, example in noted]
        shown = terminal.examples_table(rows)
    else:
        known = run(kept.learned())
        rows = [asdict(word) for word in known]
        shown = terminal.words_table(known, run(open_home(config, lambda _: None).world()))
    if as_json:
        print_json(rows)
    else:
        out.print(shown)


async def _forget(kept: Words, name: str, examples: bool) -> None:
    if examples:
        gone = name.isdecimal() and await kept.drop(int(name))
    else:
        call = Call("words", "words.forget", Meaning("command"), {"phrase": name})
        gone = isinstance(await kept.perform(call), Done)
    if not gone:
        raise UserError(
            f"there is no {'example' if examples else 'word'} {name!r}",
            hint="see what there is: steward words" + (" --examples" if examples else ""),
        )
