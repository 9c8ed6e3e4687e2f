from __future__ import annotations

import pytest

from steward.speech.chinese import phonemes, spoken
from steward.speech.sentences import clauses
from steward.speech.symbols import SYMBOLS, syllable


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("温度24℃", "温度二十四摄氏度"),
        ("-5.5°C", "负五点五摄氏度"),
        ("湿度30%", "湿度百分之三十"),
        ("亮度１００％", "亮度百分之一百"),
        ("07:05", "七点零五分"),
        ("12:00", "十二点整"),
        ("15:25:10", "十五点二十五分"),
        ("2026年11月21日", "二零二六年十一月二十一日"),
        ("1-2小时", "一到二小时"),
        ("3.2kWh", "三点二千瓦时"),
        ("5 m/s", "五米每秒"),
        ("1,234个", "一千二百三十四个"),
        ("13800138000123", "一三八零零一三八零零零一二三"),
        ("007", "零零七"),
        ("0.5", "零点五"),
    ],
)
def test_numbers_and_signs_are_words(text: str, wanted: str) -> None:
    assert spoken(text) == wanted


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
