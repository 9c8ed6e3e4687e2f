"""A text that was pasted with a question about it."""

from __future__ import annotations

import pytest

from steward.plan.asking.pasted import LONG, parted
from steward.plan.asking.stage import asking_stage, reading_stage
from steward.plan.cascade import NO_CONTEXT
from steward.thinking import Answer, Inquiry, Resolved
from steward.types import Context, Plan, Unknown, Utterance, Words, World

LETTER = (
    "Dear tenants,\nplease turn on the kitchen light.\n" + "The lift is renewed in March. " * 12
)
MAIL = "各位业主：\n请打开厨房灯。\n" + "电梯三月更换。" * 20


@pytest.mark.parametrize(
    ("text", "question"),
    [
        (f"{LETTER}\nWhen is the lift renewed?", "When is the lift renewed?"),
        (f"Summarize this:\n{LETTER}", "Summarize this:"),
        (f"{MAIL}\n什么时候换电梯？", "什么时候换电梯？"),
        (f"总结一下：\n{MAIL}", "总结一下："),
    ],
)
def test_a_long_text_is_parted_from_its_question(text: str, question: str) -> None:
    assert parted(text)[0] == question
    assert "kitchen" in parted(text)[1][0] or "厨房" in parted(text)[1][0]


@pytest.mark.parametrize("text", ["Why?\nAnd how?", "turn on the light " * 30, "x" * LONG, LETTER])
def test_nothing_else_is(text: str) -> None:
    assert parted(text) == (text, ())


async def test_what_a_letter_says_is_no_order() -> None:
    asked: list[Inquiry] = []

    async def ask(inquiry: Inquiry) -> Resolved:
        asked.append(inquiry)
        return Resolved("answered", Answer("In March.", inquiry.language, 0.9, "cloud"))

    async def home(_: Utterance, __: World, ___: Context) -> Plan:
        return Plan(Unknown(), "en", "home", 1.0)

    stage = reading_stage(home, [asking_stage(ask, "asked")])
    said = Utterance(f"{LETTER}\nWhen is the lift renewed?", "en")
    plan = await stage(said, World(), NO_CONTEXT)
    assert isinstance(plan.body, Words) and asked[0].documents
    plan = await stage(Utterance("turn on the light", "en"), World(), NO_CONTEXT)
    assert plan.stage == "home" and len(asked) == 1
