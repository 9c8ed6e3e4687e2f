"""Packing a model in a mixture of types that a search found: the last step of shrinking."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import psutil

from steward.errors import UserError
from steward.lab.fit.device import Device
from steward.lab.fit.predict import decode_seconds
from steward.lab.shrink.ggml import Array
from steward.lab.shrink.importance import importance
from steward.lab.shrink.mix import Mix, Options, best, front
from steward.lab.shrink.model import F16, Types, Weights, file_size, load, shape, write
from steward.lab.shrink.options import SETTINGS, bounds, errors, limits, options, possible, types_of
from steward.lab.shrink.scores import compare
from steward.lab.shrink.sensitivity import PROBE, Bench, matrices, parts_of
from steward.lab.shrink.target import Target
from steward.lab.shrink.text import Texts, Window, divide, spread, windows
from steward.lab.shrink.work import Work, digest
from steward.models.ahead.network import Network
from steward.models.formats import TensorType

OnStep: TypeAlias = Callable[[str, int, int], None]
"""Told what is done, how much of it, of how much."""
LENGTH = 256
"""Tokens of a window of text."""
_IMPORTANCE, _HARM, _TRIED = 12, 1, 3
"""Windows for the importance of columns, the harm of each part, and each mixture that is tried."""
_FRONT = 3
_SMALLER = (
    "ask for a larger file or fewer tokens/s, or begin with a smaller model: steward fit --choose"
)
_KIND = "general.file_type"


@dataclass(frozen=True)
class Tried:
    """A mixture that was written and measured: `bytes` of its file, the tokens/s predicted, and
    nats of divergence: predicted, and measured on the texts of the search."""

    name: str
    bytes: int
    speed: float
    predicted: float
    kl: float
    types: Mapping[str, str]


@dataclass(frozen=True)
class Quantise:
    """The step: `texts` of the owner, the `wish`, and the `device` for which speed is predicted."""

    texts: Sequence[str]
    wish: Target
    device: Device
    threads: int = 0
    name: str = field(default="quantise", init=False)

    @property
    def settings(self) -> Mapping[str, object]:
        """What the result depends on beside the model."""
        return {
            "texts": digest(*self.texts),
            "target": str(self.wish),
            "device": self.device.name,
            "threads": self.cores,
        }

    @property
    def cores(self) -> int:
        """Threads that compute: what is summed up depends on how it is divided."""
        return self.threads or psutil.cpu_count(logical=False) or 1

    @property
    def _speed(self) -> object:
        """What the predicted speed depends on: of the device, not what is free of it now."""
        return self.device.name, self.device.bandwidth, asdict(self.device.efficiency)

    def run(self, weights: Weights, folder: Path, on: OnStep) -> Weights:
        """Return the model in the best mixture that keeps to the target.

        What is found is kept in `folder`, so that the same step on the same model, started again,
        goes on and ends with the same result.

        Raises:
            UserError: no mixture keeps to the target, or there is too little text.
            ModelError: the model cannot be run, or there is no room on the disk.
        """
        parts = parts_of(weights)
        refuse(weights, self.wish, self.device)
        work, own = Work(folder), Work(self.own(folder))
        original = work.made("original.gguf", lambda path: _whole(weights, path, on))
        exact = load(original)
        # A mixture has none of the names that this entry knows.
        exact = replace(exact, entries={k: v for k, v in exact.entries.items() if k != _KIND})
        texts = self.divided(original)
        known = _importance(work, original, texts.search, self.cores, on)
        harms = _harms(work, original, parts, known, texts.search, self.cores, on)
        some = options(exact, parts, self.device, harms)
        mixes = _mixes(exact, parts, some, self.wish, self.device)
        for name, mix in mixes.items():
            types = types_of(mix, parts)
            self._try(own, original, name, mix, types, exact, known, texts.search, on)
        chosen = own.made(
            "chosen.gguf",
            lambda path: write(
                exact, path, types_of(mixes[CHOSEN], parts), known, _told(on, "writing")
            ),
        )
        return load(chosen)

    def own(self, folder: Path) -> Path:
        """Return where in the step's folder lies what depends on the target and the device."""
        return folder / digest(str(self.wish), self._speed)

    def divided(self, original: Path) -> Texts:
        """Return the texts in tokens, parted into those of the search and those held back."""
        all_windows = windows(Network(original), self.texts, LENGTH)
        return divide(all_windows, _IMPORTANCE)

    def _try(
        self,
        work: Work,
        original: Path,
        name: str,
        mix: Mix,
        types: Types,
        exact: Weights,
        known: Mapping[str, Array],
        search: Sequence[Window],
        on: OnStep,
    ) -> None:
        def measured() -> dict[str, Any]:
            path = work.folder / f"{name}.gguf"
            write(exact, path, types, known, _told(on, f"writing {name}"))
            likeness = compare(
                original,
                path,
                spread(search, _TRIED),
                threads=self.cores,
                on=_told(on, f"comparing {name}"),
            )
            if name != CHOSEN:
                path.unlink()
            speed = 1 / decode_seconds(shape(exact, types), self.device, SETTINGS)
            kinds = {part: choice.type for part, choice in mix.choices.items()}
            size = file_size(exact, types)
            return asdict(Tried(name, size, speed, mix.harm, likeness.kl, kinds))

        work.kept(f"tried-{name}", measured)


CHOSEN = "chosen"


def tried(folder: Path) -> tuple[Tried, ...]:
    """Return the mixtures that were tried, the smallest first, from `Quantise.own`'s folder."""
    work = Work(folder)
    names = [path.stem for path in folder.glob("tried-*.json")]
    found = [Tried(**work.kept(name, dict)) for name in names]
    return tuple(sorted(found, key=lambda each: (each.bytes, each.name)))


def refuse(weights: Weights, wish: Target, device: Device) -> None:
    """Refuse a target that packing alone cannot reach.

    Raises:
        UserError: the smallest file is larger, or the fastest mixture slower; with the bounds.
    """
    size, speed = bounds(weights, parts_of(weights), device)
    if wish.bytes is not None and size > wish.bytes:
        raise UserError(
            f"{weights.name} cannot be packed into {wish.bytes / 1e6:g} MB: the smallest file has "
            f"{size / 1e6:.0f} MB",
            hint=_SMALLER,
        )
    if wish.speed is not None and speed < wish.speed:
        raise UserError(
            f"{weights.name} cannot reach {wish.speed:g} tokens/s on {device.name}: the fastest "
            f"packing reaches {speed:.3g}",
            hint=_SMALLER,
        )
    parts = parts_of(weights)
    some = options(weights, parts, device, lambda _, kind: -kind.bits)
    if best(some, limits(weights, parts, some, wish, device)) is None:
        raise _both(wish)


def _mixes(
    weights: Weights,
    parts: Mapping[str, Sequence[str]],
    some: Options,
    wish: Target,
    device: Device,
) -> dict[str, Mix]:
    """Return the mixture that is chosen, and others to compare it with."""
    chosen = best(some, limits(weights, parts, some, wish, device))
    if chosen is None:
        raise _both(wish)
    others = [mix for mix in front(some, _FRONT) if mix != chosen]
    return {**{f"mixture {n + 1}": mix for n, mix in enumerate(others)}, CHOSEN: chosen}


def _both(wish: Target) -> UserError:
    return UserError(
        f"no mixture keeps to {wish} at once, though each alone can be reached",
        hint="wish for a little more room, or a little less speed",
    )


def _whole(weights: Weights, path: Path, on: OnStep) -> None:
    types = dict.fromkeys(matrices(weights), F16)
    write(weights, path, types, None, _told(on, "unpacking the original"))


def _importance(
    work: Work, original: Path, search: Sequence[Window], threads: int, on: OnStep
) -> Mapping[str, Array]:
    def make(path: Path) -> None:
        found = importance(
            original,
            matrices(load(original)),
            search,
            threads=threads,
            on=_told(on, "learning which weights matter"),
        )
        with path.open("wb") as file:
            np.savez(file, **found)  # type: ignore[arg-type]

    with np.load(work.made("importance.npz", make)) as file:
        return {name: file[name] for name in file.files}


def _harms(
    work: Work,
    original: Path,
    parts: Mapping[str, Sequence[str]],
    known: Mapping[str, Array],
    search: Sequence[Window],
    threads: int,
    on: OnStep,
) -> Callable[[str, TensorType], float]:
    """Measure the harm of each part at one type; that of the others goes with their errors."""
    weights = load(original)
    bench: list[Bench] = []

    def measured(names: Sequence[str]) -> dict[str, Any]:
        if possible(weights, names) == (F16,):
            return {"nats": 0.0, "errors": {PROBE.name: 1.0}}
        if not bench:
            copy = work.folder / "bench.gguf"
            bench.append(Bench(original, copy, spread(search, _HARM), threads))
        return {"nats": bench[0].harm(names, known), "errors": errors(weights, names, known)}

    found = {}
    for done, (part, names) in enumerate(parts.items()):
        found[part] = work.kept(f"harm-{part}", partial(measured, names))
        on("measuring what each part's precision is worth", done + 1, len(parts))
    (work.folder / "bench.gguf").unlink(missing_ok=True)

    def harm(part: str, kind: TensorType) -> float:
        if kind == F16:
            return 0.0
        each = found[part]
        nats, wrong = float(each["nats"]), each["errors"]
        return nats * float(wrong[kind.name]) / float(wrong[PROBE.name])

    return harm


def _told(on: OnStep, what: str) -> Callable[[int, int], None]:
    return lambda done, total: on(what, done, total)
