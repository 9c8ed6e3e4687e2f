"""What every command prints with, and how it runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from steward.types import Origin

T = TypeVar("T")

CLI = Origin("cli")
"""Where the commands ask."""
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead.")]
out = Console()
log = Console(stderr=True)


def print_json(value: object) -> None:
    """Print `value` as JSON on stdout."""
    print(json.dumps(value, ensure_ascii=False, indent=2))  # noqa: T201 - stdout is data


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end; Ctrl-C exits with 130."""
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
