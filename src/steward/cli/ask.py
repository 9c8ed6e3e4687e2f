"""`steward ask`: one turn."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated

import typer

from steward.butler import Butler
from steward.cli.console import CLI, AsJson, log, out, print_json, run
from steward.config import Config
from steward.errors import UserError
from steward.events import Event, Planned, Replied, Silent, Spoke
from steward.plan.risk import yes as yes_to
from steward.types import AudioChunk, Question, Utterance
from steward.wiring import assemble


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
    events = run(_ask(context.obj, said, say, yes))
    if as_json:
        from steward.serve.record import record

        print_json(record(events))
        return
    for event in events:
        if isinstance(event, Replied):
            out.print(event.reply.text, highlight=False, markup=False, soft_wrap=True)
        elif isinstance(event, Silent):
            log.print(f"not spoken: {event.why}", highlight=False, markup=False, soft_wrap=True)


async def _ask(
    config: Config, said: Utterance | AudioChunk, say: Path | None, agree: bool
) -> list[Event]:
    """Return the Events of the turn; with `agree`, of the one that said yes to its question."""
    butler = Butler(assemble(config))
    events = [event async for event in butler.turn(said, aloud=say is not None, origin=CLI)]
    plan = next((event.plan for event in events if isinstance(event, Planned)), None)
    if agree and plan is not None and isinstance(plan.body, Question) and plan.body.calls:
        answer = yes_to(plan.language)
        events = [event async for event in butler.turn(answer, aloud=say is not None, origin=CLI)]
    chunks = [event.audio for event in events if isinstance(event, Spoke)]
    if say is not None and chunks:
        from steward.audio.files import write_wav

        write_wav(say, chunks)
    return events
