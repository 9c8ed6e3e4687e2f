"""What a long piece of work has found so far, so that it goes on after an interruption."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from steward.errors import ModelError
from steward.models.disk import writing

T = TypeVar("T")


class Work:
    """A folder in which each result lies, whole or not at all, under the name of its question."""

    def __init__(self, folder: Path) -> None:
        """Make the folder; raises ModelError where that cannot be."""
        self.folder = folder
        with writing(folder / "work"):
            folder.mkdir(parents=True, exist_ok=True)

    def kept(self, name: str, make: Callable[[], Any]) -> Any:
        """Return the JSON value under `name`; where there is none, `make` it and keep it.

        Raises:
            ModelError: it cannot be written, or what is kept is damaged.
        """
        path = self.folder / f"{name}.json"
        if path.exists():
            try:
                return json.loads(path.read_bytes())
            except ValueError as error:
                raise ModelError(
                    f"{path} is damaged", hint=f"delete it, then start again: {path}"
                ) from error
        value = make()
        new = path.with_suffix(".new")
        with writing(path):
            new.write_text(json.dumps(value), encoding="utf-8")
            new.replace(path)
        # As the next run would read it: a tuple has become a list.
        return json.loads(json.dumps(value))

    def made(self, name: str, make: Callable[[Path], None]) -> Path:
        """Return the file `name`; where there is none, let `make` write it, whole or not at all."""
        path = self.folder / name
        if not path.exists():
            new = path.with_name(f"{name}.making")
            make(new)
            with writing(path):
                new.replace(path)
        return path

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def digest(*parts: object) -> str:
    """Return a short name for what a result depends on."""
    said = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:16]
