"""`steward shrink`: a model made small enough for a device, with what that cost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table

from steward.cli.console import AsJson, log, out, print_json
from steward.config import Config
from steward.errors import UserError

if TYPE_CHECKING:
    from steward.lab.shrink.quantise import OnStep
    from steward.lab.shrink.report import Report

_BAR = 24


def shrink(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="A .gguf file, a folder of Hugging Face's, a name.")],
    target: Annotated[str, typer.Option(help='"300 MB", "30 tokens/s", or both.')],
    texts: Annotated[
        list[Path], typer.Option(help="Your own texts: .txt and .md files, or folders of them.")
    ],
    to: Annotated[Path | None, typer.Option("--out", help="The new file.")] = None,
    device: Annotated[str, typer.Option(help='Another device: "pi 5".')] = "",
    held: Annotated[
        list[Path] | None, typer.Option(help="More texts to measure on, not to search with.")
    ] = None,
    sets: Annotated[
        list[Path] | None, typer.Option(help="Folders of MMLU, C-Eval or CMMLU.")
    ] = None,
    homes: Annotated[
        list[Path] | None, typer.Option(help="Folders of homes, as `steward eval home` takes them.")
    ] = None,
    threads: Annotated[int, typer.Option(min=0, help="0: the physical cores.")] = 0,
    html: Annotated[Path | None, typer.Option(help="Write the report as a page.")] = None,
    language: Annotated[str, typer.Option(help="Of the page: en, zh.")] = "en",
    as_json: AsJson = False,
) -> None:
    """Make a model small enough, and tell what it costs: size, speed, energy, quality."""
    from steward.cli.fit import device_named
    from steward.lab.shrink.run import Request
    from steward.lab.shrink.run import shrink as make
    from steward.lab.shrink.target import target as wished

    config: Config = context.obj
    wish = wished(target)
    path = _located(model, config)
    new = to or Path(f"{path.stem}-small.gguf")
    if new.suffix != ".gguf":
        raise UserError(f"{new} is no name of a model", hint="let it end with .gguf")
    request = Request(
        model=path,
        wish=wish,
        device=device_named(config.paths, device, "", "", again=False),
        here=not device,
        texts=texts,
        held=held or (),
        sets=sets or (),
        homes=homes or (),
        out=new,
        config=config,
        threads=threads,
    )
    with progress() as on:
        found = make(request, on)
    if html is not None:
        _write_page(found, language, html)
    if as_json:
        from pydantic_core import to_jsonable_python

        print_json(to_jsonable_python(found))
        return
    _show(found, new)


def _located(model: str, config: Config) -> Path:
    from steward.models.admission import located
    from steward.models.store import Store

    folder = Path(model).expanduser()
    return folder if folder.is_dir() else located(model, Store(config.paths.cache))[0]


def _write_page(found: Report, language: str, html: Path) -> None:
    from steward.lab.shrink.card import page
    from steward.models.disk import writing

    with writing(html):
        html.write_text(page(found, language), encoding="utf-8")


def _show(found: Report, new: Path) -> None:
    table = Table(title=f"{escape(found.name)}, from {escape(found.parent.name)}")
    for heading in ("", "before", "after"):
        table.add_column(heading, justify="left" if not heading else "right")
    before, after = found.before, found.after
    table.add_row("file, MB", f"{before.bytes / 1e6:.1f}", f"{after.bytes / 1e6:.1f}")
    table.add_row("memory, MB", f"{before.memory / 1e6:.0f}", f"{after.memory / 1e6:.0f}")
    table.add_row("prompt, tokens/s", f"{before.prefill:.3g}", f"{after.prefill:.3g}")
    table.add_row("answer, tokens/s", f"{before.decode:.3g}", f"{after.decode:.3g}")
    if not found.here:
        name = f"answer on {escape(found.device)}, predicted"
        table.add_row(name, f"{before.predicted:.3g}", f"{after.predicted:.3g}")
    for name, each in found.likeness.items():
        said = escape(name)
        table.add_row(f"perplexity, {said}", f"{each.original:.4g}", f"{each.small:.4g}")
        table.add_row(f"divergence, nats, {said}", "", f"{each.kl:.4f}")
        table.add_row(f"same token, {said}", "", f"{each.agreement:.1%}")
    for task in found.tasks:
        name = f"{escape(task.before.name)}, of {task.before.questions}"
        table.add_row(name, f"{task.before.share:.1%}", f"{task.after.share:.1%}")
    out.print(table)
    out.print(_front(found))
    if found.missed:
        log.print(f"[yellow]the target was not reached:[/] {escape(found.missed)}")
    log.print(f"wrote {new}", highlight=False, markup=False, soft_wrap=True)


def _front(found: Report) -> Table:
    """Return what was tried, each with its divergence as a bar."""
    table = Table(title="What was tried")
    for heading in ("mixture", "MB", "tokens/s, predicted", "divergence, nats", ""):
        table.add_column(heading)
    most = max(each.kl for each in found.tried)
    for each in found.tried:
        bar = "█" * max(1, round(_BAR * each.kl / most))
        style = "green" if each.name == "chosen" else ""
        cells = (each.name, f"{each.bytes / 1e6:.1f}", f"{each.speed:.3g}", f"{each.kl:.4f}", bar)
        table.add_row(*cells, style=style)
    return table


@contextmanager
def progress() -> Iterator[OnStep]:
    """Show a bar for each thing that is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=log) as progress:
        tasks: dict[str, TaskID] = {}

        def on(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=done)

        yield on
