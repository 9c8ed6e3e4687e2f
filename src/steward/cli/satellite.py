"""The command `steward satellite`: a microphone and a loudspeaker elsewhere in the home."""

from __future__ import annotations

import os
import socket
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from steward.audio.wake import find
from steward.config import LOOPBACK, Config
from steward.errors import UserError
from steward.wiring import wake_words

if TYPE_CHECKING:
    from steward.satellite.hub import Hub

LOCAL, PORT = "127.0.0.1", 10700


def satellite(
    context: typer.Context,
    name: Annotated[str, typer.Option(help="What the satellite is called.")] = "",
    hub: Annotated[
        str, typer.Option(help="The hub to be paired with: its address, its name, or: discovered.")
    ] = "",
    code: Annotated[
        str, typer.Option(help="The six digits that `steward pair` on the hub shows.")
    ] = "",
    area: Annotated[str, typer.Option(help="The area that it stands in, by name.")] = "",
    host: Annotated[str, typer.Option(help="The address to listen on.")] = LOCAL,
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
    """Wait for the wake word here, and let a hub elsewhere do what is said after it.

    With --hub the two are paired once by a code, and speak by TLS from then on. Without it, a hub
    connects to this device by the Wyoming protocol, which is not encrypted.
    """
    if code and not hub:
        raise UserError("--code is for a hub", hint="name it: --hub 192.168.1.10, or discovered")
    _check_door(host, port, allow or [], hub)
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
        hub=_hub(config, hub, code, name) if hub else None,
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


def _check_door(host: str, port: int, allow: list[str], hub: str) -> None:
    if hub and (allow or host != LOCAL or port != PORT):
        raise UserError(
            "with --hub the satellite connects to the hub, and nobody connects to it",
            hint="leave --host, --port and --allow away",
        )
    if host not in LOOPBACK and not allow:
        raise UserError(
            f"{host} is open to the network, and who connects hears what is said after the word",
            hint="say who may: --allow 192.168.1.10, the address of the hub; or use --hub",
        )


def _hub(config: Config, wanted: str, code: str, name: str) -> Hub:
    """Return the paired hub that is `wanted`; with a code, or where there is none, it is paired."""
    # Lazy: what pairs is not needed where a hub connects to the satellite.
    from steward.cli.pair import pair
    from steward.pairing.finding import paired
    from steward.pairing.identity import identity
    from steward.pairing.pairings import opened
    from steward.satellite.hub import Hub

    with opened(config.paths.state) as pairings:
        known = None if code else paired(wanted, pairings.hubs())
    known = known or pair(config, wanted, code, name)
    own = identity(config.paths.state)
    return Hub(known.name, known.address, known.certificate, str(own.file))


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError as error:
        raise UserError(
            f"{text!r} is no address or network: {error}", hint="such as 192.168.1.10"
        ) from error
