"""Commands under a condition, in a home that no other test has."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from steward.home.services.table import SERVICES
from steward.plan.reply.answer import answer
from steward.plan.templates.grammar import Grammar
from steward.plan.understand import understand
from steward.types import (
    Area,
    Call,
    Calls,
    Done,
    Entity,
    Json,
    Plan,
    Unknown,
    Utterance,
    Words,
    World,
)

GRAMMAR = Grammar()
CAPABILITIES = frozenset({*SERVICES, "schedule.add"})
HOME = World(
    areas=(
        Area("den", "Den", aliases=("书房",)),
        Area("barn", "Barn"),
        Area("nook", "Ada's Nook"),
    ),
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
        Entity("fan.ada", "Ada's Fan", "off", "nook"),
        Entity("fan.barn", "Barn Fan", "off", "barn"),
        Entity("sensor.nook", "Nook Heat", "18", "nook", (), "°C", {"device_class": "temperature"}),
    ),
)


def plan(text: str, area: str | None = None, home: World = HOME) -> Plan:
    return understand(Utterance(text, area=area), home, CAPABILITIES, GRAMMAR)


def calls(text: str, area: str | None = None) -> list[Call]:
    body = plan(text, area).body
    assert isinstance(body, Calls), body
    return list(body.calls)


def acts(text: str, area: str | None = None) -> list[str]:
    return [f"{c.capability} {c.arguments.get('entity_id')}" for c in calls(text, area)]


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("if the den is below 20 turn on the den lamp", ["light.turn_on ['light.den']"]),
        (
            "turn on the well pump if the barn humidity is over seventy",
            ["switch.turn_on ['switch.pump']"],
        ),
        ("if the den door is unlocked lock it", ["lock.lock ['lock.den']"]),
        ("lock the den door if it isn't locked", ["lock.lock ['lock.den']"]),
        ("unless Ada is home turn off the barn lamp", ["light.turn_off ['light.barn']"]),
        ("if any window is open turn off the barn lamp", ["light.turn_off ['light.barn']"]),
        ("if nobody is in the barn turn off the barn lamp", ["light.turn_off ['light.barn']"]),
        (
            "if the den window is closed turn on the well pump, otherwise turn off the barn lamp",
            ["light.turn_off ['light.barn']"],
        ),
        ("if it's under 20 in Ada's nook, turn on her fan", ["fan.turn_on ['fan.ada']"]),
        ("if Ada's nook is under 20 turn on her fan", ["fan.turn_on ['fan.ada']"]),
        ("如果Ada's Nook低于20度就打开她的风扇", ["fan.turn_on ['fan.ada']"]),
        ("如果书房低于二十度就打开书房灯", ["light.turn_on ['light.den']"]),
        ("书房门没锁就锁上", ["lock.lock ['lock.den']"]),
        ("书房窗户要是开着就关掉谷仓灯", ["light.turn_off ['light.barn']"]),
        ("书房窗户关着的话就打开水泵，否则关掉谷仓灯", ["light.turn_off ['light.barn']"]),
        ("书房窗户关着就打开水泵，没关就关掉谷仓灯", ["light.turn_off ['light.barn']"]),
        ("Ada在的话打开水泵，不在的话关掉谷仓灯", ["light.turn_off ['light.barn']"]),
        (
            "if Ada is here turn on the well pump, if she isn't lock the den door",
            ["lock.lock ['lock.den']"],
        ),
        ("Ada还没到家的话就打开水泵", ["switch.turn_on ['switch.pump']"]),
        ("if Ada isn't back yet leave the den lamp on for her", ["light.turn_on ['light.den']"]),
        ("is the den window open? if so turn off the barn lamp", ["light.turn_off ['light.barn']"]),
    ],
)
def test_what_is_so_is_acted_on(text: str, done: list[str]) -> None:
    assert acts(text) == done
    assert calls(text)[0].meaning.slots["because"]


@pytest.mark.parametrize(
    "text",
    [
        "if the den is over 20 turn on the den lamp",
        "if it's warmer than 25 in the den turn on the well pump",
        "turn on the well pump if the den window is closed",
        "is the den window closed? if so turn on the well pump",
        "turn on the well pump unless the den window is open",
        "if all the windows are open turn on the well pump",
        "如果书房高于二十度就打开书房灯",
        "书房窗户关着的话就打开水泵",
    ],
)
def test_what_is_not_so_is_said(text: str) -> None:
    body = plan(text).body
    assert isinstance(body, Words), body
    assert re.search("den|barn|书房", body.text, re.IGNORECASE)


@pytest.mark.parametrize(
    "text",
    [
        "if the barn temperature is over 10 turn on the well pump",
        "if the moon is full turn on the well pump",
        "if the window is open turn on the well pump",
        "when the den window opens turn on the well pump",
        "turn on the well pump if it rains",
        "if the den is gloomy turn on the well pump",
        "如果下雨就打开水泵",
        "要是窗户开着就打开水泵",
        "要是书房低于20度就打开谷仓的电视",
        "书房窗户关着就打开水泵，没锁就关掉谷仓灯",
        "Ada在的话打开电视，不在的话关掉电视",
        "if turn on the well pump",
    ],
)
def test_what_cannot_be_decided_is_never_done(text: str) -> None:
    assert isinstance(plan(text).body, Unknown)


def test_why_it_was_done_is_said() -> None:
    made = plan("if the den is below 20 turn on the den lamp")
    on: Json = {"states": {"light.den": {"state": "on", "unit": None, "attributes": {}}}}
    reply = answer(made, [Done("c1", on)], HOME)
    assert reply.text == "The den temperature is at 18.5 degrees. The den lamp is on."


@pytest.mark.parametrize(
    ("text", "unit", "degrees", "done"),
    [
        ("外面要是零下就打开水泵", "°C", -3, True),
        ("if it's freezing out turn on the well pump", "°C", -3, True),
        ("if it's freezing out turn on the well pump", "°C", 3, False),
        ("if it's below freezing outside turn on the well pump", "°F", 20, True),
        ("外面零下的话打开水泵", "°F", 40, False),
        ("要是外面下着雪就打开水泵", "°C", 3, True),
        ("要是大晴天就打开水泵", "°C", 3, False),
    ],
)
def test_frost_is_frost_in_any_unit(text: str, unit: str, degrees: float, done: bool) -> None:
    known: dict[str, Json] = {"temperature": degrees, "temperature_unit": unit}
    weather = Entity("weather.home", "Weather", "snowy", None, (), None, known)
    body = plan(text, home=replace(HOME, entities=(*HOME.entities, weather))).body
    assert isinstance(body, Calls if done else Words)
