"""What a sentence is taken for is told as it is, and nothing is left out."""

from __future__ import annotations

import pytest

from steward.home.services.table import SERVICES
from steward.plan.explain import MAX_CANDIDATES, Explanation, explain
from steward.plan.risk import Rules
from steward.plan.templates.grammar import Grammar
from steward.plan.understand import understand
from steward.types import Area, Entity, Risk, Utterance, World

CAPABILITIES = frozenset(SERVICES)
RULES = Rules(frozenset({"lock.unlock"}))
GRAMMAR = Grammar()
HOME = World(
    areas=(Area("hall", "Hall", None, ("门厅",)), Area("den", "Den", None, ("书房",))),
    entities=(
        Entity("light.hall", "Hall Light", "on", "hall", ("门厅灯",)),
        Entity("light.den", "Den Lamp", "off", "den", ("书房台灯",)),
        Entity("lock.front", "Front Door", "locked", "hall", ("大门",)),
        *(Entity(f"light.spot_{n}", f"Den Spot {n}", "off", "den") for n in range(9)),
    ),
)


def explained(text: str) -> Explanation:
    said = Utterance(text)
    plan = understand(said, HOME, CAPABILITIES, GRAMMAR)
    return explain(said, HOME, CAPABILITIES, GRAMMAR, RULES, (plan,), plan)


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [("turn off the hall light", "en", "Hall Light"), ("把门厅灯关掉", "zh", "门厅灯")],
)
def test_the_first_line_names_what_would_be_done(text: str, language: str, name: str) -> None:
    found = explained(text)
    assert found.language == language
    assert name in found.summary
    assert [deed.entities for deed in found.deeds] == [("light.hall",)]
    assert found.confidence > found.threshold


def test_each_part_of_a_sentence_is_shown_with_the_view_of_every_stage() -> None:
    found = explained("turn off the hall light and turn on the den lamp")
    assert len(found.stretches) == 2
    for stretch in found.stretches:
        assert [view.stage for view in stretch.views] == ["grammar", "parts", "routines"]
        chosen = next(view for view in stretch.views if view.stage == stretch.chosen)
        assert chosen.deeds and not chosen.gap
    assert "HassTurnOff" in found.stretches[0].views[0].intents


def test_what_needs_a_yes_is_a_question_with_its_deeds_marked() -> None:
    found = explained("unlock the front door")
    assert found.kind == "question"
    assert [deed.risk for deed in found.deeds] == [Risk.GUARDED]
    assert "ask first" in found.summary


def test_a_sentence_that_is_not_understood_shows_its_words_and_candidates() -> None:
    found = explained("flumox the den spots")
    assert found.kind == "unknown" and not found.deeds
    (stretch,) = found.stretches
    assert stretch.chosen == ""
    assert ("flumox", ()) in stretch.words
    assert len(stretch.candidates) == MAX_CANDIDATES and stretch.others >= 1
    assert all(view.gap for view in stretch.views)


def test_the_best_candidates_come_first() -> None:
    first = explained("turn on the den lamp").stretches[0].candidates[0]
    assert first.id == "light.den" and first.wholly


def test_words_that_lean_on_a_turn_before_are_named() -> None:
    assert "verb" in explained("turn it off").leans


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("turn off the hall light, never mind", []),
        ("关掉门厅灯，算了", []),
        ("never mind, turn off the hall light", [("light.hall",)]),
        ("turn on the den lamp, forget it, turn off the hall light", [("light.hall",)]),
    ],
)
def test_what_is_taken_back_is_not_done(text: str, done: list[tuple[str, ...]]) -> None:
    assert [deed.entities for deed in explained(text).deeds] == done
