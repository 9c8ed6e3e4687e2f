from __future__ import annotations

import pytest

from steward.persona import load_persona
from steward.plan.reply.manner import Occasion, in_manner, occasion
from steward.types import (
    Call,
    Calls,
    Done,
    Entity,
    Failed,
    Gap,
    Meaning,
    Plan,
    Question,
    Reply,
    Unknown,
    Words,
    World,
)

HOME = World(entities=(Entity("light.k", "Kitchen Light", "on", aliases=("厨房灯",)),))
READS = frozenset({"home.get_states"})


def call(name: str) -> Call:
    return Call(name, name, Meaning("x"))


@pytest.mark.parametrize(
    ("body", "outcomes", "about"),
    [
        (Calls((call("light.turn_on"),)), [Done("light.turn_on")], Occasion.DONE),
        (Calls((call("home.get_states"),)), [Done("home.get_states")], Occasion.TOLD),
        (
            Calls((call("home.get_states"), call("light.turn_on"))),
            [Done("home.get_states"), Done("light.turn_on")],
            Occasion.DONE,
        ),
        (Calls((call("light.turn_on"),)), [], Occasion.FAILED),
        (
            Calls((call("light.turn_on"),)),
            [Failed("light.turn_on", "unavailable", "")],
            Occasion.FAILED,
        ),
        (Question("Shall I?"), [], Occasion.ASKED),
        (Unknown(Gap.NOT_UNDERSTOOD), [], Occasion.LOST),
        (Words("Hello."), [], None),
    ],
)
def test_the_occasion(body: object, outcomes: list[Done], about: Occasion | None) -> None:
    plan = Plan(body, "en", "test", 1.0)  # type: ignore[arg-type]
    assert occasion(plan, outcomes, READS) is about


@pytest.mark.parametrize(
    ("persona", "about", "plain", "worded"),
    [
        ("steward", Occasion.DONE, "The kitchen light is on.", "The kitchen light is on."),
        (
            "butler",
            Occasion.DONE,
            "The kitchen light is on.",
            "Very good. The kitchen light is on.",
        ),
        ("butler", Occasion.LOST, "Sorry, I can't do that.", "I beg your pardon. I can't do that."),
        ("butler", Occasion.TOLD, "The kitchen light is on.", "The kitchen light is on."),
        ("friend", Occasion.FAILED, "抱歉，这个我做不到。", "哎呀，不好意思，这个我做不到。"),
        ("brief", Occasion.DONE, "The kitchen light is on.", "Kitchen light on."),
        ("brief", Occasion.LOST, "Sorry, I didn't understand that.", "I didn't understand that."),
        ("brief", None, "The kitchen is on fire.", "The kitchen is on fire."),
    ],
)
def test_the_personas_that_come_with_him(
    persona: str, about: Occasion | None, plain: str, worded: str
) -> None:
    language = "en" if plain.isascii() else "zh"
    reply = Reply(plain, language, ("light.k",))
    assert in_manner(reply, about, load_persona(persona).manner, HOME).text == worded


def test_a_manner_that_would_cut_a_name_is_not_followed() -> None:
    manner = load_persona("brief").manner["en"].model_copy(update={"begin": {"The kitchen ": "A "}})
    reply = Reply("The kitchen light is on.", "en", ("light.k",))
    assert in_manner(reply, None, {"en": manner}, HOME).text == reply.text
