"""The command `steward listen`: the microphone stays open, and he answers to his word."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from rich.console import Console

from steward.butler import Butler
from steward.config import Config
from steward.errors import UserError
from steward.events import Event, Heard, Planned, Replied, Spoke
from steward.hearing import ANSWER, TRIGGERED, Attention, Stream, Wake, until
from steward.plan.hush import hushes
from steward.types import AudioChunk, Origin, Question
from steward.wiring import assemble

NOBODY = 4.0
"""Seconds after the word in which somebody begins to speak, or has not meant it."""
_PIECE = 512
"""Samples of a piece of a recording, as a microphone gives them."""
_RATE = 16_000

Trigger = Callable[[], Awaitable[bool]]
"""Waits until something tells that the word may come; False when nothing will any more."""
Play = Callable[[AsyncIterator[AudioChunk]], Coroutine[Any, Any, None]]

out = Console()
log = Console(stderr=True)


def listen(
    context: typer.Context,
    wav: Annotated[
        Path | None,
        typer.Option(help="A recording to hear instead; - is raw 16-bit 16 kHz mono from stdin."),
    ] = None,
    say: Annotated[
        Path | None, typer.Option(help="With --wav: write the spoken replies to this WAV.")
    ] = None,
    trigger: Annotated[
        bool,
        typer.Option(
            "--trigger", help="Listen only for 5 seconds after each line on stdin, from a button."
        ),
    ] = False,
) -> None:
    """Wait for the wake word ("Jarvis"), do what is said after it, and wait again; Ctrl-C ends."""
    config: Config = context.obj
    if trigger and wav is not None:
        raise UserError("a recording has no triggers", hint="leave --wav or --trigger away")
    try:
        asyncio.run(_listen(config, wav, say, trigger))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


async def _listen(config: Config, wav: Path | None, say: Path | None, trigger: bool) -> None:
    butler = Butler(assemble(config))
    if wav is None:
        await butler.warm()
        await by_microphone(butler, await _lines() if trigger else None)
        return
    kept: list[AudioChunk] = []

    async def keep(sounds: AsyncIterator[AudioChunk]) -> None:
        kept.extend([sound async for sound in sounds])

    await converse(butler, _recorded(wav), keep, live=False)
    if say is not None and kept:
        from steward.audio.files import write_wav

        write_wav(say, kept)


async def by_microphone(butler: Butler, trigger: Trigger | None = None) -> None:
    """Answer to the word by this machine's microphone and loudspeaker, until cancelled or, where
    there is a `trigger` to wait for, until it gives no more.

    Raises:
        DeviceError: there is no microphone or loudspeaker, or the word's weights are missing.
    """
    from steward.audio.microphone import listen as sounds
    from steward.audio.microphone import play

    async with aclosing(sounds()) as pieces:
        log.print("listening for the wake word …", highlight=False)
        await converse(butler, pieces, play, trigger, live=True)


async def converse(
    butler: Butler,
    pieces: AsyncIterator[AudioChunk],
    play: Play,
    trigger: Trigger | None = None,
    *,
    live: bool,
) -> None:
    """Run a turn for each wake in `pieces`, until they end.

    Sound that is `live` is heard while he answers, too: his word silences him. A recording waits.
    When he has asked something, the answer needs no word. Where there is a `trigger`, the word is
    listened for only after it.
    """
    talk = _Talk(butler, play)
    while True:
        attention = await butler.attend(until(pieces, talk.answer_due))
        while (wake := await _woken(attention, trigger)) is not None:
            log.print(f"{wake.word} ({wake.second:.2f})", style="dim", highlight=False)
            stream = Stream(attention.following(wake), nobody=NOBODY, after_word=True)
            await talk.hear(stream, live)
        if not talk.answer_due():
            break
        await talk.hear(Stream(pieces, nobody=ANSWER, answer=True), live)
    await talk.end()


class _Talk:
    """What is said to the butler, and the answer that is under way."""

    def __init__(self, butler: Butler, play: Play) -> None:
        self._butler, self._play = butler, play
        self._answer: asyncio.Task[bool] | None = None

    def answer_due(self) -> bool:
        """Tell whether he has just asked something."""
        answer = self._answer
        return answer is not None and answer.done() and not answer.cancelled() and answer.result()

    async def hear(self, stream: Stream, live: bool) -> None:
        """Hear a turn and begin to answer; when it is not `live`, wait until he has answered."""
        self._silence()
        events = self._butler.turn(stream, aloud=True, origin=Origin("microphone"))
        text = await _heard(events)
        if not text or hushes(text):
            await events.aclose()
            if text:
                self._butler.hush("")
            return
        if not stream.answer:
            _show(text)
        # What may be nobody's turn is shown when it is somebody's.
        self._answer = asyncio.create_task(self._run(events, text if stream.answer else ""))
        if not live:
            await self._answer

    async def end(self) -> None:
        """Wait until he has answered."""
        if self._answer is not None:
            await asyncio.wait([self._answer])

    def _silence(self) -> None:
        if self._answer is not None:
            self._answer.cancel()
            self._answer = None

    async def _run(self, events: AsyncGenerator[Event, None], withheld: str) -> bool:
        """Answer aloud; return whether the answer was a question."""
        asked: list[bool] = []
        await self._play(_answered(events, withheld, asked))
        return any(asked)


async def _woken(attention: Attention, trigger: Trigger | None) -> Wake | None:
    if trigger is None:
        return await attention.woken()
    wake = None
    while wake is None and await attention.idle(triggered := asyncio.ensure_future(trigger())):
        if not triggered.result():
            return None
        wake = await attention.woken(TRIGGERED)
    return wake


async def _lines() -> Trigger:
    """Return what waits for a line on stdin."""
    reader, loop = asyncio.StreamReader(), asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)

    async def line() -> bool:
        return bool(await reader.readline())

    return line


async def _heard(events: AsyncGenerator[Event, None]) -> str:
    """Return the words of a turn, empty when there are none."""
    async for event in events:
        if isinstance(event, Heard):
            return event.utterance.text.strip()
    return ""


def _show(text: str) -> None:
    log.print(f"> {text}", highlight=False, markup=False, soft_wrap=True)


async def _answered(
    events: AsyncGenerator[Event, None], withheld: str, asked: list[bool]
) -> AsyncIterator[AudioChunk]:
    """Run the rest of a turn, print the reply, yield its sound; note if it asks something.

    Words that are `withheld` are printed when there is a plan for them.
    """
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Planned):
                asked.append(isinstance(event.plan.body, Question))
                if withheld:
                    _show(withheld)
            elif isinstance(event, Replied):
                out.print(event.reply.text, highlight=False, markup=False, soft_wrap=True)
            elif isinstance(event, Spoke):
                yield event.audio


async def _recorded(wav: Path) -> AsyncIterator[AudioChunk]:
    """Yield a recording piece by piece, and a second of silence; stdin for "-"."""
    if str(wav) == "-":
        async for piece in _raw(sys.stdin.buffer):
            yield piece
    else:
        from steward.audio.files import read_audio

        sound = read_audio(wav)
        for at in range(0, len(sound.pcm), 2 * _PIECE):
            yield AudioChunk(sound.pcm[at : at + 2 * _PIECE], sound.rate)
    for _ in range(_RATE // _PIECE):
        yield AudioChunk(bytes(2 * _PIECE), _RATE)


async def _raw(file: BinaryIO) -> AsyncIterator[AudioChunk]:
    while pcm := await asyncio.to_thread(file.read, 2 * _PIECE):
        yield AudioChunk(pcm[: len(pcm) // 2 * 2], _RATE)
