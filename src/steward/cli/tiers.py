"""The commands of `steward tiers`: the machines that may be asked what this one cannot answer."""

from __future__ import annotations

import typer

from steward.cli import calibrate, cases

app = typer.Typer(
    help="The machines that may be asked open questions, and when.",
    epilog="Example: steward tiers calibrate questions.jsonl --alpha 0.05",
    no_args_is_help=True,
)
app.command(epilog="Example: steward tiers calibrate questions.jsonl --alpha 0.05")(
    calibrate.calibrate
)
app.command(epilog="Example: steward tiers plot --html risk-coverage.html")(calibrate.plot)
app.command(epilog="Example: steward tiers cases --erase 12")(cases.cases)
app.command(epilog="Example: steward tiers judge 12 same")(cases.judge)
