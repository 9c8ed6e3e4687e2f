"""Size of a default install: the locked packages without the developers' tools, and the weights."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from results import publish, table
from steward.config import Config
from steward.models.store import Store

ROOT = Path(__file__).parents[1]
LIMIT_MB = 1000


def folder_mb(path: Path) -> float:
    """Return the size of all files below `path` in megabytes (10^6 bytes)."""
    return sum(f.lstat().st_size for f in path.rglob("*") if not f.is_dir()) / 1e6


def main() -> None:
    """Install into a temporary environment, and measure."""
    with tempfile.TemporaryDirectory() as folder:
        environment = Path(folder) / "venv"
        subprocess.run(
            ["uv", "sync", "--frozen", "--no-dev", "--quiet"],
            cwd=ROOT,
            env={**os.environ, "UV_PROJECT_ENVIRONMENT": str(environment)},
            check=True,
        )
        packages = environment / next(environment.glob("lib/python*/site-packages"))
        largest = sorted(packages.iterdir(), key=folder_mb, reverse=True)[:8]
        sizes = {entry.name: round(folder_mb(entry), 1) for entry in largest}
        installed = folder_mb(environment)
        torch = any(entry.name.startswith(("torch", "nvidia")) for entry in packages.iterdir())
    store = Store(Config().paths.cache)
    weights = {name: round(folder_mb(store.folder(name)), 1) for name in store.listed.defaults}
    total = installed + sum(weights.values())
    data = {
        "total_mb": round(total, 1),
        "limit_mb": LIMIT_MB,
        "packages_mb": round(installed, 1),
        "largest_packages_mb": sizes,
        "weights_mb": weights,
        "torch_or_cuda": torch,
    }
    rows = [
        ("packages", f"{installed:.0f}"),
        *((f"weights: {name}", f"{size:.0f}") for name, size in weights.items()),
        ("**all**", f"**{total:.0f}** (limit {LIMIT_MB})"),
        ("torch or CUDA among them", "yes" if torch else "no"),
    ]
    publish("install", "Size of a default install", data, table(("part", "MB"), rows))


if __name__ == "__main__":
    main()
