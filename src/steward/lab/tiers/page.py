"""The risk-coverage plot as one HTML page: no script, nothing loaded, light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from math import ceil

from jinja2 import Environment, StrictUndefined

from steward.models.certificates import Certificate

WIDTH, HEIGHT = 520, 300
"""Of one picture, in its own units."""
LEFT, RIGHT, TOP, BOTTOM = 52, 508, 14, 262
"""The frame that lines are drawn in."""
_LEAST_RISK = 0.2
"""The axis of risks goes this far at least, so that little noise does not look like much."""


@dataclass(frozen=True)
class Chart:
    """A picture: its `line` as SVG points, where `ticks` stand and what they say, and a mark."""

    line: str
    ticks: tuple[tuple[float, str], ...]
    level: float | None
    mark: tuple[float, float] | None


def render(certificates: Sequence[Certificate]) -> str:
    """Return the page about `certificates`."""
    # Names of tiers and tasks come from files: they are text, never markup.
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    page = resources.files("steward.lab.tiers") / "page.html"
    return environment.from_string(page.read_text(encoding="utf-8")).render(
        found=[(each, risk(each), quality(each)) for each in certificates],
        size=(WIDTH, HEIGHT),
        frame_=(LEFT, RIGHT, TOP, BOTTOM),
        across=[(_x(share / 4), f"{share * 25}%") for share in range(5)],
    )


def risk(certificate: Certificate) -> Chart:
    """Draw how many of the kept answers are worse, by how many are kept."""
    highest = max([_LEAST_RISK, certificate.alpha, *(p[1] for p in certificate.points)])
    top = ceil(highest * 10) / 10
    mark = None
    if certificate.threshold is not None:
        share = certificate.worse / certificate.kept
        mark = (_x(certificate.kept / certificate.seen), _y(share / top))
    line = " ".join(f"{_x(s):.1f},{_y(r / top):.1f}" for s, r, _ in certificate.points)
    ticks = tuple((_y(part / 2), f"{top * part / 2:.0%}") for part in range(3))
    return Chart(line, ticks, _y(certificate.alpha / top), mark)


def quality(certificate: Certificate) -> Chart:
    """Draw how good all answers are, by how many are kept."""
    marks = [point[2] for point in certificate.points]
    low, high = min(marks), max(marks)
    # A line of one height lies in the middle.
    low, high = (low, high) if high > low else (low - 0.5, high + 0.5)
    line = " ".join(
        f"{_x(s):.1f},{_y((q - low) / (high - low)):.1f}" for s, _, q in certificate.points
    )
    ticks = tuple((_y(part / 2), f"{low + (high - low) * part / 2:.3g}") for part in range(3))
    return Chart(line, ticks, None, None)


def _x(share: float) -> float:
    return LEFT + (RIGHT - LEFT) * share


def _y(part: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * part
