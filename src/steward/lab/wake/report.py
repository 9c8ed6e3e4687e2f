"""What a training gave, for a human: report.md, and a picture of its curves as SVG."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from steward.lab.wake.score import interval, rate_interval
from steward.lab.wake.train import Trained, record

_WIDTH, _HEIGHT, _EDGE = 420, 280, 48
_COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd")

Line = tuple[str, Sequence[tuple[float, float]]]
"""A name and its points."""


def write(trained: Trained, out: Path) -> None:
    """Write report.md, curve.svg and, for programs, report.json to `out`."""
    (out / "report.json").write_text(json.dumps(record(trained), indent=1), encoding="utf-8")
    (out / "report.md").write_text(text(trained), encoding="utf-8")
    (out / "curve.svg").write_text(picture(trained), encoding="utf-8")


def text(trained: Trained) -> str:
    """Return the report as Markdown."""
    chosen, trial, heard = trained.chosen, trained.chosen.trial, trained.chosen.heard
    wakes, nears = len(heard.wakes), len(heard.nears)
    low, high = chosen.missed_interval
    near_low, near_high = interval(round(trial.near * nears), nears)
    _, most = rate_interval(chosen.false, heard.hours)
    asked = (
        "the second network's log odds and the recogniser's evidence together"
        if chosen.asked
        else "the second network's log odds alone, to which the recogniser adds nothing"
    )
    phrases = ", ".join(f"“{phrase}”" for phrase in trained.word.phrases)
    clips = ", ".join(f"{count} {kind}" for kind, count in trained.clips.items())
    rows = "\n".join(
        f"| {t.bound:.1f} | {t.missed:.1%} | {t.near:.1%} | {t.false_an_hour:.2f} |"
        for t in chosen.curve[::5]
    )
    return f"""# Wake word: {phrases}

Trained in {trained.seconds / 60:.0f} minutes on {clips} clips.

Thresholds: first network {trained.word.first}, {chosen.bound} on {asked}. On speakers whom the
networks never heard, in generated rooms and noise, 95% intervals in brackets:

- missed {trial.missed:.1%} ({low:.1%} to {high:.1%}) of {wakes} wakes
- near-phrases taken for it {trial.near:.1%} ({near_low:.1%} to {near_high:.1%}) of {nears}
- false wakes: {chosen.false} in {heard.hours:.2f} h of speech, so at most {most:.1f} an hour; as
  the highest scores fall off, {trial.false_an_hour:.2f} an hour

These are generated voices. How real ones fare: `python bench/wake.py FOLDER` with recordings.

![curves](curve.svg)

| bound | missed | near-phrases taken | false wakes an hour |
| --- | --- | --- | --- |
{rows}
"""


def picture(trained: Trained) -> str:
    """Return two charts as SVG: how the networks learnt, and what each threshold gives."""
    learnt = [
        (f"{name}, {what}", [(float(p.epoch), getattr(p, key)) for p in points])
        for name, points in (("first", trained.first), ("second", trained.second))
        for what, key in (("learnt from", "loss"), ("new speakers", "validation_loss"))
    ]
    curve = trained.chosen.curve
    shares = [
        ("missed", [(t.bound, t.missed) for t in curve]),
        ("near-phrases taken", [(t.bound, t.near) for t in curve]),
    ]
    charts = _chart(0, "loss by epoch", learnt) + _chart(1, "share by bound", shares)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * _WIDTH}" height="{_HEIGHT}" '
        f'font-family="sans-serif" font-size="11">{charts}</svg>\n'
    )


def _chart(place: int, title: str, lines: Sequence[Line]) -> str:
    points = [point for _, several in lines for point in several]
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top = max(max(y for _, y in points), 1e-3)
    wide, high = _WIDTH - 2 * _EDGE, _HEIGHT - 2 * _EDGE

    def at(x: float, y: float) -> str:
        across = (x - left) / ((right - left) or 1)
        return f"{_EDGE + across * wide:.1f},{_HEIGHT - _EDGE - y / top * high:.1f}"

    parts = [
        f'<g transform="translate({place * _WIDTH},0)"><text x="{_EDGE}" y="20">{title}</text>'
    ]
    base = _HEIGHT - _EDGE
    parts.append(
        f'<path d="M{_EDGE},{_EDGE}V{base}H{_WIDTH - _EDGE}" fill="none" stroke="#888"/>'
        f'<text x="{_EDGE}" y="{base + 16}">{left:g}</text>'
        f'<text x="{_WIDTH - _EDGE}" y="{base + 16}" text-anchor="end">{right:g}</text>'
        f'<text x="{_EDGE - 6}" y="{_EDGE + 4}" text-anchor="end">{top:.2f}</text>'
    )
    for index, (name, several) in enumerate(lines):
        drawn = " ".join(at(x, y) for x, y in several)
        colour = _COLOURS[index % len(_COLOURS)]
        parts.append(
            f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
            f'<text x="{_WIDTH - _EDGE}" y="{_EDGE + 14 * index}" text-anchor="end" '
            f'fill="{colour}">{name}</text>'
        )
    return "".join(parts) + "</g>"
