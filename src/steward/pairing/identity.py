"""This machine's key and certificate, and TLS that knows a peer by his certificate alone.

No authority signs anything and no name is compared: a peer is who holds the key of the certificate
that was exchanged when the machines were paired.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from steward.errors import PeerError, StateError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

PAIR, SATELLITE, HTTP = "steward-pair/1", "steward-satellite/1", "http/1.1"
"""What is spoken on a connection to a hub, by ALPN (RFC 7301)."""
LARGEST = 4096
"""Characters of the longest certificate that is read, in PEM; ours have 600."""
_FILE = "identity.pem"
_HINT = "the other side is no Steward, or broken: look into its log"


@dataclass(frozen=True, slots=True)
class Identity:
    """This machine. `file` holds its private key and its certificate, of which this is the PEM."""

    file: Path
    certificate: str


def identity(state: Path) -> Identity:
    """Return this machine's identity, which is made at the first call and kept in `state`.

    Raises:
        StateError: its file is damaged, or cannot be read or written.
    """
    path = state / _FILE
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _keep(_made(), path)
        certificate = _certificate(path.read_text(encoding="ascii"))
        server_context(Identity(path, certificate), ())
    except (OSError, ValueError) as error:
        raise StateError(
            f"cannot read or make this machine's key {path}: {error}",
            hint="mend its permissions; if it is damaged, delete it and pair all machines anew",
        ) from error
    return Identity(path, certificate)


def read(pem: object) -> str:
    """Return the certificate in `pem`, which came from outside, written as we write it.

    Raises:
        PeerError: it is no single certificate of an elliptic key.
    """
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

    try:
        if not isinstance(pem, str) or len(pem) > LARGEST:
            raise ValueError("it is too long, or no text")
        found = x509.load_pem_x509_certificates(pem.encode("ascii"))
        if len(found) != 1 or not isinstance(found[0].public_key(), EllipticCurvePublicKey):
            raise ValueError("it is not one certificate of an elliptic key")
    except (ValueError, UnsupportedAlgorithm) as error:
        raise PeerError(f"no certificate can be read: {error}", hint=_HINT) from error
    return _pem(found[0])


def fingerprint(certificate: str | bytes) -> str:
    """Return the SHA-256 of a certificate, in PEM or DER, in hexadecimal."""
    der = certificate if isinstance(certificate, bytes) else ssl.PEM_cert_to_DER_cert(certificate)
    return hashlib.sha256(der).hexdigest()


def client_context(own: Path, hub: str) -> ssl.SSLContext:
    """Return TLS to the hub whose certificate is `hub`, and to nobody else.

    `own` is the file of this machine's identity.

    A peer with another key fails as `ssl.SSLCertVerificationError`.

    Raises:
        OSError: it cannot be read.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    # The certificate itself is trusted, so that its name says nothing more.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=hub)
    context.load_cert_chain(own)
    return context


def stranger_context() -> ssl.SSLContext:
    """Return TLS to a hub that is not known yet: what it shows is checked by the code."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols([PAIR])
    return context


def server_context(own: Identity, guests: Iterable[str]) -> ssl.SSLContext:
    """Return a hub's TLS: peers show no certificate, to be paired, or one of the `guests`.

    Raises:
        OSError: the file of `own` cannot be read.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_OPTIONAL
    context.num_tickets = 0  # each connection shows its certificate anew
    context.load_cert_chain(own.file)
    context.set_alpn_protocols([PAIR, SATELLITE, HTTP])
    if known := "\n".join(guests):
        context.load_verify_locations(cadata=known)
    return context


def _made() -> str:
    """Return a new private key and its certificate, in PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    # OpenSSL looks for whom to trust by this name, so that two machines must not share it.
    unique = f"steward {secrets.token_hex(16)}"
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, unique)])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # A small device has no clock before it has a network; a pin does not age.
        .not_valid_before(datetime(1970, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(9999, 12, 31, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private.decode() + _pem(built)


def _pem(certificate: Certificate) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM).decode("ascii")


def _keep(pem: str, path: Path) -> None:
    """Write `pem` for the owner's eyes, whole or not at all, and never over one that is there."""
    new = path.with_name(f"{_FILE}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(pem)
    try:
        os.link(new, path)
    except FileExistsError:
        pass  # another process was faster, and its key is the one
    finally:
        new.unlink()


def _certificate(pem: str) -> str:
    begin = pem.find("-----BEGIN CERTIFICATE-----")
    if begin < 0:
        raise ValueError("it holds no certificate")
    return pem[begin:]
