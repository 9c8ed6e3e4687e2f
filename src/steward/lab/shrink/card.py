"""A report for people: a page, and a model card in Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from math import log10

import yaml
from jinja2 import Environment, StrictUndefined

from steward.lab.shrink.report import HELD, Report

LANGUAGES = ("en", "zh")
WIDTH, HEIGHT = 640.0, 260.0
_THOUSAND = 1000
_LEFT, _RIGHT, _TOP, _BOTTOM = 62.0, 20.0, 16.0, 44.0


@dataclass(frozen=True)
class Point:
    """A mixture in the plot, in pixels; `chosen` for the one that was taken."""

    x: float
    y: float
    label: str
    chosen: bool


@dataclass(frozen=True)
class Line:
    """A line of the plot's grid: where it lies, in pixels, and its label."""

    at: float
    label: str


@dataclass(frozen=True)
class Plot:
    """Divergence over size, the former by powers of ten."""

    points: tuple[Point, ...]
    across: tuple[Line, ...]
    up: tuple[Line, ...]


def page(found: Report, language: str = "en") -> str:
    """Return the report as one HTML page, without script, nothing loaded."""
    folder = resources.files("steward.lab.shrink")
    words = yaml.safe_load((folder / "page_words.yaml").read_text(encoding="utf-8"))
    # Names and texts come from files of others: they are text, never markup.
    environment = _environment(autoescape=True)
    template = environment.from_string((folder / "page.html").read_text(encoding="utf-8"))
    chosen = language if language in LANGUAGES else "en"
    return template.render(
        report=found,
        words=words[chosen],
        language=chosen,
        held=HELD,
        plot=plot(found),
        size=(WIDTH, HEIGHT),
    )


def card(found: Report) -> str:
    """Return the model card: what it is, its licence, parent, sums, recipe and figures."""
    folder = resources.files("steward.lab.shrink")
    text = (folder / "card.md").read_text(encoding="utf-8")
    return _environment(autoescape=False).from_string(text).render(report=found)


def plot(found: Report) -> Plot | None:
    """Return the mixtures that were tried as a plot; None where there are fewer than two."""
    if len(found.tried) < 2:
        return None
    sizes = [each.bytes / 1e6 for each in found.tried]
    nats = [log10(max(each.kl, 1e-9)) for each in found.tried]
    wide = (max(sizes) - min(sizes)) or 1.0
    low, high = min(nats) - 0.1, max(nats) + 0.1

    def x(size: float) -> float:
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * (0.04 + 0.92 * (size - min(sizes)) / wide)

    def y(power: float) -> float:
        return _TOP + (HEIGHT - _TOP - _BOTTOM) * (high - power) / (high - low)

    points = tuple(
        Point(x(size), y(power), each.name, each.name == "chosen")
        for each, size, power in zip(found.tried, sizes, nats, strict=True)
    )
    ticks = [min(sizes) + wide * part / 4 for part in range(5)]
    powers = [low + 0.1 + (high - low - 0.2) * part / 3 for part in range(4)]
    return Plot(
        # The chosen one last, so that it is seen where two lie on each other.
        tuple(sorted(points, key=lambda point: point.chosen)),
        tuple(Line(x(size), _short(size)) for size in ticks),
        tuple(Line(y(power), f"{10**power:.2g}") for power in powers),
    )


def _short(value: float) -> str:
    """Return a number with three digits, or as many as stand before its point."""
    return f"{value:.3g}" if value < _THOUSAND else f"{value:,.0f}"


def _environment(*, autoescape: bool) -> Environment:
    environment = Environment(
        autoescape=autoescape,  # noqa: S701 - the card is Markdown; the page is escaped
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["mb"] = lambda size: _short(size / 1e6)
    environment.filters["rate"] = _short
    environment.filters["nats"] = lambda value: f"{value:.4f}"
    environment.filters["percent"] = lambda value: f"{100 * value:.1f}"
    environment.filters["joules"] = lambda value: "?" if value is None else f"{value:.2g}"
    return environment
