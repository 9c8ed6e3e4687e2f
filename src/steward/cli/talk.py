"""`steward talk`: a conversation in the terminal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import typer

from steward.butler import Butler
from steward.cli.console import CLI, log, out, run
from steward.config import Config
from steward.errors import StewardError
from steward.events import Heard, Replied, Spoke
from steward.hearing import Stream
from steward.types import AudioChunk, Utterance
from steward.wiring import assemble


def talk(context: typer.Context) -> None:
    """Hold a conversation in the terminal; an empty line listens until you are done."""
    run(_talk(context.obj))


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
    async for event in butler.turn(said, aloud=aloud, origin=CLI):
        if isinstance(event, Heard) and isinstance(said, Stream):
            log.print(f"> {event.utterance.text}", highlight=False, markup=False, soft_wrap=True)
        elif isinstance(event, Replied):
            out.print(event.reply.text, highlight=False, markup=False, soft_wrap=True)
        elif isinstance(event, Spoke):
            yield event.audio
