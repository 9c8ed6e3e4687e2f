"""Names in other alphabets, typed without their letters."""

from __future__ import annotations

import pytest

from steward.plan.language.letters import with_plain_letters
from steward.types import Area, World


@pytest.mark.parametrize(
    ("name", "spellings"),
    [
        ("Łazienka", {"Lazienka", "lazienka"}),
        ("Gästeküche", {"Gastekuche", "gaestekueche"}),
        ("Børneværelse", {"Bornevaerelse", "boernevaerelse"}),
        ("Кухня", {"Kukhnya", "kukhnya"}),
        ("Küche 💡", {"Kuche 💡", "kueche 💡"}),
        ("Kitchen", set()),
        ("厨房", set()),
        ("キッチン", set()),
    ],
)
def test_each_way_a_name_is_written_in_plain_letters(name: str, spellings: set[str]) -> None:
    world = with_plain_letters(World((), (Area("a", name, None, ("Other",)),), ()))
    assert world.areas[0].name == name
    assert world.areas[0].aliases[0] == "Other"
    assert set(world.areas[0].aliases[1:]) == spellings


def test_a_spelling_that_is_an_alias_already_is_not_added() -> None:
    world = with_plain_letters(World((), (Area("a", "Küche", None, ("Kuche", "kueche")),), ()))
    assert world.areas[0].aliases == ("Kuche", "kueche")
