"""The prediction as one HTML page: no script, nothing loaded, light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

import yaml
from jinja2 import Environment, StrictUndefined

from steward.lab.fit.device import Device
from steward.lab.fit.prediction import Prediction, Range
from steward.lab.fit.roofline import HEIGHT, WIDTH, Chart, kernel_points, model_points, roofline
from steward.lab.fit.settings import Settings
from steward.lab.fit.units import parameters, rounded, written
from steward.models.shape import Shape

LANGUAGES = ("en", "zh")
SPEECH = 4.0
"""Tokens/s of somebody who speaks: three words a second."""


@dataclass(frozen=True)
class Candidate:
    """A model, what is predicted of it, and the `family` whose ladder it stands on."""

    name: str
    shape: Shape
    predicted: Prediction
    family: str = ""


@dataclass(frozen=True)
class Part:
    """A part of the memory, from `start` over `width`, in per cent of the bar."""

    kind: str
    size: int
    start: float
    width: float


@dataclass(frozen=True)
class Bar:
    """A range in per cent of the longest one's end."""

    low: float
    likely: float
    high: float


def render(
    device: Device,
    candidates: Sequence[Candidate],
    settings: Settings,
    *,
    shown: str | None = None,
    language: str = "en",
) -> str:
    """Return the page about `candidates` on `device`.

    `shown` names the one whose memory and roofline are drawn; otherwise `choose` does. Words are
    English, or Chinese with `language` "zh".
    """
    folder = resources.files("steward.lab.fit")
    words = yaml.safe_load((folder / "page_words.yaml").read_text(encoding="utf-8"))
    # Names of models and devices come from files of others: they are text, never markup.
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["amount"] = written
    environment.filters["range"] = between
    environment.filters["parameters"] = parameters
    chosen = choose(candidates, shown)
    page = environment.from_string((folder / "page.html").read_text(encoding="utf-8"))
    return page.render(
        language=language if language in LANGUAGES else "en",
        words=words[language if language in LANGUAGES else "en"],
        device=device,
        settings=settings,
        facts=_facts(device),
        ladder=ladder(candidates),
        chosen=chosen,
        parts=chosen and memory_bar(chosen.predicted),
        chart=_chart(device, chosen, settings),
        size=(WIDTH, HEIGHT),
    )


def choose(candidates: Sequence[Candidate], shown: str | None = None) -> Candidate | None:
    """Return the candidate called `shown`, or else the largest that is of use.

    That is one that fits and is as fast as speech; if none is, the fastest or the smallest.
    """
    named = [each for each in candidates if each.name == shown]
    if named or not candidates:
        return named[0] if named else None
    fitting = [each for each in candidates if each.predicted.fits]
    talking = [each for each in fitting if each.predicted.decode.likely >= SPEECH]
    if talking:
        return max(talking, key=lambda each: each.shape.parameters)
    if fitting:
        return max(fitting, key=lambda each: each.predicted.decode.likely)
    return min(candidates, key=lambda each: each.predicted.memory.total)


def ladder(candidates: Sequence[Candidate]) -> Mapping[str, Sequence[tuple[Candidate, Bar]]]:
    """Return the families, each from its smallest to its largest member, with bars of speeds."""
    longest = max((c.predicted.decode.high for c in candidates if c.predicted.fits), default=1.0)
    steps: dict[str, list[tuple[Candidate, Bar]]] = {}
    for each in sorted(candidates, key=lambda one: (one.shape.parameters, one.shape.bytes)):
        speed = each.predicted.decode
        bar = Bar(*(min(100.0, 100 * n / longest) for n in (speed.low, speed.likely, speed.high)))
        steps.setdefault(each.family, []).append((each, bar))
    return steps


def memory_bar(predicted: Prediction) -> tuple[Part, ...]:
    """Return the parts of memory and what stays free, as a bar of the room or what is more."""
    memory = predicted.memory
    sizes = {
        "weights": memory.weights,
        "cache": memory.cache,
        "buffers": memory.buffers,
        "overhead": memory.overhead,
        "free": max(0, predicted.room - memory.total),
    }
    whole, start, parts = sum(sizes.values()), 0.0, []
    for kind, size in sizes.items():
        width = 100 * size / whole
        parts.append(Part(kind, size, start, width))
        start += width
    return tuple(parts)


def between(figure: Range) -> str:
    """Return the ends of a range: "38 to 46"."""
    low, high = rounded(figure.low), rounded(figure.high)
    return low if low == high else f"{low}\u2013{high}"


def _facts(device: Device) -> Sequence[tuple[str, str]]:
    """Return what is known of the device, as names of words and text."""
    facts = {
        "memory": written(device.memory, "B"),
        "room": written(device.room, "B"),
        "bandwidth": written(device.bandwidth, "B/s"),
        "arithmetic": written(device.arithmetic(), "OP/s"),
        "cores": str(device.cores) if device.cores > 1 else None,
        "power": device.power and f"{device.power:g} W",
        "battery": device.battery and f"{device.battery:g} Wh",
        "price": device.price and f"{device.price:,.0f} USD",
    }
    return [(name, text) for name, text in facts.items() if text]


def _chart(device: Device, chosen: Candidate | None, settings: Settings) -> Chart | None:
    if chosen is None:
        return None
    points = (
        *kernel_points(chosen.shape, device, settings),
        *model_points(chosen.shape, chosen.predicted, settings),
    )
    return roofline(device, points)
