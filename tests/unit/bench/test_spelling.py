"""What counts as an error of words."""

from __future__ import annotations

import pytest

from corpus.spelling import edits, error_interval, units


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("Turn on the Light!", "turn on the light", "en"),
        ("the year 1462, etc.", "the year fourteen sixty-two etc", "en"),
        ("the 15th of 1,200 pages", "the fifteenth of one thousand, two hundred pages", "en"),
        ("Mr. Quilter", "mister quilter", "en"),
        ("把空調調到24度。", "把空调调到二十四度", "zh"),
        ("Enciende la luz del SALÓN", "enciende la luz del salón.", "es"),
    ],
)
def test_writing_alone_is_no_error(one: str, other: str, language: str) -> None:
    assert units(one, language) == units(other, language)


def test_chinese_counts_by_characters_and_english_by_words() -> None:
    assert units("打开灯。", "zh") == ["打", "开", "灯"]
    assert units("it's on", "en") == ["it's", "on"]


@pytest.mark.parametrize(
    ("wanted", "heard", "errors"),
    [("abc", "abc", 0), ("abc", "", 3), ("", "ab", 2), ("abc", "axc", 1), ("abc", "xabc", 1)],
)
def test_edits(wanted: str, heard: str, errors: int) -> None:
    assert edits(list(wanted), list(heard)) == errors


def test_the_interval_of_errors_holds_their_share_and_narrows_with_more_speech() -> None:
    errors, lengths = [0, 1, 0, 2], [10, 10, 20, 10]
    low, high = error_interval(errors, lengths)
    assert low <= sum(errors) / sum(lengths) <= high
    wide = high - low
    low, high = error_interval(errors * 16, lengths * 16)
    assert high - low < wide / 2
