"""Names said in the other language, word by word."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from steward.home.services.table import SERVICES
from steward.plan.language.aligned import pairings
from steward.plan.language.lexicon import words
from steward.plan.language.stems import glosses_of, stem
from steward.plan.parts.atoms import tokens
from steward.plan.parts.meant import translations
from steward.plan.templates.grammar import Grammar
from steward.plan.understand import understand
from steward.types import Area, Calls, Entity, Unknown, Utterance, World

GRAMMAR = Grammar()
BAKERY = World(
    areas=(Area("shop", "Shop"), Area("kitchen", "厨房"), Area("yard", "Calf Pen")),
    entities=(
        Entity("switch.slicer", "Bread Slicer", "off", "shop"),
        Entity("switch.labels", "Label Printer", "off", "shop"),
        Entity("light.display", "Window Display", "off", "shop"),
        Entity("light.bench", "Bench Light", "off", "shop"),
        Entity("light.desk", "Desk Lamp", "off", "shop"),
        Entity("light.moon", "Moon Lamp", "off", "shop"),
        Entity("light.wash", "Wall Wash", "off", "shop"),
        Entity("lock.loading", "Loading Door Lock", "unlocked", "shop"),
        Entity("lock.guns", "Gun Cabinet", "unlocked", "shop"),
        Entity("switch.fish", "Fish Feeder", "off", "shop"),
        Entity("todo.packing", "Packing", "2", "shop"),
        Entity("switch.popcorn", "爆米花机", "off", "kitchen"),
        Entity("switch.eggs", "蒸蛋器", "off", "kitchen"),
        Entity("script.pond", "巡塘", "off"),
        Entity("lock.poison", "农药柜", "unlocked", "kitchen"),
        Entity("todo.farm", "农活", "1"),
    ),
)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("打开面包切片机", ["switch.slicer"]),
        ("把切片机打开", ["switch.slicer"]),
        ("打开标签打印机", ["switch.labels"]),
        ("打开工作台灯", ["light.bench"]),
        ("打开月亮灯", ["light.moon"]),
        ("把橱窗灯打开", ["light.display"]),
        ("锁上卸货门", ["lock.loading"]),
        ("把枪柜锁上，再打开喂鱼器", ["lock.guns", "switch.fish"]),
        ("在打包清单上加牙刷", ["todo.packing"]),
        ("turn on the popcorn machine", ["switch.popcorn"]),
        ("turn on the egg steamer", ["switch.eggs"]),
        ("lock the pesticide cupboard", ["lock.poison"]),
        ("add seeds to the farm work list", ["todo.farm"]),
        ("switch the popcorn cooker on", []),
        ("turn on the corn", []),
        ("lock the wine cabinet", []),
        ("把酒柜锁上", []),
        ("把碗柜锁上", []),
        ("打开喂鸟器", []),
        ("把洗碗机打开", []),
        ("turn on the rice steamer", []),
        ("关上车窗", []),
        ("打开地毯灯", []),
        ("打开太阳灯", []),
    ],
)
def test_a_name_is_found_if_every_word_of_it_is_said_and_nothing_else(
    said: str, meant: Sequence[str]
) -> None:
    language = "en" if said.isascii() else "zh"
    plan = understand(Utterance(said, language), BAKERY, frozenset(SERVICES), GRAMMAR)
    if not meant:
        assert isinstance(plan.body, Unknown)
    else:
        assert isinstance(plan.body, Calls), plan
        named = [call.arguments["entity_id"] for call in plan.body.calls]
        assert named == [[each] for each in meant]


def test_what_is_put_on_a_list_is_not_translated() -> None:
    said = "add popcorn to the farm work list"
    plan = understand(Utterance(said, "en"), BAKERY, frozenset(SERVICES), GRAMMAR)
    assert isinstance(plan.body, Calls)
    assert plan.body.calls[0].arguments["item"] == "popcorn"


@pytest.mark.parametrize(
    ("han", "english", "whole"),
    [
        ("喂鱼器", "fish feeder", True),
        ("枪柜", "gun cabinet", True),
        ("电价", "electricity price", True),
        ("缝纫间", "sewing room", True),
        ("酒柜", "gun cabinet", False),
        ("水位", "water", False),
        ("水位", "level", False),
        ("谷仓泛光灯", "barn light", False),
    ],
)
def test_characters_and_words_say_the_same(han: str, english: str, whole: bool) -> None:
    said = words(english)
    found = {(p.start, p.end, p.first, p.last) for p in pairings(han, said)}
    assert ((0, len(han), 0, len(said)) in found) == whole


def test_a_gloss_of_two_words_is_neither_alone_and_what_is_unloaded_is_loaded() -> None:
    assert frozenset({stem("water"), stem("level")}) in glosses_of("水位")
    assert frozenset({stem("level")}) not in glosses_of("水位")
    assert {frozenset({stem("unload")}), frozenset({"load"})} <= glosses_of("卸货")
    assert not glosses_of("嚯嚯吧")


def test_what_a_name_translates_to_is_no_name_to_be_translated_again() -> None:
    home = World(entities=(Entity("light.first", "First Lamp", "off"),))
    assert translations("hold on a second", home) == ()


def test_one_character_is_too_little_for_a_translation() -> None:
    home = World(entities=(Entity("light.first", "First Lamp", "off"),))
    assert tokens("最初", home)[0].named
    assert not any(token.named for token in tokens("头", home))
