"""How a model runs best on this machine, as `steward tune` has measured it."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path

from steward.models.disk import writing
from steward.models.engine import EngineSettings, Scheme
from steward.thinking import CacheType

log = logging.getLogger(__name__)

FOLDER = "profiles"
"""Beside the weights."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What changes the speed of a model and not its words.

    `ahead` runs it by `models/ahead`: `repeats` are the tokens that must stand in the text before,
    for what followed them to be guessed; `heads` and `draft` are the files of trained heads and of
    a smaller model, and `sure` is the chance of being right from which they guess. The others are
    those of `EngineSettings`.
    """

    threads: int
    spin: bool = False
    batch: int = 128
    scheme: Scheme = "none"
    ahead: bool = False
    repeats: int = 0
    heads: str = ""
    draft: str = ""
    sure: float = 0.0

    def settings(self, context: int, cache: CacheType = "f16") -> EngineSettings:
        """Return the settings of llama.cpp's server, its keys and values kept as `cache`."""
        return EngineSettings(
            context=context,
            threads=self.threads,
            spin=self.spin,
            batch=self.batch,
            ubatch=self.batch,
            cache_k=cache,
            cache_v=cache,
            scheme=self.scheme,
        )


def find(folder: Path, model: str) -> Profile | None:
    """Return the profile of the file whose SHA-256 is `model`, None where it was not tuned."""
    path = _place(folder, model)
    if not path.exists():
        return None
    try:
        return Profile(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        log.warning("the profile %s is damaged (run steward tune again): %s", path, error)
        return None


def keep(folder: Path, model: str, profile: Profile) -> Path:
    """Write the profile of the file whose SHA-256 is `model`, and return where.

    Raises:
        ModelError: the folder cannot be written to.
    """
    path = _place(folder, model)
    with writing(path):
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(asdict(profile)) + "\n", encoding="utf-8")
        part.replace(path)
    return path


def forget(folder: Path, model: str) -> bool:
    """Remove the profile of the file whose SHA-256 is `model`; return whether there was one.

    Raises:
        ModelError: it cannot be removed.
    """
    path = _place(folder, model)
    with writing(path):
        found = path.exists()
        path.unlink(missing_ok=True)
    return found


def _place(folder: Path, model: str) -> Path:
    return folder / f"{model}.json"
