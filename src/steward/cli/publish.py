"""`steward models publish`: a signed folder from which others install a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from steward.cli.console import AsJson, log, print_json
from steward.config import Config


def publish(
    context: typer.Context,
    model: Annotated[Path, typer.Argument(help="The file that `steward shrink` wrote.")],
    to: Annotated[Path, typer.Option(help="The folder of what you publish.")],
    version: Annotated[str, typer.Option(help="Such as 1.0.0; raise it each time.")],
    as_json: AsJson = False,
) -> None:
    """Write a versioned, signed folder with a model, its card and its report."""
    from steward.lab.shrink.publish import private_key, public_key
    from steward.lab.shrink.publish import publish as make

    config: Config = context.obj
    folder = make(model, to, version, config.paths.state)
    key = public_key(private_key(config.paths.state))
    if as_json:
        print_json({"folder": str(folder), "signer": key})
        return
    log.print(f"wrote {folder}\nyour public key: {key}", highlight=False, markup=False)
