"""The command `steward satellite`: a microphone and a loudspeaker elsewhere in the home."""

from __future__ import annotations

import os
import socket
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

import typer

from steward.audio.wake import find
from steward.config import LOOPBACK, Config
from steward.errors import UserError
from steward.wiring import wake_words

PORT = 10700


def satellite(
    context: typer.Context,
    name: Annotated[str, typer.Option(help="What the satellite is called.")] = "",
    area: Annotated[str, typer.Option(help="The area that it stands in, by name.")] = "",
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 lets the system choose.")] = PORT,
    allow: Annotated[
        list[str] | None,
        typer.Option(help="An address or a network that may connect: the hub. May be repeated."),
    ] = None,
    wav: Annotated[
        Path | None, typer.Option(help="A recording instead of the microphone, heard once.")
    ] = None,
    say: Annotated[
        Path | None, typer.Option(help="Write what would be played to this WAV.")
    ] = None,
) -> None:
    """Wait for the wake word here, and let a hub elsewhere do what is said after it."""
    if host not in LOOPBACK and not allow:
        raise UserError(
            f"{host} is open to the network, and who connects hears what is said after the word",
            hint="say who may: --allow 192.168.1.10, the address of the hub",
        )
    from steward.models.store import Store
    from steward.satellite.settings import Settings

    config: Config = context.obj
    store = Store(config.paths.cache)
    settings = Settings(
        name=name or socket.gethostname(),
        area=area,
        host=host,
        port=port,
        allow=tuple(_network(one) for one in allow or ()),
        word=str(find(wake_words(config)[0])),
        embedding=str(store.file("speech-embedding", "embedding_model.onnx")),
        activity=str(store.file("silero-vad", "silero_vad.onnx")),
        wav=str(wav or ""),
        say=str(say or ""),
    )
    # The command line holds 50 MB of parts that a satellite has no use for, so it is replaced; the
    # allocator keeps nothing for later, and one pool for all threads.
    os.execve(  # noqa: S606 - this same program, with arguments of ours
        sys.executable,
        [sys.executable, "-m", "steward.satellite", settings.written()],
        {**os.environ, "MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "65536"},
    )


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError as error:
        raise UserError(
            f"{text!r} is no address or network: {error}", hint="such as 192.168.1.10"
        ) from error
