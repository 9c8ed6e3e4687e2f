"""What is needed to ask a hub's OpenAI-compatible API: TLS to that hub alone, and a token."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from steward.errors import UserError
from steward.pairing.identity import client_context, fingerprint, identity
from steward.pairing.pairings import opened


@dataclass(frozen=True)
class Trust:
    """TLS to one hub, and what its API wants as `Authorization: Bearer`."""

    context: ssl.SSLContext
    token: str


def trust(state: Path, certificate: str) -> Trust:
    """Return how to reach the paired hub whose certificate has this SHA-256, in hexadecimal.

    `state` is the folder of this machine's pairings.

    Raises:
        UserError: this machine is paired with no such hub.
        StateError: the pairings, or this machine's key, cannot be read.
    """
    with opened(state) as pairings:
        hubs = pairings.hubs()
    for hub in hubs:
        if fingerprint(hub.certificate) == certificate:
            return Trust(client_context(identity(state).file, hub.certificate), hub.token)
    raise UserError(
        f"this machine is not paired with the hub of the certificate {certificate[:12]}…",
        hint="`steward pair` on the hub shows a code, then here: steward pair with ITS-ADDRESS",
    )
