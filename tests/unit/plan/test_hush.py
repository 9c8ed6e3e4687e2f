from __future__ import annotations

import pytest

from steward.plan.hush import hushes


@pytest.mark.parametrize(
    "text",
    [
        "Stop.", "stop", "Stop! Stop!", "Please stop talking.", "Okay, that's enough.", "Be quiet!",
        "Shut up, please", "Hey Steward, stop it", "stop it now", "停", "停。", "停停停",
        "别说了。", "闭嘴", "请安静", "好了，别说了", "管家，停下", "停 一下", "听。", "够了",
    ],
)  # fmt: skip
def test_what_bids_be_quiet(text: str) -> None:
    assert hushes(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "...", "stop the vacuum", "stop the music", "turn it off", "cancel", "never mind", "no",
        "yes", "don't stop", "is it quiet", "bus stop", "it", "please", "停一下音乐", "停止扫地",
        "听音乐", "停车场的灯打开", "取消", "算了", "你好", "请", "安静模式打开",
        "stop and turn on the light",
    ],
)  # fmt: skip
def test_what_is_about_something_else(text: str) -> None:
    assert not hushes(text)
