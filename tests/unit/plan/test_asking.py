"""Open questions: which sentences are, what goes with them, and what is said of their answers."""

from __future__ import annotations

import pytest

from steward.home.fixtures import demo
from steward.plan.asking.open import STAGE, is_open, without_waiting
from steward.plan.asking.stage import asking_stage, inquiry_of
from steward.plan.asking.words import bring, worded
from steward.thinking import Answer, How, Inquiry, Message, Resolved
from steward.types import Context, Exchange, Plan, Unknown, Utterance, Words

HOME = demo()
NEW = Context()
"""A conversation that begins."""


@pytest.mark.parametrize(
    "text",
    [
        "what is the capital of peru",
        "Who wrote War and Peace?",
        "why is grass green",
        "can you explain how vaccines are made",
        "could you please tell me what a haiku is",
        "tell me about the roman empire",
        "give me a recipe for pancakes",
        "is a tomato a fruit",
        "写一首关于海的诗",
        "秘鲁的首都是哪里",
        "给我讲讲罗马帝国",
        "什么是通货膨胀",
        "疫苗是怎么起作用的",
    ],
)
def test_what_is_open(text: str) -> None:
    assert is_open(text, HOME, NEW)


@pytest.mark.parametrize(
    "text",
    [
        "turn on the fireplace",
        "could you make the hall cosier",
        "make it warmer",
        "is the bedroom window open",
        "why is the living room so warm",
        "how warm is it",
        "what is upstairs still on",
        "which lights are on",
        "what's the weather like",
        "who is home",
        "what do i have on thursday",
        "is anything playing",
        "what does our fridge hold",
        "unlock",
        "厨房灯亮着吗",
        "家里有人吗",
        "客厅几度",
        "今天天气怎么样",
        "把什么都关掉",
        "它为什么这么热",
        "我的快递到哪了",
        "",
        "?!",
    ],
)
def test_what_is_about_the_home_or_asks_nothing(text: str) -> None:
    assert not is_open(text, HOME, NEW)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("when you can, find out who invented paper", "find out who invented paper"),
        ("why do cats purr? no rush", "why do cats purr?"),
        ("有空的时候帮我查一下纸是谁发明的", "帮我查一下纸是谁发明的"),
        ("纸是谁发明的，不着急", "纸是谁发明的"),
    ],
)
def test_what_can_wait_says_so(text: str, rest: str) -> None:
    assert without_waiting(text) == (rest, True)
    assert without_waiting(rest) == (rest, False)
    assert without_waiting("不着急") == ("不着急", False)


def turn(said: str, answer: str, stage: str) -> Exchange:
    return Exchange(Utterance(said, "en"), Plan(Words(answer), "en", stage, 1.0))


def test_only_open_questions_of_before_go_with_a_question() -> None:
    before = (
        turn("is the safe locked", "The safe is open.", "grammar"),
        turn("who wrote hamlet", "Shakespeare.", STAGE),
    )
    context = Context(before, conversation="c", turn="t")
    found = inquiry_of(Utterance("how old was he when it was written", "en"), HOME, context)
    assert found is not None
    assert found.before == (
        Message("user", "who wrote hamlet"),
        Message("assistant", "Shakespeare."),
    )
    assert (found.conversation, found.turn, found.can_wait) == ("c", "t", False)
    assert inquiry_of(Utterance("when was it written", "en"), HOME, NEW) is None
    assert inquiry_of(Utterance("was ist die Hauptstadt von Peru", "de"), HOME, NEW) is None


async def test_which_questions_may_wait_is_the_owners_choice() -> None:
    asked: list[bool] = []

    async def ask(inquiry: Inquiry) -> Resolved:
        asked.append(inquiry.can_wait)
        return Resolved("waits", None, "cloud")

    patient = Utterance("when you can, tell me who wrote hamlet", "en")
    for wait in ("asked", "always", "off"):
        stage = asking_stage(ask, wait)
        for said in (patient, Utterance("who wrote hamlet", "en")):
            plan = await stage(said, HOME, NEW)
            assert isinstance(plan.body, Words)
            assert plan.body.text.startswith("Cloud cannot be reached")
    assert asked == [True, False, True, True, False, False]


async def test_nothing_that_is_no_question_is_asked() -> None:
    async def ask(_: Inquiry) -> Resolved:
        raise AssertionError

    plan = await asking_stage(ask, "asked")(Utterance("open the front door", "en"), HOME, NEW)
    assert isinstance(plan.body, Unknown)


NEARER = Answer("**Lima**, perhaps.", "en", 0.3, "device")


@pytest.mark.parametrize(
    ("how", "answer", "language", "says"),
    [
        ("answered", NEARER, "en", "Lima, perhaps."),
        ("nearer", NEARER, "en", "Cloud does not answer. From this device: Lima, perhaps."),
        ("nearer", NEARER, "zh", "Cloud没有回应。本机的回答是：Lima, perhaps."),
        ("late", NEARER, "en", "Cloud takes too long. From this device for now: Lima, perhaps."),
        ("late", NEARER, "zh", "Cloud太慢了。本机先回答：Lima, perhaps."),
        ("down", None, "en", "I don't know that myself, and cloud does not answer."),
        ("down", None, "zh", "这个我自己不知道，cloud也没有回应。"),
        ("waits", None, "zh", "现在连不上cloud。我先记下这个问题，有了答案就告诉您。"),
        ("private", None, "en", "I don't know that myself, and what you said should not leave"),
    ],
)
def test_who_answers_is_said(how: How, answer: Answer | None, language: str, says: str) -> None:
    said = worded(Resolved(how, answer, "cloud"), language)
    assert said.startswith(says)
    assert "asking" not in said


@pytest.mark.parametrize("how", ["money", "private", "nearer", "late"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_answer_of_a_nearer_one_has_its_words(how: How, language: str) -> None:
    said = worded(Resolved(how, NEARER, "cloud"), language)
    assert said.endswith("Lima, perhaps.")
    assert said != "Lima, perhaps."


def test_an_answer_that_comes_later_says_to_what() -> None:
    assert "who wrote hamlet" in bring("who wrote hamlet", "en", "Shakespeare.").text
    assert bring("谁写的", "zh", "").text == "您问过：谁写的 我没能找到答案。"
