"""What becomes of a trained reader's reading in a home; the reader itself is scripted here."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from steward.home.services.table import SERVICES
from steward.plan.parts.atoms import things, tokens
from steward.plan.parts.choose import Scene
from steward.plan.reader.calibration import calibrated
from steward.plan.reader.marks import FUNCTION, NAMED, NOUN, NUMBER, UNKNOWN, marks
from steward.plan.reader.trained import STAGE, read_trained
from steward.plan.templates.split import Part
from steward.thinking import Reading
from steward.types import Area, Entity, Gap, Json, Unknown, World

CAPABILITIES = frozenset({*SERVICES, "clock.time"})
DIMMED: dict[str, Json] = {"brightness": 100, "supported_color_modes": ["brightness"]}
HOME = World(
    areas=(Area("kitchen", "Kitchen"), Area("den", "Den")),
    entities=(
        Entity("light.kitchen", "Kitchen Light", "on", "kitchen", (), None, DIMMED),
        Entity("light.den", "Bertie", "on", "den", (), None, DIMMED),
        Entity("lock.front", "Front Door", "locked", "kitchen"),
        Entity("todo.shop", "Shopping List", "2"),
        Entity("todo.chores", "Chores", "1"),
    ),
)
KEEP, SPARE, ITEM = "keep", "spare", "item"
ROWS = {
    KEEP: (0.02, 0.94, 0.02, 0.02),
    SPARE: (0.02, 0.02, 0.94, 0.02),
    ITEM: (0.02, 0.02, 0.02, 0.94),
}


class Scripted:
    """A Reader that says what it was given: labels, and stretches of the sentence with tags."""

    def __init__(self, *labels: tuple[str, float], **said: str) -> None:
        self.labels = labels
        self.said = said

    def read(self, text: str, marks: Sequence[int]) -> Reading:
        rows = [(0.97, 0.01, 0.01, 0.01)] * len(text)
        for kind, stretch in self.said.items():
            start = text.index(stretch)
            rows[start : start + len(stretch)] = [ROWS[kind]] * len(stretch)
        return Reading(self.labels, tuple(rows))


def understood(text: str, reader: Scripted, area: str | None = None) -> Part | Unknown:
    return read_trained(text, Scene(HOME, things(HOME), area, "en"), CAPABILITIES, reader)


def steps(part: Part | Unknown) -> list[tuple[str, dict[str, Json]]]:
    assert isinstance(part, Part), part
    return [(draft.capability, dict(draft.arguments)) for draft, _ in part.steps]


def test_an_act_on_what_was_kept() -> None:
    part = understood("nobody needs bertie any more", Scripted(("off", 0.95), keep="bertie"))
    assert steps(part) == [("light.turn_off", {"entity_id": ["light.den"]})]
    assert isinstance(part, Part) and part.stage == STAGE and 0.8 < part.confidence < 0.9


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("bertie is fine but the kitchen light hurts my eyes", "kitchen light"),
        ("no more glow from the lamp in the loft", "lamp"),
        ("no more glow from the grizelda lamp", "lamp"),
        ("no more glow from the lamp on the grizelda", "lamp"),
    ],
)
def test_no_act_where_words_that_say_of_what_are_left_out(said: str, kept: str) -> None:
    part = understood(said, Scripted(("off", 0.95), keep=kept), "kitchen")
    assert part == Unknown(Gap.NOT_UNDERSTOOD)


def test_an_act_on_nothing_named_needs_a_word_that_says_it() -> None:
    reader = Scripted(("lock", 0.95))
    assert understood("we are in for the night", reader) == Unknown(Gap.NOT_UNDERSTOOD)
    assert steps(understood("lock up for the night", reader)) == [
        ("lock.lock", {"entity_id": ["lock.front"]})
    ]


def test_words_that_say_nothing_of_what_may_be_left_out() -> None:
    part = understood("zap the kitchen light", Scripted(("off", 0.95), keep="kitchen light"))
    assert steps(part) == [("light.turn_off", {"entity_id": ["light.kitchen"]})]


def test_exceptions_are_spared() -> None:
    said = "make every lamp vanish, the den may stay"
    part = understood(said, Scripted(("off", 0.95), keep="every lamp", spare="den"))
    assert steps(part) == [("light.turn_off", {"entity_id": ["light.kitchen"]})]


def test_numbers_with_their_units() -> None:
    said = "i fancy bertie at 30 percent"
    reader = Scripted(("brightness =", 0.95), keep="bertie at 30")
    assert steps(understood(said, reader)) == [
        ("light.turn_on", {"entity_id": ["light.den"], "brightness_pct": 30})
    ]


def test_items_of_lists_are_text_and_nothing_else() -> None:
    said = "we ran out of unlock the front door"
    part = understood(said, Scripted(("list add", 0.95), item="unlock the front door"))
    assert steps(part) == [
        ("todo.add_item", {"entity_id": ["todo.shop"], "item": "unlock the front door"})
    ]


def test_a_list_that_is_named_gets_the_item() -> None:
    said = "chores could do with dusting"
    part = understood(said, Scripted(("list add", 0.95), item="dusting", keep="chores"))
    assert steps(part) == [("todo.add_item", {"entity_id": ["todo.chores"], "item": "dusting"})]


def test_questions_are_answered_and_never_act() -> None:
    said = "has bertie been left burning"
    part = understood(said, Scripted(("ask on one", 0.95), keep="bertie"))
    assert steps(part) == [("home.get_states", {"entity_id": ["light.den"]})]


@pytest.mark.parametrize("label", ["none", "compound", "label of another time"])
def test_labels_that_mean_no_command_do_nothing(label: str) -> None:
    assert isinstance(understood("off bertie", Scripted((label, 0.99), keep="bertie")), Unknown)


def test_an_unsure_reading_does_nothing() -> None:
    assert isinstance(understood("off bertie", Scripted(("off", 0.3), keep="bertie")), Unknown)


def test_a_thing_that_the_home_lacks_is_named() -> None:
    found = understood("nobody needs grizelda", Scripted(("off", 0.98), keep="grizelda"))
    assert found == Unknown(Gap.NO_SUCH_DEVICE, "grizelda")


def test_verbs_on_both_sides_of_a_pause_must_agree_with_the_label() -> None:
    said = "it is bright, lock the front door"
    part = understood(said, Scripted(("off", 0.95), keep="front door"))
    assert part == Unknown(Gap.NOT_UNDERSTOOD)
    said = "nobody is in, switch off bertie"
    part = understood(said, Scripted(("off", 0.95), keep="bertie"))
    assert steps(part) == [("light.turn_off", {"entity_id": ["light.den"]})]


def test_two_commands_are_not_read_as_one() -> None:
    said = "kitchen light off, bertie off"
    part = understood(said, Scripted(("off", 0.95), keep="kitchen light"))
    assert part == Unknown(Gap.NOT_UNDERSTOOD)


def test_marks_say_what_the_home_knows() -> None:
    text = "zap bertie to 30 in the loft"
    found = marks(text, tokens(text, HOME))
    assert len(found) == len(text)
    assert found[text.index("zap")] == UNKNOWN
    assert found[text.index("bertie")] == NAMED
    assert found[text.index("30")] == NUMBER
    assert found[text.index("the")] == FUNCTION
    assert found[text.index("loft")] == NOUN


def test_items_are_whole_words() -> None:
    part = understood("strike cheddar", Scripted(("list add", 0.95), item="ched"))
    assert steps(part)[0][1]["item"] == "cheddar"


def test_calibration_rises_and_stays_a_probability() -> None:
    shares = [calibrated(raw / 100) for raw in range(-5, 106)]
    assert shares == sorted(shares)
    assert shares[0] == 0.0 and 0.8 < shares[-1] <= 1.0
    assert calibrated(0.55) == pytest.approx(0.58)
