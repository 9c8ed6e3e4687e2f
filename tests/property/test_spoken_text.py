"""Any text can be turned into what a voice says."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from steward.speech.chinese import phonemes
from steward.speech.hibari import HibariVoice
from steward.speech.numerals import spoken
from steward.speech.sentences import LONGEST, clauses
from steward.speech.symbols import SYMBOLS

VOICE = HibariVoice()
TEXT = st.text(
    st.one_of(
        st.sampled_from("0123456789.,:-%°C℃ 年月日点的客厅灯温度，。！？aAbkWhm'$€/\n"),
        st.characters(codec="utf-8"),
    ),
    max_size=60,
)
SETTINGS = settings(max_examples=200, deadline=None)


@SETTINGS
@given(TEXT)
def test_chinese_is_only_known_symbols(text: str) -> None:
    assert set(phonemes(text, lambda latin: latin)) <= SYMBOLS.keys()


@SETTINGS
@given(TEXT)
def test_no_digit_is_left(text: str) -> None:
    assert not any(c in "0123456789" for c in spoken(text))


@SETTINGS
@given(TEXT)
def test_english_phonemes(text: str) -> None:
    assert all(isinstance(part, str) for part in VOICE.phonemes(text))


def test_a_number_without_a_name_is_read_digit_by_digit() -> None:
    assert VOICE.phonemes("1" * 40) == VOICE.phonemes(" ".join("1" * 40))


@SETTINGS
@given(TEXT)
def test_clauses_lose_no_letter_and_stay_short(text: str) -> None:
    parts = list(clauses(text))
    assert all(0 < len(part) <= LONGEST for part in parts)
    letters = [c for c in text if c.isalnum()]
    assert [c for part in parts for c in part if c.isalnum()] == letters
