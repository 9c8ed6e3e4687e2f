"""`steward tune`: find out how a language model runs fastest on this machine."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import psutil
import typer
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from steward.cli.console import AsJson, log, out, print_json

if TYPE_CHECKING:
    from steward.lab.tune.tune import Tuned


def tune(
    context: typer.Context,
    model: Annotated[
        str, typer.Argument(help="A listed model or a GGUF file; without: the one under \\[model].")
    ] = "",
    rounds: Annotated[int, typer.Option(min=1, max=50, help="How often each is measured.")] = 5,
    tokens: Annotated[int, typer.Option(min=2, max=512, help="How long answers may be.")] = 24,
    draft: Annotated[
        str, typer.Option(help="A smaller model with the same tokens, to guess by: as MODEL.")
    ] = "",
    forget: Annotated[bool, typer.Option("--forget", help="Remove what was measured.")] = False,
    as_json: AsJson = False,
) -> None:
    """Measure ways to run a language model on this machine, and keep the fastest.

    None changes what the model says. A minute or two for a small model; let nothing else run
    meanwhile. The plain defaults of llama.cpp are measured too, and kept where nothing beats them.
    """
    from steward.lab.tune.candidates import CACHES, candidates
    from steward.lab.tune.tune import tune as measure
    from steward.models import profile
    from steward.models.admission import admit, located
    from steward.models.ahead.heads import find_heads
    from steward.models.seals import Seals
    from steward.models.store import Store

    config = context.obj
    store = Store(config.paths.cache)
    folder = store.root.parent / profile.FOLDER

    def admitted(name: str) -> tuple[Path, str]:
        path, listed = located(name, store)
        return path, admit(path, config.model.context, Seals(store.root.parent), listed).sha256

    path, total = admitted(model or config.model.source)
    if forget:
        gone = profile.forget(folder, total)
        out.print("forgotten" if gone else "nothing was known", highlight=False)
        return
    found = candidates(
        psutil.cpu_count(logical=False) or 1,
        heads=str(find_heads(store.root.parent, total) or ""),
        draft=str(admitted(draft)[0].resolve()) if draft else "",
    )
    with Progress(console=log, transient=True) as progress:
        task = progress.add_task("", total=rounds * (len(found) + len(CACHES)))

        def step(name: str) -> None:
            progress.update(task, description=name, advance=1)

        tuned = measure(
            path, found, rounds=rounds, tokens=tokens, context=config.model.context, step=step
        )
    kept = profile.keep(folder, total, tuned.profile)
    if as_json:
        print_json({**asdict(tuned), "kept": str(kept)})
        return
    _show(tuned, found)
    out.print(f"kept for {path.name}: {tuned.best}", highlight=False, markup=False, soft_wrap=True)


def _show(tuned: Tuned, chosen_from: Collection[str]) -> None:
    shown = Table("way to run it", "times as fast", "worst round")
    for name, speed in sorted(tuned.speeds.items(), key=lambda item: -item[1].median):
        mark = " (changes the words)" if name not in chosen_from else ""
        shown.add_row(f"{name}{mark}", f"{speed.median:.2f}", f"{speed.worst:.2f}")
    for name, why in tuned.impossible.items():
        shown.add_row(name, "-", escape(why))
    out.print(shown)
