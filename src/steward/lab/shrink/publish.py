"""A versioned, signed folder of a model that others can install: `models/published.py`."""

from __future__ import annotations

import base64
import os
import shutil
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from steward.errors import StateError, UserError
from steward.lab.shrink.card import card
from steward.lab.shrink.report import Report
from steward.models.disk import sha256, writing
from steward.models.published import Manifest, PublishedFile, write_manifest

KEY = "maker.key"
"""The file of the maker's private key in the state folder."""
_LENGTH = 32
_REPORT = TypeAdapter(Report)


def publish(model: Path, to: Path, version: str, state: Path) -> Path:
    """Write `to`/NAME-VERSION, whole or not at all, and return it.

    The report must lie beside the model, as `shrink` left it. The key is made at the first time.

    Raises:
        UserError: the report is missing or of another file, the version is none, or it is there.
        StateError: the key cannot be read or kept.
        ModelError: there is no room.
    """
    found = read_report(model)
    digest = sha256(model)
    if digest != found.sha256:
        raise UserError(
            f"{model} is not the file that its report is about",
            hint="make it again: steward shrink",
        )
    folder = to / f"{model.stem}-{version}"
    if folder.exists():
        raise UserError(f"{folder} is published already", hint="raise the version")
    key = private_key(state)
    new = to / f".{folder.name}.new"
    with writing(folder):
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        shutil.copyfile(model, new / model.name)
        shutil.copyfile(model.with_suffix(".json"), new / "report.json")
        (new / "card.md").write_text(card(found), encoding="utf-8")
        files = tuple(
            PublishedFile(name=path.name, size=path.stat().st_size, sha256=sha256(path))
            for path in sorted(new.iterdir())
        )
        try:
            manifest = Manifest(
                name=model.stem,
                version=version,
                licence=found.parent.licence,
                parent=f"{found.parent.name} {found.parent.sha256}",
                signer=public_key(key),
                files=files,
            )
        except ValidationError as error:
            shutil.rmtree(new)
            wrong = error.errors()[0]["loc"][0]
            raise UserError(
                f"the {wrong} cannot be published: {version if wrong == 'version' else model.stem}",
                hint="a version is 1.0.0; a name has letters, digits, dots and hyphens",
            ) from error
        write_manifest(new, manifest, key)
        new.replace(folder)
    return folder


def read_report(model: Path) -> Report:
    """Return the report beside a model. Raises UserError: there is none, or it is damaged."""
    path = model.with_suffix(".json")
    try:
        return _REPORT.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise UserError(
            f"{path} is no report of what was done to {model.name}",
            hint="name the file that steward shrink wrote, with its .json beside it",
        ) from error


def public_key(private: bytes) -> str:
    """Return the public key of a private one, in base64."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.from_private_bytes(private).public_key()
    return base64.b64encode(key.public_bytes_raw()).decode()


def private_key(state: Path) -> bytes:
    """Return this maker's private key, made at the first time, for his eyes only.

    Raises:
        StateError: it cannot be read or kept.
    """
    path = state / KEY
    try:
        if not path.exists():
            state.mkdir(parents=True, exist_ok=True)
            new = path.with_suffix(".new")
            new.unlink(missing_ok=True)
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(os.urandom(_LENGTH))
            new.replace(path)
        key = path.read_bytes()
    except OSError as error:
        raise StateError(
            f"cannot keep the key {path}: {error.strerror}", hint=f"make {state} writable"
        ) from error
    if len(key) != _LENGTH:
        raise StateError(f"{path} is no key", hint="restore it from a copy, or delete it")
    return key
