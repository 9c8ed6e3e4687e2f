"""The report as one HTML page: the figures, and each failure with its trace."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from jinja2 import Environment

from steward.types import Json


def write_page(report: Mapping[str, Json], path: Path) -> None:
    """Write `report`, as `evaluate.report.report` returns it, to `path` as a page of its own."""
    template = resources.files("steward.lab.evaluate") / "report.html"
    # Sentences and replies come from files of others: they are text, never markup.
    page = Environment(autoescape=True).from_string(template.read_text(encoding="utf-8"))
    path.write_text(page.render(report), encoding="utf-8")
