"""The page of a prediction: what it draws, and that it needs nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from fitted import DEVICE, SETTINGS, candidate

from steward.lab.fit.page import choose, ladder, memory_bar, render
from steward.lab.fit.roofline import HEIGHT, WIDTH, kernel_points, model_points, roofline

SMALL, LARGE, HUGE = (
    candidate("small", 8, 512),
    candidate("large", 24, 2048),
    candidate("huge", 80, 8192),
)
ALL = (LARGE, HUGE, SMALL)


class _Tags(HTMLParser):
    """Collects tags, and checks that each is closed."""

    VOID = ("meta", "rect", "line", "circle", "polyline", "path", "br")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        # An empty SVG shape may also be written with an end tag, around its title.
        if tag not in self.VOID or tag in {"rect", "circle"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def tags(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Tags()
    parser.feed(page)
    assert not parser.open
    return parser.seen


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_stands_alone(language: str) -> None:
    page = render(DEVICE, ALL, SETTINGS, language=language)
    seen = tags(page)
    assert not {tag for tag, _ in seen} & {"script", "link", "img", "iframe"}
    assert not [
        value for _, attrs in seen for name, value in attrs.items() if name.startswith("on")
    ]
    assert not re.search(r"https?://|url\(|@import", page)
    assert not [attrs for tag, attrs in seen if "style" in attrs]
    for each in ALL:
        assert each.name in page


def test_names_are_text_and_never_markup() -> None:
    evil = replace(SMALL, name="<script>alert(1)</script>")
    page = render(replace(DEVICE, name="<img src=x>"), [evil], SETTINGS)
    assert "<script>" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page


def test_the_largest_that_fits_is_drawn() -> None:
    assert not HUGE.predicted.fits
    assert choose(ALL) is LARGE
    assert choose(ALL, "huge") is HUGE
    assert choose([HUGE]) is HUGE
    assert choose([]) is None


def test_what_is_too_large_says_by_how_much() -> None:
    page = render(DEVICE, [HUGE], SETTINGS, shown="huge")
    assert "Too large by" in page
    assert "does not fit" in page


def test_without_models_the_device_is_shown() -> None:
    page = render(DEVICE, [], SETTINGS)
    assert DEVICE.name in page
    assert "No model was asked about" in page
    tags(page)


def test_the_bar_is_the_room() -> None:
    parts = memory_bar(LARGE.predicted)
    assert sum(part.size for part in parts) == LARGE.predicted.room
    assert parts[-1].start + parts[-1].width == pytest.approx(100)
    over = memory_bar(HUGE.predicted)
    assert sum(part.size for part in over) == HUGE.predicted.memory.total
    assert over[-1].size == 0


def test_a_ladder_goes_up() -> None:
    steps = ladder([replace(each, family="one") for each in ALL])["one"]
    assert [each.name for each, _ in steps] == ["small", "large", "huge"]
    for _, bar in steps:
        assert 0 <= bar.low <= bar.likely <= bar.high <= 100


def test_nothing_lies_above_the_roof_nor_outside_the_picture() -> None:
    points = (
        *kernel_points(LARGE.shape, DEVICE, SETTINGS),
        *model_points(LARGE.shape, LARGE.predicted, SETTINGS),
    )
    assert {point.kind for point in points} == {"kernel", "decode", "prefill"}
    for point in points:
        roof = min(DEVICE.arithmetic(), DEVICE.bandwidth * point.intensity)
        assert point.speed <= roof
    chart = roofline(DEVICE, points)
    assert len(chart.marks) == len(points)
    for mark in chart.marks:
        assert 0 <= mark.x <= WIDTH
        assert 0 <= mark.y <= HEIGHT
    labels = sorted((mark.label_y, mark.label_x) for mark in chart.marks)
    assert len(set(labels)) == len(labels)


def test_an_answer_lies_left_of_the_ridge_and_a_prompt_right_of_its_answer() -> None:
    decode, prefill = model_points(LARGE.shape, LARGE.predicted, SETTINGS)
    assert decode.intensity < DEVICE.arithmetic() / DEVICE.bandwidth
    assert prefill.intensity > decode.intensity * 10
