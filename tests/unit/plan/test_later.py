"""Commands for later and under a condition, in a home that no other test has."""

from __future__ import annotations

from typing import Any

import pytest

from steward.events import JobDone, TimerFinished
from steward.home.services.table import SERVICES
from steward.plan.reply.answer import answer, news
from steward.plan.risk import hold, rules
from steward.plan.templates.grammar import Grammar
from steward.plan.understand import understand
from steward.types import (
    Area,
    Call,
    Calls,
    Capability,
    Done,
    Entity,
    Failed,
    Json,
    Plan,
    Question,
    Risk,
    Unknown,
    Utterance,
    Words,
    World,
)

GRAMMAR = Grammar()
PLANNING = {"schedule.add", "schedule.list", "schedule.cancel", "schedule.cancel_all"}
CAPABILITIES = frozenset({*SERVICES, "timers.start", *PLANNING})
HOME = World(
    areas=(Area("den", "Den", aliases=("书房",)), Area("barn", "Barn")),
    entities=(
        Entity("light.den", "Den Lamp", "off", "den", ("书房灯",), None, {"brightness": 0}),
        Entity("light.barn", "Barn Lamp", "on", "barn", ("谷仓灯",)),
        Entity("switch.pump", "Well Pump", "off", "barn", ("水泵",)),
        Entity("lock.den", "Den Door", "unlocked", "den", ("书房门",)),
        Entity("cover.den", "Den Blind", "open", "den", (), None, {"device_class": "blind"}),
        Entity(
            "sensor.den",
            "Den Temperature",
            "18.5",
            "den",
            (),
            "°C",
            {"device_class": "temperature"},
        ),
        Entity("sensor.barn", "Barn Humidity", "71", "barn", (), "%", {"device_class": "humidity"}),
        Entity("sensor.gone", "Barn Temperature", "unavailable", "barn", (), "°C"),
        Entity(
            "binary_sensor.w1",
            "Den Window",
            "on",
            "den",
            ("书房窗户",),
            None,
            {"device_class": "window"},
        ),
        Entity(
            "binary_sensor.w2", "Barn Window", "off", "barn", (), None, {"device_class": "window"}
        ),
        Entity(
            "binary_sensor.m", "Barn Motion", "off", "barn", (), None, {"device_class": "motion"}
        ),
        Entity("person.ada", "Ada", "not_home"),
    ),
)
LAMP_OFF = {"capability": "light.turn_off", "arguments": {"entity_id": ["light.barn"]}}


def plan(text: str, area: str | None = None) -> Plan:
    return understand(Utterance(text, area=area), HOME, CAPABILITIES, GRAMMAR)


def calls(text: str, area: str | None = None) -> list[Call]:
    body = plan(text, area).body
    assert isinstance(body, Calls), body
    return list(body.calls)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("turn off the barn lamp in ten minutes", {"after": 600}),
        ("at 9 pm turn off the barn lamp", {"at": "21:00"}),
        ("turn off the barn lamp at 9", {"at": "09:00", "half_day": True}),
        ("十分钟后关掉谷仓灯", {"after": 600}),
        ("每天晚上九点关掉谷仓灯", {"at": "21:00", "repeat": True}),
    ],
)
def test_what_is_for_later_is_planned_and_not_done(text: str, when: Json) -> None:
    (call,) = calls(text)
    assert call.capability == "schedule.add"
    assert call.arguments["when"] == when
    assert call.arguments["calls"] == [LAMP_OFF]


def test_for_a_while_is_now_and_the_end_later() -> None:
    now, later = calls("turn on the well pump for 20 minutes")
    assert (now.capability, now.arguments) == ("switch.turn_on", {"entity_id": ["switch.pump"]})
    assert later.arguments["when"] == {"after": 1200}
    assert later.arguments["calls"] == [
        {"capability": "switch.turn_off", "arguments": {"entity_id": ["switch.pump"]}}
    ]
    assert later.needs == (now.id,)


def test_one_thing_now_and_another_later() -> None:
    now, later = calls("turn on the well pump and in ten minutes turn it off")
    assert now.capability == "switch.turn_on"
    assert later.arguments["calls"] == [
        {"capability": "switch.turn_off", "arguments": {"entity_id": ["switch.pump"]}}
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [("remind me at noon to feed the hens", "feed the hens"), ("中午提醒我喂鸡", "喂鸡")],
)
def test_a_reminder_does_nothing_but_say_it(text: str, said: str) -> None:
    (call,) = calls(text)
    assert (call.arguments["calls"], call.arguments["text"]) == ([], said)
    assert call.arguments["when"] == {"at": "12:00"}


def test_a_time_that_nobody_can_keep_is_asked_for() -> None:
    for text in (
        "turn off the barn lamp tonight",
        "turn off the barn lamp at sunset",
        "明天关谷仓灯",
    ):
        assert isinstance(plan(text).body, Words), text


@pytest.mark.parametrize(
    ("text", "capability", "arguments"),
    [
        ("what have you got planned", "schedule.list", {}),
        ("有哪些定时任务", "schedule.list", {}),
        ("cancel all my reminders", "schedule.cancel_all", {}),
        ("取消所有定时", "schedule.cancel_all", {}),
        ("cancel the lamp at 9 pm", "schedule.cancel", {"words": ["lamp"], "at": "21:00"}),
        ("取消晚上九点的谷仓灯", "schedule.cancel", {"words": ["谷仓灯"], "at": "21:00"}),
    ],
)
def test_what_was_planned(text: str, capability: str, arguments: Json) -> None:
    (call,) = calls(text)
    assert (call.capability, call.arguments) == (capability, arguments)


def test_without_a_schedule_nothing_for_later_is_done_now() -> None:
    few = CAPABILITIES - PLANNING
    for text in ("turn off the barn lamp in ten minutes", "十分钟后关掉谷仓灯"):
        assert isinstance(understand(Utterance(text), HOME, few, GRAMMAR).body, Unknown)


def test_what_is_risky_is_not_planned() -> None:
    guarded = rules([Capability("lock.unlock", {}, Risk.GUARDED)], "on", 28.0)
    body = hold(plan("unlock the den door in ten minutes"), HOME, guarded).body
    assert isinstance(body, Words)
    assert "confirm" in body.text
    assert isinstance(hold(plan("unlock the den door"), HOME, guarded).body, Question)


def told(text: str, job: dict[str, Json]) -> str:
    made = plan(text)
    assert isinstance(made.body, Calls)
    outcomes = [Done(call.id, {"jobs": [job]}) for call in made.body.calls]
    return answer(made, outcomes, HOME).text


@pytest.mark.parametrize(
    ("text", "job", "said"),
    [
        (
            "turn off the barn lamp in ten minutes",
            {"text": "turn off the barn lamp", "when": {"after": 600}, "at": "12:10", "in_days": 0},
            "OK, in 10 minutes I'll turn off the barn lamp.",
        ),
        (
            "十分钟后关掉谷仓灯",
            {"text": "关掉谷仓灯", "when": {"after": 600}, "at": "12:10", "in_days": 0},
            "好的，10分钟后关掉谷仓灯。",
        ),
        (
            "at 9 pm every weekday turn off my barn lamp",
            {
                "text": "turn off my barn lamp",
                "when": {"at": "21:00", "days": [0, 1, 2, 3, 4], "repeat": True},
                "at": "21:00",
                "in_days": 0,
            },
            "OK, every weekday at 9 pm I'll turn off your barn lamp.",
        ),
        (
            "what have you got planned",
            {"text": "water the hens", "when": {"after": 600}, "at": "00:00", "in_days": 1},
            "Planned: tomorrow at midnight: water the hens.",
        ),
    ],
)
def test_the_reply_holds_the_time(text: str, job: dict[str, Any], said: str) -> None:
    assert told(text, job) == said


def test_a_failure_is_said() -> None:
    made = plan("cancel the lamp at 9 pm")
    failed = [Failed("c1", "not_found", "nothing like that is planned")]
    assert answer(made, failed, HOME).text == "Nothing like that is planned."


def test_what_was_due_is_said_only_when_there_is_something_to_say() -> None:
    assert news(JobDone(0, "turn off the lamp", "en", "done")) is None
    reminder = news(JobDone(0, "call my mother", "en", "reminder"))
    assert reminder is not None
    assert reminder.text == "Reminder: call your mother."
    missed = news(JobDone(0, "喂鸡", "zh", "missed"))
    assert missed is not None
    assert "喂鸡" in missed.text
    assert news(TimerFinished(0, "", 60, "en")) is not None
