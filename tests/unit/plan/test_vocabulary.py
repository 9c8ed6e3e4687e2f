"""What the lexicon holds to be the same thing, in whichever language a name is in."""

from __future__ import annotations

import pytest

from steward.plan.language.lexicon import lexicon, words


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("客卧", "guest room"),
        ("灯串", "string lights"),
        ("背光灯", "backlight"),
        ("床头灯", "bed light"),
        ("地暖", "floor heating"),
        ("枝形吊灯", "chandelier"),
        ("码头", "jetty"),
        ("水总阀", "stopcock"),
        ("烘鞋机", "boot dryer"),
        ("电褥子", "electric blanket"),
        ("主楼", "main house"),
        ("雪柜", "fridge"),
    ],
)
def test_words_of_both_languages_name_the_same(said: str, named: str) -> None:
    atoms = lexicon().atoms
    assert atoms[words(said)] == atoms[words(named)]


def test_a_dock_is_where_the_vacuum_goes_and_no_jetty() -> None:
    assert lexicon().atoms.get(words("dock")) != lexicon().atoms[words("jetty")]
