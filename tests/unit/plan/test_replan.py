"""What is said right after something was planned moves it or takes it back."""

from __future__ import annotations

import pytest

from steward.plan.dialogue.replan import at_another_time, planned_just_now, takes_back
from steward.types import Call, Calls, Context, Exchange, Json, Meaning, Plan, Utterance

ADDED = Calls((Call("c1", "schedule.add", Meaning("StewardLater")),))
TURN = Exchange(
    Utterance("turn off the pond pump at 9 pm", "en"), Plan(ADDED, "en", "grammar", 1.0)
)


@pytest.mark.parametrize(
    ("text", "language", "to"),
    [
        ("push it to ten", "en", {"at": "10:00", "half_day": True}),
        ("no, at half past ten", "en", {"at": "10:30", "half_day": True}),
        ("actually make that 10 pm", "en", {"at": "22:00"}),
        ("no, twenty minutes", "en", {"after": 1200}),
        ("改成十点吧", "zh", {"at": "10:00", "half_day": True}),
        ("不是十分钟 是二十分钟", "zh", {"after": 1200}),
    ],
)
def test_a_new_time(text: str, language: str, to: Json) -> None:
    moved = at_another_time(text, language)
    assert moved is not None
    assert moved.calls[0].arguments == {"last": True, "to": to}


@pytest.mark.parametrize(
    ("text", "language", "by"),
    [("half an hour later", "en", 1800), ("bring it forward by ten minutes", "en", -600)],
)
def test_a_shift(text: str, language: str, by: float) -> None:
    moved = at_another_time(text, language)
    assert moved is not None
    assert moved.calls[0].arguments == {"last": True, "by": by}


@pytest.mark.parametrize("text", ["turn on the lamp", "make it 40 percent", "is it open", "灯关了"])
def test_other_sentences_are_no_times(text: str) -> None:
    assert at_another_time(text, "en" if text.isascii() else "zh") is None


def test_what_takes_it_back_is_about_it() -> None:
    assert planned_just_now(Context((TURN,))) is TURN
    assert takes_back("cancel that", "en", TURN)
    assert takes_back("don't turn off the pond pump after all", "en", TURN)
    assert takes_back("算了，取消吧", "zh", TURN)
    assert not takes_back("don't turn off the heater", "en", TURN)
    assert not takes_back("turn on the pond pump", "en", TURN)
