from __future__ import annotations

import pytest

from steward.plan.speaking import about_voice


@pytest.mark.parametrize(
    ("said", "change"),
    [
        ("Speak slower.", "slower"),
        ("Could you talk a bit more slowly, please?", "slower"),
        ("You're talking too fast", "slower"),
        ("speak faster", "faster"),
        ("Speak up!", "louder"),
        ("please talk louder", "louder"),
        ("you speak too quietly", "louder"),
        ("Speak more softly please.", "softer"),
        ("lower your voice", "softer"),
        ("Whisper.", "whisper"),
        ("please whisper to me", "whisper"),
        ("stop whispering", "normal"),
        ("don’t whisper", "normal"),
        ("speak normally again", "normal"),
        ("说慢一点", "slower"),
        ("你说话慢点", "slower"),
        ("请你慢点说", "slower"),
        ("你说得太快了", "slower"),
        ("说快一点吧", "faster"),
        ("大声点说", "louder"),
        ("你的声音大一点", "louder"),
        ("小声点说", "softer"),
        ("说小声一点", "softer"),
        ("你说话太大声了", "softer"),
        ("悄悄地说", "whisper"),
        ("正常说话", "normal"),
        ("别说悄悄话了", "normal"),
    ],
)
def test_what_is_about_his_voice(said: str, change: str) -> None:
    assert about_voice(said) == change


@pytest.mark.parametrize(
    "said",
    [
        "louder please",
        "louder",
        "turn it up",
        "quieter",
        "softer",
        "slower",
        "turn the fan down to a whisper",
        "make the radio louder",
        "the speaker louder",
        "speaker up",
        "set the speakers to slow",
        "talk to me",
        "speak",
        "what is a whisper",
        "小声点",
        "大声一点",
        "声音小一点",
        "音箱大声一点",
        "慢一点",
        "别说了",
        "说",
        "开慢一点",
        "",
    ],
)
def test_what_is_not(said: str) -> None:
    assert about_voice(said) is None
