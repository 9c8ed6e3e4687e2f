"""The evaluation runner: what it reads, how it judges, what it reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from steward.config import Config
from steward.errors import FixturesError
from steward.lab.evaluate.cases import Case, Trial, Values, read_sets
from steward.lab.evaluate.compare import judge
from steward.lab.evaluate.page import write_page
from steward.lab.evaluate.report import report
from steward.lab.evaluate.run import run
from steward.types import Entity, Json, World

FIXTURES = """
areas: [{id: den, name: Den}, {id: loft, name: Loft}]
devices: [{id: satellite, name: Satellite, area: den}]
entities:
  - {id: light.den, name: Den Lamp, area: den, state: "off", attributes: {brightness: 0}}
  - {id: light.loft, name: Loft Lamp, area: loft, state: "off", attributes: {brightness: 0}}
"""
CASES = """
category: plain
tests:
  - sentences: [turn on the den lamp, 打开 den lamp]
    expect_changes: {light.den: {state: "on"}}
  - sentences: [turn on the light here]
    context_device: satellite
    expect_changes: {light.den: {state: "on"}}
  - sentences: [turn on the loft lamp]
    expect_changes: {light.den: {state: "on"}}
  - sentences: [flibbertigibbet]
    expect_changes: {light.den: {state: "on"}}
  - sentences: [is the den lamp on]
    setup: {light.den: {state: "on"}}
    expect_response: ["<b>never</b>"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "set" / "hut"
    home.mkdir(parents=True)
    (home / "_fixtures.yaml").write_text(FIXTURES, encoding="utf-8")
    (home / "plain.yaml").write_text(CASES, encoding="utf-8")
    return tmp_path / "set"


def lamp(state: str = "off", **attributes: Json) -> World:
    return World(entities=(Entity("light.den", "Den", state, attributes=attributes),))


def expecting(**changes: Values) -> Trial:
    return Trial(sentences=("x",), expect_changes={"light.den": changes["den"]})


async def test_a_run_tells_right_from_wrong_from_declined(folder: Path, tmp_path: Path) -> None:
    config = Config.model_validate({"model": {"smalltalk": "off"}})
    seen: list[int] = []
    found = report(await run(config, read_sets([folder]), seen.append))
    assert seen == [1, 2, 3, 4, 5, 6]
    totals = [found[key] for key in ("total", "passed", "wrong", "declined", "unanswered")]
    assert totals == [6, 3, 1, 1, 1]
    by = found["by"]
    assert isinstance(by, dict)
    assert set(by) == {"set", "home", "category", "language", "stage"}
    write_page(found, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "flibbertigibbet" in page
    assert "<b>never</b>" not in page


def test_context_is_the_area_of_the_device(folder: Path) -> None:
    areas = {case.sentence: case.area for case in read_sets([folder])}
    assert areas["turn on the light here"] == "den"
    assert areas["turn on the den lamp"] is None


@pytest.mark.parametrize(
    ("after", "verdict"),
    [
        (lamp("on", brightness=76), "passed"),
        (lamp("on", brightness=77), "passed"),
        (lamp("on", brightness=79), "wrong"),
        (lamp("on", brightness=76, rgb_color=[1, 2, 3]), "wrong"),
        (lamp("off", brightness=0), "declined"),
    ],
)
def test_the_whole_difference_counts(after: World, verdict: str) -> None:
    test = expecting(den=Values(state="on", attributes={"brightness": 76}))
    assert judge(test, lamp("off", brightness=0), after, "").verdict == verdict


def test_what_is_ignored_may_change() -> None:
    test = Trial(sentences=("x",), ignore_changes={"light.den": ("brightness",)})
    assert judge(test, lamp(brightness=0), lamp(brightness=9), "").verdict == "passed"
    assert judge(test, lamp(brightness=0), lamp("on", brightness=9), "").verdict == "wrong"


def test_a_thermostat_is_not_moved_by_nearly_enough() -> None:
    test = expecting(den=Values(attributes={"temperature": 21}))
    before = lamp(temperature=20)
    assert judge(test, before, lamp(temperature=21), "").verdict == "passed"
    assert judge(test, before, before, "").verdict == "declined"
    assert judge(test, before, lamp(temperature=22), "").verdict == "wrong"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("plain.yaml", "category: plain\ntests: [{sentences: [x], expect: {}}]"),
        ("plain.yaml", "category: plain\ntests: [{sentences: [x], context_device: nothing}]"),
        ("plain.yaml", "category: [unclosed"),
        ("plain.yaml", "category: p\ntests: [{sentences: [x], setup: {light.no: {state: 'on'}}}]"),
    ],
)
def test_a_bad_case_file_is_a_clear_error(folder: Path, name: str, text: str) -> None:
    (folder / "hut" / name).write_text(text, encoding="utf-8")
    with pytest.raises(FixturesError) as caught:
        read_sets([folder])
    assert name in caught.value.message
    assert caught.value.hint


def test_a_folder_without_a_home_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(FixturesError):
        read_sets([tmp_path])


def test_the_language_of_a_case_is_its_script() -> None:
    test = Trial(sentences=("x",))
    cases = [Case("s", "h", "c", text, test, World()) for text in ("turn on", "打开 den lamp")]
    assert [case.language for case in cases] == ["en", "zh"]
