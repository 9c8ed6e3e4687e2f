"""Where a hub is, and connections to it."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from steward.errors import PeerError, UserError

PORT = 10378
"""Where a hub listens unless it is told otherwise."""
REACHED = 10.0
"""Seconds in which a hub is reached."""


@dataclass(frozen=True, slots=True)
class Address:
    """A host, by name or address, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        """Return it as it is typed."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """Return the address of the OpenAI-compatible API there."""
        return f"https://{self}/v1"


def address(text: str) -> Address:
    """Read "host", "host:port" or "https://host:port/…".

    Raises:
        UserError: it is none of these.
    """
    try:
        parts = urlsplit(text if "//" in text else f"//{text}")
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if not parts.hostname or parts.scheme not in ("", "https") or parts.username or port == 0:
        raise UserError(
            f"{text!r} is no address of a hub", hint="such as 192.168.1.10 or hub.local"
        )
    return Address(parts.hostname, port or PORT)


async def connected(
    where: Address, context: ssl.SSLContext, limit: int
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to the hub at `where`; the reader takes lines of up to `limit` bytes.

    Raises:
        PeerError: it cannot be reached, or has another key than `context` knows.
    """
    try:
        async with asyncio.timeout(REACHED):
            return await asyncio.open_connection(
                where.host, where.port, ssl=context, server_hostname="", limit=limit
            )
    except ssl.SSLCertVerificationError as error:
        raise PeerError(
            f"the hub at {where} has another key than the one that this machine was paired with",
            hint="if it was set up anew, `steward pair remove` it here and pair again; "
            "if not, another machine claims to be the hub",
        ) from error
    except (OSError, UnicodeError) as error:
        raise PeerError(
            f"no hub can be reached at {where}: {error or 'it is too slow'}",
            hint='see that steward runs there, with [hub] listen = "on"',
        ) from error
