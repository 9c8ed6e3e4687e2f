"""`steward teach`: questions that a larger model answers, for `steward distil --examples`."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from steward.cli.console import log
from steward.errors import UserError

KEY = "STEWARD_TEACHER_KEY"


def teach(
    questions: Annotated[Path, typer.Argument(help="A text file with a question on each line.")],
    url: Annotated[str, typer.Option(help="An OpenAI-compatible server, ending in /v1.")],
    to: Annotated[Path, typer.Option("--out", help="JSON lines; a later run goes on.")],
    name: Annotated[str, typer.Option(help="The server's name of the model.")] = "",
) -> None:
    """Let a larger model answer your questions, each with a reason, for a small one to learn from.

    The questions are sent to that server. Its API key, if any, is read from STEWARD_TEACHER_KEY.
    """
    from steward.cli.shrink import progress
    from steward.lab.shrink.teach import teach as ask
    from steward.models.openai import OpenAI

    try:
        lines = questions.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read {questions}: {error}", hint="name a text file") from error
    asked = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
    if not asked:
        raise UserError(f"{questions} has no questions", hint="write one on each line")
    model = OpenAI(url, name=name, key=os.environ.get(KEY), table="--url, --name")
    with progress() as on:
        wrong = asyncio.run(
            ask(model, asked, to, lambda done, of: on("asking the teacher", done, of))
        )
    if wrong:
        log.print(f"[yellow]{wrong} answers had no reason or no answer and were left out[/]")
    log.print(f"wrote {to}", highlight=False, markup=False, soft_wrap=True)
