"""`steward fit train`: what it takes to train a model."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from steward.cli.console import AsJson, out, print_json
from steward.errors import UserError
from steward.lab.fit.training import (
    PFLOP_DAY,
    TOKENS_A_PARAMETER,
    Accelerator,
    Bill,
    Job,
    Method,
    Network,
    Optimizer,
    Plan,
    Recomputation,
    adapter,
    bill,
    network,
    plan,
)
from steward.lab.fit.units import number, written
from steward.lab.fit.units import parameters as shown

if TYPE_CHECKING:
    from steward.models.shape import Shape

EXAMPLE = "Example: steward fit train --parameters 175B --tokens 300B --tflops 78 --days 30"
MODEL = Annotated[str | None, typer.Argument(help="The model, as `steward fit` takes it.")]
PARAMETERS = Annotated[
    float | None, typer.Option(parser=number, help="Instead of a model: its parameters, 175B say.")
]
TOKENS = Annotated[
    float | None,
    typer.Option(parser=number, help="Tokens to learn from; without: 20 a parameter."),
]
TEACHER = Annotated[
    float | None, typer.Option(parser=number, help="Parameters of the teacher, to distil.")
]
DEVICE = Annotated[str | None, typer.Option(help="The accelerator, by name: h100, rtx 4090.")]
TFLOPS = Annotated[float | None, typer.Option(min=0.001, help="Or: what one does of use, TFLOP/s.")]
SHARE = Annotated[
    float, typer.Option(min=0.01, max=1, help="The share of its highest figure that is of use.")
]
DAYS = Annotated[float | None, typer.Option(min=0.001, help="How long it may take.")]
COUNT = Annotated[int | None, typer.Option(min=1, help="Or: how many accelerators there are.")]
RANK = Annotated[int, typer.Option(min=1, help="The rank of a LoRA adapter.")]
BITS = Annotated[
    int, typer.Option(min=2, max=16, help="Bits of a weight that LoRA does not change.")
]
SEQUENCE = Annotated[int, typer.Option(min=1, help="Tokens of one sequence.")]
BATCH = Annotated[int, typer.Option(min=1, help="Sequences that one replica computes at once.")]
RECOMPUTE = Annotated[
    Recomputation, typer.Option(help="Activations that are computed again on the way back.")
]
ZERO = Annotated[
    int, typer.Option(min=0, max=3, help="Replicas share: 1 states, 2 gradients, 3 weights.")
]
HOURLY = Annotated[float | None, typer.Option(min=0, help="Rent of one for an hour, USD.")]
ELECTRICITY = Annotated[float, typer.Option(min=0, help="USD a kWh.")]


def train(
    model: MODEL = None,
    parameters: PARAMETERS = None,
    tokens: TOKENS = None,
    method: Annotated[Method, typer.Option(help="What is learnt.")] = Method.PRETRAIN,
    teacher: TEACHER = None,
    rank: RANK = 16,
    bits: BITS = 16,
    device: DEVICE = None,
    tflops: TFLOPS = None,
    share: SHARE = 0.35,
    days: DAYS = None,
    count: COUNT = None,
    sequence: SEQUENCE = 2048,
    batch: BATCH = 1,
    optimizer: Annotated[Optimizer, typer.Option(help="The optimiser.")] = Optimizer.ADAMW,
    recompute: RECOMPUTE = Recomputation.SELECTIVE,
    zero: ZERO = 1,
    hourly: HOURLY = None,
    electricity: ELECTRICITY = 0.30,
    as_json: AsJson = False,
) -> None:
    """Say what it takes to train a model: arithmetic, memory, accelerators, days and money."""
    shape = _shape(model)
    net = _network(shape, parameters)
    job = Job(
        network=net,
        tokens=tokens or TOKENS_A_PARAMETER * net.parameters,
        method=method,
        adapter=_adapter(shape, rank) if method is Method.LORA else 0,
        teacher=_teacher(method, teacher),
        sequence=sequence,
        batch=batch,
        optimizer=optimizer,
        recomputation=recompute,
        weight_bytes=bits / 8 if method is Method.LORA else 2,
    )
    accelerator = _accelerator(device, tflops, share)
    done = plan(job, accelerator, days=days, count=count or (None if days else 1), zero=zero)
    cost = bill(done.schedule, hourly=hourly, power=accelerator.power, electricity=electricity)
    if as_json:
        print_json({"job": asdict(job), **asdict(done), "bill": asdict(cost)})
    else:
        out.print(_table(job, accelerator, done, cost))


def _shape(model: str | None) -> Shape | None:
    if model is None:
        return None
    # Lazy: reads files, and perhaps the network.
    from steward.cli.named import shape_named

    return shape_named(model)


def _network(shape: Shape | None, parameters: float | None) -> Network:
    if (shape is None) == (parameters is None):
        raise UserError(
            "either a model or its --parameters must be given",
            hint='steward fit train "qwen3 0.6b", or steward fit train --parameters 175B',
        )
    return Network(parameters or 0) if shape is None else network(shape)


def _adapter(shape: Shape | None, rank: int) -> int:
    if shape is None:
        raise UserError(
            "how large an adapter is depends on the model's matrices",
            hint="name a model instead of --parameters",
        )
    return adapter(shape, rank)


def _teacher(method: Method, teacher: float | None) -> float:
    if (method is Method.DISTIL) != (teacher is not None):
        raise UserError(
            "a distillation has a teacher, and nothing else has one",
            hint="--method distil --teacher 8B",
        )
    return teacher or 0


def _accelerator(device: str | None, tflops: float | None, share: float) -> Accelerator:
    if device is None and tflops is None:
        raise UserError("on what it is trained must be given", hint="--device h100, or --tflops 78")
    if device is None:
        return Accelerator("an accelerator", (tflops or 0) * 1e12)
    # Lazy: reads the catalogue.
    from steward.lab.fit.catalogue import find

    known = find(device)
    highest = next((known.flops[k] for k in ("bf16", "fp16", "fp32") if k in known.flops), None)
    if tflops is None and highest is None:
        raise UserError(
            f"what {known.name} does with 16 bits is not known", hint="say it: --tflops 20"
        )
    effective = tflops * 1e12 if tflops is not None else (highest or 0) * share
    return Accelerator(known.name, effective, known.memory, known.power)


def _table(job: Job, accelerator: Accelerator, done: Plan, cost: Bill) -> Table:
    table = Table.grid(padding=(0, 3))
    schedule, held, layout = done.schedule, done.memory, done.layout
    rows: list[tuple[str, str]] = [
        ("parameters", f"{shown(job.network.parameters)}, of which learnt {shown(job.learnt)}"),
        ("tokens", shown(job.tokens)),
        (
            "arithmetic",
            f"{written(schedule.flops, 'FLOP', 4)}, {schedule.flops / PFLOP_DAY:,.4g} PFLOP-days",
        ),
        ("accelerator", f"{accelerator.name}, {written(accelerator.effective, 'FLOP/s')} of use"),
        (
            "accelerators",
            f"{schedule.count:,} (exactly {schedule.exact:,.2f}), in servers of 8: "
            f"{schedule.servers:,}",
        ),
        ("time", _time(schedule.days)),
    ]
    if layout is not None:
        rows.append(
            (
                "spread",
                f"each matrix over {layout.tensor}, layers over {layout.pipeline}, "
                f"replicas: {layout.data:,}",
            )
        )
    where = "memory of each" if layout else "memory of all, on one"
    rows += [
        (where, f"{written(held.total, 'B')}:"),
        ("  weights", written(held.weights, "B")),
        ("  gradients", written(held.gradients, "B")),
        ("  optimiser", written(held.optimizer, "B")),
        ("  activations", _or_unknown(held.activations, "B")),
        ("rent", _or_unknown(cost.rent, "USD")),
        ("energy", _or_unknown(cost.energy and cost.energy * 1e3, "Wh")),
        ("electricity", _or_unknown(cost.electricity, "USD")),
    ]
    for name, text in rows:
        table.add_row(name, text)
    return table


def _time(days: float) -> str:
    return f"{days:,.3g} days" if days >= 1 else f"{days * 24:.2g} hours"


def _or_unknown(value: float | None, unit: str) -> str:
    return "unknown" if value is None else written(value, unit)
