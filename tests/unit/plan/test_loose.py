"""What is left out of a sentence, and where one without signs is cut."""

from __future__ import annotations

import re

import pytest

from steward.plan.templates.acts import Draft
from steward.plan.templates.grammar import Match
from steward.plan.templates.loose import loosely
from steward.plan.templates.split import Part
from steward.types import Gap, Meaning, Unknown

KNOWN = re.compile(
    r"turn (?:on|off) (?:the )?(?P<a>lamp|fan)|(?P<b>lamp|fan) (?:on|off)|turn everything off"
    r"|(?:打开|关掉)(?P<c>灯|扇)"
)


def parse(text: str) -> Part | Unknown:
    if not KNOWN.fullmatch(text.strip("、 ")):
        return Unknown(Gap.NOT_UNDERSTOOD)
    step = (Draft("x.y", {"entity_id": [text]}), Meaning("x"))
    return Part(text, Match("x", "default", {}, {}), (step,))


def mentions(text: str) -> list[tuple[int, int]]:
    return [hit.span() for hit in re.finditer(r"lamp|fan|灯|扇", text)]


def openings(text: str) -> list[int]:
    return [hit.start() for hit in re.finditer(r"(?<=[nf] )(?:lamp|fan)|(?!^)(?:关掉)", text)]


def talk(told: str, rest: str) -> bool:
    return told in ("bedtime girls", "鸡要睡觉啦") and bool(mentions(rest))


def texts(said: str, language: str) -> list[str] | None:
    read = loosely(said, language, parse, mentions, openings, talk)
    return None if isinstance(read, Unknown) else [part.text for part in read]


@pytest.mark.parametrize(
    ("said", "language", "left"),
    [
        ("we're done for the day, turn off the lamp", "en", ["turn off the lamp"]),
        ("turn off the lamp i'm going out", "en", ["turn off the lamp"]),
        ("i am at the lamp so turn off the lamp", "en", ["turn off the lamp"]),
        ("turn off the lamp for our guests", "en", ["turn off the lamp"]),
        ("turn on the lamp so mum can see", "en", ["turn on the lamp"]),
        ("turn off the lamp, bedtime girls", "en", ["turn off the lamp"]),
        ("lamp on fan off", "en", ["lamp on", "fan off"]),
        ("打开灯,要看书", "zh", ["打开灯"]),
        ("我要睡了,关掉灯", "zh", ["关掉灯"]),
        ("the air is dry, turn on the fan", "en", ["turn on the fan"]),
        ("turn on the fan for the kids", "en", ["turn on the fan"]),
        ("turn off the fan, it keeps squeaking", "en", ["turn off the fan"]),
        ("the lamp is still on, turn off it", "en", ["turn off lamp"]),
        ("it's late, everybody's gone, turn off the lamp", "en", ["turn off the lamp"]),
        ("关掉扇,一直在响", "zh", ["关掉扇"]),
        ("打开灯关掉扇", "zh", ["打开灯", "关掉扇"]),
    ],
)
def test_what_is_only_told_is_left_out(said: str, language: str, left: list[str]) -> None:
    assert texts(said, language) == left


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("if we're done for the day, turn off the lamp", "en"),
        ("i said don't, turn off the lamp", "en"),
        ("i'm going out tomorrow, turn off the lamp", "en"),
        ("we're done in the kitchen, turn everything off", "en"),  # the kitchen says where
        ("如果我睡了,关掉灯", "zh"),
        ("lamp on and so on", "en"),
        ("turn off the lamp for the piano", "en"),
        ("打开灯,要亮一点", "zh"),
        ("turn on the lamp for ten minutes", "en"),
        ("turn on the lamp for the night, we're in", "en"),
        ("turn on the lamp, i changed my mind", "en"),
        ("打开灯,等我回来", "zh"),
        ("打开灯,不用了", "zh"),
    ],
)
def test_what_matters_is_not_left_out(said: str, language: str) -> None:
    assert texts(said, language) is None
