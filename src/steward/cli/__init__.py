"""The command `steward`: thin commands over the butler, his server and the lab.

Exit codes are those of `steward.errors`: 0 done, 1 `doctor` found something wrong, 2 the request
cannot be right, 3 this machine lacks something, 4 another machine failed, 130 interrupted.

A command imports what only it needs when it runs: an answer on the command line should be there at
once, and half of that time would go into importing servers, sound and the lab.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.logging import RichHandler
from rich.markup import escape

from steward import __version__
from steward.cli import (
    ask,
    audit,
    check,
    connect,
    evaluate,
    events,
    fitting,
    heads,
    home,
    listen,
    mcp,
    models,
    pair,
    people,
    persona,
    publish,
    satellite,
    shrink,
    students,
    talk,
    teach,
    tiers,
    token,
    tune,
    wake,
    words,
)
from steward.cli.console import log, out, run
from steward.config import load
from steward.errors import StewardError

app = typer.Typer(
    help="A private AI butler for hardware you own. Without a command: start the server.",
    epilog='Example: steward ask "turn on the kitchen light"',
    pretty_exceptions_enable=False,
    no_args_is_help=False,
)
app.command(epilog='Example: steward ask "set a timer for ten minutes" --json')(ask.ask)
app.command(epilog="Example: steward talk")(talk.talk)
app.command(epilog="Example: steward listen")(listen.listen)
app.command(epilog="Example: steward satellite --hub discovered --name kitchen --area Kitchen")(
    satellite.satellite
)
app.command(epilog='Example: steward words --delete "movie time"')(words.words)
app.command(epilog="Example: steward persona butler --say butler.wav")(persona.persona)
app.command(epilog='Example: steward explain "close everything downstairs"')(check.explain)
app.command(epilog='Example: steward audit "kitchen light" --door page')(audit.audit)
app.command(epilog="Example: steward events state_changed heard --json")(events.events)
app.command(epilog="Example: steward doctor --json")(check.doctor)
app.command(epilog="Example: steward setup")(check.setup)
app.command(epilog="Example: steward tune smollm2-135m-instruct")(tune.tune)
app.command(epilog="Example: steward heads --work ~/heads --minutes 25")(heads.heads)
app.command(epilog='Example: steward shrink small.gguf --target "300 MB" --texts notes')(
    shrink.shrink
)
app.command(epilog="Example: steward prune m.gguf --layers 4 --texts notes --out few.gguf")(
    students.prune
)
app.command(
    epilog="Example: steward distil few.gguf --teacher m.gguf --texts notes --out taught.gguf"
)(students.distil)
app.command(epilog="Example: steward teach questions.txt --url http://hub/v1 --out why.jsonl")(
    teach.teach
)
models.app.command(epilog="Example: steward models publish small.gguf --to public --version 1.0.0")(
    publish.publish
)
app.add_typer(connect.app, name="connect")
app.add_typer(fitting.app, name="fit")
app.add_typer(home.app, name="home")
app.add_typer(mcp.app, name="mcp")
app.add_typer(models.app, name="models")
app.add_typer(pair.app, name="pair")
app.add_typer(people.app, name="people")
app.add_typer(tiers.app, name="tiers")
app.add_typer(token.app, name="token")
app.add_typer(wake.app, name="wake")
app.add_typer(evaluate.app, name="eval")


def main() -> None:
    """Run the command line; an error of ours becomes its message, its hint and its exit code."""
    try:
        app()
    except StewardError as error:
        log.print(f"[red]error:[/] {escape(error.message)}", highlight=False, soft_wrap=True)
        log.print(f"[cyan]hint:[/] {escape(error.hint)}", highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)


def _version(wanted: bool) -> None:
    if wanted:
        out.print(__version__, highlight=False)
        raise typer.Exit


@app.callback(invoke_without_command=True)
def steward(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option(help="The TOML file to use.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log what happens.")] = False,
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Start the server on http://127.0.0.1:8377, or run one of the commands below."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(name)s: %(message)s",
        handlers=[RichHandler(console=log, show_path=False)],
    )
    context.obj = load(config)
    if context.invoked_subcommand is None:
        from steward.serve.memory import thrifty

        thrifty()
        from steward.cli.serve import serve

        run(serve(context.obj))
