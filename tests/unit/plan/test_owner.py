"""The owner's words: how they are taught, what they then mean, and what cannot be taught."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from pydantic import TypeAdapter

from steward.home.services.table import SERVICES
from steward.plan.cascade import NO_CONTEXT
from steward.plan.dialogue.context import in_context
from steward.plan.owner.aliases import reworded, thing_called, with_names
from steward.plan.owner.corrections import corrected
from steward.plan.owner.stage import STAGE, owned
from steward.plan.owner.teaching import Forgetting, Listing, Teaching, lessons
from steward.plan.risk import Rules
from steward.plan.templates.grammar import Grammar
from steward.plan.understand import stage as grammar_stage
from steward.types import (
    Area,
    Calls,
    Capability,
    Context,
    Done,
    Entity,
    Exchange,
    Json,
    Plan,
    Question,
    Taught,
    Unknown,
    Utterance,
    Words,
    World,
)

DIMMED: dict[str, Json] = {"brightness": 100, "supported_color_modes": ["brightness"]}
HOME = World(
    areas=(Area("lounge", "Living Room", None, ("客厅",)), Area("study", "Study", None, ("书房",))),
    entities=(
        Entity("light.lounge", "Ceiling Light", "on", "lounge", ("吸顶灯",), None, DIMMED),
        Entity("light.floor", "Floor Lamp", "on", "lounge", ("落地灯",), None, DIMMED),
        Entity("light.desk", "Desk Lamp", "on", "study", ("台灯",), None, DIMMED),
        Entity("cover.blind", "Study Blind", "open", "study", ("书房窗帘",)),
        Entity("lock.front", "Front Door", "unlocked", None, ("大门",)),
        Entity("scene.movie", "Movie Night", "unknown"),
    ),
)
CAPABILITIES = tuple(Capability(name) for name in SERVICES)
INNER = in_context(grammar_stage(Grammar(), CAPABILITIES), CAPABILITIES)
RULES = Rules(frozenset({"lock.unlock"}))


def plan(text: str, known: Sequence[Taught] = ()) -> Plan:
    async def learned() -> Sequence[Taught]:
        return known

    stage = owned(INNER, RULES, learned)

    async def read() -> Plan:
        return await stage(Utterance(text), HOME, Context())

    return asyncio.run(read())


def alone(text: str, context: Context = NO_CONTEXT) -> Plan:
    async def read() -> Plan:
        return await INNER(Utterance(text), HOME, context)

    return asyncio.run(read())


def learn(text: str, known: Sequence[Taught] = ()) -> Taught:
    body = plan(text, known).body
    assert isinstance(body, Calls | Question), body
    (call,) = body.calls
    assert call.capability == "words.teach"
    return TypeAdapter(Taught).validate_python(dict(call.arguments))


def targets(made: Plan) -> list[tuple[str, list[str]]]:
    assert isinstance(made.body, Calls), made.body
    found = []
    for call in made.body.calls:
        ids = call.arguments["entity_id"]
        assert isinstance(ids, list)
        found.append((call.capability, sorted(map(str, ids))))
    return found


@pytest.mark.parametrize(
    ("text", "phrase", "meaning"),
    [
        ("when I say Bertie I mean the floor lamp", "Bertie", "light.floor"),
        ("call the floor lamp Bertie", "Bertie", "light.floor"),
        ("from now on the floor lamp is called Bertie", "Bertie", "light.floor"),
        ("please learn that the snug means the living room", "the snug", "lounge"),
        ("by snug I mean the living room", "snug", "lounge"),
        ("以后我说亮亮就是指台灯", "亮亮", "light.desk"),
        ("把台灯叫做亮亮", "亮亮", "light.desk"),
        ("给落地灯起个名字叫阿高", "阿高", "light.floor"),
        ("我说“小窝”指的是客厅", "小窝", "lounge"),
    ],
)
def test_a_name_is_taught(text: str, phrase: str, meaning: str) -> None:
    taught = learn(text)
    assert (taught.phrase, taught.kind, taught.meaning) == (phrase, "name", meaning)


@pytest.mark.parametrize(
    ("text", "phrase", "meaning"),
    [
        (
            "when I say movie time, dim the lights to 20 percent and close the blinds",
            "movie time",
            "dim the lights to 20 percent and close the blinds",
        ),
        ("whenever I say cosy dim the floor lamp to 20", "cosy", "dim the floor lamp to 20"),
        ("turn off the lights when I say nap", "nap", "turn off the lights"),
        ('when I say "nap time" turn off the lights', "nap time", "turn off the lights"),
        ("我说睡觉了的时候就关掉所有灯并锁门", "睡觉了", "关掉所有灯并锁门"),
        ("以后我说看书啦，就打开台灯", "看书啦", "打开台灯"),
    ],
)
def test_a_routine_is_taught(text: str, phrase: str, meaning: str) -> None:
    taught = learn(text)
    assert (taught.phrase, taught.kind, taught.meaning) == (phrase, "routine", meaning)


@pytest.mark.parametrize(
    "text",
    [
        "turn on the floor lamp",
        "call me when dinner is ready",
        "forget it",
        "打开台灯",
        "say hello",
        "what does the fox say",
    ],
)
def test_other_sentences_go_on_to_the_stages_within(text: str) -> None:
    assert plan(text) == alone(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("when I say on I mean the floor lamp", "ordinary word"),
        ("when I say yes, turn off the lights", "ordinary word"),
        ("when I say lamp I mean the floor lamp", "ordinary word"),
        ("when I say study I mean the living room", "already a name of Study"),
        ("when I say movie night, turn off the lights", "already a name of Movie Night"),
        ("when I say turn on the desk lamp, turn off the lights", "already something"),
        ("when I say x I mean the floor lamp", "2 to 40"),
        ("when I say fred I mean the flux capacitor", "I don't understand what"),
        ("when I say party, movie time", "another of your routines"),
        ("when I say snooze, turn off the lights and snooze", "another of your routines"),
        ("以后我说打开就是指台灯", "常用词"),
        ("以后我说书房就是指客厅", "已经是"),
    ],
)
def test_what_cannot_be_taught_is_refused_with_the_reason(text: str, why: str) -> None:
    routine = Taught("movie time", "en", "routine", "turn off the lights")
    body = plan(text, [routine]).body
    assert isinstance(body, Words)
    assert why in body.text


def test_a_name_works_like_the_homes_own() -> None:
    bertie = learn("call the floor lamp Bertie")
    assert targets(plan("turn off Bertie", [bertie])) == [("light.turn_off", ["light.floor"])]
    both = targets(plan("turn off Bertie and the desk lamp", [bertie]))
    assert both == [("light.turn_off", ["light.floor"]), ("light.turn_off", ["light.desk"])]
    assert isinstance(plan("turn off Bertie").body, Unknown)


def test_a_name_is_worth_more_than_what_its_words_mean_elsewhere() -> None:
    den = learn("when I say den I mean the living room")
    assert targets(plan("turn off the lights in the den", [den])) == [
        ("light.turn_off", ["light.floor", "light.lounge"])
    ]
    assert targets(plan("turn off the desk lamp", [den])) == [("light.turn_off", ["light.desk"])]


def test_a_name_keeps_to_the_thing_when_that_is_renamed() -> None:
    bertie = learn("call the floor lamp Bertie")
    entities = tuple(
        replace(e, name="Tall One", aliases=()) if e.id == "light.floor" else e
        for e in HOME.entities
    )
    found = thing_called("bertie", with_names(replace(HOME, entities=entities), [bertie]), None)
    assert isinstance(found, Entity) and found.id == "light.floor"


def test_a_routine_is_understood_anew_each_time() -> None:
    nap = learn("when I say nap time, turn off the lights in the study")
    assert targets(plan("nap time", [nap])) == [("light.turn_off", ["light.desk"])]
    assert plan("it's nap time please", [nap]) == plan("nap time", [nap])
    gone = Taught("nap time", "en", "routine", "turn off the chandelier")
    body = plan("nap time", [gone]).body
    assert isinstance(body, Words) and "chandelier" in body.text


def test_what_could_do_harm_is_read_back_before_it_is_learnt() -> None:
    body = plan("when I say welcome, unlock the front door").body
    assert isinstance(body, Question)
    assert "unlock the front door" in body.text
    assert [call.capability for call in body.calls] == ["words.teach"]


def test_the_newest_meaning_counts_and_case_does_not_matter() -> None:
    nap = Taught("Nap Time", "en", "routine", "turn off the floor lamp")
    assert plan("nap time", [nap]).stage == STAGE
    body = plan("forget NAP TIME", [nap]).body
    assert isinstance(body, Calls)
    assert body.calls[0].arguments == {"phrase": "Nap Time"}


@pytest.mark.parametrize("text", ["what have I taught you", "我教过你什么", "我都教了你哪些话"])
def test_what_was_taught_can_be_asked(text: str) -> None:
    body = plan(text).body
    assert isinstance(body, Calls)
    assert [call.capability for call in body.calls] == ["words.list"]


def test_a_phrase_that_was_never_taught_is_not_forgotten() -> None:
    body = plan("forget the nickname Bertie").body
    assert isinstance(body, Words) and "Bertie" in body.text.title()


def test_several_things_that_fit_are_named() -> None:
    body = plan("when I say Bertie I mean the living room lights").body
    assert isinstance(body, Words)


def test_the_forms_of_lessons() -> None:
    assert Forgetting("movie time", sure=False) in lessons("forget movie time", "en")
    assert Listing("亮亮") in lessons("亮亮是什么意思", "zh")
    assert not list(lessons("dis bonjour", "fr"))
    first = next(iter(lessons("when i say movie time dim the lights", "en")))
    assert first == Teaching("movie time", "dim the lights", "routine", sure=True, parted=True)


def test_words_of_a_list_item_are_left_alone() -> None:
    bertie = learn("call the floor lamp Bertie")
    assert reworded("add a den to the list", [bertie], HOME, "en") == "add a den to the list"


def test_a_correction_becomes_an_example() -> None:
    first = alone("turn off the desk lamp")
    done = (Done("c1", {"states": {"light.desk": {"state": "off", "attributes": {}}}}),)
    before = tuple(e for e in HOME.entities if e.id == "light.desk")
    context = Context((Exchange(Utterance("turn off the desk lamp"), first, done, before),))

    def turn(text: str) -> Exchange:
        made = alone(text, context)
        assert isinstance(made.body, Calls), text
        return Exchange(Utterance(text), made, tuple(Done(c.id) for c in made.body.calls))

    note = corrected(context, turn("no, the floor lamp"))
    assert note is not None
    assert note.arguments["text"] == "turn off the desk lamp"
    right = note.arguments["right"]
    off = {"capability": "light.turn_off", "arguments": {"entity_id": ["light.floor"]}}
    assert right == [off]
    assert corrected(context, turn("undo that")) is None
    assert corrected(context, turn("turn it on")) is None
    assert corrected(context, replace(turn("no, the floor lamp"), outcomes=())) is None
