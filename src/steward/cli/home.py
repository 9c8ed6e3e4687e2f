"""`steward home`: the home as it is, and another in its place."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from steward import terminal
from steward.cli.console import AsJson, log, out, print_json, run
from steward.config import Config
from steward.errors import UserError
from steward.home import fixtures
from steward.home.local import LocalHome
from steward.home.open import open_home

app = typer.Typer(help="Show, reset or replace the home.", epilog="Example: steward home")


@app.callback(invoke_without_command=True)
def home(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the home as it is now."""
    if context.invoked_subcommand is None:
        world = run(open_home(context.obj, lambda _: None).world())
        if as_json:
            print_json(asdict(world))
        else:
            out.print(terminal.world_table(world))


@app.command(epilog="Example: steward home reset")
def reset(context: typer.Context) -> None:
    """Put the demo home back as it was at first."""
    run(local_home(context.obj).reset())


@app.command("load", epilog="Example: steward home load riverside/_fixtures.yaml")
def load_home(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A fixtures file (YAML).")],
) -> None:
    """Put the home that FILE describes in the place of this one."""
    world = fixtures.read(file)
    run(local_home(context.obj).load(world))
    log.print(f"{len(world.entities)} entities in {len(world.areas)} areas", highlight=False)


def local_home(config: Config) -> LocalHome:
    """Open the home that lives on this device.

    Raises:
        UserError: the home is another system's.
    """
    home = open_home(config, lambda _: None)
    if not isinstance(home, LocalHome):
        raise UserError(
            "the home is not kept on this device, but by what the configuration connects",
            hint="change it there",
        )
    return home
