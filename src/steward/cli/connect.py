"""`steward connect`: other systems whose home becomes this one's."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from steward import terminal
from steward.cli.console import AsJson, log, out, print_json, run
from steward.config import Config, add_table, default_path
from steward.errors import UserError

app = typer.Typer(
    help="Take the home of another system as this one's.",
    epilog="Example: steward connect home-assistant http://homeassistant.local:8123",
    no_args_is_help=True,
)


@app.command(
    "home-assistant",
    epilog="Example: steward connect home-assistant http://homeassistant.local:8123",
)
def home_assistant(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="Its address, as your browser shows it.")],
    token_file: Annotated[
        Path | None, typer.Option(help="A file with the token; else it is asked for, or piped in.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check URL and a long-lived token, show what is found there, and use it from then on."""
    from steward.home.homeassistant.home import look
    from steward.home.homeassistant.token import write_token

    config: Config = context.obj
    url = url.strip().rstrip("/")
    named: Path | None = context.find_root().params["config"]
    file = named or default_path()
    known = config.home_assistant.url
    if known and known.rstrip("/") != url:
        raise UserError(
            f"{file} already names the Home Assistant at {known}",
            hint="change or delete its table [home_assistant], and try again",
        )
    token = _token(token_file)
    world = run(look(url, token))
    write_token(config.paths.state, token)
    if not known:
        add_table(file, "home_assistant", url=url)
    if as_json:
        print_json(asdict(world))
        return
    out.print(terminal.found_table(world))
    log.print(
        f"This is the home now, as {file} says; a server that runs must be started again.",
        highlight=False,
        soft_wrap=True,
    )
    if not world.entities:
        log.print(
            "hint: choose what may be used in Home Assistant: Settings > Voice assistants > Expose",
            highlight=False,
            soft_wrap=True,
        )


def _token(file: Path | None) -> str:
    if file is not None:
        try:
            token = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"cannot read {file}: {error}", hint="see --token-file") from error
    elif sys.stdin.isatty():
        token = str(typer.prompt("Long-lived token (your profile page, Security)", hide_input=True))
    else:
        token = sys.stdin.read(10_000)
    token = token.strip()
    if not token or not token.isascii() or any(letter.isspace() for letter in token):
        raise UserError("that is not a token", hint="it is one long word, copied as a whole")
    return token
