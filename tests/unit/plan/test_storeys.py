"""What floors are called besides their names, as people of several countries count them."""

from __future__ import annotations

import pytest

from steward.plan.parts.atoms import concepts
from steward.plan.parts.storeys import storeys


@pytest.mark.parametrize(
    ("floors", "said", "meant"),
    [
        (["First Floor", "Second Floor"], "upstairs", "Second Floor"),
        (["First Floor", "Second Floor"], "downstairs", "First Floor"),
        (["First Floor", "Second Floor"], "一楼", "First Floor"),
        (["Ground Floor", "First Floor"], "upstairs", "First Floor"),
        (["Ground Floor", "First Floor"], "second floor", None),
        (["Main Floor", "Upper Floor", "Basement"], "楼上", "Upper Floor"),
        (["Main Floor", "Upper Floor", "Basement"], "downstairs", "Main Floor"),
        (["一楼", "二楼"], "upstairs", "二楼"),
        (["North Wing", "South Wing"], "upstairs", None),
    ],
)
def test_a_floor_is_known_by_other_names(floors: list[str], said: str, meant: str | None) -> None:
    known = storeys({name: concepts(name) for name in floors})
    assert [name for name in floors if concepts(said) <= known[name]] == ([meant] if meant else [])
