"""`steward fit serve`: what it takes to answer a population."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from steward.cli.console import AsJson, out, print_json
from steward.errors import UserError
from steward.lab.fit.serving import DAY, Fleet, Population, bandwidth, best
from steward.lab.fit.training import inference
from steward.lab.fit.units import number, rounded, written
from steward.lab.fit.units import parameters as shown

EXAMPLE = 'Example: steward fit serve "qwen3 8b" --device h100 --requests 1M'
MODEL = Annotated[str | None, typer.Argument(help="The model, as `steward fit` takes it.")]
REQUESTS = Annotated[float, typer.Option(parser=number, help="Questions a day: 1M, 3.5e9.")]
PROMPT = Annotated[float, typer.Option(min=0, help="Tokens of a question.")]
ANSWER = Annotated[float, typer.Option(min=1, help="Tokens of an answer.")]
DEVICE = Annotated[str | None, typer.Option(help="The machine, by name: h100, pi 5.")]
PARAMETERS = Annotated[
    float | None,
    typer.Option(parser=number, help="Instead of a model: its parameters; without machines then."),
]
BITS = Annotated[float, typer.Option(min=1, max=32, help="Bits of a weight, with --parameters.")]
PEAK = Annotated[float, typer.Option(min=1, help="The busiest hour, in average ones.")]
BUSY = Annotated[float, typer.Option(min=0.01, max=1, help="The share of time machines work.")]
SLOWEST = Annotated[float, typer.Option(min=0.1, help="Tokens/s that an answer has at least.")]


def serve(
    requests: REQUESTS,
    model: MODEL = None,
    prompt: PROMPT = 500,
    answer: ANSWER = 150,
    device: DEVICE = None,
    parameters: PARAMETERS = None,
    bits: BITS = 16,
    peak: PEAK = 3,
    busy: BUSY = 0.7,
    slowest: SLOWEST = 5,
    as_json: AsJson = False,
) -> None:
    """Say what it takes to answer so many: tokens, arithmetic, bandwidth and machines."""
    asked = Population(requests, prompt, answer, peak, busy)
    if (model is None) == (parameters is None):
        raise UserError(
            "either a model or its --parameters must be given",
            hint='steward fit serve "qwen3 8b" --requests 1M, or --parameters 175B',
        )
    found = None
    if model is None:
        count = parameters or 0
        weights = count * bits / 8
    else:
        if device is None:
            raise UserError("on which machine must be given", hint="--device h100")
        # Lazy: reads files, the catalogue, and perhaps the network.
        from steward.cli.named import shape_named
        from steward.lab.fit.batching import paced
        from steward.lab.fit.catalogue import find

        shape = shape_named(model)
        count, weights = shape.active, shape.bytes_a_token
        found = best(asked, paced(shape, find(device), asked), slowest)
    work = {
        "tokens": asked.tokens,
        "flops": inference(count, asked.tokens),
        "bytes": bandwidth(weights, asked.tokens),
        "fleet": found and {**asdict(found), "seconds": found.pace.seconds(asked)},
    }
    if as_json:
        print_json(work)
    else:
        out.print(_table(asked, count, weights, found))


def _table(asked: Population, count: float, weights: float, found: Fleet | None) -> Table:
    table = Table.grid(padding=(0, 3))
    flops = inference(count, asked.tokens)
    rows = [
        ("tokens a day", shown(asked.tokens)),
        ("arithmetic a day", written(flops, "FLOP")),
        ("  in the busiest hour", written(flops * asked.peak / DAY, "FLOP/s")),
        ("weights read one at a time", written(bandwidth(weights, asked.tokens) / DAY, "B/s")),
    ]
    if found is not None:
        pace = found.pace
        rows += [
            ("machines", f"{found.machines:,} (exactly {found.exact:,.2f})"),
            ("answers at once in each", str(pace.at_once)),
            ("speed of each answer", f"{rounded(pace.decode)} tokens/s"),
            ("time of an answer", f"{rounded(pace.seconds(asked))} s"),
        ]
    for name, text in rows:
        table.add_row(name, text)
    return table
