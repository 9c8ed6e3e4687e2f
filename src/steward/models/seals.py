"""What a model's file was when it was found to be right, so that damage is found at load.

<cache>/seals/<file>-<path's sum>.json, one for each file. While size and time of change stay as
they were, the file counts as unchanged and is not read; otherwise its SHA-256 tells.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from steward.errors import ModelError
from steward.models.disk import sha256
from steward.models.gguf import Header, read_header
from steward.models.source import opened
from steward.models.values import check_finite, tensor_sums

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Spoken:
    """A piece of text that a model said, and the natural logarithm of its probability."""

    text: str
    logprob: float


@dataclass(frozen=True)
class Seal:
    """`size` in bytes and `changed` in ns since 1970 when the file had this SHA-256.

    `tensors`: the CRC-32 of each. `said`: what it said in its self-test, and `tested` on which
    runtime and processor. `source`: where it was fetched from.
    """

    sha256: str
    size: int
    changed: int
    tensors: dict[str, int]
    source: str = ""
    said: tuple[Spoken, ...] = ()
    tested: str = ""


_SEAL = TypeAdapter(Seal)


class Seals:
    """The seals of this user, under `cache`."""

    def __init__(self, cache: Path) -> None:
        self.folder = cache / "seals"

    def check(self, path: Path, listed: str = "", *, whole: bool = False) -> Seal:
        """Return the seal of the GGUF file `path`; make it when the file is seen first.

        `listed` is the SHA-256 that it must have, if that is known. With `whole` the file is read
        even if it seems unchanged.

        Raises:
            ModelError: the file is missing or damaged, or has weights that are no numbers.
        """
        size, changed = _state(path)
        seal = self.find(path)
        wanted = listed or (seal.sha256 if seal else "")
        same = seal is not None and (seal.size, seal.changed) == (size, changed)
        if seal and same and not whole and seal.sha256 == wanted:
            return seal
        with opened(str(path)) as source:
            header = read_header(source)
        digest = sha256(path)
        if wanted and digest != wanted:
            raise _damaged(path, header, seal)
        if seal and seal.sha256 == digest:
            seal = replace(seal, size=size, changed=changed)
        else:
            check_finite(path, header)
            seal = Seal(digest, size, changed, tensor_sums(path, header))
        self.keep(path, seal)
        return seal

    def find(self, path: Path) -> Seal | None:
        """Return the seal of a file, None where there is none."""
        file = self._file(path)
        if not file.exists():
            return None
        try:
            return _SEAL.validate_json(file.read_bytes())
        except (OSError, ValidationError) as error:
            raise ModelError(
                f"{file} is damaged: what {path.name} should be is not known",
                hint=f"delete {file}; the model is then taken as it is",
            ) from error

    def keep(self, path: Path, seal: Seal) -> None:
        """Write the seal of a file. Where that cannot be, the next start reads the file again."""
        file = self._file(path)
        draft = file.with_suffix(".draft")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(_SEAL.dump_json(seal))
            draft.replace(file)
        except OSError as error:
            log.warning("cannot keep what %s should be: %s", path, error)

    def forget(self, path: Path) -> None:
        """Remove the seal of a file, which is then taken as it is."""
        self._file(path).unlink(missing_ok=True)

    def _file(self, path: Path) -> Path:
        place = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]
        return self.folder / f"{path.name}-{place}.json"


def _state(path: Path) -> tuple[int, int]:
    try:
        state = path.stat()
    except OSError as error:
        raise ModelError(
            f"cannot read the model {path}: {error.strerror}", hint="check the file and its disk"
        ) from error
    return state.st_size, state.st_mtime_ns


def _damaged(path: Path, header: Header, seal: Seal | None) -> ModelError:
    now = tensor_sums(path, header)
    changed = [
        name for name, value in (seal.tensors if seal else {}).items() if now.get(name) != value
    ]
    where = f" in {changed[0]!r}" if changed else ""
    more = f" and {len(changed) - 1} more tensors" if len(changed) > 1 else ""
    return ModelError(
        f"{path} is damaged{where}{more}: its SHA-256 is not what it was",
        hint="fetch it again: steward models get (a listed one: steward setup); if you put another "
        "file there yourself: steward models check --trust",
    )
