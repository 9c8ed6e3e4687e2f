"""Names of the other language that no lexicon knows, found by the dictionary."""

from __future__ import annotations

import pytest

from steward.home.services.table import SERVICES
from steward.plan.language.dictionary import translations
from steward.plan.parts.byparts import by_parts
from steward.plan.templates.split import Part
from steward.types import Area, Entity, World

HOME = World(
    areas=(Area("drugs", "药房"), Area("yard", "Pergola")),
    entities=(
        Entity("switch.tank", "鱼缸水泵", "on", "drugs"),
        Entity("switch.purifier", "净水器", "on", "drugs"),
        Entity("light.lantern", "Lantern", "off", "yard"),
        Entity("light.pergola", "Pergola Light", "off", "yard"),
    ),
)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("turn off the aquarium pump", "switch.tank"),
        ("turn off the fish tank pump", "switch.tank"),
        ("turn the water purifier off", "switch.purifier"),
        ("pharmacy water purifier off", "switch.purifier"),
        ("打开灯笼", "light.lantern"),
        ("关掉鱼缸水泵", "switch.tank"),
    ],
)
def test_things_are_found_by_what_their_names_mean(said: str, meant: str) -> None:
    language = "en" if said.isascii() else "zh"
    read = by_parts(said, language, HOME, None, frozenset(SERVICES))
    assert isinstance(read, Part), read
    assert [draft.arguments["entity_id"] for draft, _ in read.steps] == [[meant]]


def test_glosses_that_are_no_names_are_left_out() -> None:
    found = translations(frozenset({"熬药", "厢房", "药房"}), frozenset())
    assert "熬药" not in found.english
    assert ("side", "room") in found.english["厢房"]
    assert found.chinese == {}


def test_words_that_nobody_knows_have_no_translation() -> None:
    found = translations(frozenset({"嚯嚯吧"}), frozenset({("grizelda",)}))
    assert (found.english, found.chinese) == ({}, {})
