"""The small-talk stage: the decision by script, the judgement by the real model."""

import math
from collections.abc import Sequence

import pytest

from steward.config.models import LanguageModelConfig
from steward.lazy import Lazy
from steward.models.open import open_model
from steward.models.scripted import Scripted, saying
from steward.models.store import Store
from steward.plan.talk import smalltalk
from steward.plan.talk.chat import CUES, EXAMPLES, REPLIES
from steward.thinking import Generation, LanguageModel, Message, Token
from steward.types import Unknown, Utterance, Words


async def body(text: str, model: LanguageModel, language: str | None = "en") -> Words | Unknown:
    plan = await smalltalk.smalltalk(Utterance(text, language), Lazy(lambda: model).get)
    assert plan.stage == "smalltalk"
    assert 0.0 <= plan.confidence <= 1.0
    assert isinstance(plan.body, Words | Unknown)
    return plan.body


@pytest.mark.parametrize(
    ("answer", "logprob", "replies"),
    [
        ("chat", -0.001, True),
        ("chat", -0.69, False),
        ("chat", -math.inf, False),
        ("other", -0.001, False),
        ("other", -math.inf, False),
        ("Sure! I have opened it.", -0.001, False),
        ("", -0.001, False),
    ],
)
async def test_only_a_sure_chat_is_answered(answer: str, logprob: float, replies: bool) -> None:
    said = await body("hello", Scripted(saying(answer, logprob)))
    assert isinstance(said, Words) == replies


async def test_the_models_own_words_are_never_spoken() -> None:
    def bluffs(messages: Sequence[Message], options: Generation) -> list[Token]:
        return [Token("chat: I have turned on the lights", -0.001)]

    assert isinstance(await body("hello", Scripted(bluffs)), Unknown)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        *((text, "en") for text in ("", " ?! ", "hello 17", "hello " * 2000)),
        *((text, "en") for text in ("who won the cup", "reading lamp in the library please")),
        *((text, "zh") for text in ("月亮离地球多远", "他昨天把水壶烧干了")),
        ("hallo", "de"),
    ],
)
async def test_what_cannot_be_small_talk_does_not_reach_the_model(text: str, language: str) -> None:
    model = Scripted(saying("chat", -0.001))
    assert isinstance(await body(text, model, language), Unknown)
    assert model.asked == []


async def test_the_language_is_seen_where_nobody_told_it() -> None:
    sure = Lazy(lambda: Scripted(saying("chat", -0.0001)))
    plan = await smalltalk.smalltalk(Utterance("谢谢"), sure.get)
    assert plan.language == "zh"
    assert plan.body == Words("不客气。")


def test_confidence_grows_with_the_models_odds() -> None:
    shares = [smalltalk.calibrated(odds, "en") for odds in range(-20, 21)]
    assert shares == sorted(shares)
    assert shares[0] < 0.05
    assert shares[-1] > 0.95


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_has_a_reply(language: str) -> None:
    assert {kind for kind, _ in CUES[language]} | {""} == set(REPLIES[language])
    assert {friendly for _, friendly in EXAMPLES[language]} == {True, False}


@pytest.fixture(scope="module")
def real(store: Store) -> LanguageModel:
    return open_model(LanguageModelConfig(), store)


@pytest.mark.parametrize(
    ("text", "language", "reply"),
    [
        ("Thank you.", "en", "You are most welcome."),
        ("Good night!", "en", "Good night. Sleep well."),
        ("非常感谢。", "zh", "不客气。"),
    ],
)
async def test_the_real_model_knows_small_talk(
    real: LanguageModel, text: str, language: str, reply: str
) -> None:
    assert await body(text, real, language) == Words(reply)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Who won the 1987 cup?", "en"),
        ("Who won the cup?", "en"),
        ("Open the pod bay doors", "en"),
        ("What is the capital of Australia?", "en"),
        ("Order a pizza", "en"),
        ("打开飞船舱门", "zh"),
        ("布洛芬一次能吃几片", "zh"),
    ],
)
async def test_the_real_model_does_not_bluff(real: LanguageModel, text: str, language: str) -> None:
    assert isinstance(await body(text, real, language), Unknown)
