"""Both sides of a pairing on a connection: the guest joins, the hub welcomes him.

Four lines of JSON: who the guest is and his half of the exchange; the hub's half; the guest's
proof that he knows the code; the hub's proof, its name and a token for its API. The hub may answer
`{"refused": REASON}` instead.
"""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from steward.errors import PeerError, UserError
from steward.pairing.address import Address, connected
from steward.pairing.exchange import LONGEST, Guest, Host, code, named, parsed
from steward.pairing.identity import Identity, stranger_context
from steward.pairing.pairings import Hub, Pairings
from steward.types import Json

PATIENCE = 15.0
"""Seconds in which a pairing is over."""
_REFUSALS = {
    "closed": (
        "the hub shows no code now",
        "run `steward pair` there; a code is good for two minutes, once, and three tries",
    ),
    "wrong": (
        "the hub shows another code",
        "type the code again; if it is right, somebody may stand between this machine and the hub",
    ),
    "name": (
        "the hub is paired with another machine of this name",
        "choose another --name; or, if it was this machine: steward pair remove NAME on the hub",
    ),
}
_TOKEN = 200
"""Characters of the longest token."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a guest says of himself: the code as somebody typed it, and what he wants to be called.

    Raises:
        UserError: that is no code, or no name.
    """

    digits: str
    name: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "digits", code(self.digits))
        named(self.name)


async def join(own: Identity, address: Address, asked: Asked, pairings: Pairings) -> Hub:
    """Pair this machine with the hub at `address`, and keep what is needed to use it.

    Raises:
        UserError: the hub refuses the code or the name.
        PeerError: the hub cannot be reached, does not know the code, or is no hub.
        StateError: the pairing cannot be kept.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await connected(address, stranger_context(), LONGEST)
            try:
                return await _join(reader, writer, own, address, asked, pairings)
            finally:
                writer.transport.abort()
    except TimeoutError as error:
        raise PeerError(
            f"{address} does not answer as a hub does",
            hint="is it the address and the port of [hub] there?",
        ) from error


async def _join(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    own: Identity,
    address: Address,
    asked: Asked,
    pairings: Pairings,
) -> Hub:
    shown: bytes = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    guest = Guest(asked.digits, own.certificate, shown)
    await _write(writer, guest.hello(asked.name))
    await _write(writer, guest.proof(_accepted(await _read(reader))))
    last = _accepted(await _read(reader))
    guest.check(last)
    token = last.get("token")
    if not isinstance(token, str) or not token.isascii() or not 0 < len(token) <= _TOKEN:
        raise PeerError("the hub gives no token", hint="is it the same version of Steward?")
    try:
        name = named(last.get("name"))
    except UserError as error:
        raise PeerError(f"the hub's name: {error.message}", hint="rename it") from error
    return pairings.keep_hub(name, ssl.DER_cert_to_PEM_cert(shown), str(address), token)


async def welcome(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    own: Identity,
    name: str,
    pairings: Pairings,
    token: Callable[[str], str],
) -> None:
    """Serve one guest who wants to be paired with this hub, called `name`.

    `token` makes a token for a guest by his name.

    Raises:
        PeerError: he speaks otherwise, is too slow or is gone. Only who proves that he knows the
            code is let in; each try counts, also one that is broken off.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            await _welcome(reader, writer, own, name, pairings, token)
    except TimeoutError as error:
        raise PeerError("a machine that is to be paired is too slow", hint="try again") from error
    except OSError as error:
        raise PeerError(f"a machine that is to be paired is gone: {error}", hint="again") from error


async def _welcome(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    own: Identity,
    name: str,
    pairings: Pairings,
    token: Callable[[str], str],
) -> None:
    hello = await _read(reader)
    digits = pairings.attempt()
    if digits is None:
        await _write(writer, {"refused": "closed"})
        return
    host = Host(digits, own.certificate, hello)
    await _write(writer, host.answer())
    if not host.check(await _read(reader)):
        _log.warning("%s tried a wrong code", host.name)
        await _write(writer, {"refused": "wrong"})
    elif not pairings.may_join(host.name, host.certificate):
        await _write(writer, {"refused": "name"})
    elif not pairings.welcome(digits, host.name, host.certificate):
        await _write(writer, {"refused": "closed"})
    else:
        await _write(writer, {**host.proof(), "name": name, "token": token(host.name)})


def _accepted(message: dict[str, Json]) -> dict[str, Json]:
    """Return `message` unless the hub refuses.

    Raises:
        UserError: it does.
    """
    if "refused" not in message:
        return message
    why = str(message["refused"])
    what, hint = _REFUSALS.get(why, ("the hub refuses", "look into its log"))
    raise UserError(what, hint=hint)


async def _read(reader: asyncio.StreamReader) -> dict[str, Json]:
    try:
        return parsed(await reader.readuntil(b"\n"))
    except asyncio.LimitOverrunError as error:
        raise PeerError("a message of the pairing is too long", hint="is it a Steward?") from error
    except (asyncio.IncompleteReadError, OSError) as error:
        raise PeerError(
            "the other machine broke the pairing off", hint="look into its log, and try again"
        ) from error


async def _write(writer: asyncio.StreamWriter, message: dict[str, Json]) -> None:
    try:
        writer.write(json.dumps(message).encode() + b"\n")
        await writer.drain()
    except OSError as error:
        raise PeerError(f"the other machine is gone: {error}", hint="try again") from error
