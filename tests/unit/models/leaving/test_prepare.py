"""What leaves for an inquiry."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from steward.models.leaving.home import home_words, own
from steward.models.leaving.prepare import MAX_CHARACTERS, Leaving
from steward.models.leaving.vaults import LASTING_SECONDS, MAX_PLACEHOLDERS, MAX_VAULTS, Vaults
from steward.models.redact import Kind, Recognisers
from steward.models.redaction.home import Words
from steward.models.tiers.request import Prepared, Withheld
from steward.thinking import Inquiry, Message
from steward.types import Area, Entity, World

WORLD = World(
    areas=(Area("barn", "Horse Barn"), Area("kitchen", "Kitchen")),
    entities=(
        Entity("light.kitchen", "Kitchen Light", "on", "kitchen"),
        Entity("person.bee", "Bee", "home"),
        Entity("light.granny", "奶奶的灯", "off"),
        Entity("todo.school", "Elderwood run", "0"),
    ),
)


def leaving(*kept: Kind) -> Leaving:
    return Leaving(
        lambda: home_words(WORLD, ["Mia"]),
        lambda words: Recognisers(words, kept=(Kind.SECRET, *kept)),
    )


async def prepared(inquiry: Inquiry, part: Leaving | None = None) -> Prepared:
    made = await (part or leaving())(inquiry, "cloud", "redacted")
    assert isinstance(made, Prepared)
    return made


def sent(made: Prepared) -> str:
    return "\n".join(message.content for message in made.messages[1:])


async def test_personal_words_and_the_home_s_own_stay_here_and_come_back() -> None:
    said = (
        "Write a poem for Mia and Bee about the horse barn in the kitchen light, +44 20 7946 0018"
    )
    made = await prepared(Inquiry(said, "en"))
    for word in ("Mia", "Bee", "barn", "7946"):
        assert word not in sent(made)
    assert "kitchen light" in sent(made)
    assert made.restore(sent(made)) == said


async def test_chinese_words_of_the_home_stay_here() -> None:
    made = await prepared(Inquiry("为奶奶的灯写一首诗，送给王小红", "zh"))
    assert "奶奶" not in sent(made) and "王小红" not in sent(made)
    assert "奶奶的灯" in made.restore(sent(made))


@pytest.mark.parametrize(
    "said",
    [
        "Who painted the Mona Lisa?",
        "What's the capital of Australia?",
        "What is a Fresnel lens?",
        "Who won the Battle of Hastings in 1066?",
        "李白是哪个朝代的诗人？",
        "Is it true that Chopin was born in Poland?",
    ],
)
async def test_questions_about_the_world_leave_as_they_are(said: str) -> None:
    assert sent(await prepared(Inquiry(said, "en"))) == said


async def test_who_lives_here_has_the_name_of_a_famous_man_and_stays() -> None:
    part = Leaving(lambda: Words(["Lincoln"]), Recognisers)
    made = await prepared(Inquiry("Write a poem for Lincoln", "en"), part)
    assert "Lincoln" not in sent(made)


@pytest.mark.parametrize(
    "said",
    [
        "the alarm code is 4711, is that a good one?",
        "the code for the gate is 4 7 1 1, is that good?",
        "门锁密码是 884213，这样安全吗？",
        "门锁密码是八八四二，这样安全吗？",
        "who is Mia?",
        "王小红是谁？",
    ],
)
async def test_some_questions_never_leave(said: str) -> None:
    for send in ("redacted", "all") if "code" in said or "密码" in said else ("redacted",):
        assert isinstance(await leaving()(Inquiry(said, "en"), "cloud", send), Withheld)


async def test_health_and_money_stay_if_the_owner_says_so() -> None:
    inquiry = Inquiry("What helps against diabetes?", "en")
    assert await prepared(inquiry)
    assert isinstance(await leaving(Kind.HEALTH)(inquiry, "cloud", "redacted"), Withheld)


async def test_a_turn_with_a_secret_is_left_out_and_the_question_goes_on() -> None:
    before = (Message("user", "the pin is 8842"), Message("assistant", "I see."))
    made = await prepared(Inquiry("and how long is it usually?", "en", before))
    assert [message.role for message in made.messages] == ["system", "user"]
    assert "8842" not in sent(made)


async def test_all_means_as_it_was_said_and_nothing_means_nothing() -> None:
    inquiry = Inquiry("Write a poem for Mia", "en")
    made = await leaving()(inquiry, "mine", "all")
    assert isinstance(made, Prepared) and sent(made) == inquiry.text
    assert isinstance(await leaving()(inquiry, "cloud", "nothing"), Withheld)


async def test_placeholders_stay_the_same_through_a_conversation_and_apart_between_two() -> None:
    part = leaving()
    first = await prepared(Inquiry("A poem for Anna Kowalski", "en", conversation="a"), part)
    again = await prepared(
        Inquiry("Rewrite it for Tom Eriksen and Anna Kowalski", "en", conversation="a"), part
    )
    other = await prepared(Inquiry("A poem for Tom Eriksen", "en", conversation="b"), part)
    assert "<PERSON_1>" in sent(first) and "<PERSON_2> and <PERSON_1>" in sent(again)
    assert "<PERSON_1>" in sent(other)
    assert other.restore("<PERSON_1>") == "Tom Eriksen"


async def test_an_answer_gets_back_only_what_was_sent_for_it() -> None:
    part = leaving()
    await prepared(Inquiry("A poem for Anna Kowalski", "en", conversation="a"), part)
    made = await prepared(Inquiry("Why do cats purr at Tom Eriksen?", "en", conversation="a"), part)
    assert made.restore("<PERSON_2> <PERSON_1> <person_9>") == "Tom Eriksen <PERSON_1> <person_9>"


async def test_a_document_is_hidden_but_for_what_the_question_names() -> None:
    letter = "Dear Anna Kowalski, the train to Oslo leaves on 3 May 2027 from Leeds. Yours, Tom."
    made = await prepared(Inquiry("When does the train to Oslo leave?", "en", (), (letter,)))
    assert "Oslo" in sent(made)
    for word in ("Kowalski", "Leeds", "3 May"):
        assert word not in sent(made)
    assert "3 May 2027" in made.restore(sent(made))


async def test_what_is_too_long_is_not_sent() -> None:
    letter = "Translate me. " * (MAX_CHARACTERS // 10)
    made = await leaving()(Inquiry("Translate this", "en", (), (letter,)), "cloud", "redacted")
    assert isinstance(made, Withheld) and str(MAX_CHARACTERS) in made.reason


def test_names_that_any_home_has_are_not_its_own() -> None:
    names = ["Kitchen Light", "客厅灯", "Bedroom 2", "Horse Barn", "奶奶的房间", "Mia's room"]
    assert [own(name) for name in names] == [False, False, False, True, True, True]


def test_vaults_are_bounded_in_number_size_and_age() -> None:
    now = [0.0]
    vaults = Vaults(lambda: now[0])
    first = vaults.of("a")
    first.placeholder(Kind.PERSON, "Mia")
    assert vaults.of("a") is first
    now[0] = LASTING_SECONDS + 1
    assert vaults.of("a") is not first
    for number in range(MAX_VAULTS + 5):
        vaults.of(str(number))
    assert len(vaults) == MAX_VAULTS
    full = vaults.of("full")
    for number in range(MAX_PLACEHOLDERS + 1):
        full.placeholder(Kind.PERSON, str(number))
    assert vaults.of("full") is not full


def test_vaults_are_given_to_several_threads_at_once() -> None:
    vaults, before = Vaults(), sys.getswitchinterval()

    def many(number: int) -> None:
        for each in range(2000):
            vaults.of(f"{number} {each}").placeholder(Kind.PERSON, "Mia")

    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(many, range(4)))
    finally:
        sys.setswitchinterval(before)
    assert len(vaults) == MAX_VAULTS
