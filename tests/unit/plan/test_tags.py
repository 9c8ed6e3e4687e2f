"""Statements that ask by their tag, and sentences that have none."""

from __future__ import annotations

import pytest

from steward.plan.parts.tags import untagged


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("the garage door is closed, isn't it", "the garage door is closed?"),
        ("the front door's locked, right?", "the front door's locked?"),
        ("i think i left the iron on, did i?", "i left the iron on?"),
        ("we did lock up didn't we", "we did lock up?"),
        ("turn off the lamp, will you", "turn off the lamp, will you"),
        ("turn it to the right", "turn it to the right"),
        ("is it right", "is it right"),
    ],
)
def test_a_tag_makes_a_question(said: str, asked: str) -> None:
    assert untagged(said) == asked
