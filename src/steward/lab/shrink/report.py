"""What shrinking did to a model: everything that a person on the device will feel, before and
after, and how it was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from steward.config import Config
from steward.lab.fit.device import Device
from steward.lab.shrink import homes
from steward.lab.shrink.choices import Score, score
from steward.lab.shrink.measure import Figures, figures
from steward.lab.shrink.quantise import OnStep, Tried
from steward.lab.shrink.scores import Likeness, compare
from steward.lab.shrink.target import Target
from steward.lab.shrink.text import Window
from steward.models.disk import sha256

HELD = "held back"
"""The name of the part of the owner's texts that the search did not see."""
QUESTIONS, SHOTS = 200, 5
"""Questions of a multiple-choice set that are asked at most, and examples before each."""


@dataclass(frozen=True)
class Done:
    """A step with the settings that its result depends on."""

    name: str
    settings: Mapping[str, object]


@dataclass(frozen=True)
class Task:
    """A set that both models were asked."""

    before: Score
    after: Score


@dataclass(frozen=True)
class Parent:
    """The model that was shrunk: its name, licence as its file tells it, and SHA-256 (of a folder,
    that of the list of its files' sums)."""

    name: str
    licence: str
    sha256: str


@dataclass(frozen=True)
class Report:
    """The whole account. `likeness` by the name of the text: "held back" is the owner's own.

    `missed` says what of the target was not reached when measured, "" where all was. `here` tells
    that the device is this machine.
    """

    name: str
    sha256: str
    parent: Parent
    target: str
    device: str
    here: bool
    missed: str
    before: Figures
    after: Figures
    likeness: Mapping[str, Likeness]
    tasks: tuple[Task, ...]
    tried: tuple[Tried, ...]
    recipe: tuple[Done, ...]


@dataclass(frozen=True)
class Asked:
    """What is to be reported of: the parent and the file by which it runs (`before`), its weights
    in F16 (`exact`), the new file, the texts in tokens by their names, and folders of
    multiple-choice sets and of sets of homes, for which `config` is the butler's."""

    parent: Parent
    before: Path
    exact: Path
    small: Path
    texts: Mapping[str, Sequence[Window]]
    sets: Sequence[Path]
    homes: Sequence[Path]
    config: Config
    wish: Target
    device: Device
    here: bool
    threads: int


def report(
    asked: Asked, name: str, tried: Sequence[Tried], recipe: Sequence[Done], on: OnStep
) -> Report:
    """Measure both models and compare them.

    Raises:
        ModelError: one of them cannot be run.
        UserError: a set cannot be read.
    """
    on("measuring memory and speed", 0, 2)
    before = figures(asked.before, asked.device, here=asked.here, threads=asked.threads)
    on("measuring memory and speed", 1, 2)
    after = figures(asked.small, asked.device, here=asked.here, threads=asked.threads)
    on("measuring memory and speed", 2, 2)
    likeness = {
        name: compare(
            asked.exact,
            asked.small,
            windows,
            threads=asked.threads,
            on=_told(on, f"reading the text: {name}"),
        )
        for name, windows in asked.texts.items()
    }
    return Report(
        name=name,
        sha256=sha256(asked.small),
        parent=asked.parent,
        target=str(asked.wish),
        device=asked.device.name,
        here=asked.here,
        missed=missed(asked.wish, after, here=asked.here),
        before=before,
        after=after,
        likeness=likeness,
        tasks=(
            *(_choices(asked, folder, on) for folder in asked.sets),
            *(_homes(asked, folder, on) for folder in asked.homes),
        ),
        tried=tuple(tried),
        recipe=tuple(recipe),
    )


def missed(wish: Target, found: Figures, *, here: bool) -> str:
    """Return what of the target a model does not keep to, "" where it does.

    The speed is the measured one on this machine, the predicted one on another.
    """
    parts = []
    if wish.bytes is not None and found.bytes > wish.bytes:
        parts.append(f"{found.bytes / 1e6:.1f} MB instead of {wish.bytes / 1e6:g}")
    speed = found.decode if here else found.predicted
    if wish.speed is not None and speed < wish.speed:
        parts.append(f"{speed:.3g} tokens/s instead of {wish.speed:g}")
    return ", ".join(parts)


def _homes(asked: Asked, folder: Path, on: OnStep) -> Task:
    def scored(path: Path, which: str) -> Score:
        return homes.score(path, folder, asked.config, on=_told(on, f"{folder.name}, {which}"))

    return Task(scored(asked.before, "the original"), scored(asked.small, "the small one"))


def _choices(asked: Asked, folder: Path, on: OnStep) -> Task:
    def scored(path: Path, which: str) -> Score:
        return score(
            path,
            folder,
            threads=asked.threads,
            shots=SHOTS,
            most=QUESTIONS,
            on=_told(on, f"{folder.name}, {which}"),
        )

    return Task(scored(asked.exact, "the original"), scored(asked.small, "the small one"))


def _told(on: OnStep, what: str) -> Callable[[int, int], None]:
    return lambda done, total: on(what, done, total)
