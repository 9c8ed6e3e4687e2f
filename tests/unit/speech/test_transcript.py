from __future__ import annotations

import math

import pytest

from steward.speech.transcript import (
    Fit,
    Transcript,
    likeliest,
    loops,
    nothing_said,
    suspicious,
    too_fast,
)


def heard(text: str, logprob: float = -0.3, no_speech: float = 0.01) -> Transcript:
    return Transcript(text, logprob, no_speech)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Turn on the living room light. " * 6, True),
        ("打开客厅的灯" * 6, True),
        ("Point him out to me. Point him out to me", True),
        ("打开客厅的空调。打开客厅的空调。", True),
        ("no no no", False),
        ("Turn it up. Turn it up.", False),
        ("快点快点，开灯，开灯", False),
        ("Turn on the living room light.", False),
        ("打开客厅的灯，打开卧室的灯", False),
        ("", False),
    ],
)
def test_loops(text: str, wanted: bool) -> None:
    assert loops(text) is wanted


def test_nobody_speaks_that_fast() -> None:
    assert too_fast("Turn on the living room light and then the kitchen light.", 0.5)
    assert too_fast("打开客厅的灯然后关闭卧室的窗帘", 0.5)
    assert not too_fast("Turn on the living room light.", 1.2)
    assert not too_fast("打开客厅的灯", 0.9)
    assert not too_fast("Stop!", 0.2)


@pytest.mark.parametrize(
    "found",
    [heard(""), heard("Hm", logprob=-1.5), heard("light " * 40), heard("word " * 12)],
)
def test_what_is_tried_again(found: Transcript) -> None:
    assert suspicious(found, 1.0)


def test_a_good_one_is_kept() -> None:
    assert not suspicious(heard("Turn on the light."), 1.0)


@pytest.mark.parametrize(
    "text",
    [
        "Subtitles by the Amara.org community",
        "Thank you for watching!",
        "字幕由志愿者提供",
        "请不吝点赞 订阅 转发",
        "Untertitel im Auftrag des ZDF",
        "[Music]",
        "...",
        "",
    ],
)
def test_credits_of_films_are_no_words(text: str) -> None:
    assert nothing_said(heard(text), 3.0)


@pytest.mark.parametrize("text", ["Oh, oh, oh", "Ah.", "Eeeeee", "La la la la", "啊，啊"])
def test_singing_without_words_is_none(text: str) -> None:
    assert nothing_said(heard(text), 3.0)


@pytest.mark.parametrize(
    "text",
    [
        "Turn on the subtitles.",
        "Thank you.",
        "打开字幕",
        "Stop.",
        "好",
        "谢谢",
        "12",
        "oh no",
        "嗯",
        "Mhm.",
    ],
)
def test_what_people_say_is_kept(text: str) -> None:
    assert not nothing_said(heard(text), 1.0)


def test_a_guess_where_nobody_spoke_is_no_words() -> None:
    assert nothing_said(heard("Okay", logprob=-1.2, no_speech=0.7), 1.0)
    assert not nothing_said(heard("Okay", logprob=-0.2, no_speech=0.7), 1.0)


def test_confidence_stays_within_its_range() -> None:
    assert heard("a", logprob=0.1, no_speech=-0.1).confidence == 1
    assert heard("a", logprob=-50, no_speech=1.2).confidence == 0
    assert heard("a", logprob=-0.1).confidence > heard("a", logprob=-0.5).confidence


def test_a_word_is_as_likely_as_all_its_tokens_and_signs_do_not_count() -> None:
    spans = [(-1, 3), (3, 5), (5, 6), (6, 8), (8, 11), (11, 12)]
    likely = [0.5, 0.8, 0.1, 0.9, 1.0, 0.2]
    assert Fit("Hello, it's.", spans, likely).words == (("Hello", 0.4), ("it's", 0.9))


def test_a_chinese_word_is_a_character_however_many_tokens_it_has() -> None:
    spans = [(0, 1), (1, 2), (1, 2), (2, 3), (2, 3), (3, 6)]
    likely = [0.9, 0.5, 0.5, 0.1, 0.1, 1.0]
    found = Fit("开灯，30%", spans, likely).words
    assert found == (("开", 0.9), ("灯", 0.25), ("30%", 1.0))


def test_no_text_has_no_words() -> None:
    assert Fit("", [], []).words == ()


def test_a_text_is_as_likely_as_all_its_tokens() -> None:
    assert Fit("a b", [(0, 1), (1, 3)], [0.5, 0.25]).score == pytest.approx(math.log(0.125))
    assert math.isfinite(Fit("a", [(0, 1)], [0.0]).score)


@pytest.mark.parametrize(
    ("probabilities", "preferred", "wanted"),
    [
        ({"de": 0.99, "ru": 0.004, "en": 0.003}, ("en", "zh"), "de"),
        ({"la": 0.60, "hu": 0.23, "en": 0.04}, ("en", "zh"), "en"),
        ({"la": 0.60, "hu": 0.23, "en": 0.04}, (), "la"),
        ({"zh": 0.7, "en": 0.3}, ("en", "zh"), "zh"),
    ],
)
def test_the_languages_of_the_household_are_likelier(
    probabilities: dict[str, float], preferred: tuple[str, ...], wanted: str
) -> None:
    assert likeliest(probabilities, preferred) == wanted
