"""The command `steward`: thin commands over the butler, his server and the lab.

Exit codes are those of `steward.errors`: 0 done, 1 `doctor` found something wrong, 2 the request
cannot be right, 3 this machine lacks something, 4 another machine failed, 130 interrupted.

A command imports what only it needs when it runs: an answer on the command line should be there at
once, and half of that time would go into importing servers, sound and the lab.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import aclosing
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape

from steward import __version__, cli_listen, cli_people, cli_wake, terminal
from steward.butler import Butler
from steward.config import Config, load
from steward.errors import StewardError, UserError
from steward.events import Event, Heard, Planned, Replied, Silent, Spoke
from steward.hearing import Stream
from steward.home import fixtures
from steward.home.local import LocalHome
from steward.models.store import Store
from steward.plan.risk import yes as yes_to
from steward.skills.words import Words
from steward.types import AudioChunk, Call, Done, Meaning, Question, Utterance
from steward.wiring import assemble

T = TypeVar("T")

app = typer.Typer(
    help="A private AI butler for hardware you own. Without a command: start the server.",
    epilog='Example: steward ask "turn on the kitchen light"',
    pretty_exceptions_enable=False,
    no_args_is_help=False,
)
home_app = typer.Typer(help="Show, reset or replace the home.", epilog="Example: steward home")
app.add_typer(home_app, name="home")
app.add_typer(cli_wake.app, name="wake")
app.add_typer(cli_people.app, name="people")
app.command(epilog="Example: steward listen")(cli_listen.listen)
eval_app = typer.Typer(help="Measure understanding on sets of homes and sentences.")
app.add_typer(eval_app, name="eval")

EXAMPLES = (
    "turn on the living room light",
    "把卧室的空调调到二十四度",
    "is the front door locked?",
)
"""What the server suggests to say first."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead.")]
out = Console()
log = Console(stderr=True)


def main() -> None:
    """Run the command line; an error of ours becomes its message, its hint and its exit code."""
    try:
        app()
    except StewardError as error:
        log.print(f"[red]error:[/] {escape(error.message)}", highlight=False, soft_wrap=True)
        log.print(f"[cyan]hint:[/] {escape(error.hint)}", highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)


def _version(wanted: bool) -> None:
    if wanted:
        out.print(__version__, highlight=False)
        raise typer.Exit


@app.callback(invoke_without_command=True)
def steward(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option(help="The TOML file to use.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log what happens.")] = False,
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Start the server on http://127.0.0.1:8377, or run one of the commands below."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(name)s: %(message)s",
        handlers=[RichHandler(console=log, show_path=False)],
    )
    context.obj = load(config)
    if context.invoked_subcommand is None:
        from steward.serve.memory import thrifty

        thrifty()
        _run(_serve(context.obj))


@app.command(epilog='Example: steward ask "set a timer for ten minutes" --json')
def ask(
    context: typer.Context,
    text: Annotated[str | None, typer.Argument(help="The sentence.")] = None,
    wav: Annotated[Path | None, typer.Option(help="A recording to hear instead.")] = None,
    say: Annotated[Path | None, typer.Option(help="Write the spoken reply to this WAV.")] = None,
    language: Annotated[
        str | None, typer.Option(help="Language of the typed text, such as en or zh.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Agree to what he asks leave for.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run one turn from text or a recording."""
    if (text is None) == (wav is None):
        raise UserError(
            "ask needs a sentence or a recording, one of them",
            hint='steward ask "turn on the kitchen light", or steward ask --wav in.wav',
        )
    # One turn leaves nothing worth collecting, and looking for it took a seventh of the time.
    gc.disable()
    said: Utterance | AudioChunk = Utterance(text or "", language)
    if wav:
        from steward.audio.files import read_audio

        said = read_audio(wav)
    events = _run(_ask(context.obj, said, say, yes))
    if as_json:
        from steward.serve.record import record

        _print_json(record(events))
        return
    for event in events:
        if isinstance(event, Replied):
            out.print(event.reply.text, highlight=False, markup=False, soft_wrap=True)
        elif isinstance(event, Silent):
            log.print(f"not spoken: {event.why}", highlight=False, markup=False, soft_wrap=True)


async def _serve(config: Config) -> None:
    from steward.serve.run import serve

    butler = Butler(assemble(config))

    def ready(address: str) -> None:
        out.print(f"Steward is at {address}", highlight=False)
        for sentence in EXAMPLES:
            out.print(f"  {sentence}", highlight=False)

    behind = asyncio.create_task(_behind(butler, config))
    try:
        await serve(butler, config, ready)
    finally:
        behind.cancel()


async def _behind(butler: Butler, config: Config) -> None:
    """Load the models behind the page, which works without them as far as it can; then listen."""
    try:
        await butler.warm()
        if config.wake.listen == "on":
            await cli_listen.by_microphone(butler)
    except StewardError as error:
        log.print(str(error), highlight=False, markup=False, soft_wrap=True)


async def _ask(
    config: Config, said: Utterance | AudioChunk, say: Path | None, agree: bool
) -> list[Event]:
    """Return the Events of the turn; with `agree`, of the one that said yes to its question."""
    butler = Butler(assemble(config))
    events = [event async for event in butler.turn(said, aloud=say is not None)]
    plan = next((event.plan for event in events if isinstance(event, Planned)), None)
    if agree and plan is not None and isinstance(plan.body, Question) and plan.body.calls:
        answer = yes_to(plan.language)
        events = [event async for event in butler.turn(answer, aloud=say is not None)]
    chunks = [event.audio for event in events if isinstance(event, Spoke)]
    if say is not None and chunks:
        from steward.audio.files import write_wav

        write_wav(say, chunks)
    return events


@app.command(epilog="Example: steward talk")
def talk(context: typer.Context) -> None:
    """Hold a conversation in the terminal; an empty line listens until you are done."""
    _run(_talk(context.obj))


async def _talk(config: Config) -> None:
    from steward.audio.microphone import listen, play

    butler = Butler(assemble(config))
    log.print("Say something (Ctrl-D ends; an empty line listens to the microphone).")
    while True:
        try:
            line = await asyncio.to_thread(input, "> ")
        except EOFError:
            return
        try:
            if line.strip():
                async for _ in _sounds(butler, Utterance(line), aloud=False):
                    pass
            else:
                log.print("listening …")
                async with aclosing(listen()) as sound:
                    await play(_sounds(butler, Stream(sound), aloud=True))
        except StewardError as error:
            log.print(str(error), highlight=False, markup=False, soft_wrap=True)


async def _sounds(
    butler: Butler, said: Utterance | Stream, aloud: bool
) -> AsyncIterator[AudioChunk]:
    """Run a turn, print what was heard and replied, and yield the spoken reply."""
    async for event in butler.turn(said, aloud=aloud):
        if isinstance(event, Heard) and isinstance(said, Stream):
            log.print(f"> {event.utterance.text}", highlight=False, markup=False, soft_wrap=True)
        elif isinstance(event, Replied):
            out.print(event.reply.text, highlight=False, markup=False, soft_wrap=True)
        elif isinstance(event, Spoke):
            yield event.audio


@app.command(epilog='Example: steward words --delete "movie time"')
def words(
    context: typer.Context,
    examples: Annotated[
        bool, typer.Option("--examples", help="Your corrections instead, as labelled examples.")
    ] = False,
    delete: Annotated[
        str | None, typer.Option(help="Forget this word; with --examples the one numbered so.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List or delete what you taught the butler: names, routines and corrections."""
    config: Config = context.obj
    kept = Words(config.paths.state / "words.db", lambda: datetime.now().astimezone())
    if delete is not None:
        _run(_forget(kept, delete, examples))
        return
    if examples:
        noted = _run(kept.examples())
        rows = [{"id": key, **example.model_dump()} for key, example in noted]
        shown = terminal.examples_table(rows)
    else:
        known = _run(kept.learned())
        rows = [asdict(word) for word in known]
        shown = terminal.words_table(known, _run(_home(config).world()))
    if as_json:
        _print_json(rows)
    else:
        out.print(shown)


async def _forget(kept: Words, name: str, examples: bool) -> None:
    if examples:
        gone = name.isdecimal() and await kept.drop(int(name))
    else:
        call = Call("words", "words.forget", Meaning("command"), {"phrase": name})
        gone = isinstance(await kept.perform(call), Done)
    if not gone:
        raise UserError(
            f"there is no {'example' if examples else 'word'} {name!r}",
            hint="see what there is: steward words" + (" --examples" if examples else ""),
        )


@app.command("explain", epilog='Example: steward explain "close everything downstairs"')
def explain_sentence(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="The sentence.")],
    language: Annotated[str | None, typer.Option(help="Its language, such as en or zh.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what every stage makes of a sentence, and what would be done; nothing is done."""
    from steward.lab.explain import explain

    found = _run(explain(context.obj, Utterance(text, language)))
    if as_json:
        _print_json(asdict(found))
    else:
        out.print(terminal.explained(found))


@app.command(epilog="Example: steward doctor --json")
def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Check every part and model on this machine by using it."""
    from steward.lab.doctor import examine

    findings = _run(examine(context.obj))
    if as_json:
        _print_json([asdict(finding) for finding in findings])
    else:
        out.print(terminal.findings_table(findings))
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@app.command(epilog="Example: steward setup")
def setup(context: typer.Context) -> None:
    """Fetch the weights that the default configuration needs, and check them."""
    config: Config = context.obj
    store = Store(config.paths.cache)
    with terminal.progress(log) as on_progress:
        store.fetch_defaults(on_progress)
    log.print(f"the weights are complete: {store.root}", highlight=False, soft_wrap=True)


@eval_app.callback()
def evaluate() -> None:
    """Measure understanding on sets of homes and sentences."""


@eval_app.command(
    "home", epilog="Example: steward eval home tests/golden/homes/dev --html out.html"
)
def eval_home(
    context: typer.Context,
    folders: Annotated[list[Path], typer.Argument(help="Folders of sets.")],
    as_json: AsJson = False,
    html: Annotated[
        Path | None, typer.Option(help="Write a page with every failure's trace.")
    ] = None,
) -> None:
    """Run every sentence in a fresh home and compare the whole home before and after."""
    from steward.lab.evaluate.cases import read_sets
    from steward.lab.evaluate.page import write_page
    from steward.lab.evaluate.report import report
    from steward.lab.evaluate.run import run

    cases = read_sets(folders)
    with terminal.counting(log, "sentences", len(cases)) as on_progress:
        found = report(_run(run(context.obj, cases, on_progress)))
    if html is not None:
        write_page(found, html)
    if as_json:
        _print_json(found)
    else:
        out.print(terminal.evaluation_table(found))


@home_app.callback(invoke_without_command=True)
def home(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the home as it is now."""
    if context.invoked_subcommand is None:
        world = _run(_home(context.obj).world())
        if as_json:
            _print_json(asdict(world))
        else:
            out.print(terminal.world_table(world))


@home_app.command(epilog="Example: steward home reset")
def reset(context: typer.Context) -> None:
    """Put the demo home back as it was at first."""
    _run(_home(context.obj).reset())


@home_app.command("load", epilog="Example: steward home load riverside/_fixtures.yaml")
def load_home(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A fixtures file (YAML).")],
) -> None:
    """Put the home that FILE describes in the place of this one."""
    world = fixtures.read(file)
    _run(_home(context.obj).load(world))
    log.print(f"{len(world.entities)} entities in {len(world.areas)} areas", highlight=False)


def _home(config: Config) -> LocalHome:
    return LocalHome(config.paths.state / "home.db", lambda _: None)


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))  # noqa: T201 - stdout is data


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
