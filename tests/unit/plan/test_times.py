"""The words for a time to come, read without a clock."""

from __future__ import annotations

import pytest

from steward.plan.language.text import plain
from steward.plan.timing.times import Time, read_time
from steward.types import Json

WORKDAYS: Json = [0, 1, 2, 3, 4]


def read(text: str, language: str) -> Time:
    time = read_time(plain(text, language), language)
    assert time is not None
    return time


@pytest.mark.parametrize(
    ("text", "when", "rest"),
    [
        ("boil it in two and a half hours", {"after": 9000}, "boil it"),
        ("in an hour and a half boil it", {"after": 5400}, "boil it"),
        ("boil it 90 seconds from now", {"after": 90}, "boil it"),
        ("in 1 hour and 20 minutes boil it", {"after": 4800}, "boil it"),
        ("in a couple of minutes boil it", {"after": 120}, "boil it"),
        ("boil it at 7:05 pm", {"at": "19:05"}, "boil it"),
        ("boil it at 07:05", {"at": "07:05"}, "boil it"),
        ("boil it at 19:05", {"at": "19:05"}, "boil it"),
        ("boil it at ten to six", {"at": "05:50", "half_day": True}, "boil it"),
        ("boil it at twenty past six in the evening", {"at": "18:20"}, "boil it"),
        ("boil it at 12 am", {"at": "00:00"}, "boil it"),
        ("boil it at 12 pm", {"at": "12:00"}, "boil it"),
        ("boil it at midnight", {"at": "00:00"}, "boil it"),
        ("tonight at midnight boil it", {"at": "00:00", "in_days": 1}, "boil it"),
        ("boil it at 2 tonight", {"at": "02:00", "in_days": 1}, "boil it"),
        ("boil it tomorrow at 8", {"at": "08:00", "in_days": 1}, "boil it"),
        ("boil it the day after tomorrow at 3", {"at": "15:00", "in_days": 2}, "boil it"),
        ("on tuesday at 9 am boil it", {"at": "09:00", "days": [1]}, "boil it"),
        ("boil it on mondays at 9 am", {"at": "09:00", "days": [0], "repeat": True}, "boil it"),
        (
            "every tuesday and friday at noon boil it",
            {"at": "12:00", "days": [1, 4], "repeat": True},
            "boil it",
        ),
        ("boil it daily at 6 pm", {"at": "18:00", "repeat": True}, "boil it"),
        ("boil it at 8 on weekends", {"at": "08:00", "days": [5, 6], "repeat": True}, "boil it"),
        (
            "every school day at 7:15 am boil it",
            {"at": "07:15", "days": [0, 1, 2, 3, 4], "repeat": True},
            "boil it",
        ),
        ("五分半钟后烧水", {"after": 330}, "烧水"),
        ("过两天烧水", {"after": 172800}, "烧水"),
        ("晚上八点十分烧水", {"at": "20:10"}, "烧水"),
        ("八点零五烧水", {"at": "08:05", "half_day": True}, "烧水"),
        ("晚上十二点烧水", {"at": "00:00"}, "烧水"),
        ("今晚十二点烧水", {"at": "00:00", "in_days": 1}, "烧水"),
        ("凌晨两点烧水", {"at": "02:00"}, "烧水"),
        ("后天下午三点烧水", {"at": "15:00", "in_days": 2}, "烧水"),
        ("每个周末上午九点烧水", {"at": "09:00", "days": [5, 6], "repeat": True}, "烧水"),
        ("每周一、周三早上七点烧水", {"at": "07:00", "days": [0, 2], "repeat": True}, "烧水"),
        ("周日晚上9点烧水", {"at": "21:00", "days": [6]}, "烧水"),
        ("下午一点烧水", {"at": "13:00"}, "烧水"),
        ("19:30烧水", {"at": "19:30"}, "烧水"),
    ],
)
def test_when(text: str, when: dict[str, Json], rest: str) -> None:
    time = read(text, "zh" if text[-1] > "\u3000" else "en")
    assert (time.kind, dict(time.when), time.rest) == ("later", when, rest)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("boil it for ten minutes", "while"),
        ("boil it until 10 pm", "until"),
        ("boil it tonight", "vague"),
        ("boil it every two hours", "vague"),
        ("boil it at sunset", "sun"),
        ("烧水20分钟", "while"),
        ("开到晚上十点", "until"),
        ("明天烧水", "vague"),
        ("每隔两小时烧水", "vague"),
        ("日落的时候烧水", "sun"),
    ],
)
def test_what_kind_of_time(text: str, kind: str) -> None:
    assert read(text, "zh" if text[-1] > "\u3000" else "en").kind == kind


@pytest.mark.parametrize(
    "text",
    [
        *("set it to 20 degrees", "dim it to 10 percent", "turn it down by 2", "turn on light 7"),
        *("I boiled it last night", "movie night", "set it at 10 percent", "every light"),
        *(
            "调亮一点",
            "把灯开到四分之一",
            "二楼的灯",
            "昨天晚上忘了关灯",
            "调高两度",
            "空调调到26度",
        ),
    ],
)
def test_what_is_no_time(text: str) -> None:
    language = "zh" if text[-1] > "\u3000" else "en"
    assert read_time(plain(text, language), language) is None


def test_names_hold_no_time() -> None:
    text = "turn on the good morning at 7 am scene"
    assert read_time(text, "en", [(12, 32)]) is None


def test_a_bare_hour_is_weak() -> None:
    assert read("leave the heater at 7", "en").weak
    assert not read("leave the heater at 7 tomorrow", "en").weak
