"""What the lexicon holds to be the same thing, in whichever language a name is in."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from steward.plan.language.lexicon import lexicon, words
from steward.plan.parts.atoms import joined_atoms, things, tokens
from steward.plan.parts.choose import matching
from steward.types import Entity, World


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


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Kids Bedroom Window", "儿童房的窗户"),
        ("Projector Screen", "幕布"),
        ("儿童卧室加湿器", "kids bedroom humidifier"),
        ("Kids Speaker", "儿童音箱"),
        ("Girls Room Heater", "女孩房的加热器"),
        ("Primary Bathroom Fan", "主卫的风扇"),
        ("Great Room Shelf", "大厅的置物架"),
        ("Back Patio Fountain", "后院露台的喷泉"),
        ("Office Printer", "书房的打印机"),
        ("办公室打印机", "the study printer"),
        ("Desk Lamp", "台灯"),
        ("Table Lamp", "台灯"),
        ("台灯", "desk lamp"),
        ("Garage EV Charger", "车库的充电桩"),
        ("Car Charger", "充电桩"),
        ("Attic Smoke Detector", "阁楼的烟雾报警器"),
        ("门磁", "door sensor"),
        ("Tower Fan", "塔扇"),
        ("Grow Light", "植物灯"),
        ("Front Gate", "前院门"),
        ("Solar Panels", "光伏板"),
        ("电表", "power meter"),
    ],
)
def test_a_name_is_found_in_the_other_language(name: str, said: str) -> None:
    named, other = Entity("switch.a", name, "off"), Entity("lock.b", "Qwertz", "locked")
    home = World(entities=(named, other))
    heard = tokens(said, home)
    assert [token.text for token in heard if not token.known] == []
    assert [t.entity for t in matching(joined_atoms(heard), things(home))] == [named]


def test_a_table_lamp_is_no_desk_lamp_where_there_are_both() -> None:
    desk, table = (Entity(f"light.{n}", f"{n} lamp", "off") for n in ("desk", "table"))
    home = World(entities=(desk, table))
    found = {
        said: [t.entity for t in matching(joined_atoms(tokens(said, home)), things(home))]
        for said in ("desk lamp", "table lamp", "台灯")
    }
    assert found == {"desk lamp": [desk], "table lamp": [table], "台灯": [desk, table]}


def test_a_lamp_is_one_for_the_table_too() -> None:
    home = World(
        entities=(Entity("light.a", "Loft Lamp", "off"), Entity("light.b", "Sky Light", "on"))
    )
    found = matching(joined_atoms(tokens("台灯", home)), things(home))
    assert [thing.entity.id for thing in found] == ["light.a"]


@pytest.mark.parametrize("word", ["全家", "全屋", "家里", "全部", "所有"])
def test_what_says_everywhere_names_nothing(word: str) -> None:
    """A noun of the same letters would make a thing of it: "全家的灯都关了"."""
    assert words(word) not in lexicon().atoms


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
