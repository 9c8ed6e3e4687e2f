"""The sentences by which tools of other programs are called, and what is said of their answers."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steward.errors import ConfigError
from steward.home.services.table import SERVICES
from steward.plan.reply.answer import answer
from steward.plan.risk import Rules, hold
from steward.plan.templates.grammar import Grammar
from steward.plan.tools.sentences import Tool, Tools
from steward.plan.tools.telling import MAX_SPOKEN, spoken
from steward.plan.understand import understand
from steward.types import (
    Area,
    Calls,
    Done,
    Entity,
    Failed,
    Json,
    Plan,
    Question,
    Reason,
    Unknown,
    Utterance,
    World,
)

HOME = World(
    areas=(Area("kitchen", "Kitchen"),),
    entities=(Entity("light.kitchen_light", "Kitchen Light", "off", "kitchen"),),
)
GRAMMAR = Grammar(("en", "zh"))
TOOLS = Tools(
    [
        Tool("notes.search", ("(search|look in) my notes for {query}", "在笔记里找{query}")),
        Tool("notes.recent", ("what did I note [down] lately",), {"count": 3}),
        Tool("post.send", ("tell {person} by post that {message}", "写信给{person}说{message}")),
    ]
)
ABLE = (*SERVICES, "notes.search", "notes.recent", "post.send")


def plan_of(said: str) -> Plan:
    return understand(Utterance(said), HOME, ABLE, GRAMMAR, None, TOOLS)


def deeds(said: str) -> list[tuple[str, Mapping[str, Json]]]:
    body = plan_of(said).body
    return [(c.capability, c.arguments) for c in body.calls] if isinstance(body, Calls) else []


@pytest.mark.parametrize(
    ("said", "tool", "arguments"),
    [
        ("Search my notes for the plumber's number.", "notes.search", "the plumber's number"),
        ("please look in my notes for bread, salt and oil", "notes.search", "bread, salt and oil"),
        ("在笔记里找水管工的电话。", "notes.search", "水管工的电话"),
        ("在筆記裡找水管工", "notes.search", "水管工"),
    ],
)
def test_an_owners_sentence_calls_the_tool(said: str, tool: str, arguments: str) -> None:
    assert deeds(said) == [(tool, {"query": arguments})]


def test_what_is_always_given_is_given() -> None:
    assert deeds("what did I note lately") == [("notes.recent", {"count": 3})]


def test_several_arguments_are_told_apart() -> None:
    asked = {"person": "Anna", "message": "the parcel is here"}
    assert deeds("tell Anna by post that the parcel is here") == [("post.send", asked)]


def test_a_tool_goes_together_with_the_home() -> None:
    said = "turn on the kitchen light and search my notes for milk"
    assert [name for name, _ in deeds(said)] == ["light.turn_on", "notes.search"]
    said = "search my notes for milk, then turn on the kitchen light"
    assert [name for name, _ in deeds(said)] == ["notes.search", "light.turn_on"]


def test_what_sounds_like_a_command_may_be_looked_for() -> None:
    assert deeds("search my notes for turn on the kitchen light") == [
        ("notes.search", {"query": "turn on the kitchen light"})
    ]


@pytest.mark.parametrize("said", ["turn on the kitchen light", "search my notes", "找水管工"])
def test_other_sentences_are_none_of_theirs(said: str) -> None:
    assert not any(name.startswith(("notes", "post")) for name, _ in deeds(said))


def test_what_is_asked_for_later_is_not_done_now() -> None:
    assert isinstance(plan_of("in ten minutes search my notes").body, Unknown)


@pytest.mark.parametrize(
    ("tool", "wrong"),
    [
        (Tool("a.b", ("{x}",)), "no words"),
        (Tool("a.b", ("[please] {x} a",)), "no words"),
        (Tool("a.b", ("find {the thing}",)), "in braces"),
        (Tool("a.b", ("find {x}",), {"x": 1}), "always"),
        (Tool("a.b", ("告诉{x}{y}",)), "nothing between"),
        (Tool("a.b", ("find (this|",)), "cannot be read"),
    ],
)
def test_a_sentence_that_would_fit_anything_is_refused(tool: Tool, wrong: str) -> None:
    with pytest.raises(ConfigError, match=wrong) as error:
        Tools([tool])
    assert error.value.hint


def test_a_guarded_tool_is_asked_about_in_the_words_of_the_request() -> None:
    rules = Rules(guarded=frozenset({"post.send"}))
    held = hold(plan_of("tell Anna by post that we moved"), HOME, rules)
    assert isinstance(held.body, Question)
    assert held.body.text == "Shall I let post do that: “tell Anna by post that we moved”?"
    chinese = hold(plan_of("写信给小王说我们搬家了"), HOME, rules)
    assert isinstance(chinese.body, Question)
    assert chinese.body.text == "要让post做“写信给小王说我们搬家了”吗？"


def told(said: str, outcome: Done | Failed) -> str:
    return answer(plan_of(said), [outcome], HOME).text


def test_the_answer_is_said() -> None:
    found = Done("c1", {"text": "# Plumber\n\n- **Mr Li**: [call](tel:1) 555-1234"})
    assert told("search my notes for plumber", found) == "Plumber. Mr Li: call 555-1234"
    assert told("在笔记里找水管工", Done("c1", {"text": ""})) == "好了。"


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("unavailable", "I can't reach notes."),
        ("unconfirmed", "Notes did not answer, so I don't know whether that was done."),
        ("unsupported", "Notes has no such tool any more."),
        ("invalid", "Notes could not do anything with that."),
        ("error", "Notes says: the book is lost"),
    ],
)
def test_a_failure_is_said(reason: Reason, said: str) -> None:
    failed = Failed("c1", reason, "the book is lost")
    assert told("search my notes for plumber", failed) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"result": [1, 2.5, true]}', "1, 2.5, yes"),
        ('{"temp_c": 21, "sky": "clear"}', "temp c: 21, sky: clear"),
        (json.dumps(list(range(9))), "0, 1, 2, 3, 4, and 4 more"),
        ("{not JSON}", "{not JSON}"),
        ("1. one\n2. two\n---\n| a |", "one. two. | a |"),
        ("see `a_b` and snake_case", "see a_b and snake_case"),
    ],
)
def test_marks_and_json_become_words(text: str, said: str) -> None:
    assert spoken(text, "en") == said


@given(st.text(max_size=3000))
def test_what_is_said_is_short_whatever_a_tool_answers(text: str) -> None:
    assert len(spoken(text, "en")) <= MAX_SPOKEN + len(" … That is not all of it.")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=30,
    )
)
def test_any_json_can_be_said(value: Json) -> None:
    assert len(spoken(json.dumps(value), "zh")) <= MAX_SPOKEN + 20
