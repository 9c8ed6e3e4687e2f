"""Conditions on the time, the day and the weather to come, said at moments of a test's own."""

from __future__ import annotations

from datetime import datetime

import pytest

from steward.home.services.table import SERVICES
from steward.plan.facts.moment import moment
from steward.plan.templates.grammar import Grammar
from steward.plan.understand import understand
from steward.types import Calls, Entity, Unknown, Utterance, Words, World

GRAMMAR = Grammar()
CAPABILITIES = frozenset({*SERVICES, "schedule.add"})
EVENING = datetime.fromisoformat("2026-02-11T20:30:00+00:00")
HOME = World(
    entities=(
        Entity("light.gate", "Gate Lamp", "off", None, ("门口灯",)),
        Entity(
            "weather.home",
            "Weather",
            "cloudy",
            attributes={
                "forecast": [
                    {"datetime": "2026-02-11T00:00:00", "condition": "cloudy"},
                    {"datetime": "2026-02-12T00:00:00", "condition": "rainy"},
                ]
            },
        ),
    )
)


@pytest.mark.parametrize(
    ("clause", "clock", "holds"),
    [
        ("it's after eight", "20:30", True),
        ("it's after eight", "09:00", True),
        ("it's after eight pm", "09:00", False),
        ("it's past ten at night", "00:30", True),
        ("it's before seven am", "00:30", True),
        ("it's not yet ten am", "09:00", True),
        ("it's not yet ten am", "11:00", False),
        ("it isn't past noon", "11:00", True),
        ("it's between eight and ten pm", "20:30", True),
        ("it's between ten pm and six am", "02:00", True),
        ("it's between ten pm and six am", "07:00", False),
        ("it's a weekday", "12:00", True),
        ("today is sunday", "12:00", False),
        ("it's morning", "08:00", True),
        ("过了八点", "20:30", True),
        ("没到上午十点", "09:00", True),
        ("没过晚上九点", "22:00", False),
        ("现在是晚上八点以后", "09:00", False),
        ("现在是晚上八点到十点之间", "20:30", True),
        ("今天是周末", "12:00", False),
        ("今天不是周日", "12:00", True),
        ("现在是下午", "15:00", True),
    ],
)
def test_a_clause_about_the_time(clause: str, clock: str, holds: bool) -> None:
    """The hour that is meant is the nearest one, and the night belongs to the evening before."""
    language = "en" if clause.isascii() else "zh"
    at = datetime.fromisoformat(f"2026-02-11T{clock}:00")
    found = moment(clause, language, at)
    assert found is not None
    assert found.holds == holds


@pytest.mark.parametrize("clause", ["it's after the party", "it's eight", "过了桥", "lunch"])
def test_what_is_no_time(clause: str) -> None:
    """A clause that is about something else is not decided by the clock."""
    assert moment(clause, "en" if clause.isascii() else "zh", EVENING) is None


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("if it's after eight turn on the gate lamp", Calls),
        ("if it's after eleven pm turn on the gate lamp", Words),
        ("if it's going to rain tomorrow turn on the gate lamp", Calls),
        ("if it's going to snow tomorrow turn on the gate lamp", Words),
        ("要是过了晚上八点就打开门口灯", Calls),
        ("如果明天下雨就打开门口灯", Calls),
        ("如果明天下雪就打开门口灯", Words),
        ("if it rains on mars turn on the gate lamp", Unknown),
    ],
)
def test_it_is_done_only_then(sentence: str, kind: type) -> None:
    """It is done, or said why not; what nobody can tell is not understood."""
    said = Utterance(sentence, at=EVENING)
    assert isinstance(understand(said, HOME, CAPABILITIES, GRAMMAR).body, kind)


def test_without_a_clock_nobody_knows() -> None:
    """Where the moment is unknown, nothing is done."""
    body = understand(
        Utterance("if it's after eight turn on the gate lamp"), HOME, CAPABILITIES, GRAMMAR
    ).body
    assert isinstance(body, Unknown)


def test_a_time_to_come_without_if_is_planned() -> None:
    """ "过了十点就…" at half past eight asks for ten o'clock, not for nothing."""
    said = Utterance("过了晚上十点就打开门口灯", at=EVENING)
    body = understand(said, HOME, CAPABILITIES, GRAMMAR).body
    assert isinstance(body, Calls)
    assert [call.capability for call in body.calls] == ["schedule.add"]
