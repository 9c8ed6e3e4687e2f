"""Shrinking Gemma 3 270M by a searched mixture of types: `python bench/shrink.py [WORK FOLDER]`.

There is no package with its original weights, only one with a Q4_K_M file. So a stand-in for the
original is drawn: each weight from the interval of numbers that its packed value stands for, all
equally likely, with a fixed seed. From it are made the same Q4_K_M (the type of each tensor as in
the package's file, without an importance matrix) and the searched mixture. The search reads
docs/guides; they are compared on two other texts. Started again, it goes on.
"""

from __future__ import annotations

import pydoc_data.topics
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
import psutil

from results import busy, publish, table
from steward.config import load as configured
from steward.errors import UserError
from steward.lab.fit.device import Device
from steward.lab.fit.probe import this_machine
from steward.lab.fit.running import Trial, measure
from steward.lab.shrink import model
from steward.lab.shrink.ggml import Array
from steward.lab.shrink.options import SETTINGS, bounds
from steward.lab.shrink.quantise import CHOSEN, LENGTH, Quantise, tried
from steward.lab.shrink.scores import Likeness, compare
from steward.lab.shrink.sensitivity import matrices, parts_of
from steward.lab.shrink.target import Target
from steward.lab.shrink.text import Window, read_texts, spread, windows
from steward.lab.shrink.work import Work
from steward.models.ahead.network import Network
from steward.models.store import Store

ROOT = Path(__file__).parent.parent
NAME, FILE = "gemma3-270m", "gemma-3-270m.Q4_K_M.gguf"
SMALLER, FASTER = 0.75, 1.6
"""What is to be reached: at most this share of the bytes, at least so many times as fast."""
SPEEDS = (0.99, 0.97, 0.94, 0.9, 0.8, None)
"""Wishes, as shares of the speed that is predicted for the fastest mixture; at last, none."""
ROUNDS, WINDOWS, TRIED = 3, 8, 3
_WIDTHS = {"Q6_K": 16}
"""Numbers that share a scale, where these are not 32."""


def main() -> None:
    """Make the files, compare them, and publish what came of it."""
    config = configured(None)
    store = Store(config.paths.cache)
    store.fetch(NAME)
    shipped = store.file(NAME, FILE)
    work = Work(Path(sys.argv[1]) if len(sys.argv) > 1 else config.paths.cache / "shrink-bench")
    device = this_machine(store, config.paths.state, print, again=False)
    given = model.load(shipped)
    types = {name: given.kind(name) for name in matrices(given)}
    f16 = dict.fromkeys(types, model.F16)
    reference = work.made("ref.gguf", lambda path: model.write(drawn(given, 0), path, f16))
    exact = model.load(reference)
    usual = work.made("q4_k_m.gguf", lambda path: model.write(exact, path, types))
    chosen, mixes = search(exact, usual, reference, work, device)
    texts = unseen(reference)
    alike = {
        which: {name: likeness(work, reference, path, name, some) for name, some in texts.items()}
        for which, path in (("Q4_K_M", usual), ("mixture", chosen))
    }
    speeds = work.kept("speeds", lambda: raced({"Q4_K_M": usual, "mixture": chosen}))
    report(usual, chosen, alike, speeds, mixes)


def search(
    exact: model.Weights, usual: Path, reference: Path, work: Work, device: Device
) -> tuple[Path, list[dict[str, object]]]:
    """Return the fastest mixture that is small enough and, on the texts of the search, at least
    as near to the original as Q4_K_M (or else the nearest); and all that were tried."""
    texts = read_texts([ROOT / "docs" / "guides"])
    fastest = bounds(exact, parts_of(exact), device)[1]
    size = int(usual.stat().st_size * SMALLER)
    folder = work.folder / "search"
    found: list[dict[str, object]] = []
    limit, nearest = None, (float("inf"), usual)
    for share in SPEEDS:
        step = Quantise(texts, Target(size, share and fastest * share), device)
        try:
            step.run(exact, folder, say)
        except UserError as error:
            print(error.message)
            continue
        if limit is None:
            some = spread(step.divided(folder / "original.gguf").search, TRIED)
            limit = likeness(work, reference, usual, "search", some).kl
        for each in tried(step.own(folder)):
            found.append({**asdict(each), "wish": share})
            if each.name == CHOSEN:
                nearest = min(nearest, (each.kl, step.own(folder) / "chosen.gguf"))
        if nearest[0] <= limit:
            break
    return nearest[1], found


def say(what: str, done: int, total: int) -> None:
    """Tell how far it is."""
    if done == total:
        print(f"{what}: {done} of {total}", flush=True)


def unseen(reference: Path) -> dict[str, tuple[Window, ...]]:
    """Return two texts that the search has not read: the GPL 3, and Python's reference."""
    network = Network(reference)
    topics = pydoc_data.topics.topics
    said = {
        "GPL 3": Path("/usr/share/common-licenses/GPL-3").read_text(encoding="utf-8"),
        "Python's reference": "\n\n".join(topics[name] for name in sorted(topics)[:40]),
    }
    return {name: spread(windows(network, [text], LENGTH), WINDOWS) for name, text in said.items()}


def likeness(
    work: Work, reference: Path, path: Path, name: str, some: tuple[Window, ...]
) -> Likeness:
    """Compare a file with the reference on a text; what was compared is kept."""
    threads = psutil.cpu_count(logical=False) or 1

    def make() -> dict[str, object]:
        found = compare(
            reference, path, some, threads=threads, on=lambda d, t: say(name, d, t), shown=0
        )
        return asdict(found)

    key = f"{path.parent.name}-{path.stem}-{name}".replace(" ", "_")
    kept = work.kept(f"likeness-{key}", make)
    return Likeness(**{**kept, "places": ()})


def raced(files: Mapping[str, Path]) -> dict[str, dict[str, float]]:
    """Return the best of some rounds for each file, which take turns."""
    best: dict[str, dict[str, float]] = {name: {} for name in files}
    for _ in range(ROUNDS):
        for name, path in files.items():
            run = measure(Trial(path, SETTINGS.context, SETTINGS.prompt, SETTINGS.answer))
            found = {"prefill": run.prefill, "decode": run.decode}
            best[name] = {key: max(found[key], best[name].get(key, 0)) for key in found}
            best[name]["memory"] = run.memory
    return best


def report(
    usual: Path,
    chosen: Path,
    alike: Mapping[str, Mapping[str, Likeness]],
    speeds: Mapping[str, Mapping[str, float]],
    mixes: list[dict[str, object]],
) -> None:
    """Write the result."""
    sizes = {"Q4_K_M": usual.stat().st_size, "mixture": chosen.stat().st_size}
    names = list(alike["Q4_K_M"])
    rows = [
        [
            which,
            f"{sizes[which] / 1e6:.1f}",
            f"{speeds[which]['decode']:.1f}",
            f"{speeds[which]['prefill']:.0f}",
            *(f"{alike[which][name].kl:.4f}" for name in names),
            *(f"{100 * alike[which][name].agreement:.1f}" for name in names),
        ]
        for which in alike
    ]
    headings = ["", "MB", "answer, tokens/s", "prompt, tokens/s"]
    headings += [f"KL, {name}" for name in names] + [f"same token %, {name}" for name in names]
    ratio = speeds["mixture"]["decode"] / speeds["Q4_K_M"]["decode"]
    smaller = 1 - sizes["mixture"] / sizes["Q4_K_M"]
    nearer = all(alike["mixture"][name].kl <= alike["Q4_K_M"][name].kl for name in names)
    said = (
        f"The mixture is {smaller:.0%} smaller (wanted: {1 - SMALLER:.0%}), answers {ratio:.2f} "
        f"times as fast (wanted: {FASTER:g}), and its divergence is "
        f"{'' if nearer else 'not '}at most Q4_K_M's on both texts. The original is a stand-in: "
        "drawn from the intervals that the package's Q4_K_M weights stand for; no package has the "
        f"real one.{busy()}"
    )
    data = {
        "bytes": sizes,
        "speeds": speeds,
        "ratio": ratio,
        "smaller": smaller,
        "nearer": nearer,
        "likeness": {w: {n: asdict(a) for n, a in each.items()} for w, each in alike.items()},
        "tried": mixes,
    }
    body = f"{said}\n\n{table(headings, rows)}"
    publish("shrink", "Gemma 3 270M in a searched mixture of types", data, body)


def drawn(weights: model.Weights, seed: int) -> model.Weights:
    """Return the weights as they may have been before they were packed."""
    found: dict[str, Array] = {}
    random = np.random.default_rng(seed)
    for name in matrices(weights):
        values = weights.array(name)
        steps = step(values, _WIDTHS.get(weights.kind(name).name, 32))
        found[name] = values + steps * random.uniform(-0.5, 0.5, values.shape).astype(np.float32)
    return weights.with_tensors(found)


def step(values: Array, width: int) -> Array:
    """Return, for each number, how far apart the numbers are that its block could hold."""
    blocks = np.sort(values.reshape(-1, width), axis=1)
    gaps = np.diff(blocks, axis=1)
    scale = np.abs(blocks).max(axis=1, keepdims=True)
    gaps[gaps <= scale * 1e-4] = np.inf
    least = gaps.min(axis=1, keepdims=True)
    least[~np.isfinite(least)] = 0.0
    return np.broadcast_to(least, (len(blocks), width)).reshape(values.shape)


if __name__ == "__main__":
    main()
