"""The commands of `steward people`: whose voices the butler knows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from steward.config import Config
from steward.errors import UserError
from steward.types import AudioChunk
from steward.wiring import known_voices

if TYPE_CHECKING:
    from steward.speech.known import KnownVoices

SENTENCES = (
    "Turn on the lights in the living room, and close the curtains, please.",
    "What is the weather like tomorrow, and shall I take an umbrella with me?",
    "Remind me at half past seven to water the plants on the balcony.",
)
"""What is read aloud to be known: in any language, and any other words do as well."""

app = typer.Typer(
    help="List, add or forget the people whom the butler knows by their voices.",
    epilog="Example: steward people add Anna one.wav two.wav three.wav",
)
out = Console()
log = Console(stderr=True)


@app.callback(invoke_without_command=True)
def people(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """List who is known; it is a convenience, and no lock: a recording of a voice passes."""
    if context.invoked_subcommand is not None:
        return
    known = asyncio.run(known_voices(context.obj).people())
    if as_json:
        rows = [{"name": name, "since": since} for name, since in known.items()]
        print(json.dumps(rows, ensure_ascii=False, indent=2))  # noqa: T201 - stdout is data
    for name, since in known.items() if not as_json else ():
        out.print(f"{name}, since {since}", highlight=False, markup=False)


@app.command(epilog="Example: steward people add Anna one.wav two.wav three.wav")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What to call the person.")],
    recordings: Annotated[
        list[Path] | None, typer.Argument(help="Three sentences; none: use the microphone.")
    ] = None,
) -> None:
    """Know somebody from now on by the voice in three recorded sentences."""
    asyncio.run(_add(context.obj, name, recordings or ()))


async def _add(config: Config, name: str, recordings: list[Path] | tuple[()]) -> None:
    # Lazy: reading sound takes a fifth of a second, which a list need not wait for.
    from steward.audio.files import read_audio

    sentences: Mapping[str, AudioChunk] = {str(path): read_audio(path) for path in recordings}
    if not recordings:
        sentences = await _recorded()
    since = datetime.now().astimezone().date().isoformat()
    await known_voices(config).enrol(name, since, sentences)
    log.print(f"{name} is known from now on", highlight=False, markup=False)


async def _recorded() -> Mapping[str, AudioChunk]:
    from steward.audio.microphone import listen
    from steward.audio.pcm import join

    found: dict[str, AudioChunk] = {}
    for number, sentence in enumerate(SENTENCES, 1):
        log.print(f"{number}. Press Enter, say this, and press Enter again: {sentence}")
        await asyncio.to_thread(input)
        pieces: list[AudioChunk] = []
        done = asyncio.create_task(asyncio.to_thread(input))
        async with aclosing(listen()) as sound:
            async for piece in sound:
                pieces.append(piece)
                if done.done():
                    break
        found[f"sentence {number}"] = join(pieces)
    return found


@app.command(epilog="Example: steward people delete Anna")
def delete(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Who shall be forgotten.")],
) -> None:
    """Forget somebody's voice."""
    asyncio.run(_delete(known_voices(context.obj), name))


async def _delete(known: KnownVoices, name: str) -> None:
    if not await known.forget(name):
        others = ", ".join(await known.people()) or "nobody"
        raise UserError(f"nobody is called {name!r}", hint=f"known by voice: {others}")
