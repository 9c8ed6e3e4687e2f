"""Measure the candidates in rounds, each round all of them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from steward.errors import ModelError
from steward.lab.tune.candidates import CACHES, PLAIN
from steward.lab.tune.choice import Speed, best, speeds
from steward.lab.tune.work import seconds, works
from steward.models.profile import Profile
from steward.thinking import CacheType


@dataclass(frozen=True)
class Tuned:
    """What came of it: the speed of each candidate, and which is the best.

    `impossible` says why a model cannot be run in some way.
    """

    speeds: Mapping[str, Speed]
    impossible: Mapping[str, str]
    best: str
    profile: Profile


def tune(
    path: Path,
    found: Mapping[str, Profile],
    *,
    rounds: int,
    tokens: int,
    context: int,
    step: Callable[[str], None],
) -> Tuned:
    """Measure `found` and the types of cache; `step` is told each name before it is measured.

    Raises:
        ModelError: the model cannot be run with llama.cpp's defaults.
    """
    tasks, plain = works(tokens), found[PLAIN]
    ways: dict[str, tuple[Profile, CacheType]] = {
        name: (profile, "f16") for name, profile in found.items()
    }
    ways |= {f"cache {cache}": (plain, cache) for cache in CACHES}
    times: dict[str, list[list[float]]] = {}
    impossible: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for name, (profile, cache) in ways.items():
                step(name)
                if name in impossible:
                    continue
                try:
                    taken = seconds(path, profile, tasks, Path(folder), context, cache)
                except ModelError as error:
                    if name == PLAIN:
                        raise
                    impossible[name] = error.message
                    times.pop(name, None)
                    continue
                times.setdefault(name, []).append(taken)
    measured = speeds(times, PLAIN)
    chosen = best({name: speed for name, speed in measured.items() if name in found}, PLAIN)
    return Tuned(measured, impossible, chosen, found[chosen])
