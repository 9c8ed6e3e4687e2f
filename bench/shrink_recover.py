"""How much of the perplexity lost with a quarter of SmolLM2-135M's layers comes back by distilling.

    python bench/shrink_recover.py [--steps 240]

The texts are the docstrings of the Python packages in this environment: those of some packages to
learn from, of others to measure on. Killed and started again, it goes on where it was.
"""

from __future__ import annotations

import argparse
import ast
import time
from collections.abc import Iterator, Sequence
from importlib import metadata, util
from pathlib import Path

import matplotlib.pyplot as plt

from results import publish, table
from steward.config import Config
from steward.lab.shrink import prune
from steward.lab.shrink.model import load, write
from steward.lab.shrink.seen import Rows, rows_of, seen
from steward.lab.shrink.text import windows
from steward.lab.shrink.train import Lesson, Recipe, perplexity, reached, teacher_of, train
from steward.lab.shrink.work import digest
from steward.models.ahead.network import Network
from steward.models.store import Store

LEARNT = ("numpy", "jax", "scipy", "optax", "pydantic", "openai", "hypothesis", "mcp")
HELD = ("matplotlib", "websockets", "filelock", "psutil")
LENGTH, MEASURED, LOOKED, LAYERS = 128, 160, 8, 8
_SHORTEST = 300
IMAGE = Path(__file__).parents[1] / "docs" / "images" / "shrink-recover.png"


def docstrings(package: str) -> Iterator[str]:
    """Yield the docstrings of a package, each once."""
    found = util.find_spec(package)
    folder = Path(str(found.origin)).parent if found else Path(package)
    known = set()
    for file in sorted(folder.rglob("*.py")):
        try:
            tree = ast.parse(file.read_text(encoding="utf-8"))
        except (SyntaxError, UnicodeDecodeError):
            # Templates and samples of broken code are no texts.
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                said = ast.get_docstring(node) or ""
                if len(said) > _SHORTEST and said not in known:
                    known.add(said)
                    yield said


def rows(network: Network, packages: tuple[str, ...]) -> Rows:
    """Return the docstrings of some packages in rows of tokens."""
    joined = ["\n\n".join(docstrings(package)) for package in packages]
    return rows_of(windows(network, joined, LENGTH), LENGTH)


def main() -> None:
    """Prune, distil, measure, and write what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=240)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--layers", type=int, default=LAYERS)
    parser.add_argument("--measured", type=int, default=MEASURED, help="rows to measure on")
    parser.add_argument("--now", action="store_true", help="measure what was learnt so far")
    parser.add_argument("--gguf", type=Path, help="write the student here")
    given = parser.parse_args()
    cache = Config().paths.cache
    path = Store(cache).file("smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf")
    original, network = load(path), Network(path)
    learnt, held = rows(network, LEARNT), rows(network, HELD)
    held = held[:: max(1, len(held) // given.measured)][: given.measured]
    looked = learnt[:: len(learnt) // LOOKED][:LOOKED]
    recipe = Recipe(steps=given.steps, batch=given.batch, rate=given.rate)
    key = digest(path.name, given.layers, recipe.__dict__, learnt.tobytes().hex()[:4096])
    folder = cache / "shrink-bench" / key
    begun = time.process_time()
    met = seen(original, looked, lambda done, of: print(f"looking {done}/{of}", flush=True))
    small = prune.layers(original, met, given.layers)
    if given.now:
        student, curve = reached(small, folder)
    else:
        student, curve = train(
            small,
            Lesson.of(learnt),
            teacher_of(original, small),
            recipe,
            folder,
            lambda done, of, loss: print(f"{done}/{of} {loss:.3f}", flush=True),
        )
    seconds = time.process_time() - begun
    before, pruned, after = (perplexity(each, held) for each in (original, small, student))
    recovered = (pruned - after) / (pruned - before)
    kept = (len(met.influence), len(met.influence) - given.layers)
    taught = len(curve) * recipe.batch * LENGTH
    found = {
        "layers": kept,
        "influence": [round(each, 4) for each in met.influence],
        "perplexity": {"original": before, "pruned": pruned, "distilled": after},
        "recovered": recovered,
        "tokens": {"learnt": taught, "measured": int(held.size)},
        "recipe": {"steps": recipe.steps, "batch": recipe.batch, "rate": recipe.rate},
        "processor_seconds_of_this_run": round(seconds),
        "curve": [round(each, 4) for each in curve],
        "versions": {name: metadata.version(name) for name in ("jax", "optax", *LEARNT, *HELD)},
    }
    draw(curve)
    publish(
        "shrink_recover",
        "A quarter of the layers left out, and distilled",
        found,
        told(kept, (before, pruned, after), taught, int(held.size)),
    )
    if given.gguf:
        write(student, given.gguf)


def told(
    layers: tuple[int, int], found: tuple[float, float, float], taught: int, measured: int
) -> str:
    """Return the section of RESULTS.md: the perplexity before, pruned and distilled."""
    before, pruned, after = found
    recovered = (pruned - after) / (pruned - before)
    lines = [
        (f"{layers[0]} layers, as it comes", f"{before:.2f}"),
        (f"{layers[1]} layers", f"{pruned:.2f}"),
        (f"{layers[1]} layers, distilled", f"{after:.2f}"),
    ]
    return (
        f"{table(('SmolLM2-135M', 'perplexity'), lines)}\n\nOf what the layers took, "
        f"{recovered:.1%} came back, from {taught:,} tokens of docstrings. Measured on "
        f"{measured:,} tokens of docstrings of other packages.\n\n"
        "![The loss of each step](../docs/images/shrink-recover.png)"
    )


def draw(curve: Sequence[float]) -> None:
    """Draw the loss of each step."""
    figure, axes = plt.subplots(figsize=(6, 3), layout="constrained")
    axes.plot(range(1, len(curve) + 1), curve)
    axes.set(xlabel="step", ylabel="loss", ylim=(0, None))
    figure.savefig(IMAGE, dpi=110)


if __name__ == "__main__":
    main()
