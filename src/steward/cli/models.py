"""The commands of `steward models`: which there are, fetching, checking and removing them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from steward import terminal
from steward.cli.console import AsJson, log, out, print_json
from steward.config import Config
from steward.config.models import LanguageModelConfig
from steward.errors import ModelError, UserError
from steward.models.admission import located, parts_of
from steward.models.open import open_model, recheck
from steward.models.published import Makers, is_published, place_of, read_manifest
from steward.models.reading import read_shape
from steward.models.room import check_room
from steward.models.seals import Seals
from steward.models.shelf import Shelf
from steward.models.store import Store

app = typer.Typer(
    help="Find, fetch, list, check and remove language models.",
    epilog='Example: steward models get "Qwen3 0.6B"',
    no_args_is_help=True,
)
KIND = "Q4_K_M"
"""The quantisation that most repositories have, and that loses little."""


@app.command(epilog="Example: steward models search qwen apache")
def search(
    words: Annotated[list[str] | None, typer.Argument(help="Of name, maker, licence.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the open models whose name, maker, licence or languages have all of the words."""
    from steward.models.families import members

    wanted = [word.lower() for word in words or ()]
    found = [
        member
        for member in members()
        for text in [f"{member.name} {member.maker} {member.licence} {member.languages}".lower()]
        if all(word in text for word in wanted)
    ]
    if as_json:
        shown = ("name", "family", "maker", "licence", "languages", "parameters", "gguf")
        print_json([{key: getattr(member, key) for key in shown} for member in found])
        return
    if not found:
        raise UserError(
            "no open model has all of these words",
            hint="use fewer words, or name a file: steward models get hf:OWNER/REPOSITORY/FILE",
        )
    table = Table()
    for heading in ("name", "parameters", "licence", "languages"):
        table.add_column(heading)
    for member in found:
        size = f"{member.parameters / 1e9:.2f} B"
        table.add_row(member.name, size, member.licence, member.languages)
    out.print(table)


@app.command(epilog="Example: steward models get hf:Qwen/Qwen3-0.6B-GGUF/Qwen3-0.6B-Q8_0.gguf")
def get(
    context: typer.Context,
    where: Annotated[
        str,
        typer.Argument(
            help="A name of `search`, hf:OWNER/REPOSITORY/FILE, an address, a path, "
            "a published folder or the address of its manifest.json."
        ),
    ],
    kind: Annotated[str, typer.Option(help="The quantisation, where a name is given.")] = KIND,
    sha256: Annotated[str, typer.Option(help="What the file's SHA-256 must be.")] = "",
    signer: Annotated[
        str, typer.Option(help="Of a published folder: the maker's public key.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Fetch a model, going on where an earlier try stopped; check it, load it and test it."""
    config: Config = context.obj
    store = Store(config.paths.cache)
    if where in store.listed.sets:
        with terminal.progress(log) as on_progress:
            store.fetch(where, on_progress)
        name = where
    else:
        manifest = None
        if is_published(where):
            manifest = read_manifest(where)
            Makers(config.paths.cache).check(manifest, signer)
            file, sha256 = place_of(where, manifest.model), manifest.model.sha256
        else:
            file = _file(where, kind)
        label = Path(file.partition("?")[0]).name
        with terminal.progress(log) as on_progress:
            name = (
                Shelf(config.paths.cache)
                .get(file, lambda done, size: on_progress(label, done, size), expected=sha256)
                .name
            )
        if manifest is not None:
            Makers(config.paths.cache).keep(manifest)
    path, listed = located(name, store)
    problem = _problem(path, config.model.context)
    if problem is None:
        open_model(_plain(name, config), store)
    seal = Seals(config.paths.cache).check(path, listed)
    if as_json:
        print_json({"name": name, "path": str(path), "bytes": seal.size, "sha256": seal.sha256})
        return
    log.print(f"{path}\nsha256 {seal.sha256}", highlight=False, markup=False, soft_wrap=True)
    if problem is not None:
        log.print(f"it cannot run here: {problem.message}", highlight=False, markup=False)
        return
    use = f'to use it, set in the configuration:\n[model]\nsource = "{name}"'
    log.print(use, highlight=False, markup=False)


def _file(where: str, kind: str) -> str:
    """Return where the file is, of a model that may be known by its name."""
    if where.endswith(".gguf") or where.startswith(("hf:", "http://", "https://")):
        return where
    # Lazy: an HTTP client, for the one time that something is fetched.
    from steward.models.families import find
    from steward.models.hub import gguf_of

    return gguf_of(find(where).gguf, kind)


def _plain(name: str, config: Config) -> LanguageModelConfig:
    """Return how a model is tested: without the adapters and the cache of the one in [model]."""
    return LanguageModelConfig(source=name, context=config.model.context)


def _problem(path: Path, context: int) -> ModelError | None:
    try:
        check_room(read_shape(str(path)), context)
    except ModelError as error:
        return error
    return None


@app.command("list", epilog="Example: steward models list --json")
def show(context: typer.Context, as_json: AsJson = False) -> None:
    """List the models of this machine."""
    config: Config = context.obj
    seals = Seals(config.paths.cache)
    rows = [(name, path, seals.find(path)) for name, path in _here(config)]
    if as_json:
        print_json(
            [
                {
                    "name": name,
                    "path": str(path),
                    "bytes": path.stat().st_size,
                    "source": seal.source if seal else "",
                }
                for name, path, seal in rows
            ]
        )
        return
    table = Table()
    for heading in ("name", "size", "from"):
        table.add_column(heading, overflow="fold")
    for name, path, seal in rows:
        size = f"{path.stat().st_size / 1e6:.0f} MB"
        source = (seal.source if seal else "") or "the weights list"
        table.add_row(escape(name), size, escape(source))
    out.print(table)


def _here(config: Config) -> list[tuple[str, Path]]:
    store = Store(config.paths.cache)
    listed = [
        (name, store.file(name, file.name))
        for name, weights in store.listed.sets.items()
        for file in weights.files
        if file.name.endswith(".gguf") and not store.missing([name])
    ]
    return listed + [(kept.name, kept.path) for kept in Shelf(config.paths.cache).kept()]


@app.command(epilog="Example: steward models rm Qwen3-0.6B-Q8_0.gguf")
def rm(
    context: typer.Context, name: Annotated[str, typer.Argument(help="As `list` shows it.")]
) -> None:
    """Delete a model that was fetched."""
    config: Config = context.obj
    if name in Store(config.paths.cache).listed.sets:
        raise UserError(
            f"{name} is of the weights list, which Steward itself uses",
            hint=f"delete its folder, if you must: {config.paths.cache / 'weights' / name}",
        )
    Shelf(config.paths.cache).remove(name)
    log.print(f"{name} is deleted", highlight=False, markup=False)


@app.command(epilog="Example: steward models check smollm2-135m-instruct")
def check(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Names or paths; all, if none.")] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="Take the files as they are now for right.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read models whole, compare their sums, load them, and compare what they compute."""
    config: Config = context.obj
    wanted = names or [name for name, _ in _here(config)]
    rows, failed = [], None
    for name in wanted:
        try:
            row = _checked(name, config, trust)
        except ModelError as error:
            if len(wanted) == 1:
                raise
            failed = failed or error
            row = {"name": name, "error": error.message, "hint": error.hint}
        rows.append(row)
        if not as_json:
            said = (
                f"sound, {row['sha256']}" if "sha256" in row else f"{row['error']}\n  {row['hint']}"
            )
            out.print(f"{name}: {said}", highlight=False, markup=False, soft_wrap=True)
    if as_json:
        print_json(rows)
    if failed is not None:
        raise typer.Exit(failed.exit_code)


def _checked(name: str, config: Config, trust: bool) -> dict[str, str]:
    store = Store(config.paths.cache)
    if trust:
        for part in parts_of(located(name, store)[0]):
            Seals(config.paths.cache).forget(part)
    seal = recheck(_plain(name, config), store)
    return {"name": name, "sha256": seal.sha256, "said": "".join(s.text for s in seal.said)}
