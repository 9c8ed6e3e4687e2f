"""One spelling for what is said and what things are called."""

from __future__ import annotations

import pytest

from steward.plan.language.text import languages_of, plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("把卧室的空调调到二十四度。", "把卧室的空调调到24度"),
        ("打開客廳的燈！", "打开客厅的灯"),
        ("亮度调到百分之三十", "亮度调到30%"),
        ("二十四点五度", "24.5度"),
        ("设个一个半小时的计时器", "设个90分钟的计时器"),
        ("半小时后", "30分钟后"),
        ("一百二十秒", "120秒"),
        ("打开二楼的灯", "打开二楼的灯"),
        ("再加两个鸡蛋", "再加两个鸡蛋"),
        ("把 客厅灯 打开", "把客厅灯打开"),
        ("能帮我开灯吗", "开灯"),
        ("把窗帘拉一拉开", "把窗帘拉开"),
        ("５０％", "50%"),
    ],
)
def test_chinese(text: str, expected: str) -> None:
    assert plain(text, "zh") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Turn on   the “Reading-Lamp”. ", "Turn on the Reading Lamp"),
        ("¿Qué hora es?", "Qué hora es"),
        ("what’s up", "what's up"),
        ("set it to -5", "set it to -5"),
        ("?!", ""),
    ],
)
def test_others(text: str, expected: str) -> None:
    assert plain(text, "en") == expected


def test_plain_text_stays_as_it_is() -> None:
    for text in ("把空调调到二十四度", "设一个半小时的计时器", "百分之五"):
        once = plain(text, "zh")
        assert plain(once, "zh") == once


def test_languages() -> None:
    assert languages_of("打开灯", None, ("en", "zh")) == ("zh",)
    assert languages_of("打开灯", "en", ("en",)) == ("zh",)
    assert languages_of("電気をつけて", "ja", ("en",)) == ("ja",)
    assert languages_of("light", None, ("de", "en", "zh")) == ("de", "en")
    assert languages_of("licht", "de", ("en",)) == ("de",)
