from __future__ import annotations

import pytest

from steward.speech.chinese import phonemes
from steward.speech.sentences import clauses
from steward.speech.symbols import SYMBOLS, syllable


def test_syllables() -> None:
    assert syllable("zh", "ong", "1") == "ꭧʊ→ŋ"
    assert syllable("", "üan", "2") == "ɥɛ↗n"
    assert syllable("sh", "i", "4") == "ʂɨ↘"
    assert syllable("d", "i", "3") == "ti↓"
    assert syllable("b", "o", "1") == "pwo→"
    assert syllable("d", "e", "5") == "tɤ"
    with pytest.raises(KeyError):
        syllable("zh", "xx", "1")


def test_symbols_have_numbers_of_their_own() -> None:
    assert len(set(SYMBOLS.values())) == len(SYMBOLS) == 114
    assert (SYMBOLS["→"], SYMBOLS["ꭧ"], SYMBOLS[" "], SYMBOLS["ᵻ"]) == (171, 23, 16, 177)


def test_words_are_set_apart_and_signs_kept() -> None:
    assert phonemes("卧室，打开。", str) == "wo↘ʂɨ↘, ta↓kʰai→."


def test_the_dictionary_chooses_the_reading() -> None:
    assert phonemes("音乐", str).endswith("ɥe↘")
    assert phonemes("快乐", str).endswith("lɤ↘")


def test_latin_words_go_to_their_own_reader() -> None:
    asked: list[str] = []

    def latin(words: str) -> str:
        asked.append(words)
        return "wˈɔ"

    assert phonemes("打开 Kitchen light 吧", latin) == "ta↓kʰai→ wˈɔ pa"
    assert asked == ["Kitchen light"]


def test_in_english_only_chinese_names_are_read_as_chinese() -> None:
    said = phonemes("卧室 is at 15 percent.", lambda words: words, "en")
    assert said == "wo↘ʂɨ↘ is at percent."


@pytest.mark.parametrize("text", ["", "😀", "𠀀"])
def test_what_has_no_sound_is_left_out(text: str) -> None:
    assert phonemes(text, str) == ""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("好的，灯已打开。", ["好的，灯已打开。"]),
        ("厨房、客厅和卧室的灯。", ["厨房、客厅和卧室的灯。"]),
        ("打开了灯，好。", ["打开了灯，", "好。"]),
        ("温度22.5度，好的。", ["温度22.5度，", "好的。"]),
        ("！？", []),
        ("", []),
    ],
)
def test_clauses(text: str, wanted: list[str]) -> None:
    assert list(clauses(text)) == wanted


def test_a_clause_without_end_is_cut() -> None:
    assert [len(part) for part in clauses("灯" * 150)] == [60, 60, 30]
