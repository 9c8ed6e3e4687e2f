"""A published model: a folder with its file, its card, and a manifest that its maker signed.

NAME-VERSION/
    manifest.json      name, version, licence, parent; name, bytes and SHA-256 of each file
    manifest.sig       the Ed25519 signature of the manifest's bytes, in base64
    *.gguf, card.md, report.json

Whoever installs it knows the maker by his public key: the first one under a name is kept, and a
later version must have the same (as SSH knows hosts), and not be older than what is there.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from steward.errors import ModelError, StateError
from steward.models.source import opened

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
_MOST = 1 << 20
_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}"
_WRONG = "do not use it; ask whoever published it"


class PublishedFile(BaseModel):
    """A file of the folder; `size` in bytes."""

    model_config = ConfigDict(frozen=True)
    name: Annotated[str, Field(pattern=rf"^{_NAME}$")]
    size: Annotated[int, Field(gt=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Manifest(BaseModel):
    """What a maker says of a model; `signer` is his public key in base64."""

    model_config = ConfigDict(frozen=True)
    name: Annotated[str, Field(pattern=rf"^{_NAME}$")]
    version: Annotated[str, Field(pattern=r"^\d{1,6}(\.\d{1,6}){0,3}$")]
    licence: str
    parent: str
    signer: Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{43}=$")]
    files: tuple[PublishedFile, ...]

    @property
    def model(self) -> PublishedFile:
        """The model among the files. Raises ModelError where there is not exactly one."""
        found = [file for file in self.files if file.name.endswith(".gguf")]
        if len(found) != 1:
            raise ModelError(f"{self.name} publishes {len(found)} models, not one", hint=_WRONG)
        return found[0]


class _Known(BaseModel):
    signer: str
    version: str


_KNOWN = TypeAdapter(dict[str, _Known])


def is_published(where: str) -> bool:
    """Tell whether `where` names a published folder: a local one, or an address of a manifest."""
    return where.endswith(f"/{MANIFEST}") or (Path(where).expanduser() / MANIFEST).is_file()


def read_manifest(where: str) -> Manifest:
    """Read the manifest of a folder, or at an address, and check its signature.

    Raises:
        UserError: there is none.
        ModelError: it is damaged, or the signature is not that of its signer.
        PeerError: the server did not give it.
    """
    # Lazy: cryptography, for the one time that something is installed.
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    base = _base(where)
    data, signature = _read(f"{base}{MANIFEST}"), _read(f"{base}{SIGNATURE}")
    try:
        found = Manifest.model_validate_json(data)
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(found.signer))
        key.verify(base64.b64decode(signature.strip(), validate=True), data)
    except (ValidationError, ValueError) as error:
        raise ModelError(f"{base}{MANIFEST} is damaged: {error}", hint=_WRONG) from error
    except InvalidSignature as error:
        raise ModelError(f"{base}{MANIFEST} is not what its maker signed", hint=_WRONG) from error
    return found


def place_of(where: str, file: PublishedFile) -> str:
    """Return the path or address of a file of the folder."""
    return f"{_base(where)}{file.name}"


class Makers:
    """The makers' keys that this user has met, and the newest version of each model, by name."""

    def __init__(self, cache: Path) -> None:
        self._path = cache / "makers.json"

    def check(self, manifest: Manifest, signer: str = "") -> None:
        """Refuse a model that another maker signed than before, or an older version.

        `signer` is the public key that it must have, where the user knows it.

        Raises:
            ModelError: the maker is another one, or what is there is newer.
            StateError: what is known cannot be read.
        """
        known = self._all().get(manifest.name)
        wanted = signer or (known.signer if known else manifest.signer)
        if manifest.signer != wanted:
            raise ModelError(
                f"{manifest.name} is signed by {manifest.signer}, not by {wanted}",
                hint="ask its maker; if the key was changed on purpose, name it: --signer KEY",
            )
        if known and not signer and _order(manifest.version) < _order(known.version):
            raise ModelError(
                f"{manifest.name} {manifest.version} is older than {known.version}, which was here",
                hint="if you want it all the same, name its maker: --signer KEY",
            )

    def keep(self, manifest: Manifest) -> None:
        """Remember who made a model that was installed. Raises StateError."""
        known = {**self._all()}
        known[manifest.name] = _Known(signer=manifest.signer, version=manifest.version)
        new = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            new.write_bytes(_KNOWN.dump_json(known, indent=1))
            new.replace(self._path)
        except OSError as error:
            raise StateError(
                f"cannot write {self._path}: {error.strerror}", hint="make its folder writable"
            ) from error

    def _all(self) -> Mapping[str, _Known]:
        try:
            return _KNOWN.validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValidationError) as error:
            raise StateError(
                f"cannot read {self._path}, which keeps the makers' keys: {error}",
                hint=f"put it right, or delete it to trust anew: {self._path}",
            ) from error


def write_manifest(folder: Path, manifest: Manifest, key: bytes) -> None:
    """Write the manifest and its signature; `key` is the private Ed25519 key. Raises OSError."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    said = json.dumps(manifest.model_dump(), ensure_ascii=False, indent=1).encode() + b"\n"
    signature = Ed25519PrivateKey.from_private_bytes(key).sign(said)
    (folder / MANIFEST).write_bytes(said)
    (folder / SIGNATURE).write_bytes(base64.b64encode(signature) + b"\n")


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _base(where: str) -> str:
    if where.endswith(f"/{MANIFEST}"):
        return where.removesuffix(MANIFEST)
    return f"{Path(where).expanduser()}/"


def _read(where: str) -> bytes:
    with opened(where) as source:
        if source.size > _MOST:
            raise ModelError(f"{source.name} is too long for a manifest", hint=_WRONG)
        return source.read(0, source.size)
