"""Names in the scripts and languages of their homes: pinyin, foreign words, brands, slips."""

from __future__ import annotations

import pytest

from steward.home.services.table import SERVICES
from steward.plan.parts.byparts import by_parts
from steward.plan.parts.glosses import spelled
from steward.plan.templates.split import Part
from steward.types import Area, Entity, Unknown, World

HOME = World(
    areas=(
        Area("kitchen", "Cucina"),
        Area("living", "Wohnzimmer"),
        Area("meeting", "泰山厅"),
        Area("pond", "Pond"),
    ),
    entities=(
        Entity("light.kitchen", "Cucina Light", "off", "kitchen"),
        Entity("cover.living", "Gardin", "open", "living", attributes={"device_class": "curtain"}),
        Entity("climate.living", "Klimaanlage", "off", "living"),
        Entity("light.taishan", "泰山厅主灯", "off", "meeting"),
        Entity("vacuum.pudding", "小布丁 X10", "docked", "living"),
        Entity("switch.printer", "Epson Printer", "off", "meeting"),
        Entity("switch.air", "增氧机C", "off", "pond"),
        Entity("switch.rinse", "Dishwaser Plug", "off", "kitchen"),
        Entity("media_player.screen", "Sony 55", "off", "meeting"),
    ),
)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("打开厨房的灯", "light.kitchen"),
        ("turn on the kitchen light", "light.kitchen"),
        ("把客厅窗帘关上", "cover.living"),
        ("turn on the living room air conditioning", "climate.living"),
        ("turn on the Taishan light", "light.taishan"),
        ("send Xiaobuding out", "vacuum.pudding"),
        ("叫小布丁出来扫扫地", "vacuum.pudding"),
        ("have Xiaobuding clean", "vacuum.pudding"),
        ("关掉爱普生打印机", "switch.printer"),
        ("C号增氧机打开", "switch.air"),
        ("aerator C on", "switch.air"),
        ("turn on the dishwasher", "switch.rinse"),
        ("turn on the big Sony", "media_player.screen"),
        ("the Epson printer should be on", "switch.printer"),
        ("打开D号增氧机", None),
        ("turn on the Huashan light", None),
        ("turn on the bathroom light", None),
    ],
)
def test_names_are_found_in_other_letters_and_languages(said: str, meant: str | None) -> None:
    language = "en" if said.isascii() else "zh"
    read = by_parts(said, language, HOME, None, frozenset(SERVICES))
    if meant is None:
        assert isinstance(read, Unknown)
    else:
        assert isinstance(read, Part), read
        assert [draft.arguments["entity_id"] for draft, _ in read.steps] == [[meant]]


def test_a_place_is_spelled_with_and_without_its_kind() -> None:
    found = [(("泰", "山", "厅"), ("=泰山厅",)), (("灯",), ("light",))]
    assert {word for (word,), _ in spelled(found)} == {"taishanting", "taishan", "taishantingdeng"}
