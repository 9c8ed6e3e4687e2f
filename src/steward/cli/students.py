"""`steward prune` and `steward distil`: what goes before `steward shrink`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer
from rich.table import Table

from steward.cli.console import AsJson, log, out, print_json
from steward.config import Config
from steward.errors import DeviceError, UserError

if TYPE_CHECKING:
    from steward.lab.shrink.distil import Distilled

Zeros: TypeAlias = Literal["magnitude", "wanda", "2:4"]
Texts = Annotated[
    list[Path], typer.Option(help="Your own texts: .txt and .md files, or folders of them.")
]
Out = Annotated[Path, typer.Option("--out", help="The new file, ending with .gguf.")]


class Bits(StrEnum):
    """Widths of the weights in the new file."""

    FOUR = "4"
    EIGHT = "8"
    SIXTEEN = "16"


def prune(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="A .gguf file, or a name of `models list`.")],
    texts: Texts,
    to: Out,
    layers: Annotated[int, typer.Option(min=0, help="Layers to leave out.")] = 0,
    groups: Annotated[int, typer.Option(min=0, help="Groups of attention, of each layer.")] = 0,
    heads: Annotated[int, typer.Option(min=0, help="Query heads, of each group.")] = 0,
    neurons: Annotated[float, typer.Option(min=0, max=1, help="A share of them.")] = 0.0,
    words: Annotated[bool, typer.Option(help="All tokens that the texts do not use.")] = False,
    zeros: Annotated[
        Zeros | None, typer.Option(help="Set connections to zero; makes nothing faster.")
    ] = None,
    share: Annotated[float, typer.Option(min=0, max=1, help="Of the connections.")] = 0.5,
    as_json: AsJson = False,
) -> None:
    """Leave out what a model needs least for your texts; `steward distil` then mends it."""
    with _training():
        from steward.lab.shrink.cut import Cuts, cut
        from steward.lab.shrink.cut import as_json as told
        from steward.lab.shrink.train import deliver
    from steward.cli.shrink import progress
    from steward.lab.shrink.model import load
    from steward.lab.shrink.text import read_texts

    path = _begin(context, model, to)
    cuts = Cuts(layers, groups, heads, neurons, words, zeros, share)
    with progress() as on:
        found = cut(load(path), path, read_texts(texts), cuts, on)
    deliver(found.weights, None, to)
    if as_json:
        print_json(told(found, cuts))
        return
    table = _table("before", "after")
    before, after = found.before, found.after
    counts = (f"{each.parameters / 1e6:.2f}" for each in (before, after))
    table.add_row("parameters, M", *counts)
    table.add_row("file in F16, MB", f"{before.bytes / 1e6:.1f}", f"{after.bytes / 1e6:.1f}")
    table.add_row("perplexity", f"{before.perplexity:.4g}", f"{after.perplexity:.4g}")
    out.print(table)
    log.print(f"wrote {to}", highlight=False, markup=False, soft_wrap=True)


def distil(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="The student: a .gguf file or a listed name.")],
    texts: Texts,
    to: Out,
    teacher: Annotated[
        str, typer.Option(help="A model with the same tokens, or more; without: the texts alone.")
    ] = "",
    examples: Annotated[
        Path | None, typer.Option(help="JSON lines of question, answer and reason.")
    ] = None,
    bits: Annotated[Bits, typer.Option(help="Learn in the bits of the file.")] = Bits.SIXTEEN,
    steps: Annotated[int, typer.Option(min=1)] = 300,
    batch: Annotated[int, typer.Option(min=1, help="Rows of 128 tokens in a step.")] = 8,
    rate: Annotated[float, typer.Option(min=0, help="The highest learning rate.")] = 3e-4,
    temperature: Annotated[float, typer.Option(min=0.1, help="Of the teacher's shares.")] = 2.0,
    soft: Annotated[
        float, typer.Option(min=0, max=1, help="How much the teacher counts against the text.")
    ] = 0.9,
    hidden: Annotated[float, typer.Option(min=0, help="How much its layers count beside.")] = 0.0,
    seed: Annotated[int, typer.Option(help="The same seed makes the same model.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Let a model learn from another; killed, the same command goes on and ends the same."""
    with _training():
        from steward.lab.shrink.distil import distil as learn
        from steward.lab.shrink.distil import done_with, kind_of
        from steward.lab.shrink.lessons import read_examples
        from steward.lab.shrink.train import Recipe, deliver
    from steward.cli.shrink import progress
    from steward.lab.shrink.text import read_texts
    from steward.models.admission import located
    from steward.models.store import Store

    config: Config = context.obj
    path = _begin(context, model, to)
    knowing = located(teacher, Store(config.paths.cache))[0] if teacher else None
    recipe = Recipe(steps, batch, rate, temperature, soft, hidden, seed)
    asked = read_examples(examples) if examples else ()
    kind, cache = kind_of(int(bits.value)), config.paths.cache
    own = read_texts(texts)
    with progress() as on:

        def heard(done: int, of: int, _: float) -> None:
            on("learning", done, of)

        found, folder = learn(path, knowing, own, asked, recipe, kind, cache, heard)
    figures = {
        "perplexity": {"before": found.before, "after": found.after, "teacher": found.teacher},
        "recipe": {**asdict(recipe), "bits": int(bits.value)},
        "curve": found.curve,
    }
    deliver(found.weights, found.types, to)
    to.with_suffix(".curve.json").write_text(json.dumps(figures) + "\n", encoding="utf-8")
    done_with(folder)
    if as_json:
        print_json(figures)
    else:
        _show(found, to)


def _show(found: Distilled, to: Path) -> None:
    table = _table("before", "after", "teacher")
    known = "" if found.teacher is None else f"{found.teacher:.4g}"
    table.add_row("perplexity", f"{found.before:.4g}", f"{found.after:.4g}", known)
    out.print(table)
    out.print(_line(found.curve))
    log.print(f"wrote {to}", highlight=False, markup=False, soft_wrap=True)


def _begin(context: typer.Context, model: str, to: Path) -> Path:
    """Return the file of the model, once it is sure that the new one can have its name."""
    from steward.models.admission import located
    from steward.models.store import Store

    if to.suffix != ".gguf":
        raise UserError(f"{to} is no name of a model", hint="let it end with .gguf")
    if to.exists():
        raise UserError(f"{to} is there already", hint="remove it, or name another with --out")
    return located(model, Store(context.obj.paths.cache))[0]


def _table(*headings: str) -> Table:
    table = Table()
    table.add_column("on text held back")
    for heading in headings:
        table.add_column(heading, justify="right")
    return table


def _line(curve: tuple[float, ...]) -> str:
    """Return the loss as a line of bars, from the first step to the last."""
    count = min(60, len(curve))
    ends = [at * len(curve) // count for at in range(count + 1)]
    means = [sum(curve[a:b]) / (b - a) for a, b in pairwise(ends)]
    low, high = min(means), max(means)
    bars = "▁▂▃▄▅▆▇█"
    span = (high - low) or 1.0
    line = "".join(bars[round((mean - low) / span * 7)] for mean in means)
    return f"loss {curve[0]:.3f} {line} {curve[-1]:.3f}"


@contextmanager
def _training() -> Iterator[Any]:
    try:
        # Lazy: JAX belongs to the extra `train`.
        yield
    except ModuleNotFoundError as error:
        raise DeviceError(
            f"this needs {error.name}, which is not installed", hint="make extra-train"
        ) from error
