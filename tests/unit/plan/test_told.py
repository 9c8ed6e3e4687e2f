"""What only tells how things are, or why, and what does not."""

from __future__ import annotations

import pytest

from steward.plan.templates.told import is_told


@pytest.mark.parametrize(
    "said",
    [
        "the soup's boiling",
        "it stinks in here, it keeps smoking",
        "she wants to sleep",
        "everyone's here",
        "the dog can get out",
        "all the guests have arrived",
        "i can't hear you",
        "for the plumbers",
        "for grandma",
        "because of the smell",
        "老板等着呢",
        "一直嗡嗡响",
        "煮点粥喝",
        "奶奶说腿疼",
        "孩子们都睡了",
        "太阳晒得慌",
        "省点电",
    ],
)
def test_what_is_told(said: str) -> None:
    assert is_told(said, "en" if said.isascii() else "zh")


@pytest.mark.parametrize(
    "said",
    [
        "make sure the oven is off",
        "the oven has to be at 200",
        "that one off",
        "this one too",
        "i want the fan on",
        "she said no",
        "i changed my mind",
        "for ten minutes",
        "for now",
        "if she is here",
        "不用了",
        "说错了",
        "卧室的",
        "等我回来",
        "把门锁了",
        "明天有客人",
        "如果下雨了",
    ],
)
def test_what_asks_sets_a_time_or_takes_back_is_not_told(said: str) -> None:
    assert not is_told(said, "en" if said.isascii() else "zh")
