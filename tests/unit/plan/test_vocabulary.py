"""What the lexicon holds to be the same thing, in whichever language a name is in."""

from __future__ import annotations

import re
from importlib import resources

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


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("wireless", "radio"),
        ("vent", "skylight"),
        ("soundbar", "speaker"),
        ("东西", "设备"),
        ("荧幕", "显示器"),
    ],
)
def test_words_for_different_things_are_no_synonyms(one: str, other: str) -> None:
    atoms = lexicon().atoms
    assert atoms.get(words(one)) != atoms[words(other)]


def test_no_concept_is_listed_twice() -> None:
    """Of two lines for one concept YAML keeps the second, and the words of the first go lost."""
    folder = resources.files("steward.plan.language") / "lexicon"
    for name in ("things", "en", "zh"):
        keys: list[str] = []
        section = ""
        for line in (folder / f"{name}.yaml").read_text(encoding="utf-8").splitlines():
            if hit := re.match(r"(  )?(\"[^\"]+\"|[^\s#][^:]*):", line):
                section = section if hit[1] else hit[2]
                keys.append(f"{section}.{hit[2]}")
        assert sorted(set(keys)) == sorted(keys)
