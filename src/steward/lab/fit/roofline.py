"""The roofline: what a device can compute for each byte that it moves, and where models lie.

Left of the ridge memory is the limit, right of it arithmetic (Williams, Waterman and Patterson
2009, "Roofline: an insightful visual performance model"). Both axes are logarithmic.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from steward.lab.fit.device import ANY, Device
from steward.lab.fit.prediction import Prediction, Range
from steward.lab.fit.settings import Settings
from steward.lab.fit.units import rounded, written
from steward.models.shape import Shape

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 16, 16, 26, 48
_LABEL_HEIGHT = 17
_DOT = 7
_MATTERS = 0.03
"""The part of a model's bytes from which a tensor type is drawn."""
_LABEL_WIDTHS = {"kernel": 60, "decode": 130, "prefill": 130}


@dataclass(frozen=True)
class Point:
    """Something that runs: `intensity` in FLOPs a byte, `speed` in FLOP/s.

    `kind` is "decode" or "prefill", of a model, or "kernel": what one tensor type reaches.
    """

    kind: str
    label: str
    intensity: float
    speed: float


@dataclass(frozen=True)
class Mark:
    """A point in the picture, its label beside it; `anchor` as in SVG."""

    point: Point
    x: float
    y: float
    label_x: float
    label_y: float
    anchor: str
    title: str


@dataclass(frozen=True)
class Chart:
    """The picture: the `roof` as SVG points, ticks as (place, text), and the marks."""

    roof: str
    across: tuple[tuple[float, str], ...]
    up: tuple[tuple[float, str], ...]
    marks: tuple[Mark, ...]


def model_points(shape: Shape, predicted: Prediction, settings: Settings) -> tuple[Point, Point]:
    """Return where a model makes its answer, and where it reads the prompt."""
    work = 2.0 * shape.active
    depth = settings.prompt + settings.answer // 2
    moved = shape.bytes_a_token + predicted.memory.cache * min(1.0, depth / settings.context)
    batch = min(settings.batch, settings.prompt)
    return (
        Point("decode", _rate(predicted.decode), work / moved, work * predicted.decode.likely),
        Point(
            "prefill",
            _rate(predicted.prefill),
            work * batch / shape.bytes,
            work * predicted.prefill.likely,
        ),
    )


def _rate(figure: Range) -> str:
    return f"{rounded(figure.likely)} tokens/s"


def kernel_points(shape: Shape, device: Device, settings: Settings) -> tuple[Point, ...]:
    """Return what the device reaches with each tensor type that much of the model is packed in."""
    known = device.efficiency
    types = {tensor.type for tensor in shape.tensors}
    packed = {
        type_.name: type_.bits / 8
        for type_ in types
        if sum(t.bytes for t in shape.tensors if t.type == type_) > _MATTERS * shape.bytes
    }

    def points() -> Iterator[Point]:
        for name, size in sorted(packed.items(), key=lambda item: item[1]):
            read = known.decode.get(name, known.decode[ANY])
            once = 2 / size
            yield Point("kernel", name, once, read * device.bandwidth * once)
            computed = known.prefill.get(name, known.prefill[ANY])
            many = once * min(settings.batch, settings.prompt)
            yield Point("kernel", name, many, computed * device.arithmetic())

    return tuple(points())


def roofline(device: Device, points: Sequence[Point]) -> Chart:
    """Draw the roof of `device`, and `points` under it."""
    peak, ridge = device.arithmetic(), device.arithmetic() / device.bandwidth
    left = floor(log10(min([ridge / 3, *(p.intensity for p in points)])))
    right = ceil(log10(max([ridge * 3, *(p.intensity for p in points)])))
    low = floor(log10(min([device.bandwidth * 10.0**left, *(p.speed for p in points)])))
    high = ceil(log10(peak * 1.5))

    def x(intensity: float) -> float:
        return _between(log10(intensity), left, right, LEFT, WIDTH - RIGHT)

    def y(speed: float) -> float:
        return _between(log10(speed), low, high, HEIGHT - BOTTOM, TOP)

    start = max(10.0**left, 10.0**low / device.bandwidth)
    roof = ((start, start * device.bandwidth), (ridge, peak), (10.0**right, peak))
    return Chart(
        roof=" ".join(f"{x(i):.1f},{y(s):.1f}" for i, s in roof),
        across=tuple((x(10.0**n), f"{10.0**n:g}") for n in range(left, right + 1)),
        up=tuple((y(10.0**n), written(10.0**n, "FLOP/s")) for n in range(low, high + 1)),
        marks=_marks([(p, x(p.intensity), y(p.speed)) for p in points]),
    )


def _between(value: float, low: float, high: float, start: float, end: float) -> float:
    return start + (value - low) / (high - low) * (end - start)


def _marks(placed: Sequence[tuple[Point, float, float]]) -> tuple[Mark, ...]:
    """Put a label beside each point, further down where it would cover another or its label."""
    taken = [(x - _DOT, y - _DOT, x + _DOT, y + _DOT) for _, x, y in placed]
    done = []
    for point, x, y in sorted(placed, key=lambda each: each[2]):
        width = _LABEL_WIDTHS[point.kind]
        ends = x + _DOT + width > WIDTH
        label_x, label_y = x + (-10 if ends else 10), y + 4
        while _covers(box := _box(label_x, label_y, width, ends), taken):
            label_y += 1
        taken.append(box)
        title = f"{point.label}: {written(point.speed, 'FLOP/s')} at {point.intensity:.3g} FLOP/B"
        done.append(Mark(point, x, y, label_x, label_y, "end" if ends else "start", title))
    return tuple(done)


def _box(x: float, y: float, width: float, ends: bool) -> tuple[float, float, float, float]:
    left = x - width if ends else x
    return left, y - _LABEL_HEIGHT + 4, left + width, y + 4


def _covers(
    box: tuple[float, float, float, float], taken: Sequence[tuple[float, float, float, float]]
) -> bool:
    return any(
        box[0] < right and left < box[2] and box[1] < bottom and top < box[3]
        for left, top, right, bottom in taken
    )
