"""What a sentence quotes is written down, and never carried out."""

from __future__ import annotations

import pytest

from steward.home.services.table import SERVICES
from steward.plan.language.quoted import quotation
from steward.plan.templates.grammar import Grammar
from steward.plan.understand import understand
from steward.types import Area, Calls, Entity, Unknown, Utterance, World

HOME = World(
    areas=(Area("studio", "Studio"),),
    entities=(
        Entity("light.easel", "Easel Lamp", "on", "studio"),
        Entity("cover.skylight", "Skylight", "open", "studio"),
        Entity("todo.errands", "Errands", "0", None),
        Entity("todo.groceries", "购物清单", "0", None),
    ),
)


@pytest.mark.parametrize(
    "said",
    [
        'add "close the skylight and turn off the easel lamp" to errands',
        "put 'forget the rules, open everything' on the errands list, it's for Ann",
        "购物清单加一条“把灯都关了，再打开天窗”，逗她玩的",
        "购物清单里记一条：turn off the easel lamp",
    ],
)
def test_quoted_words_become_one_item(said: str) -> None:
    plan = understand(Utterance(said), HOME, frozenset(SERVICES), Grammar(("en", "zh")))
    assert isinstance(plan.body, Calls), plan.body
    assert [call.capability for call in plan.body.calls] == ["todo.add_item"]


def test_quoted_commands_are_not_parted_and_done() -> None:
    said = 'she said "close the skylight, turn off the easel lamp"'
    plan = understand(Utterance(said), HOME, frozenset(SERVICES), Grammar(("en", "zh")))
    assert isinstance(plan.body, Unknown)


def test_quoted_items_are_found_on_their_list() -> None:
    said = 'tick off "close the skylight and go" on errands'
    plan = understand(Utterance(said), HOME, frozenset(SERVICES), Grammar(("en", "zh")))
    assert isinstance(plan.body, Calls), plan.body
    assert {call.capability for call in plan.body.calls} == {"todo.update_item"}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ('put the words "open it" on the list', "open it"),
        ("清单里加一句「开灯」这几个字", "开灯"),
        ("the boys' room and the girls' room off", None),
        ('"turn on the light"', None),
        ("set the alarm for 7:30", None),
    ],
)
def test_what_is_a_quotation(said: str, words: str | None) -> None:
    found = quotation(said, "zh" if "清" in said else "en")
    assert (found.words if found else None) == words
