"""Names said in the other language, where only parts of them mean what was said."""

from __future__ import annotations

import pytest

from steward.home.services.table import SERVICES
from steward.plan.language.stems import ends_of, stem, stems_of
from steward.plan.parts.atoms import tokens
from steward.plan.parts.byparts import by_parts
from steward.plan.parts.meant import translations
from steward.plan.templates.split import Part
from steward.types import Area, Entity, Unknown, World

HOME = World(
    areas=(Area("shop", "Shop"), Area("kitchen", "厨房")),
    entities=(
        Entity("switch.slicer", "Bread Slicer", "off", "shop"),
        Entity("switch.labels", "Label Printer", "off", "shop"),
        Entity("light.display", "Window Display", "off", "shop"),
        Entity("light.bench", "Bench Light", "off", "shop"),
        Entity("light.desk", "Desk Lamp", "off", "shop"),
        Entity("lock.loading", "Loading Door Lock", "unlocked", "shop"),
        Entity("switch.popcorn", "爆米花机", "off", "kitchen"),
    ),
)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("打开面包切片机", "switch.slicer"),
        ("把切片机打开", "switch.slicer"),
        ("打开标签打印机", "switch.labels"),
        ("把橱窗灯打开", "light.display"),
        ("打开工作台灯", "light.bench"),
        ("锁上卸货门", "lock.loading"),
        ("turn on the popcorn machine", "switch.popcorn"),
        ("switch the popcorn maker machine on", None),
        ("turn on the corn", None),
        ("关上车窗", None),
        ("打开地毯灯", None),
    ],
)
def test_a_name_is_found_by_the_words_in_it(said: str, meant: str | None) -> None:
    language = "en" if said.isascii() else "zh"
    read = by_parts(said, language, HOME, None, frozenset(SERVICES))
    if meant is None:
        assert isinstance(read, Unknown)
    else:
        assert isinstance(read, Part), read
        assert [draft.arguments["entity_id"] for draft, _ in read.steps] == [[meant]]


def test_the_first_meaning_is_the_nearest_and_its_last_word_before_those_beside() -> None:
    found = stems_of("橱窗")
    assert found[stem("window")] < found[stem("display")]
    assert not stems_of("嚯嚯吧")


def test_a_word_is_also_what_it_ends_in_unless_little_is_left() -> None:
    assert "bench" in ends_of(stem("workbench"))
    assert stem("loading") in ends_of(stem("unload"))
    assert "corn" not in ends_of(stem("popcorn"))


def test_what_a_name_translates_to_is_no_name_to_be_translated_again() -> None:
    home = World(entities=(Entity("light.first", "First Lamp", "off"),))
    said = "hold on a second"
    assert translations(said, tokens(said, home), home) == ()


def test_one_character_is_too_little_for_a_translation() -> None:
    home = World(entities=(Entity("light.first", "First Lamp", "off"),))
    assert tokens("最初", home)[0].named
    assert not any(token.named for token in tokens("头", home))
