"""How a sentence leans on what was said before, by its words alone."""

from __future__ import annotations

import pytest

from steward.plan.dialogue.cues import Amount, agrees, amount, cues


@pytest.mark.parametrize(
    ("text", "language", "kind"),
    [
        ("undo that", "en", "undo"),
        ("hm, put everything back the way it was", "en", "undo"),
        ("把刚才的操作撤销一下", "zh", "undo"),
        ("恢复原样", "zh", "undo"),
        ("刚才那步给我撤了", "zh", "undo"),
        ("刚才那个不算，恢复原样", "zh", "undo"),
        ("撤掉刚才那步", "zh", "undo"),
        ("scrap that, put it back how it was", "en", "undo"),
        ("take back what you just did", "en", "undo"),
        ("no, the other lamp", "en", "other"),
        ("换另一盏", "zh", "other"),
        ("a bit more", "en", "more"),
        ("再多一点", "zh", "more"),
        ("make it 35 instead", "en", "value"),
        ("还是三十五吧", "zh", "value"),
        ("not the attic, the cellar", "en", "thing"),
        ("不是阁楼，是地下室", "zh", "thing"),
        ("same for the cellar", "en", "thing"),
        ("地下室的也关掉", "zh", "thing"),
        ("and do the cellar as well", "en", "name"),
        ("switch them both off", "en", "verb"),
        ("把它们都关掉", "zh", "verb"),
        ("off again", "en", "verb"),
        ("再关上", "zh", "verb"),
    ],
)
def test_the_first_cue_is_what_was_meant(text: str, language: str, kind: str) -> None:
    assert next(cues(text, language)).kind == kind


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("turn on the kitchen light", "en"),
        ("what time is it", "en"),
        ("is it going to rain tomorrow", "en"),
        ("it's dark in here", "en"),
        ("how warm is it in the study", "en"),
        ("打开厨房灯", "zh"),
        ("恢复出厂设置", "zh"),
        ("刚才的灯关掉", "zh"),
        ("现在几点了", "zh"),
        ("客厅的门是不是关着的", "zh"),
        ("", "en"),
        ("…", "zh"),
        ("schalte es aus", "de"),
    ],
)
def test_a_sentence_that_stands_alone_has_none(text: str, language: str) -> None:
    assert list(cues(text, language)) == []


def test_only_a_plain_yes_or_no_is_one() -> None:
    for text, language in (("yes", "en"), ("Yes, go ahead!", "en"), ("好的", "zh"), ("确认", "zh")):
        assert agrees(text, language) is True
    for text, language in (("no", "en"), ("no thanks", "en"), ("不要", "zh"), ("算了吧", "zh")):
        assert agrees(text, language) is False
    for text, language in (
        ("yes or no", "en"),
        ("no, the back door", "en"),
        ("turn on the light", "en"),
        ("好热", "zh"),
        ("ja", "de"),
    ):
        assert agrees(text, language) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("40", Amount(40)),
        ("forty two", Amount(42)),
        ("sixty percent", Amount(60, "percent")),
        ("21.5 degrees", Amount(21.5, "degrees")),
        ("二十二度", Amount(22, "degrees")),
        ("half way", Amount(50, "percent")),
        ("一半", Amount(50, "percent")),
        ("ten twenty", None),
        ("the lamp", None),
        ("", None),
    ],
)
def test_amounts_in_digits_and_words(text: str, expected: Amount | None) -> None:
    assert amount(text) == expected
