"""Which file a name means, and whether it may be loaded: native code never sees the others."""

from __future__ import annotations

from pathlib import Path

from steward.errors import ModelError
from steward.models.reading import parts, read_shape
from steward.models.room import check_room
from steward.models.seals import Seal, Seals
from steward.models.shelf import Shelf
from steward.models.store import Store
from steward.thinking import CacheType


def located(source: str, store: Store) -> tuple[Path, str]:
    """Return the file of a set of the weights list, of the shelf, or at a path; and its SHA-256.

    The sum is "" where nobody published it.

    Raises:
        ModelError: there is no such model.
    """
    if source in store.listed.sets:
        files = [file for file in store.listed.sets[source].files if file.name.endswith(".gguf")]
        if len(files) != 1:
            raise ModelError(
                f"the weights {source!r} are no language model",
                hint="set `source` under [model] to smollm2-135m-instruct, say",
            )
        return store.file(source, files[0].name), files[0].sha256
    path = Shelf(store.root.parent).find(source) or Path(source).expanduser()
    if not path.exists():
        raise ModelError(
            f"{source!r} is neither a listed model nor a file",
            hint="name one that `steward models list` shows, or the path of a GGUF file; `source` "
            "under [model] may also be a URL ending in /v1",
        )
    return path, ""


def parts_of(path: Path) -> list[Path]:
    """Return all files of a split model, whose first one is named; else the one file."""
    return [Path(part) for part in parts(str(path))]


def admit(
    path: Path, context: int, seals: Seals, listed: str = "", cache: CacheType = "f16"
) -> Seal:
    """Refuse a file that cannot be run, before it is loaded; return the seal of its first part.

    `cache` is what keys and values of its `context` will be kept in.

    Raises:
        ModelError: it is damaged, no language model, or too large for this machine.
    """
    check_room(read_shape(str(path)), context, cache)
    first, *_ = [seals.check(part, listed) for part in parts_of(path)]
    return first
