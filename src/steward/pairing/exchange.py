"""The exchange by which two machines prove to each other that they were told the same code.

SPAKE2 (RFC 9382, as the package `spake2` has it): who stands between them, or claims to be one of
them, has one guess at the code for each exchange and learns nothing to guess by later. Both
certificates are part of what is agreed on: with another one in its place no proof fits. Without
I/O, so that it can be fuzzed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re

from spake2 import SPAKE2_A, SPAKE2_B, SPAKEError
from spake2.ed25519_basic import NotOnCurve

from steward.errors import PeerError, UserError
from steward.pairing.identity import fingerprint, read
from steward.types import Json

LONGEST = 8192
"""Bytes of the longest message, a line of JSON."""
DIGITS = 6
_NAME = re.compile(r"\w[\w .-]{0,31}")
_ELEMENT = 1 + 32
"""Bytes of SPAKE2's message: which side it is of, and an element of the group."""
_HINT = "the other side is no Steward, or broken: look into its log"


def code(text: str) -> str:
    """Return the six digits that somebody typed, with spaces or dashes between them or not.

    Raises:
        UserError: they are not six digits.
    """
    digits = re.sub(r"[\s-]", "", text)
    if not (digits.isascii() and digits.isdigit() and len(digits) == DIGITS):
        raise UserError(
            "the code is six digits", hint="`steward pair` on the hub shows it, such as 042 137"
        )
    return digits


def named(name: object) -> str:
    """Return the name of a machine.

    Raises:
        UserError: it is none.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise UserError(
            "a machine's name has up to 32 letters, digits, spaces, dots and dashes",
            hint="--name kitchen",
        )
    return name


def parsed(line: bytes) -> dict[str, Json]:
    """Read one message.

    Raises:
        PeerError: it is too long, or no JSON object.
    """
    try:
        value = json.loads(line) if len(line) <= LONGEST else None
    except (ValueError, RecursionError) as error:
        raise PeerError("a message of the pairing is no JSON", hint=_HINT) from error
    if not isinstance(value, dict):
        raise PeerError("a message of the pairing is no JSON object", hint=_HINT)
    return value


class Guest:
    """The side that was told the code. `hub` is the certificate that TLS has shown, in DER."""

    def __init__(self, digits: str, certificate: str, hub: bytes) -> None:
        self._spake = SPAKE2_A(digits.encode(), *_names(certificate, fingerprint(hub)))
        self._certificate = certificate
        self._keys: tuple[bytes, bytes] | None = None

    def hello(self, name: str) -> dict[str, Json]:
        """Return the first message."""
        message = self._spake.start().hex()
        return {"name": name, "certificate": self._certificate, "message": message}

    def proof(self, answer: dict[str, Json]) -> dict[str, Json]:
        """Return the message that proves to the hub that the code is known here.

        Raises:
            PeerError: `answer` is not the hub's.
        """
        self._keys = _keys(self._spake, answer)
        return {"proof": self._keys[0].hex()}

    def check(self, answer: dict[str, Json]) -> None:
        """Believe the hub's proof in `answer`.

        Raises:
            PeerError: it does not fit: the hub was told another code, or somebody is in between.
        """
        if self._keys is None or not _fits(answer, self._keys[1]):
            raise PeerError(
                "the hub does not prove that it knows the code: it may be another machine",
                hint="do not use this network, or find out who answers at that address",
            )


class Host:
    """The hub's side, for one guest who has said `hello`."""

    def __init__(self, digits: str, certificate: str, hello: dict[str, Json]) -> None:
        """Read the guest's first message.

        Raises:
            PeerError: it is none.
        """
        self.certificate = read(hello.get("certificate"))
        try:
            self.name = named(hello.get("name"))
        except UserError as error:
            raise PeerError(error.message, hint=error.hint) from error
        ours = fingerprint(certificate)
        self._spake = SPAKE2_B(digits.encode(), *_names(self.certificate, ours))
        self._message = self._spake.start().hex()
        self._keys = _keys(self._spake, hello)

    def answer(self) -> dict[str, Json]:
        """Return the answer to the first message."""
        return {"message": self._message}

    def check(self, message: dict[str, Json]) -> bool:
        """Tell whether the guest proves that he knows the code."""
        return _fits(message, self._keys[0])

    def proof(self) -> dict[str, Json]:
        """Return the hub's own proof, for a guest who has given his."""
        return {"proof": self._keys[1].hex()}


def _names(guest: str, hub: str) -> tuple[bytes, bytes]:
    return f"steward guest {fingerprint(guest)}".encode(), f"steward hub {hub}".encode()


def _keys(spake: SPAKE2_A | SPAKE2_B, message: dict[str, Json]) -> tuple[bytes, bytes]:
    """Return the guest's proof and the hub's.

    Raises:
        PeerError: `message` holds no element of the group.
    """
    value = message.get("message")
    try:
        if not isinstance(value, str) or len(value) != 2 * _ELEMENT:
            raise ValueError("no text of that length")
        shared: bytes = spake.finish(bytes.fromhex(value))
    except (ValueError, SPAKEError, NotOnCurve) as error:
        raise PeerError("a message of the pairing cannot be right", hint=_HINT) from error
    return _proof(shared, b"guest"), _proof(shared, b"hub")


def _proof(shared: bytes, side: bytes) -> bytes:
    return hmac.new(shared, b"steward pairing proof of the " + side, hashlib.sha256).digest()


def _fits(message: dict[str, Json], proof: bytes) -> bool:
    value = message.get("proof")
    # JSON may hold halves of characters, which cannot be encoded.
    return isinstance(value, str) and hmac.compare_digest(
        value.encode("utf-8", "replace"), proof.hex().encode()
    )
