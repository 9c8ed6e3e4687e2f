"""What zeros bring: SmolLM2-135M packed as Q4_0, whole and with half of its connections at zero.

    python bench/shrink_zeros.py [--rounds 7]

Both files are run in turns, and the least time of each counts.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import zlib
from pathlib import Path

import numpy as np

from results import busy, publish, table
from steward.config import Config
from steward.lab.shrink.model import load, write
from steward.lab.shrink.sensitivity import matrices
from steward.lab.shrink.sparse import Scheme, sparse
from steward.models.ahead.network import Network, Past
from steward.models.formats import BY_NAME
from steward.models.store import Store

PROMPT, ANSWER = 64, 24
SCHEMES: tuple[Scheme, ...] = ("magnitude", "2:4")


def seconds(past: Past) -> tuple[float, float]:
    """Return the seconds for a prompt, and for each token after it."""
    past.keep(0)
    begun = time.perf_counter()
    past.compute(list(range(1000, 1000 + PROMPT)), [False] * (PROMPT - 1) + [True])
    read = time.perf_counter()
    for token in range(2000, 2000 + ANSWER):
        past.compute([token], [True])
    return read - begun, (time.perf_counter() - read) / ANSWER


def main() -> None:
    """Pack, run, and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    file = Store(Config().paths.cache).file(
        "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf"
    )
    dense = load(file)
    # Which connections go makes no difference to the speed.
    alike = {name: np.ones(dense.tensors[name].shape[-1], np.float32) for name in matrices(dense)}
    models = {"whole": dense}
    models |= {scheme: sparse(dense, alike, scheme, 0.5) for scheme in SCHEMES}
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        pasts = {}
        for name, weights in models.items():
            path = Path(folder) / f"{name.replace(':', '-')}.gguf"
            write(weights, path, dict.fromkeys(matrices(weights), BY_NAME["Q4_0"]))
            data = path.read_bytes()
            found[name] = {"bytes": len(data), "zipped": len(zlib.compress(data, 1))}
            pasts[name] = Past(Network(path), context=PROMPT + ANSWER, threads=1, batch=PROMPT)
        times = [{name: seconds(past) for name, past in pasts.items()} for _ in range(rounds)]
    for name, figures in found.items():
        prompt, token = (min(each[name][at] for each in times) for at in (0, 1))
        figures |= {"prompt_tokens_s": round(PROMPT / prompt, 1), "tokens_s": round(1 / token, 1)}
    rows = [
        (
            name,
            f"{each['bytes'] / 1e6:.1f}",
            f"{each['zipped'] / 1e6:.1f}",
            each["prompt_tokens_s"],
            each["tokens_s"],
        )
        for name, each in found.items()
    ]
    body = table(
        ("half at zero by", "file, MB", "zipped, MB", "prompt, tokens/s", "answer, tokens/s"), rows
    )
    body += (
        f"\n\nOne thread, the best of {rounds} turns.{busy()} Zeros are stored and multiplied like "
        "other numbers: only what is sent over a line gets smaller."
    )
    publish("shrink_zeros", "Connections at zero", {"models": found}, body)


if __name__ == "__main__":
    main()
