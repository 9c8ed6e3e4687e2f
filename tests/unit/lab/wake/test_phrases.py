from __future__ import annotations

import random

import pytest

from steward.errors import UserError
from steward.lab.wake.phones import distance, phones
from steward.lab.wake.phrases import NEAR, near_phrases, readings, salad, unlike, wake_phrases


def apart(one: str, other: str) -> float:
    return distance(phones(readings(one)[0]), phones(readings(other)[0]))


def test_distance_orders_words_as_the_ear_does() -> None:
    assert apart("Jarvis", "Jarvis") == 0
    assert 0 < apart("Jarvis", "Jervis") < apart("Jarvis", "service") < apart("Jarvis", "banana")
    assert apart("Travis", "Jarvis") == apart("Jarvis", "Travis")


def test_english_is_read_in_both_accents_and_chinese_in_tones() -> None:
    american, british = wake_phrases(["Jarvis"])
    assert "ɹ" in american.symbols
    assert "ː" in british.symbols
    (butler, _flowing) = wake_phrases(["你好管家"])
    assert any(tone in butler.symbols for tone in "→↗↓↘")


@pytest.mark.parametrize("text", ["", "?!", "a", "嗯"])
def test_what_has_too_little_sound_is_refused(text: str) -> None:
    with pytest.raises(UserError) as caught:
        wake_phrases([text])
    assert caught.value.hint


def test_no_phrase_is_refused() -> None:
    with pytest.raises(UserError):
        wake_phrases([])


@pytest.mark.parametrize("texts", [("Jarvis", "hey Jarvis"), ("你好管家",)])
def test_near_phrases_are_near_and_never_the_phrase(texts: tuple[str, ...]) -> None:
    wanted = wake_phrases(texts)
    found = near_phrases(wanted, 60, seed=1)
    assert found == near_phrases(wanted, 60, seed=1)
    assert len({p.symbols for p in found}) == len(found) == 60
    for phrase in found:
        assert unlike(phrase, wanted)
        for other in wanted:
            assert distance(phones(phrase.symbols), phones(other.symbols)) >= NEAR


def test_near_phrases_hold_words_of_the_dictionary() -> None:
    texts = {p.text for p in near_phrases(wake_phrases(["Jarvis"]), 300, seed=1)}
    assert texts & {"parvis", "service", "Davis", "carving", "jarring", "novice"}


def test_salad_has_so_many_words() -> None:
    assert len(salad("en", 5, random.Random(1)).split()) >= 5
    assert len(salad("zh", 3, random.Random(1)).split()) >= 3


def test_a_third_tone_rises_before_another() -> None:
    # Within a word always; from one word to the next as people speak.
    word, flowing = readings("你好管家")
    assert word.split()[0] == "ni↗xau↓"
    assert flowing.split()[0] == "ni↗xau↗"
    assert readings("电灯") == (readings("电灯")[0],)


def test_chinese_near_phrases_are_words_that_sound_alike() -> None:
    near = near_phrases(wake_phrases(["你好管家"]), 90, seed=1)
    texts = {p.text for p in near}
    assert texts & {"你好专家", "你好国家", "你好冠军", "不好管家", "你好参加"}
    assert "你好管家" not in texts
