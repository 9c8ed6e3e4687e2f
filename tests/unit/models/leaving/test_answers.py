"""What was answered before is not asked again, where that is right."""

from __future__ import annotations

import pytest

from steward.models.leaving.alike import alike
from steward.models.leaving.answers import MAX_ANSWERS, Answers, lasting
from steward.models.redact import Recognisers
from steward.thinking import Answer, Inquiry, Message, Resolved, Sent

SENT = (Sent("cloud", b"{}", 9, 9, 0.1, 0.0),)


class Cloud:
    """Counts what it is asked, and answers the same."""

    def __init__(self, said: str = "so it is") -> None:
        self.asked: list[str] = []
        self.said = said
        self.how = "answered"

    async def ask(self, inquiry: Inquiry) -> Resolved:
        self.asked.append(inquiry.text)
        answer = Answer(self.said, inquiry.language, 0.9, "cloud", "unsure", SENT)
        return Resolved("answered" if self.how == "answered" else "down", answer)


def personal(text: str) -> bool:
    return bool(Recognisers().find(text))


def made(cloud: Cloud, now: list[float]) -> Answers:
    return Answers(cloud.ask, personal, seconds=100, clock=lambda: now[0])


async def test_the_same_question_is_sent_once_for_as_long_as_the_answer_is_kept() -> None:
    cloud, now = Cloud(), [0.0]
    answers = made(cloud, now)
    first = await answers.ask(Inquiry("How do I boil an egg?", "en", conversation="a"))
    again = await answers.ask(Inquiry("how do you boil eggs", "en", conversation="b"))
    assert len(cloud.asked) == 1
    assert first.answer and again.answer and again.answer.text == first.answer.text
    assert again.answer.sent == () and again.answer.why == "asked before"
    await answers.ask(Inquiry("How do I boil an egg?", "de"))
    now[0] = 101.0
    await answers.ask(Inquiry("How do I boil an egg?", "en"))
    assert len(cloud.asked) == 3


@pytest.mark.parametrize(
    "text",
    [
        "What's the weather like in Oslo?",
        "Who is the president of France?",
        "What does a litre of milk cost?",
        "What happened in the news today?",
        "今天有什么新闻？",
        "黄金多少钱一克？",
        "Tell me a joke",
    ],
)
async def test_what_changes_is_asked_anew(text: str) -> None:
    cloud = Cloud()
    answers = made(cloud, [0.0])
    for _ in range(2):
        await answers.ask(Inquiry(text, "en"))
    assert len(cloud.asked) == 2


async def test_an_answer_with_personal_data_stays_in_its_conversation() -> None:
    cloud = Cloud()
    answers = made(cloud, [0.0])
    said = "How do I congratulate Anna Kowalski on a marathon?"
    for conversation in ("a", "a", "b", ""):
        await answers.ask(Inquiry(said, "en", conversation=conversation))
    assert len(cloud.asked) == 3
    told = Cloud("ask Tom Eriksen in 14 Elm Street")
    answers = made(told, [0.0])
    for conversation in ("a", "b"):
        await answers.ask(Inquiry("How do I prune a rose?", "en", conversation=conversation))
    assert len(told.asked) == 2


async def test_what_nobody_answered_is_not_kept_and_there_is_a_limit() -> None:
    cloud = Cloud()
    cloud.how = "down"
    answers = made(cloud, [0.0])
    for _ in range(2):
        await answers.ask(Inquiry("How do I boil an egg?", "en"))
    assert len(cloud.asked) == 2
    cloud.how = "answered"
    for number in range(MAX_ANSWERS + 1):
        await answers.ask(Inquiry(f"What is atom {number} called?", "en"))
    await answers.ask(Inquiry("What is atom 0 called?", "en"))
    assert cloud.asked.count("What is atom 0 called?") == 2


def test_what_leans_on_other_words_does_not_last() -> None:
    before = (Message("user", "Who built the Eiffel Tower?"), Message("assistant", "Eiffel."))
    assert lasting(Inquiry("How do I boil an egg?", "en", before))
    assert not lasting(Inquiry("And how tall is it?", "en", before))
    assert not lasting(Inquiry("When is it due?", "en", documents=("Rent is due on Friday.",)))


@pytest.mark.parametrize(
    ("one", "other", "likeness", "same"),
    [
        ("How tall is the Matterhorn?", "What is the height of the Matterhorn?", 0.985, True),
        ("What's the capital of Mali?", "Tell me the capital city of Mali", 0.95, True),
        ("珠江有多长？", "珠江的长度是多少？", 0.99, True),
        ("Is it safe to eat raw fish?", "Is it not safe to eat raw fish?", 0.99, False),
        ("Is tea good for you?", "Is tea bad for you?", 0.99, False),
        ("How many grams are in an ounce?", "How many ounces are in a gram?", 0.99, False),
        ("When did World War 1 end?", "When did World War 2 end?", 0.99, False),
        ("明朝是什么时候开始的？", "明朝是什么时候结束的？", 0.99, False),
        ("What is a quark?", "What is a lepton?", 0.99, False),
        ("How do I bake bread?", "How do I freeze bread?", 0.95, False),
    ],
)
def test_two_questions_ask_the_same(one: str, other: str, likeness: float, same: bool) -> None:
    assert alike(one, other, likeness) is same
