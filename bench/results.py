"""Where measurements go: one JSON file each, and a section of RESULTS.md."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import psutil

HERE = Path(__file__).parent


def publish(
    name: str, title: str, data: Mapping[str, object], body: str, command: str = ""
) -> None:
    """Write `data` to results/NAME.json and `body` (Markdown) as a section of RESULTS.md.

    `command` is what makes them, where that is not bench/NAME.py alone.
    """
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    full = {"machine": machine(), **data}
    text = json.dumps(full, indent=2, ensure_ascii=False) + "\n"
    (folder / f"{name}.json").write_text(text, encoding="utf-8")
    page = HERE / "RESULTS.md"
    old = page.read_text(encoding="utf-8") if page.exists() else "# Results\n"
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    made_by = command or f"bench/{name}.py"
    section = f"{begin}\n## {title}\n\n`python {made_by}`, {machine()}\n\n{body}\n{end}\n"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}\n", re.DOTALL)
    new = pattern.sub(lambda _: section, old) if pattern.search(old) else f"{old}\n{section}"
    page.write_text(new, encoding="utf-8")
    print(text)


def machine() -> str:
    """Return this machine in words."""
    cores = psutil.cpu_count(logical=False)
    memory = psutil.virtual_memory().total / 2**30
    python = platform.python_version()
    return f"{cores} cores ({platform.machine()}), {memory:.0f} GiB, Python {python}"


def busy() -> str:
    """Return a sentence to say that others use this machine, "" where nobody does."""
    load = psutil.getloadavg()[0]
    return f" Taken while other programs used the machine (load {load:.0f})." if load > 1 else ""


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Return p50, p90 and p99 of `values`, rounded to hundredths."""
    points = np.percentile(np.array(values), [50, 90, 99])
    return {f"p{p}": round(float(v), 2) for p, v in zip((50, 90, 99), points, strict=True)}


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
