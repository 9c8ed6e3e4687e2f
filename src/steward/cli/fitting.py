"""The commands of `steward fit`; without one of them it predicts models."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from steward.cli import fit, serving, training

USUAL = "models"
"""The command that is meant where none is named: `steward fit qwen3-0.6b`."""


class Usual(TyperGroup):
    """A group in which a first word that is no command belongs to the usual one."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the usual command before arguments that begin with none."""
        own = {*self.commands, *ctx.help_option_names}
        if USUAL in self.commands and (not args or args[0] not in own):
            args.insert(0, USUAL)
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=Usual,
    help="Which model a device carries, and how fast; what training and serving take. "
    "Without a command: `models`, whose options `steward fit models --help` shows.",
    epilog=training.EXAMPLE,
)
app.command(USUAL, epilog='Example: steward fit qwen3-0.6b --device "pi 5"')(fit.fit)
app.command(epilog=training.EXAMPLE)(training.train)
app.command(epilog=serving.EXAMPLE)(serving.serve)
